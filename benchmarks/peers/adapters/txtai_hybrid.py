"""txtai: Embeddings with content, `hybrid=True`, vectors from an external function."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from txtai import Embeddings  # type: ignore[import-not-found]

from benchmarks.peers.given import Passage, Vectors

DISTRIBUTIONS = ("txtai", "faiss-cpu", "torch", "numpy")


def make(folder: Path, setting: str) -> "Txtai":
    """Return the peer with or without words."""
    return Txtai(folder, setting == "hybrid")


class Txtai:
    """An embeddings database that asks for the vector of each text and gets the given one."""

    def __init__(self, folder: Path, hybrid: bool) -> None:
        self._folder = str(folder)
        self._given: dict[str, Vectors] = {}

        def transform(texts: Sequence[str]) -> Vectors:
            return np.array([self._given[text] for text in texts], np.float32)

        self._config = {"method": "external", "transform": transform, "content": True}
        if hybrid:
            self._config["hybrid"] = True
        self._embeddings: Any = None

    def build(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Index texts and save."""
        self._give(passages, vectors)
        self._embeddings = Embeddings(self._config)
        self._embeddings.index((p.id, p.text) for p in passages)
        self._embeddings.save(self._folder)

    def open(self) -> None:
        """Load what was saved; the function is given again."""
        self._embeddings = Embeddings()
        self._embeddings.load(self._folder, config={"transform": self._config["transform"]})

    def add(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Upsert texts and save."""
        self._give(passages, vectors)
        self._embeddings.upsert((p.id, p.text) for p in passages)
        self._embeddings.save(self._folder)

    def remove(self, ids: Sequence[str]) -> None:
        """Delete by id and save."""
        self._embeddings.delete(list(ids))
        self._embeddings.save(self._folder)

    def search(self, question: str, vector: Vectors, k: int) -> list[str]:
        """Search, at txtai's own equal weight where it is hybrid."""
        self._given[question] = vector
        return [found["id"] for found in self._embeddings.search(question, k)]

    def _give(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        texts = (passage.text for passage in passages)
        self._given |= dict(zip(texts, vectors, strict=True))

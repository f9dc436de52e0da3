"""Haystack: the in-memory store's two retrievers and a DocumentJoiner in one pipeline."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from haystack import Document, Pipeline  # type: ignore[import-not-found]
from haystack.components.joiners import DocumentJoiner  # type: ignore[import-not-found]
from haystack.components.retrievers.in_memory import (  # type: ignore[import-not-found]
    InMemoryBM25Retriever,
    InMemoryEmbeddingRetriever,
)
from haystack.document_stores.in_memory import (  # type: ignore[import-not-found]
    InMemoryDocumentStore,
)

from benchmarks.peers.given import Passage, Vectors

DISTRIBUTIONS = ("haystack-ai", "numpy")


def make(folder: Path, setting: str) -> "Haystack":
    """Return the peer with or without words."""
    return Haystack(folder, setting == "hybrid")


class Haystack:
    """A document store in memory, saved as one JSON file, and a pipeline that asks it."""

    def __init__(self, folder: Path, hybrid: bool) -> None:
        self._file = str(folder / "store.json")
        self._hybrid = hybrid
        self._store: Any = None
        self._pipeline: Any = None

    def build(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Write documents that carry their vectors and save."""
        self._store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        self._pipeline = _pipeline(self._store, self._hybrid)
        self.add(passages, vectors)

    def open(self) -> None:
        """Load the file."""
        self._store = InMemoryDocumentStore.load_from_disk(self._file)
        self._pipeline = _pipeline(self._store, self._hybrid)

    def add(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Write documents and save."""
        rows = zip(passages, vectors.tolist(), strict=True)
        self._store.write_documents(
            [Document(id=p.id, content=p.text, embedding=row) for p, row in rows]
        )
        self._store.save_to_disk(self._file)

    def remove(self, ids: Sequence[str]) -> None:
        """Delete by id and save."""
        self._store.delete_documents(list(ids))
        self._store.save_to_disk(self._file)

    def search(self, question: str, vector: Vectors, k: int) -> list[str]:
        """Run the pipeline."""
        given: dict[str, Any] = {"dense": {"query_embedding": vector.tolist(), "top_k": k}}
        if self._hybrid:
            given |= {"words": {"query": question, "top_k": k}, "joined": {"top_k": k}}
        found = self._pipeline.run(given)["joined" if self._hybrid else "dense"]
        return [document.id for document in found["documents"]]


def _pipeline(store: Any, hybrid: bool) -> Any:
    pipeline = Pipeline()
    pipeline.add_component("dense", InMemoryEmbeddingRetriever(store))
    if hybrid:
        pipeline.add_component("words", InMemoryBM25Retriever(store))
        pipeline.add_component("joined", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        pipeline.connect("dense", "joined")
        pipeline.connect("words", "joined")
    return pipeline

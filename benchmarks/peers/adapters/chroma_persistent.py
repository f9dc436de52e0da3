"""Chroma: a persistent client and one collection, its vectors given; it has no words to rank by."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import chromadb  # type: ignore[import-not-found]
from chromadb.config import Settings  # type: ignore[import-not-found]

from benchmarks.peers.given import Passage, Vectors

DISTRIBUTIONS = ("chromadb", "numpy")


def make(folder: Path, setting: str) -> "Chroma":
    """Return the peer, which is dense in any setting."""
    return Chroma(folder)


class Chroma:
    """A collection in a folder; every call is durable by itself."""

    def __init__(self, folder: Path) -> None:
        self._client = chromadb.PersistentClient(
            str(folder), settings=Settings(anonymized_telemetry=False)
        )
        self._collection: Any = None

    def build(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Make the collection and add to it."""
        self._collection = self._client.create_collection(
            "passages", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        self.add(passages, vectors)

    def open(self) -> None:
        """Get the collection."""
        self._collection = self._client.get_collection("passages", embedding_function=None)

    def add(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Add passages, as many at once as the client allows."""
        most = self._client.get_max_batch_size()
        edges = [*range(0, len(passages), most), len(passages)]
        for start, end in pairwise(edges):
            some = passages[start:end]
            self._collection.add(
                ids=[p.id for p in some],
                documents=[p.text for p in some],
                embeddings=vectors[start:end],
            )

    def remove(self, ids: Sequence[str]) -> None:
        """Delete by id."""
        self._collection.delete(ids=list(ids))

    def search(self, question: str, vector: Vectors, k: int) -> list[str]:
        """Ask for the nearest, texts included."""
        found = self._collection.query(
            query_embeddings=[vector], n_results=k, include=["documents", "distances"]
        )
        return list(found["ids"][0])

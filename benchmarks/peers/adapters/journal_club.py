"""Journal Club through its own public interface, every write as durable as an ingest's."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path

from benchmarks.peers.given import Passage, Vectors, document_of
from index import (
    PACKAGED,
    Document,
    Entry,
    ModelIdentity,
    Piece,
    Store,
    save_derived,
    search_by_vector,
)

DISTRIBUTIONS = ("journal-club", "faiss-cpu", "numpy")
_BATCH = 256  # as an ingest commits


def make(folder: Path, setting: str) -> "JournalClub":
    """Return the peer; "hybrid" is the product's search, "dense" its vector search alone."""
    return JournalClub(folder, setting == "hybrid")


class JournalClub:
    """One library in a folder."""

    def __init__(self, folder: Path, hybrid: bool) -> None:
        self._folder = folder
        self._hybrid = hybrid
        self._store: Store

    def build(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Write all passages to a new library."""
        self._store = Store.create(self._folder)
        self.add(passages, vectors)

    def open(self) -> None:
        """Open the library."""
        self._store = Store.open(self._folder)

    def add(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Commit entries in batches, then save what is derived, as an ingest does at its end."""
        identity = ModelIdentity(PACKAGED, "given", vectors.shape[1])
        entries = _entries(passages, vectors)
        while batch := list(islice(entries, _BATCH)):
            self._store.replace(batch, identity)
        save_derived(self._store)

    def remove(self, ids: Sequence[str]) -> None:
        """Remove the documents that the passages are of."""
        self._store.remove(list(dict.fromkeys(map(document_of, ids))))
        save_derived(self._store)

    def search(self, question: str, vector: Vectors, k: int) -> list[str]:
        """Return passage ids in the order of the product's search, or of the nearest vectors."""
        if self._hybrid:
            found = [hit.passage for hit in search_by_vector(question, vector, self._store, k)]
        else:
            near = [passage for passage, _ in self._store.nearest(vector, k)]
            passages = self._store.passages(near)
            found = [passages[passage] for passage in near]
        return [f"{passage.document.key}#{passage.start}" for passage in found]


def _entries(passages: Sequence[Passage], vectors: Vectors) -> Iterator[Entry]:
    row = 0
    for source, group in groupby(passages, key=lambda passage: passage.source):
        pieces = tuple(Piece(p.start, p.end, p.text) for p in group)
        document = Document(
            source.key, "abstract", source.title, source.text, context=source.context
        )
        yield Entry(document, pieces, vectors[row : row + len(pieces)])
        row += len(pieces)

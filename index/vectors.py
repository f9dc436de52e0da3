"""FAISS in memory: derived from the library, caught up by generation, never the truth."""

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from index.embedding import Vectors
from index.errors import WrongModel

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a library's passages between two generations: row i is of `added[i]`."""

    since: int
    until: int
    removed: Ids
    added: Ids
    vectors: Vectors


def generation_of(connection: sqlite3.Connection) -> int:
    """Return the number that grows with each committed change of the library."""
    return int(connection.execute("select generation from library").fetchone()[0])


def check_dimension(connection: sqlite3.Connection, dimension: int) -> None:
    """Raise `WrongModel` unless the library's vectors, if any, have so many dimensions."""
    found = connection.execute("select model, dimension from library").fetchone()
    if found["dimension"] not in (None, dimension):
        model = f"{found['model']} ({found['dimension']} dimensions)"
        raise WrongModel(model, f"a model of {dimension} dimensions")


def change_since(since: int, connection: sqlite3.Connection, dimension: int) -> Change:
    """Read from the library what changed since a generation, all of it as of one moment.

    Raises `WrongModel` when the vectors have another dimension by then.
    """
    connection.execute("begin")
    try:
        check_dimension(connection, dimension)
        until = generation_of(connection)
        removed = connection.execute(
            "select id from removed_passages where generation > ?", (since,)
        ).fetchall()
        added = connection.execute(
            "select id, vector from passages where generation > ? and vector is not null", (since,)
        ).fetchall()
    finally:
        connection.execute("commit")
    vectors = np.frombuffer(b"".join(row["vector"] for row in added), np.float32)
    return Change(
        since,
        until,
        np.array([row["id"] for row in removed], np.int64),
        np.array([row["id"] for row in added], np.int64),
        vectors.reshape(-1, dimension),
    )


class VectorIndex:
    """Exact search by cosine over the vectors of one library, as of one generation.

    Vectors have unit length, so the inner product is the cosine. Every call is safe from any
    thread; `generation` says up to which change of the library the index has caught up.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
        self._lock = threading.Lock()
        self._following = threading.Lock()
        self.generation = 0

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def follow(self, connection: sqlite3.Connection) -> None:
        """Catch up with the library; of those that find the index late, one reads what changed."""
        if self.generation >= generation_of(connection):
            return
        with self._following:
            while (since := self.generation) < generation_of(connection):
                self.catch_up(change_since(since, connection, self.dimension))

    def catch_up(self, change: Change) -> None:
        """Forget and learn what changed; a change since another generation changes nothing."""
        with self._lock:
            if change.since != self.generation:
                return  # another thread was faster, and FAISS would take its ids twice
            if len(change.removed):
                self._index.remove_ids(faiss.IDSelectorBatch(change.removed))
            if len(change.added):
                self._index.add_with_ids(change.vectors, change.added)
            self.generation = change.until

    def nearest(self, vector: Vectors, k: int, among: Ids | None = None) -> list[tuple[int, float]]:
        """Return up to k (passage id, cosine), best first, of all or of the given ids alone."""
        selector = None if among is None else faiss.IDSelectorBatch(among)
        parameters = None if selector is None else faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        with self._lock:
            cosines, ids = self._index.search(vector.reshape(1, -1), k, params=parameters)
        # FAISS pads a short answer with -1.
        return [(int(i), float(c)) for i, c in zip(ids[0], cosines[0], strict=True) if i >= 0]

    def cosines(self, vector: Vectors, ids: Sequence[int]) -> dict[int, float]:
        """Return the cosine of each of the ids that has a vector."""
        found: dict[int, float] = {}
        with self._lock:
            for passage in ids:
                try:
                    found[passage] = float(self._index.reconstruct(passage) @ vector)
                except RuntimeError:  # FAISS knows no such id: a passage without a vector
                    continue
        return found

"""FAISS in memory: derived from the library, caught up by generation, never the truth."""

import threading
from collections.abc import Sequence

import faiss
import numpy as np
from numpy.typing import NDArray

from index.embedding import Vectors

Ids = NDArray[np.int64]


class VectorIndex:
    """Exact search by cosine over the vectors of one library, as of one generation.

    Vectors have unit length, so the inner product is the cosine. Every call is safe from any
    thread; `generation` says up to which change of the library the index has caught up.
    """

    def __init__(self, dimension: int) -> None:
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
        self._lock = threading.Lock()
        self.generation = 0

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def catch_up(self, generation: int, removed: Ids, added: Ids, vectors: Vectors) -> None:
        """Forget and learn what changed since `self.generation`; a stale call changes nothing."""
        with self._lock:
            if generation <= self.generation:
                return
            if len(removed):
                self._index.remove_ids(faiss.IDSelectorBatch(removed))
            if len(added):
                self._index.add_with_ids(vectors, added)
            self.generation = generation

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

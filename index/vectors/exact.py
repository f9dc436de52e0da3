"""Vectors in memory and exact search among them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from index.encoding.embedding import Vectors

Ids = NDArray[np.int64]
# Whether a passage counts, at the place of its id.
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Block:
    """Vectors of unit length: row i is of the passage `ids[i]`, ids ascend. Never changed."""

    ids: Ids
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.ids)

    def rows_of(self, ids: Ids) -> Ids:
        """Return the rows of those of the ids that are here."""
        if not len(self):
            return np.empty(0, np.int64)
        rows = np.minimum(np.searchsorted(self.ids, ids), len(self) - 1)
        return np.unique(rows[self.ids[rows] == ids])

    def at(self, rows: Ids) -> "Block":
        """Return these rows, which ascend."""
        return Block(self.ids[rows], self.vectors[rows])

    def without(self, ids: Ids) -> "Block":
        """Return the block without these ids; itself when it has none of them."""
        gone = self.rows_of(ids)
        if not len(gone):
            return self
        return Block(np.delete(self.ids, gone), np.delete(self.vectors, gone, axis=0))

    def nearest(self, vector: Vectors, count: int, mask: Mask | None) -> "Block":
        """Return the so many of largest cosine, of all or of those that count."""
        count = min(count, len(self))
        if not count:
            return self.at(np.empty(0, np.int64))
        selector = None if mask is None else selecting(mask[self.ids])
        cosines, rows = np.empty(count, np.float32), np.empty(count, np.int64)
        query, (many, dimension) = np.ascontiguousarray(vector, np.float32), self.vectors.shape
        asked, here = faiss.swig_ptr(query), faiss.swig_ptr(self.vectors)
        found = faiss.swig_ptr(cosines), faiss.swig_ptr(rows)
        with one_thread():
            faiss.knn_inner_product(asked, here, dimension, 1, many, count, *found, selector)
        return self.at(np.sort(rows[rows >= 0]))  # FAISS pads a short answer with -1


def selecting(mask: Mask) -> faiss.IDSelector:
    """Return FAISS's form of a mask."""
    return faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))  # type: ignore[call-arg, arg-type]


@contextmanager
def one_thread() -> Iterator[None]:
    """Have FAISS use this thread alone.

    One query is soon done, and OpenMP's threads wait for each other by spinning: beside other
    work that took fifty times as long.
    """
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)  # for the calling thread only
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def mask_of(ids: Ids, size: int) -> Mask:
    """Return a mask that has so many places, with the ids in it."""
    mask = np.zeros(size, np.bool_)
    mask[ids[ids < size]] = True
    return mask


def joined(blocks: Sequence[Block]) -> Block:
    """Return one block of several whose ids follow each other."""
    if len(blocks) == 1:
        return blocks[0]
    return Block(
        np.concatenate([block.ids for block in blocks]),
        np.concatenate([block.vectors for block in blocks]),
    )


def with_added(blocks: Sequence[Block], added: Block) -> tuple[Block, ...]:
    """Return the blocks and one more, the last ones joined until each is half the one before.

    So a vector is copied a few times however often some are added.
    """
    made = [block for block in (*blocks, added) if len(block)]
    while len(made) > 1 and len(made[-2]) < 2 * len(made[-1]):
        made[-2:] = [joined(made[-2:])]
    return tuple(made)


def ranked(found: Block, vector: Vectors, k: int) -> list[tuple[int, float]]:
    """Return the k (passage id, cosine) of largest cosine, best first, equal ones by their ids."""
    cosines = cosines_of(found, vector)
    order = np.lexsort((found.ids, -cosines))[:k]
    return list(zip(found.ids[order].tolist(), cosines[order].tolist(), strict=True))


def cosines_of(found: Block, vector: Vectors) -> NDArray[np.float64]:
    """Return the cosine of each row, the same for a passage wherever its vector was read."""
    rows: NDArray[np.float64] = found.vectors.astype(np.float64)
    cosines: NDArray[np.float64] = (rows * vector.astype(np.float64)).sum(axis=1)
    return cosines

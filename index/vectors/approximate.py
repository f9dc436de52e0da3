"""Vectors as short codes, all of which a search reads: a quarter of a million in a millisecond.

Each two dimensions of a vector become four bits, the number of the nearest of sixteen points
("product quantisation", Jégou, Douze and Schmid, TPAMI 2011); FAISS compares 32 codes at once in
the processor's registers ("4-bit fast scan"). What comes of it are candidates, more than are
asked for; whoever asks reads their vectors and knows the true cosines.
"""

from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from index.encoding.embedding import Vectors
from index.vectors.exact import Ids, Mask, one_thread, selecting

# Sixteen points in each part of the dimensions: what fast scan compares are four bits.
_BITS = 4
# Vectors from which the points are learned: sixteen times 256, more brought nothing.
LEARNED_FROM = 4096

Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Codebook:
    """The points by whose numbers vectors are coded: `points` are float32, 16 for each part."""

    dimension: int
    points: NDArray[np.float32]

    @classmethod
    def learned(cls, vectors: Vectors) -> "Codebook":
        """Return what is learned from some of the vectors, at least 16 of them."""
        quantizer = _quantizer(vectors.shape[1])
        quantizer.cp.min_points_per_centroid = 1  # say nothing of small libraries
        with one_thread():
            quantizer.train(np.ascontiguousarray(vectors, np.float32))
        return cls(vectors.shape[1], faiss.vector_to_array(quantizer.centroids))

    @property
    def code_size(self) -> int:
        """Return how many bytes a code has."""
        return int(_quantizer(self.dimension).code_size)

    def coded(self, vectors: Vectors) -> Codes:
        """Return the vectors' codes, a row for each."""
        quantizer = _quantizer(self.dimension)
        faiss.copy_array_to_vector(self.points, quantizer.centroids)
        with one_thread():
            codes: Codes = quantizer.compute_codes(np.ascontiguousarray(vectors, np.float32))
        return codes


def points_in(dimension: int) -> int:
    """Return how many numbers the points of a codebook have."""
    return int(_quantizer(dimension).centroids.size())


def _quantizer(dimension: int) -> faiss.ProductQuantizer:
    return faiss.ProductQuantizer(dimension, _parts(dimension), _BITS)


def _parts(dimension: int) -> int:
    return dimension // 2 if dimension % 2 == 0 else dimension


class Coded:
    """Codes of passages in the form FAISS searches. Never changed; any thread may search."""

    def __init__(self, codebook: Codebook, ids: Ids, codes: Codes) -> None:
        self.ids = ids
        # The codes are in one list, which is searched as a whole: an inverted file only because
        # that is where FAISS's fast scan knows ids and takes a filter.
        self._only = faiss.IndexFlatIP(codebook.dimension)
        self._only.add(np.zeros((1, codebook.dimension), np.float32))
        plain = self._plain(codebook)
        plain.invlists.add_entries(  # type: ignore[union-attr]
            0, len(ids), faiss.swig_ptr(ids), faiss.swig_ptr(codes)
        )
        plain.ntotal = len(ids)
        self._index = faiss.IndexIVFPQFastScan(plain)
        # It keeps what it was made of, "for debugging": a second copy of all codes.
        self._index.orig_invlists = None
        plain.replace_invlists(faiss.ArrayInvertedLists(1, codebook.code_size))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def size(self) -> int:
        """Return how many places a mask over these passages has."""
        return int(self.ids[-1]) + 1 if len(self.ids) else 0

    def nearest(self, vector: Vectors, count: int, mask: Mask | None) -> Ids:
        """Return about the so many of largest cosine, of all or of those that count.

        Where no more than so many count, it is all of them.
        """
        counting = self.ids if mask is None else self.ids[mask[self.ids]]
        if len(counting) <= count:
            return counting
        selector = None if mask is None else selecting(mask)
        parameters = faiss.SearchParametersIVF(nprobe=1, sel=selector)  # type: ignore[call-arg]
        query = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
        with one_thread():
            found: Ids = self._index.search(query, count, params=parameters)[1][0]
        return found[found >= 0]  # FAISS pads a short answer with -1

    def _plain(self, codebook: Codebook) -> faiss.IndexIVFPQ:
        dimension = codebook.dimension
        metric = faiss.METRIC_INNER_PRODUCT
        made = faiss.IndexIVFPQ(self._only, dimension, 1, _parts(dimension), _BITS, metric)
        made.own_fields = False
        made.by_residual = False
        faiss.copy_array_to_vector(codebook.points, made.pq.centroids)
        made.is_trained = True
        return made

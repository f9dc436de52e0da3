"""BM25 over postings, exact, without looking at what cannot be among the best.

Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), with the idf
of Lucene. What is left out are passages that only hold frequent terms and so cannot reach the best
k any more ("MaxScore": Turtle and Flood, Query Evaluation: Strategies and Optimizations, 1995).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.words.postings import Ids, Mask, Postings

K1 = 0.9
B = 0.75

Scores = NDArray[np.float32]
Rows = NDArray[np.integer]

# A term with fewer postings is added up without asking whether that can be left out.
_SHORT = 4096
# Looking a passage up among a term's postings costs about as much as adding so many of them.
_LOOK_UP = 16
_LANES = 64
# Sums of 32-bit numbers are right to about one part in a million.
_TINY = 1e-30
_SLACK = 1e-5


@dataclass(frozen=True, slots=True)
class Asked:
    """A term of a question with its weight, which is its idf times K1 + 1."""

    key: int
    weight: float


class Ranking:
    """Some postings with what BM25 needs to know of the whole library beside them.

    Rows that are not in `alive` are gone: they are not found. Nothing here changes, so threads
    share it.
    """

    def __init__(self, postings: Postings, alive: Mask | None, mean_length: float) -> None:
        self.postings = postings
        self.alive = alive
        lengths = postings.lengths / np.float64(mean_length or 1.0)
        self._norms = (K1 * (1 - B + B * lengths)).astype(np.float32)

    def holding(self, key: int) -> Rows:
        """Return the rows that hold a term."""
        slot = self.postings.slot(key)
        if slot is None:
            return np.empty(0, np.int32)
        rows = self.postings.rows[self.postings.span(slot)]
        return rows if self.alive is None else rows[self.alive[rows]]

    def count(self, key: int) -> int:
        """Return how many rows hold a term."""
        if self.alive is None:
            slot = self.postings.slot(key)
            return 0 if slot is None else int(np.diff(self.postings.starts[slot : slot + 2])[0])
        return len(self.holding(key))

    def scores(self, asked: Sequence[Asked], ids: Ids) -> tuple[Ids, Scores]:
        """Return those of the passages that are here, and their scores."""
        rows = self._rows_of(ids)
        scores = np.zeros(len(rows), np.float32)
        for term in asked:
            scores += self._looked_up(term, rows)
        return self.postings.ids[rows], scores

    def best(self, asked: Sequence[Asked], k: int, among: Ids | None = None) -> tuple[Ids, Scores]:
        """Return the k passages with the highest scores above 0, and all that equal the last."""
        if among is not None and len(among) * _LOOK_UP < self._cost(asked):
            ids, scores = self.scores(asked, among)
            held = _top(scores, k)
            return ids[held], scores[held]
        if not len(self.postings):
            return self.postings.ids, np.empty(0, np.float32)
        rows, scores = self._summed(asked, k, self._start(among))
        held = _top(scores, k)
        return self.postings.ids[rows[held]], scores[held]

    def _cost(self, asked: Sequence[Asked]) -> float:
        """Return how many postings a term has on average."""
        slots = [self.postings.slot(term.key) for term in asked]
        spans = [self.postings.span(slot) for slot in slots if slot is not None]
        return float(sum(span.stop - span.start for span in spans) / max(len(spans), 1))

    def _start(self, among: Ids | None) -> Scores:
        """Return 0 for each row that may be found, minus infinity for others and for padding."""
        size = len(self.postings)
        start = np.zeros(-(-size // _LANES) * _LANES, np.float32)
        start[size:] = -np.inf
        if self.alive is not None:
            start[:size][~self.alive] = -np.inf
        if among is not None:
            start[:size][~self.postings.mask_of(among)] = -np.inf
        return start

    def _summed(self, asked: Sequence[Asked], k: int, sums: Scores) -> tuple[Rows, Scores]:
        """Return rows among which the best k are, and their scores.

        Terms come by descending weight. `rest` is what a passage may still gain; once k passages
        have more than that, one that has nothing yet cannot be among the best.
        """
        rest = sum(term.weight for term in asked) * (1 + _SLACK)
        left: Rows | None = None
        for term in asked:
            slot = self.postings.slot(term.key)
            span = slice(0, 0) if slot is None else self.postings.span(slot)
            size = span.stop - span.start
            if size > _SHORT:
                left = _left(sums, left, k, rest)
            if left is not None and len(left) * _LOOK_UP < size:
                sums[left] += self._looked_up(term, left)
            elif size:
                rows = self.postings.rows[span]
                sums[rows] += self._gains(term, self.postings.counts[span], rows)
            rest -= term.weight
        if left is None:
            left = np.flatnonzero(sums >= max(_least(sums, k), _TINY))
        return left, sums[left]

    def _gains(self, term: Asked, counts: NDArray[np.uint8], rows: Rows) -> Scores:
        often = counts.astype(np.float32)
        gains: Scores = self._norms[rows]
        gains += often
        np.divide(often, gains, out=gains)
        gains *= np.float32(term.weight)
        return gains

    def _looked_up(self, term: Asked, rows: Rows) -> Scores:
        """Return what each of the rows gains by a term."""
        gains = np.zeros(len(rows), np.float32)
        slot = self.postings.slot(term.key)
        if slot is None or not len(rows):
            return gains
        span = self.postings.span(slot)
        holding, counts = self.postings.rows[span], self.postings.counts[span]
        at = np.searchsorted(holding, rows.astype(np.int32))
        at[at == len(holding)] = 0
        found = holding[at] == rows
        gains[found] = self._gains(term, counts[at[found]], rows[found])
        return gains

    def _rows_of(self, ids: Ids) -> Rows:
        rows = self.postings.rows_of(ids)
        return rows if self.alive is None else rows[self.alive[rows]]


def _left(sums: Scores, left: Rows | None, k: int, rest: float) -> Rows | None:
    """Return the rows that may be among the best k; None while that may be any."""
    least = _least(sums, k)
    if left is None and least <= rest:
        return None
    if left is None:
        return np.flatnonzero(sums >= least - rest)
    return left[sums[left] >= least - rest]


def _least(sums: Scores, k: int) -> float:
    """Return what the k-th best has at least: k of the maxima of `_LANES` rows each have it."""
    maxima = sums.reshape(_LANES, -1).max(axis=0)
    return float(np.partition(maxima, -k)[-k]) if k <= len(maxima) else 0.0


def _top(scores: Scores, k: int) -> NDArray[np.intp]:
    """Return where the k highest scores above 0 are, and all that equal the last."""
    held = np.flatnonzero(scores > 0)
    if len(held) > k:
        found = scores[held]
        held = held[found >= np.partition(found, -k)[-k]]
    return held

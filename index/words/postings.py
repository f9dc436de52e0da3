"""Which passages hold which terms, and how often: arrays that are made once and never changed."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.words.terms import folded_words, word_terms

Ids = NDArray[np.int64]
Keys = NDArray[np.uint64]
Mask = NDArray[np.bool_]

# How often a term counts in one passage at most.
MOST_OFTEN = 255
# Postings that are moved at once when segments are joined.
_AT_ONCE = 1 << 21
_ODD = 0x9E3779B97F4A7C15


@dataclass(frozen=True)
class Postings:
    """The terms of some passages, which are rows here.

    Row i is the passage `ids[i]` with `lengths[i]` terms. The term `keys[j]` stands in the rows
    `rows[starts[j]:starts[j + 1]]`, in ascending order, `counts` times each; `keys` ascend.
    """

    ids: Ids
    lengths: NDArray[np.int32]
    keys: Keys
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    counts: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.ids)

    def slot(self, key: int) -> int | None:
        """Return which term a key is; None for one that no passage holds."""
        at = int(np.searchsorted(self.keys, np.uint64(key)))
        return at if at < len(self.keys) and int(self.keys[at]) == key else None

    def span(self, slot: int) -> slice:
        """Return where the rows of a term are."""
        return slice(int(self.starts[slot]), int(self.starts[slot + 1]))

    def rows_of(self, ids: Ids) -> NDArray[np.int32]:
        """Return the rows of those of the passages that are here, ascending."""
        if not len(self.ids) or not len(ids):
            return np.empty(0, np.int32)
        at = np.searchsorted(self.ids, ids, sorter=self._order)
        at = np.minimum(at, len(self.ids) - 1)
        rows = at if self._order is None else self._order[at]
        return np.sort(rows[self.ids[rows] == ids].astype(np.int32))

    def mask_of(self, ids: Ids) -> Mask:
        """Return of each row whether it is one of the passages."""
        return np.isin(self.ids, ids)

    @cached_property
    def _order(self) -> NDArray[np.intp] | None:
        """Return the rows in the order of their ids, or None when they stand so."""
        is_sorted = bool((self.ids[1:] > self.ids[:-1]).all())
        return None if is_sorted else np.argsort(self.ids, kind="stable")


class _KeysOf(dict[str, tuple[int, ...]]):
    """The keys of words met so far; a word is stemmed once."""

    def __missing__(self, word: str) -> tuple[int, ...]:
        self[word] = found = tuple(key_of(term) for term in word_terms(word))
        return found


def key_of(term: str) -> int:
    """Return the number of a term: of a million terms, two share one with odds of 3 in 10^8."""
    digest = blake2b(term.encode("utf-8", "backslashreplace"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def none() -> Postings:
    """Return the postings of no passages."""
    return _counted([], [], _KeysOf())


def in_groups(passages: Iterator[tuple[int, str]], at_once: int) -> Iterator[Postings]:
    """Yield the postings of passages, so many at once."""
    keys_of = _KeysOf()
    ids: list[int] = []
    texts: list[str] = []
    for number, text in passages:
        ids.append(number)
        texts.append(text)
        if len(ids) == at_once:
            yield _counted(ids, texts, keys_of)
            ids, texts = [], []
    if ids:
        yield _counted(ids, texts, keys_of)


def _counted(ids: Sequence[int], texts: Iterable[str], keys_of: _KeysOf) -> Postings:
    found, lengths = array("Q"), array("i")
    for text in texts:
        before = len(found)
        found.extend(chain.from_iterable(map(keys_of.__getitem__, folded_words(text))))
        lengths.append(len(found) - before)
    sizes = np.array(lengths, np.int32)
    keys, slots = np.unique(np.array(found, np.uint64), return_inverse=True)
    pairs = slots.astype(np.int64) * max(len(ids), 1)
    pairs += np.repeat(np.arange(len(ids), dtype=np.int32), sizes)
    pairs, counts = np.unique(pairs, return_counts=True)
    slots, rows = np.divmod(pairs, max(len(ids), 1))
    return Postings(
        np.array(ids, np.int64),
        sizes,
        keys,
        np.searchsorted(slots, np.arange(len(keys) + 1)).astype(np.int64),
        rows.astype(np.int32),
        np.minimum(counts, MOST_OFTEN).astype(np.uint8),
    )


def joined(parts: Sequence[Postings], alive: Sequence[Mask | None]) -> Postings:
    """Return the postings of the passages of all parts that are alive, in this order."""
    keys = np.unique(np.concatenate([part.keys for part in parts]))
    held = [_held(part, mask) for part, mask in zip(parts, alive, strict=True)]
    sizes = np.zeros(len(keys), np.int64)
    for part, each in zip(parts, held, strict=True):
        sizes[np.searchsorted(keys, part.keys)] += each
    keys, sizes = keys[sizes > 0], sizes[sizes > 0]
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    rows = np.empty(starts[-1], np.int32)
    counts = np.empty(starts[-1], np.uint8)
    free, first = starts[:-1].copy(), 0
    for part, mask, each in zip(parts, alive, held, strict=True):
        _move(part, mask, np.searchsorted(keys, part.keys), free, (rows, counts, first))
        known = each > 0
        free[np.searchsorted(keys, part.keys[known])] += each[known]
        first += len(part) if mask is None else int(np.count_nonzero(mask))
    chosen = [slice(None) if mask is None else mask for mask in alive]
    ids = np.concatenate([p.ids[mask] for p, mask in zip(parts, chosen, strict=True)])
    lengths = np.concatenate([p.lengths[mask] for p, mask in zip(parts, chosen, strict=True)])
    return Postings(ids, lengths, keys, starts, rows, counts)


def summed(postings: Postings) -> tuple[NDArray[Any], ...]:
    """Return what is the same for the same passages with the same terms, in whatever order."""
    order = np.argsort(postings.ids)
    tagged = postings.ids[postings.rows].astype(np.uint64) * np.uint64(_ODD)
    tagged *= postings.counts  # wraps around
    sums = np.add.reduceat(tagged, postings.starts[:-1]) if len(tagged) else tagged
    sizes = np.diff(postings.starts)
    return postings.ids[order], postings.lengths[order], postings.keys, sizes, sums


def _held(part: Postings, mask: Mask | None) -> NDArray[np.int64]:
    """Return in how many passages that are alive each term stands."""
    if mask is None or not len(part.keys):
        return np.diff(part.starts)
    return np.add.reduceat(mask[part.rows], part.starts[:-1], dtype=np.int64)


def _move(
    part: Postings,
    mask: Mask | None,
    slots: NDArray[np.intp],
    free: NDArray[np.int64],
    into: tuple[NDArray[np.int32], NDArray[np.uint8], int],
) -> None:
    """Copy a part's postings to where its terms are free, some terms at once to save memory."""
    rows, counts, first = into
    number = None if mask is None else np.cumsum(mask, dtype=np.int32) - 1
    for low, high in _blocks(part.starts):
        span = slice(int(part.starts[low]), int(part.starts[high]))
        own, often = part.rows[span], part.counts[span]
        term = np.repeat(np.arange(low, high), np.diff(part.starts[low : high + 1]))
        if mask is not None and number is not None:
            keep = mask[own]
            own, often, term = number[own[keep]], often[keep], term[keep]
        if not len(term):
            continue
        begins = np.flatnonzero(np.diff(term, prepend=-1))
        within = np.arange(len(term)) - np.repeat(begins, np.diff(begins, append=len(term)))
        to = free[slots[term]] + within
        rows[to] = own + np.int32(first)
        counts[to] = often


def _blocks(starts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield ranges of terms with some millions of postings each."""
    low, last = 0, len(starts) - 1
    while low < last:
        high = int(np.searchsorted(starts, starts[low] + _AT_ONCE))
        high = min(max(high, low + 1), last)
        yield low, high
        low = high

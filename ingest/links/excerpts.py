"""Find the abstracts of which a text holds a long piece, word for word or nearly so."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from ingest.links.mentions import Words

_RUN = 8  # words on end that are compared
_STEP = 4  # one run in so many is kept of an abstract
_SHARED = 3  # kept runs: some 20 words on end, or more with a few changes
_FACTORS = [np.uint64(pow(0x9E3779B97F4A7C15, n + 1, 2**64)) for n in range(_RUN)]


class Excerpts:
    """Finds abstracts by their runs of words, of which it keeps hashes and not the abstracts."""

    def __init__(self, abstracts: Iterable[tuple[str, Words]]) -> None:
        self._papers: list[str] = []
        kept, of = array("Q"), array("I")
        for paper, abstract in abstracts:
            hashes = _runs(abstract, _STEP)
            kept.frombytes(hashes.tobytes())
            of.extend([len(self._papers)] * len(hashes))
            self._papers.append(paper)
        runs = np.frombuffer(kept.tobytes(), np.uint64)
        order = np.argsort(runs)
        self._hashes, self._of = runs[order], np.frombuffer(of.tobytes(), np.uint32)[order]

    def find(self, words: Words) -> Iterator[str]:
        """Yield the ids of papers whose abstract a text quotes."""
        wanted = np.unique(_runs(words))
        first = np.searchsorted(self._hashes, wanted, "left").tolist()
        end = np.searchsorted(self._hashes, wanted, "right").tolist()
        shared: Counter[int] = Counter()
        for start, stop in zip(first, end, strict=True):
            shared.update(self._of[start:stop].tolist())
        for at, count in shared.items():
            if count >= _SHARED:
                yield self._papers[at]


def _runs(words: Words, step: int = 1) -> NDArray[np.uint64]:
    """Return a hash for each run of words, or every so many; it differs between processes."""
    each = np.fromiter(map(hash, words.lower), np.int64).view(np.uint64)
    runs = max(0, len(each) - _RUN + 1)
    hashes = np.zeros(len(range(0, runs, step)), np.uint64)
    for place, factor in enumerate(_FACTORS if runs else ()):
        hashes += each[place : place + runs : step] * factor
    return hashes

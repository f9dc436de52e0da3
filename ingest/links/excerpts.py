"""Find abstracts of which a text holds a long piece, word for word or nearly so."""

from zlib import crc32

from ingest.links.mentions import Words

_RUN = 8  # words on end that are compared
_STEP = 4  # one run in so many of an abstract is compared
_KEPT = 8  # and one in so many is kept, to find the abstracts that are worth comparing
_SHARED = 3  # compared runs: some 20 words on end, or more with a few changes


def kept_runs(abstract: Words) -> set[int]:
    """Return hashes of some runs of words of an abstract, the same in every process: 32 bits."""
    return set(map(_hash, _runs(abstract, _KEPT)))


def all_runs(text: Words) -> set[int]:
    """Return the hash of each run of words of a text that is long enough to quote an abstract."""
    long_enough = len(text) >= _RUN + (_SHARED - 1) * _STEP
    return set(map(_hash, _runs(text, 1))) if long_enough else set()


def quotes(text: Words, abstract: str) -> bool:
    """Tell whether a text holds a long piece of an abstract."""
    compared = set(_runs(Words.of(abstract), _STEP))
    return len(compared.intersection(_runs(text, 1))) >= _SHARED


def _runs(words: Words, step: int) -> list[str]:
    lower = words.lower
    return [" ".join(lower[at : at + _RUN]) for at in range(0, len(lower) - _RUN + 1, step)]


def _hash(run: str) -> int:
    return crc32(run.encode()) - 2**31

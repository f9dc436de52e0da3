"""Titles as people write them: whole, in a telling part, or with a slip."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from zlib import crc32

from rapidfuzz import fuzz

from ingest.links.mentions import LOOKED_UP, Phrase, Words

_ENDS_OF_PARTS = re.compile(r"[:?!]\s+|\s+[-–—]{1,3}\s+")
COMMON_WORD = 500  # a word in more titles than this tells none of them
_LONG_TITLE = 35  # letters; a slip in a shorter one makes another title
_LIKENESS = 94  # of 100
_READ_FOR_LIKENESS = 20_000
LEAST_SHARED = 3  # words


def title_beginnings(title: str) -> Iterator[str]:
    """Yield the letters by which a title, or a part of it, may name its paper."""
    words = Words.of(title)
    if len(words) >= 3 and len(words.letters) >= 12:
        yield words.letters
    yield from (part.letters for part in _parts(title) if len(part) >= 4)


def start_of(letters: str) -> int:
    """Return a hash of how letters begin, the same in every process: a number of 32 bits."""
    return crc32(letters[:LOOKED_UP].encode()) - 2**31


def title_phrases(titles: Mapping[str, str]) -> Iterator[Phrase]:
    """Yield whole titles, by paper, and the parts of them that are long and one paper's own.

    Parts end at a colon, a question mark or a dash. Short titles must be written with their
    capitals ("Back to the Future" is also just words), and short parts must have some ("a
    necessary and sufficient condition" tells no paper).

    Of the library, the titles that share a part are needed, not all.
    """
    uses = Counter(part.letters for title in titles.values() for part in _parts(title))
    for paper, title in titles.items():
        words = Words.of(title)
        if len(words) >= 3 and len(words.letters) >= 12:
            yield _phrase(paper, words, any_case=len(words) >= 4)
        for part in _parts(title):
            capitals = sum(word[0].isupper() for word in part.cased)
            telling = len(part) >= 6 or (len(part) >= 4 and capitals >= 3)
            if telling and uses[part.letters] == 1:
                yield _phrase(paper, part, any_case=len(part) >= 6)


def _parts(title: str) -> tuple[Words, ...]:
    parts = _ENDS_OF_PARTS.split(title)
    return tuple(map(Words.of, parts)) if len(parts) > 1 else ()


def _phrase(paper: str, words: Words, any_case: bool) -> Phrase:
    spellings = () if any_case else ("".join(words.cased),)
    return Phrase(paper, words.letters, "title", spellings)


def may_be_like(title: str, shared: int) -> bool:
    """Tell whether a title is worth comparing with a text that shares so many rare words."""
    words = Words.of(title)
    long_enough = len(words.letters) >= _LONG_TITLE
    return long_enough and shared >= max(LEAST_SHARED, 0.6 * len(long_words(words)))


def is_like(title: str, words: Words) -> bool:
    """Tell whether a text holds a title with a slip: a word changed, an ending left out."""
    letters = words.letters[:_READ_FOR_LIKENESS]
    return fuzz.partial_ratio(Words.of(title).letters, letters) >= _LIKENESS


def long_words(words: Words) -> set[str]:
    """Return the words by which titles with a slip are looked for."""
    return {word for word in words.lower if len(word) >= 4}

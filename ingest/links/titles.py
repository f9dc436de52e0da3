"""Titles as people write them: whole, in a telling part, or with a slip."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from rapidfuzz import fuzz

from ingest.links.mentions import Phrase, Words

_ENDS_OF_PARTS = re.compile(r"[:?!]\s+|\s+[-–—]{1,3}\s+")
_COMMON_WORD = 500  # a word in more titles than this tells none of them
_LONG_TITLE = 35  # letters; a slip in a shorter one makes another title
_LIKENESS = 94  # of 100
_READ_FOR_LIKENESS = 20_000


def title_phrases(titles: Mapping[str, str]) -> Iterator[Phrase]:
    """Yield whole titles, by paper, and the parts of them that are long and one paper's own.

    Parts end at a colon, a question mark or a dash. Short titles must be written with their
    capitals ("Back to the Future" is also just words), and short parts must have some ("a
    necessary and sufficient condition" tells no paper).
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


class LikeTitles:
    """Finds titles that a text holds with a slip: a word changed, an ending left out."""

    def __init__(self, titles: Mapping[str, str]) -> None:
        self._letters: list[tuple[str, str, int]] = []
        having: dict[str, list[int]] = defaultdict(list)
        for paper, title in titles.items():
            words = Words.of(title)
            if len(words.letters) >= _LONG_TITLE:
                long = _long_words(words)
                for word in long:
                    having[word].append(len(self._letters))
                self._letters.append((paper, words.letters, len(long)))
        self._having = {word: tuple(s) for word, s in having.items() if len(s) <= _COMMON_WORD}

    def find(self, words: Words) -> Iterator[str]:
        """Yield the ids of papers whose title a text nearly holds."""
        letters = words.letters[:_READ_FOR_LIKENESS]
        shared = Counter(at for word in _long_words(words) for at in self._having.get(word, ()))
        for at, count in shared.items():
            paper, title, size = self._letters[at]
            may_be = count >= max(3, 0.6 * size)
            if may_be and fuzz.partial_ratio(title, letters) >= _LIKENESS:
                yield paper


def _long_words(words: Words) -> set[str]:
    return {word for word in words.lower if len(word) >= 4}

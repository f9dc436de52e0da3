"""Find phrases that name papers in a text, among many, in one pass over the text."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Literal

_WORD = re.compile(r"[^\W_]+")
_INTERSECTION_OVER_UNION = re.compile(r"\bintersection[\s-]+over[\s-]+union\b", re.IGNORECASE)
_BRITISH_ENDING = re.compile(r"(?<=[a-z]{2})is(?=(?:e[drs]?|ing|ations?)\b)")

_KEY_LETTERS = 12
LOOKED_UP = 40  # letters of a title or name


@dataclass(frozen=True)
class Words:
    """A text as people compare it: without case, punctuation, accents, hyphens and line breaks.

    "Generalised" reads as "generalized" and "intersection over union" as "IoU".
    """

    text: str

    @classmethod
    def of(cls, text: str) -> "Words":
        """Return the words of a text."""
        if not text.isascii():
            text = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", text))
        if "nion" in text or "NION" in text:
            text = _INTERSECTION_OVER_UNION.sub("IoU", text)
        return cls(_BRITISH_ENDING.sub("iz", text))

    @cached_property
    def cased(self) -> tuple[str, ...]:
        """Return the words as they are written."""
        return tuple(_WORD.findall(self.text))

    @cached_property
    def lower(self) -> tuple[str, ...]:
        """Return the words in small letters, each as long as it was."""
        lower = self.text.lower()
        if len(lower) == len(self.text):
            return tuple(_WORD.findall(lower))
        return tuple(w.lower() if len(w.lower()) == len(w) else w for w in self.cased)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Return where each word starts among the letters, and where the last one ends."""
        return (0, *accumulate(len(word) for word in self.cased))

    @cached_property
    def blanks(self) -> frozenset[int]:
        """Return where among the letters there was a blank."""
        parts = (len("".join(_WORD.findall(part))) for part in self.text.split())
        return frozenset(accumulate(parts))

    @cached_property
    def letters(self) -> str:
        """Return the words in small letters, put together."""
        return "".join(self.lower)

    @property
    def spans(self) -> set[str]:
        """Return the letters of words on end, as many as are looked up; the rest is cut off."""
        spans, starts, letters = set(), self.starts, self.letters
        for place, start in enumerate(starts[:-1]):
            for end in starts[place + 1 : place + 1 + LOOKED_UP]:
                spans.add(letters[start : min(end, start + LOOKED_UP)])
                if end - start >= LOOKED_UP:
                    break
        return spans

    def __len__(self) -> int:
        return len(self.cased)


@dataclass(frozen=True, slots=True)
class Mention:
    """A phrase that stands at `[start, end)` among a text's letters."""

    phrase: "Phrase"
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that name a paper: its title or a part of it, or a short name.

    `spellings` are the accepted ways to write capitals, none if all are; `one_word` phrases do
    not match words with a blank between them ("mix up" is not mixup).
    """

    paper: str
    letters: str
    rule: Literal["title", "name"]
    spellings: tuple[str, ...] = ()
    one_word: bool = False


class Phrases:
    """Finds any of many phrases in a text, whole words only, by looking up how they begin."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        starting: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in phrases:
            starting[phrase.letters[:_KEY_LETTERS]].append(phrase)
        self._starting = {key: tuple(some) for key, some in starting.items()}
        self._lengths = sorted({len(key) for key in self._starting})

    def find(self, words: Words) -> Iterator[Mention]:
        """Yield each place where a phrase stands, in the order of their starts."""
        starts = words.starts
        ends, cased = set(starts[1:]), "".join(words.cased)
        for start in starts[:-1]:
            for phrase in self._starting_at(words.letters, start):
                end = start + len(phrase.letters)
                right_case = not phrase.spellings or cased[start:end] in phrase.spellings
                broken = phrase.one_word and not words.blanks.isdisjoint(range(start + 1, end))
                if end in ends and right_case and not broken:
                    yield Mention(phrase, start, end)

    def _starting_at(self, letters: str, start: int) -> Iterator[Phrase]:
        for length in self._lengths:
            for phrase in self._starting.get(letters[start : start + length], ()):
                if letters.startswith(phrase.letters, start):
                    yield phrase


def outermost(mentions: Iterable[Mention]) -> Iterator[Mention]:
    """Yield the mentions that do not stand within a longer one, as a name within a title."""
    widest = (0, 0)
    for mention in sorted(mentions, key=lambda m: (m.start, -m.end)):
        span = (mention.start, mention.end)
        if span == widest or mention.end > widest[1]:
            widest = span
            yield mention

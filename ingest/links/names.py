"""The short names under which people speak of papers: given by curators, or coined by titles."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.links.mentions import LOOKED_UP, Phrase, Words
from ingest.paper import Paper

_BEFORE_COLON = re.compile(r"\s*(\S{3,30}?)\s?(?::\s|\s[-–—]{1,3}\s)")
_IN_BRACKETS = re.compile(r"[(\[]([^\s()\[\]]{3,20})[)\]]")
_TOKEN = re.compile(r"[^\W_][\w-]*[^\W_]")
_INTRODUCED = re.compile(
    r"\b(?:propos|introduc|present|develop|call|nam|dub|term)(?:e|es|ed|bed)?"
    r"(?:\s+\w+){0,2}?\s+[(\"'`]{0,2}([^\W_][\w-]*[^\W_])"
    r"[)\"']{0,2}(?:[,:.;]|\s+(?:\(|that\b|which\b|an?\b|for\b|to\b)|$)",
    re.IGNORECASE,
)
_TOKEN_PART = re.compile(r"[^\W_]+")
_MONTH_IN_ID = re.compile(r"(?:[a-z-]+(?:\.[a-z]+)?/)?(\d\d)(\d\d)\d*(?:\.\d+)?$", re.IGNORECASE)
_MEDLEY = 2  # so many uses of a word in ordinary letters make it an ordinary word
_SHORTEST = 3


def coined_in(paper: Paper) -> tuple[str, ...]:
    """Return the words by which a paper's title names what it is about.

    These are a made-up word before a colon or a dash ("MixMatch: …"), one in brackets that
    shortens words of the title ("… (GIoU)"), and one that the abstract introduces ("we propose
    MixMatch, …"). Whether such a name is the paper's own depends on the rest of the library.
    """
    title = paper.title or ""
    found = [match[1] for match in [_BEFORE_COLON.match(title)] if match]
    found += [name for name in _IN_BRACKETS.findall(title) if _shortens(name, title)]
    marked = [word for word in _TOKEN.findall(title) if not word[1:].islower()]
    if marked and paper.abstract:
        introduced = frozenset(_INTRODUCED.findall(paper.abstract))
        found += [word for word in marked if word in introduced]
    return tuple(dict.fromkeys(name for name in found if _is_coined(name)))


@dataclass(frozen=True, slots=True)
class ShortName:
    """A name of a paper, `given` by a curator or coined by its title.

    `ordinary` is how often titles use it as a word like any other; `is_first` tells
    whether no earlier paper of the library uses it.
    """

    paper: str
    name: str
    letters: str
    given: bool
    ordinary: int
    is_first: bool


def letters_of(name: str) -> str:
    """Return the letters by which a name is looked up."""
    return Words.of(name).letters[:LOOKED_UP]


def used_words(title: Words, abstract: Words) -> frozenset[str]:
    """Return the words of a paper, those with a hyphen as one and as two."""
    return frozenset((*title.lower, *abstract.lower, *_hyphenated(title), *_hyphenated(abstract)))


def may_be_coined(letters: str) -> bool:
    """Tell whether a word has as many letters as a coined name, and some of them no digits."""
    return _SHORTEST <= len(letters) <= LOOKED_UP and not letters.isdigit()


def ordinary_words(title: str) -> tuple[str, ...]:
    """Return the words that a title writes in ordinary letters, each as often as it does."""
    return tuple(
        word.lower()
        for word in _TOKEN.findall(title)
        if len(word) >= _SHORTEST and word[1:].islower() and word.isalnum()
    )


def name_phrases(names: Sequence[ShortName]) -> Iterator[Phrase]:
    """Yield the names that curators gave, and the coined ones that are one paper's own.

    "GAN: …" coins nothing once earlier papers speak of GANs; a name that two papers coin is
    nobody's, and so is one that titles also use as an ordinary word ("NICE", "SPIN"). Of the
    library, all names with the same letters are needed.
    """
    given = {name.letters for name in names if name.given}
    coined = Counter(letters for _, letters in {(n.paper, n.letters) for n in names if not n.given})
    for name in names:
        own = coined[name.letters] == 1 and name.letters not in given and name.is_first
        if name.given or (own and name.ordinary < _MEDLEY):
            yield from _name_phrase(name.paper, name.name)


def _name_phrase(paper_id: str, name: str) -> Iterator[Phrase]:
    """Yield how a name is written, in the plural as well ("QRNNs")."""
    words = Words.of(name)
    cased = "".join(words.cased)
    one_word = not re.search(r"\s", name.strip())
    if len(cased) < 2:
        return
    any_case = not one_word or cased == words.letters
    any_case = any_case or (_has_inner_capital(cased) and len(cased) >= 5)
    for ending in ("", "s") if one_word else ("",):
        spellings = () if any_case else (cased + ending, cased.upper() + ending)
        yield Phrase(paper_id, words.letters + ending, "name", spellings, one_word)


def _hyphenated(words: Words) -> Iterator[str]:
    for word in words.text.split():
        if "-" in word:
            yield "".join(_TOKEN_PART.findall(word.lower()))


def month_of(paper: Paper) -> int:
    """Return the month that a paper is from, counted from the year 0; 0 where it is not known."""
    if match := _MONTH_IN_ID.match(paper.id):
        year = int(match[1]) + (1900 if int(match[1]) > 90 else 2000)
        return year * 12 + int(match[2]) - 1
    if paper.published:
        return paper.published.year * 12 + paper.published.month - 1
    return (paper.year or 0) * 12


def _is_coined(word: str) -> bool:
    """Tell whether a word was made up: an inner capital, a digit, all capitals, or "T-Net"."""
    parts = Words.of(word).cased
    letters = "".join(parts)
    if len(letters) < 3 or not re.search(r"[^\W\d_]", letters):
        return False
    shouted = any(len(part) >= 2 and part == part.upper() for part in parts)
    initial = len(parts) > 1 and any(len(part) == 1 and part.isupper() for part in parts)
    return shouted or initial or any(_has_inner_capital(p) or re.search(r"\d", p) for p in parts)


def _has_inner_capital(word: str) -> bool:
    return word[1:] != word[1:].lower() and word != word.upper()


def _shortens(name: str, title: str) -> bool:
    """Tell whether a name in brackets is made of the first letters of words of the title."""
    initials = "".join(word[0] for word in Words.of(title.replace(name, " ")).lower)
    capitals = "".join(c for c in name if c.isupper()).lower()
    return len(capitals) >= 2 and capitals[:2] in initials

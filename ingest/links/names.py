"""The short names under which people speak of papers: given by curators, or coined by titles."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ingest.links.mentions import Phrase, Words
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
_MEDLEY = 2  # so many titles with a word in ordinary letters make it an ordinary word


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


class FirstUses:
    """When each word was first used in the titles and abstracts of a library."""

    def __init__(self) -> None:
        self._month: dict[str, int] = {}
        self._latest = 0

    def add(self, paper: Paper, abstract: Words) -> None:
        """Note the words of a paper; quickest where papers come in the order of their months."""
        month, title = month_of(paper), Words.of(paper.title or "")
        words = {*title.lower, *abstract.lower, *_hyphenated(title), *_hyphenated(abstract)}
        if month < self._latest:
            known = self._month
            self._month |= {word: month for word in words if known.get(word, month) > month}
        self._month |= dict.fromkeys(words.difference(self._month), month)
        self._latest = max(self._latest, month)

    def is_first(self, paper: Paper, word: str) -> bool:
        """Tell whether no earlier paper uses a word."""
        return self._month.get(word, month_of(paper)) >= month_of(paper)


def name_phrases(
    papers: Sequence[Paper], coined: Mapping[str, Sequence[str]], uses: FirstUses
) -> Iterator[Phrase]:
    """Yield the names that curators gave and those of the `coined` that are one paper's own."""
    given = {Words.of(name).letters for paper in papers for name in paper.names}
    for paper in papers:
        for name in paper.names:
            yield from _name_phrase(paper.id, name)
    for paper_id, name in _own_names(papers, coined, uses):
        if Words.of(name).letters not in given:
            yield from _name_phrase(paper_id, name)


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


def _own_names(
    papers: Sequence[Paper], coined: Mapping[str, Sequence[str]], uses: FirstUses
) -> Iterator[tuple[str, str]]:
    """Yield the coined names with their papers, where that paper was first to use them.

    "GAN: …" coins nothing once earlier papers speak of GANs; a name that two papers coin is
    nobody's, and so is one that titles also use as an ordinary word ("NICE", "SPIN").
    """
    words = {name: Words.of(name) for names in coined.values() for name in names}
    counts = Counter(
        letters for names in coined.values() for letters in {words[n].letters for n in names}
    )
    ordinary = _ordinary_words(papers, frozenset(counts))
    for paper in papers:
        for name in coined.get(paper.id, ()):
            letters = words[name].letters
            if counts[letters] == 1 and letters not in ordinary and uses.is_first(paper, letters):
                yield paper.id, name


def _hyphenated(words: Words) -> Iterator[str]:
    for word in words.text.split():
        if "-" in word:
            yield "".join(_TOKEN_PART.findall(word.lower()))


def _ordinary_words(papers: Sequence[Paper], names: frozenset[str]) -> set[str]:
    """Return those of some names that stand in titles as words like any other."""
    seen = Counter(
        word.lower()
        for paper in papers
        for word in _TOKEN.findall(paper.title or "")
        if word[1:].islower() and word.lower() in names
    )
    return {word for word, count in seen.items() if count >= _MEDLEY}


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

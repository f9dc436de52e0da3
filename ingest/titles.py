"""Know one work from another by title, authors, year and DOI, and give works outside arXiv an id.

Titles agree when their words are the same, when slips of typing set them apart, or, where the
authors agree as well, when one lacks the other's subtitle. How much may differ was measured:
docs/reading-lists.md has the figures.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from rapidfuzz.distance import OSA

from ingest.links.mentions import Words
from ingest.paper import Paper
from ingest.tex import plain_tex

SLIPS = 2  # words that may differ, by one letter each
LONG_WORD = 5  # letters; a letter more or less in a shorter word makes another word
LONG_TITLE = 20  # letters; shorter titles must be the same
LONG_HEAD = 3  # words; fewer may stand before many a colon
YEARS_APART = 4  # more than this, and without a shared surname, tells two works

_SLUG = 60
_DOI = re.compile(r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_SUBTITLE = re.compile(r":\s+|\s+-{1,3}\s+|---?|\s*[–—]\s*|[?.]\s+|\s+(?=\()")
_SERIES = re.compile(r"\d|\b(?:[ivx]+|part|volume|reply|comment|erratum|survey)\b", re.IGNORECASE)
_GENERATION = frozenset(("jr", "sr", "ii", "iii", "iv"))


class _Agreement(NamedTuple):
    """How well a candidate agrees; what comes first counts most."""

    same_doi: bool
    likeness: int
    shares_an_author: bool
    years_apart: int  # below zero


@dataclass(frozen=True, slots=True)
class _Title:
    """What tells a title from others: words in small letters, marks, and the words of its heads.

    The marks are those of "C++" and "C#". A head is what stands before a subtitle.
    """

    words: tuple[str, ...]
    marks: tuple[int, ...]
    heads: frozenset[str]

    @property
    def letters(self) -> str:
        """Return the words put together: "pre-training" and "pretraining" are one."""
        return "".join(self.words)


def agreeing(wanted: Paper, candidates: Sequence[Paper]) -> Paper | None:
    """Return the one candidate that is the wanted work; None where none is, or two equally are.

    The same DOI decides. Otherwise the titles must agree. Where both sides name authors they must
    share a surname, and without one, their years must not lie far apart. Of several that
    agree, the one with the more similar title, a shared surname or the nearer year is taken.
    """
    rated = {c.id: (agreement, c) for c in candidates if (agreement := _agreement(wanted, c))}
    best = max((agreement for agreement, _ in rated.values()), default=None)
    found = [candidate for agreement, candidate in rated.values() if agreement == best]
    return found[0] if len(found) == 1 else None


def stands_alone(paper: Paper) -> bool:
    """Tell whether a work that arXiv does not have is told well enough to be listed without it."""
    return bool(paper.title and (paper.doi or (paper.authors and _year(paper))))


def work_id(title: str | None, year: int | None, doi: str | None) -> str:
    """Return the id of a work that is not on arXiv: "doi:10.1000/1" or "work:on-kettles-2019".

    Case, punctuation and TeX of the title make no difference. Long titles are cut and end with a
    mark of the rest, so that two works never share an id.
    """
    if found := plain_doi(doi or ""):
        return f"doi:{found}"
    words = Words.of(plain_tex(title or "")).lower
    slug = "-".join(words)
    if not words or len(slug) > _SLUG:
        mark = hashlib.sha256((slug or title or "").encode()).hexdigest()[:8]
        slug = f"{slug[:_SLUG].rpartition('-')[0] or slug[:_SLUG]}-{mark}".lstrip("-")
    return f"work:{slug}-{year}" if year else f"work:{slug}"


def plain_doi(text: str) -> str | None:
    """Return the DOI that a text is, in small letters and without its address; None for others."""
    match = _DOI.fullmatch(unquote(text.strip()).rstrip(".,;"))
    return match[1].lower() if match else None


def _agreement(wanted: Paper, candidate: Paper) -> _Agreement | None:
    doi = plain_doi(wanted.doi or "")
    same_doi = doi is not None and doi == plain_doi(candidate.doi or "")
    likeness = _likeness(wanted.title, candidate.title)
    shared = not _surnames(wanted).isdisjoint(_surnames(candidate))
    apart = _years_apart(wanted, candidate)
    others = bool(wanted.authors and candidate.authors) or likeness == 1 or apart > YEARS_APART
    if not same_doi and (not likeness or (others and not shared)):
        return None
    return _Agreement(same_doi, likeness, shared, -apart)


def _likeness(one: str | None, other: str | None) -> int:
    """Tell how alike titles are: 3 the same, 2 but for slips, 1 but for a subtitle, 0 unlike."""
    first, second = _title(one or ""), _title(other or "")
    if not first.words or first.marks != second.marks:
        return 0
    if first.letters == second.letters:
        return 3
    if _slipped(first, second):
        return 2
    return int(first.letters in second.heads or second.letters in first.heads)


@lru_cache(maxsize=4096)
def _title(text: str) -> _Title:
    plain = plain_tex(text).replace("&", " and ")
    heads = (
        "".join(_words(plain[: part.start()]))
        for part in _SUBTITLE.finditer(plain)
        if len(_words(plain[: part.start()])) >= LONG_HEAD and not _SERIES.search(plain, part.end())
    )
    long_heads = frozenset(head for head in heads if len(head) >= LONG_TITLE)
    return _Title(_words(plain), tuple(map(plain.count, "+#")), long_heads)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in Words.of(text).lower if word != "the")


def _slipped(one: _Title, other: _Title) -> bool:
    """Tell whether few words differ, each by a letter, as a slip or a plural has it.

    A word counts as another one where it is short ("II"), holds a digit or has another first
    letter ("unsupervised").
    """
    if len(one.words) != len(other.words) or len(one.letters) < LONG_TITLE:
        return False
    unlike = [pair for pair in zip(one.words, other.words, strict=True) if pair[0] != pair[1]]
    return len(unlike) <= SLIPS and all(_is_slip(*pair) for pair in unlike)


def _is_slip(word: str, other: str) -> bool:
    is_long = min(len(word), len(other)) >= LONG_WORD
    may_be = is_long and word[0] == other[0] and word.isalpha() and other.isalpha()
    return may_be and OSA.distance(word, other, score_cutoff=1) == 1


def _surnames(paper: Paper) -> frozenset[str]:
    return frozenset(name for author in paper.authors for name in _surname(author))


def _surname(author: str) -> Iterator[str]:
    """Yield the last name of "Ann van der Boil Jr." or "Boil, Ann"."""
    last, comma, _ = author.partition(",")
    words = Words.of(plain_tex(last if comma else author)).lower
    yield from [word for word in words if word not in _GENERATION][-1:]


def _year(paper: Paper) -> int | None:
    return paper.year or (paper.published.year if paper.published else None)


def _years_apart(one: Paper, other: Paper) -> int:
    """Return how far the years are apart; 0 where one is not told."""
    first, second = _year(one), _year(other)
    return abs(first - second) if first and second else 0

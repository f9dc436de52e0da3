"""What a question asks for: its words, the papers it names, and what it leans on from before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import snowballstemmer

from index import content_words
from ingest import Paper
from service.answers import Question
from service.library import Names, short_name

Aim = Literal["authors", "dates", "discussion", "code", "fact"]

_AIMS: tuple[tuple[Aim, re.Pattern[str]], ...] = (
    (
        "authors",
        re.compile(
            r"\bauthors?\b|\bauthored\b|\bco-?authors?\b|\bwritten by\b|\bpapers? (?:by|from|of)\b"
            r"|\bwho(?:se)?\b.{0,20}\b(?:wrote|writes?|behind|invented|developed|created|proposed"
            r"|introduced|came up|made|published|designed)\b"
            r"|\b(?:what|which|did)\b.*\b(?:write|wrote|written|published?)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "dates",
        re.compile(
            r"\bwhen (?:was|were|did|is)\b(?!.*\b(?:should|train)\b)|\b(?:what|which) (?:year|date|month|day)\b"
            r"|\b(?:older|newer|oldest|newest|earlier|earliest|latest|most recent)\b"
            r"|\b(?:came|come) out\b|\bhow old\b|\bdate of\b|\bsubmitted\b|\blast (?:revised|changed)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "discussion",
        re.compile(
            r"\b(?:members?|thread|forum|posts?|posted|poster|comments?|commented|discuss\w*|people"
            r"|anyone|anybody|someone|somebody|readers?|group|opinions?)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "code",
        re.compile(
            r"\b(?:code|implementations?|implemented|repo|repository|github|notebook|open[- ]sourced?"
            r"|pretrained|pre-trained)\b",
            re.IGNORECASE,
        ),
    ),
)
_LEANING = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|that|these|those|he|she|his|her|both|the (?:paper|method"
    r"|authors?|model|technique|approach|idea))\b",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(r"^\s*(?:and|but|so|or|what about|how about|also)\b", re.IGNORECASE)
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH_AND_YEAR = re.compile(
    rf"\b({'|'.join(_MONTHS)})\s+(?:of\s+)?((?:19|20)\d\d)\b", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:in|of|from|since|during|year)\s+((?:19|20)\d\d)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Understood:
    """A question that stands alone, and what it asks for.

    `papers` are those it names, `words` its content words without the papers' names, `period` the
    days between which it asks for papers.
    """

    standalone: str
    aim: Aim
    papers: tuple[Paper, ...]
    words: tuple[str, ...]
    period: tuple[date, date] | None


def understand(question: Question, names: Names) -> Understood:
    """Return what a question asks for, with what it takes from earlier turns written out."""
    standalone, papers = _standing_alone(question, names)
    return Understood(
        standalone=standalone,
        aim=next((aim for aim, pattern in _AIMS if pattern.search(standalone)), "fact"),
        papers=papers,
        words=_own_words(standalone, papers),
        period=_period(standalone),
    )


def _standing_alone(question: Question, names: Names) -> tuple[str, tuple[Paper, ...]]:
    text = " ".join(question.question.split())
    papers = names.named_in(text)
    if papers or not question.history:
        return text, papers
    leans = _LEANING.search(text) or _ELLIPSIS.search(text) or len(content_words(text)) <= 2
    if not leans:
        return text, papers
    earlier, subject = _subject(question, names)
    if not subject:
        return f"{text} ({earlier})", ()
    if _ELLIPSIS.search(text) and not re.search(r"\b(?:it|its|they|their)\b", text, re.IGNORECASE):
        return f"{text} ({earlier})", subject
    return _written_out(text, subject), subject


def _subject(question: Question, names: Names) -> tuple[str, tuple[Paper, ...]]:
    """Return the latest earlier question that names papers, or the last one, and the papers."""
    earlier = [" ".join(turn.question.split()) for turn in question.history]
    for turn in reversed(question.history):
        papers = names.named_in(turn.question) or names.named_in(turn.answer or "")[:1]
        if papers:
            return " ".join(turn.question.split()), papers
    return earlier[-1], ()


def _written_out(text: str, papers: Sequence[Paper]) -> str:
    """Return the question with the papers' names in the place of the word that points at them."""
    name = " and ".join(short_name(paper) for paper in papers)
    for pattern, instead in (
        (r"\b(?:its|their|his|her)\b", f"{name}'s"),
        (r"\b(?:this|that|the) (?:paper|method|model|technique|approach|idea)\b", name),
        (r"\b(?:it|them|they|this|that|both)\b(?! (?:paper|is|was)\b)", name),
    ):
        written, count = re.subn(pattern, lambda _: instead, text, count=1, flags=re.IGNORECASE)
        if count:
            return written
    return f"{text} ({name})"


def _own_words(text: str, papers: Sequence[Paper]) -> tuple[str, ...]:
    names = {word.casefold() for p in papers for name in p.names for word in content_words(name)}
    titles = [word.casefold() for p in papers for word in content_words(p.title or "")]
    asked = content_words(text)
    own = [w for w in asked if w.casefold() not in names]
    without_titles = [w for w in own if w.casefold() not in titles]
    return tuple(without_titles or own or asked)


def _period(text: str) -> tuple[date, date] | None:
    if found := _MONTH_AND_YEAR.search(text):
        month, year = _MONTHS.index(found[1].casefold()) + 1, int(found[2])
        after = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, 1), date.fromordinal(after.toordinal() - 1)
    if found := _YEAR.search(text):
        return date(int(found[1]), 1, 1), date(int(found[1]), 12, 31)
    return None


def stems(text: str) -> list[str]:
    """Return the stems of a text's content words, parts of hyphenated words one by one."""
    words = [part for word in content_words(text) for part in re.split(r"[-.'’_]", word) if part]
    stemmer = snowballstemmer.stemmer("porter")
    found: list[str] = stemmer.stemWords([word.casefold() for word in words])
    return found

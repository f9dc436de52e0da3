"""What a question asks for: its words, the papers it names, and what it leans on from before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from index import STOP_WORDS, content_words
from ingest import Paper
from service import wording
from service.answers import Question
from service.library import Library, Names, short_name

Aim = Literal["authors", "dates", "discussion", "code", "fact"]


@dataclass(frozen=True, slots=True)
class Understood:
    """A question that stands alone, and what it asks for.

    `papers` are those it names, `words` the content words that an answer should hold, `thing` those
    of them that follow "what", "which" or "how many", `period` the days between which it asks for
    papers. `query` is what is searched for: the question with titles in the place of ids.
    """

    standalone: str
    query: str
    aim: Aim
    papers: tuple[Paper, ...]
    words: tuple[str, ...]
    thing: tuple[str, ...]
    period: tuple[date, date] | None


def understand(question: Question, library: Library) -> Understood:
    """Return what a question asks for, with what it takes from earlier turns written out."""
    standalone, papers = _standing_alone(question, library)
    words = _own_words(standalone, papers)
    return Understood(
        standalone=standalone,
        query=_with_titles(standalone, papers),
        aim=_aim(standalone, words),
        papers=papers,
        words=words,
        thing=_thing(standalone, papers),
        period=_period(standalone),
    )


# -- earlier turns ------------------------------------------------------------------------


def _standing_alone(question: Question, library: Library) -> tuple[str, tuple[Paper, ...]]:
    names = library.names()
    text = library.spelt(" ".join(question.question.split()))
    papers = names.named_in(text)
    if papers or not question.history or not _leans(text):
        return text, papers
    earlier, subject = _subject(question, names)
    if not subject or (wording.ELLIPSIS.search(text) and not wording.PRONOUN.search(text)):
        return f"{text} ({earlier})", subject
    return _written_out(text, subject), subject


def _leans(text: str) -> bool:
    return bool(
        wording.LEANING.search(text)
        or wording.ELLIPSIS.search(text)
        or len(content_words(text)) < 3
    )


def _subject(question: Question, names: Names) -> tuple[str, tuple[Paper, ...]]:
    """Return the latest earlier question that names papers, else the last one, and the papers."""
    for turn in reversed(question.history):
        papers = names.named_in(turn.question) or names.named_in(turn.answer or "")[:1]
        if papers:
            return " ".join(turn.question.split()), papers
    return " ".join(question.history[-1].question.split()), ()


def _written_out(text: str, papers: Sequence[Paper]) -> str:
    """Return the question with the papers' names in the place of the word that points at them."""
    name = " and ".join(short_name(paper) for paper in papers)
    for pattern, ending in wording.POINTING:
        if found := pattern.search(text):
            return f"{text[: found.start()]}{name}{ending}{text[found.end() :]}"
    return f"{text} ({name})"


# -- words --------------------------------------------------------------------------------


def _aim(text: str, words: Sequence[str]) -> Aim:
    """Return what kind of thing is asked for.

    "Authors" alone may be who does something in the question: it counts only where little else is
    asked for.
    """
    plain = [word for word in words if word.islower()]
    of_papers = not wording.OF_A_POST.search(text)
    if of_papers and (
        wording.AUTHORS.search(text) or (wording.AUTHOR.search(text) and len(plain) < 2)
    ):
        return "authors"
    if wording.DATES.search(text):
        return "dates"
    if wording.DISCUSSION.search(text):
        return "discussion"
    return "code" if wording.CODE.search(text) else "fact"


def _own_words(text: str, papers: Sequence[Paper]) -> tuple[str, ...]:
    """Return the content words that an answer should hold: not the asking, not the naming."""
    rest = content_words(_without_names(text, papers))
    own = [word for word in rest if word.casefold() not in wording.ASKING]
    return tuple(dict.fromkeys(own))


def _thing(text: str, papers: Sequence[Paper]) -> tuple[str, ...]:
    """Return what is asked for by name: "learning rate" of "What learning rate does it use?"."""
    found = wording.ASKED_THING.search(_without_names(text, papers))
    words: list[str] = []
    for word in re.findall(r"\w+(?:[-.'’]\w+)*", found[1]) if found else ():
        if word.casefold() in STOP_WORDS:
            break
        words.append(word)
    return tuple(word for word in words if word.casefold() not in wording.ASKING)


def _without_names(text: str, papers: Sequence[Paper]) -> str:
    """Return the text without addresses and without the words that name the papers."""
    text = wording.ADDRESS.sub(" ", text)
    for paper in papers:
        names = (paper.arxiv_id, paper.title or "", *paper.names)
        for name in sorted(names, key=len, reverse=True):
            text = _name_pattern(name).sub(" ", text) if name else text
    return text


def _with_titles(text: str, papers: Sequence[Paper]) -> str:
    titles = [paper.title for paper in papers if paper.title and paper.arxiv_id in text]
    return " ".join([wording.ADDRESS.sub(" ", text), *titles]) if titles else text


def _name_pattern(name: str) -> re.Pattern[str]:
    """Return what finds a name whatever its case and the signs between its parts."""
    parts = r"[\W_]*".join(re.escape(part) for part in re.findall(r"\w+", name))
    return re.compile(rf"(?<!\w){parts}(?:['’]s)?(?!\w)", re.IGNORECASE)


def _period(text: str) -> tuple[date, date] | None:
    if found := wording.MONTH_AND_YEAR.search(text):
        month, year = wording.MONTHS.index(found[1].casefold()) + 1, int(found[2])
        after = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, 1), date.fromordinal(after.toordinal() - 1)
    if found := wording.YEAR.search(text):
        return date(int(found[1]), 1, 1), date(int(found[1]), 12, 31)
    return None

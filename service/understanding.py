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
from service.library import Library, short_name
from service.names import Names

Aim = Literal["authors", "dates", "discussion", "code", "fact"]


@dataclass(frozen=True, slots=True)
class Understood:
    """A question that stands alone, and what it asks for.

    `asked` is the question without the names of its `papers`, `words` the content words that an
    answer should hold, `thing` those of them that follow "what", "which" or "how many", `period`
    the days between which it asks for papers, `member` who is asked to have said it. `query` is
    what is searched for: the question with titles in the place of ids.
    """

    standalone: str
    asked: str
    query: str
    aim: Aim
    papers: tuple[Paper, ...]
    words: tuple[str, ...]
    thing: tuple[str, ...]
    period: tuple[date, date] | None
    member: str | None


def understand(question: Question, library: Library) -> Understood:
    """Return what a question asks for, with what it takes from earlier turns written out."""
    standalone, papers = _standing_alone(question, library)
    asked = _without_names(standalone, papers)
    words = _own_words(asked)
    return Understood(
        standalone=standalone,
        asked=asked,
        query=_with_titles(standalone, papers),
        aim="discussion" if _member(asked) else _aim(asked, words),
        papers=papers,
        words=words,
        thing=_thing(asked),
        period=_period(asked),
        member=_member(asked),
    )


# -- earlier turns ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    """A question that stands alone, the papers it is on, and those that were spoken of before.

    `base` is what a later "and on SVHN?" goes on from.
    """

    text: str
    papers: tuple[Paper, ...] = ()
    base: str = ""
    others: tuple[Paper, ...] = ()


def _standing_alone(question: Question, library: Library) -> tuple[str, tuple[Paper, ...]]:
    names = library.names()
    before: _Said | None = None
    for turn in question.history:
        said = _said(_one_line(turn.question), before, names)
        before = _remembered(said, _subject(names.named_in(turn.answer or "")), before)
    asked = _said(library.spelt(_one_line(question.question)), before, names)
    return asked.text, asked.papers


def _said(text: str, before: _Said | None, names: Names) -> _Said:
    """Return what is asked, with what it takes from the question before it written out."""
    papers = names.named_in(text)
    if before is None or (not papers and not _leans(text)):
        return _Said(text, papers)
    if papers or (wording.OTHER.search(text) and before.others):
        return _asked_of(papers or before.others[:1], text, before)
    subject = before.papers
    goes_on = wording.ELLIPSIS.search(text) and not wording.PRONOUN.search(_pointing(text))
    if not subject or (goes_on and _aim(text, _own_words(text)) == "fact"):
        return _Said(f"{text} ({before.base})", subject, before.base)
    return _Said(_written_out(text, subject), subject)


def _asked_of(papers: tuple[Paper, ...], text: str, before: _Said) -> _Said:
    """Return what is asked of these papers: of "and UDA?" that is what was asked before."""
    again = _renamed(before.base, before.papers, papers)
    if again and wording.BARE.search(_without_names(text, papers)):
        return _Said(again, papers)
    return _Said(_written_out(text, papers) if wording.OTHER.search(text) else text, papers)


def _remembered(said: _Said, answered: tuple[Paper, ...], before: _Said | None) -> _Said:
    """Return what was said as later questions lean on it; without a paper it keeps the last."""
    earlier = before or _Said("")
    papers = said.papers or answered or earlier.papers
    spoken_of = {paper.id: paper for paper in (*earlier.papers, *earlier.others)}
    others = tuple(p for p in spoken_of.values() if p not in papers)
    return _Said(said.text, papers, said.base or said.text, others)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _subject(answered: tuple[Paper, ...]) -> tuple[Paper, ...]:
    """Return the paper that an answer was on; an answer that lists papers was on none."""
    return answered[:1] if len(answered) < 3 else ()


def _leans(text: str) -> bool:
    """Tell whether a question takes its subject from those before it."""
    if wording.LEANING.search(_pointing(text)) or wording.ELLIPSIS.search(text):
        return True
    words = content_words(text)
    of_its_own = _aim(text, words) in ("authors", "dates") and any(map(_is_name, words))
    return len(words) < 3 and not of_its_own


def _is_name(word: str) -> bool:
    return bool(re.search(r"\d|[A-Z]", word[1:]))


def _pointing(text: str) -> str:
    """Return the text, as long as it was, without an "it" that points at nothing."""
    return wording.EXPLETIVE.sub(
        lambda it: re.sub(r"\bit\b", "--", it[0], flags=re.IGNORECASE), text
    )


def _renamed(text: str, old: Sequence[Paper], new: Sequence[Paper]) -> str | None:
    """Return a question on one paper as one on others; None where it names that paper nowhere."""
    name = " and ".join(short_name(paper) for paper in new)
    for known in _names_of(old[0]) if len(old) == 1 else ():
        pattern = _name_pattern(known, possessive="")
        if pattern.search(text):
            return pattern.sub(lambda _: name, text)
    return None


def _written_out(text: str, papers: Sequence[Paper]) -> str:
    """Return the question with the papers' names in the place of the word that points at them."""
    name = " and ".join(short_name(paper) for paper in papers)
    for pattern, ending in wording.POINTING:
        if found := pattern.search(_pointing(text)):
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
    if of_papers and wording.DATES.search(text) and not wording.HOW_OR_WHY.search(text):
        return "dates"
    if wording.DISCUSSION.search(text):
        return "discussion"
    return "code" if wording.CODE.search(text) else "fact"


def _own_words(asked: str) -> tuple[str, ...]:
    """Return the content words that an answer should hold: not those that only ask."""
    own = [word for word in content_words(asked) if word.casefold() not in wording.ASKING]
    return tuple(dict.fromkeys(own))


def _thing(asked: str) -> tuple[str, ...]:
    """Return what is asked for by name: "learning rate" of "What learning rate does it use?"."""
    found = wording.ASKED_THING.search(asked)
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
        for name in _names_of(paper):
            text = _name_pattern(name).sub(" ", text)
    return text


def _names_of(paper: Paper) -> list[str]:
    """Return how a paper may be named, the longest first."""
    names = (paper.id, paper.id.removeprefix("doi:"), paper.title or "", *paper.names)
    return sorted((n for n in names if re.search(r"\w", n)), key=len, reverse=True)


def _with_titles(text: str, papers: Sequence[Paper]) -> str:
    titles = [p.title for p in papers if p.title and p.id.removeprefix("doi:") in text.casefold()]
    return " ".join([wording.ADDRESS.sub(" ", text), *titles]) if titles else text


def _name_pattern(name: str, possessive: str = "(?:['’]s)?") -> re.Pattern[str]:
    """Return what finds a name whatever its case and the signs between its parts."""
    parts = r"[\W_]*".join(re.escape(part) for part in re.findall(r"\w+", name))
    return re.compile(rf"(?<!\w){parts}{possessive}(?!\w)", re.IGNORECASE)


def _member(text: str) -> str | None:
    """Return the one name that a question gives to who said something."""
    found = wording.MEMBER_SAID.search(text)
    return found[1] if found and found[1].casefold() not in wording.NOBODY else None


def _period(text: str) -> tuple[date, date] | None:
    if found := wording.MONTH_AND_YEAR.search(text):
        month, year = wording.MONTHS.index(found[1].casefold()) + 1, int(found[2])
        after = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, 1), date.fromordinal(after.toordinal() - 1)
    if found := wording.YEAR.search(text):
        return date(int(found[1]), 1, 1), date(int(found[1]), 12, 31)
    return None

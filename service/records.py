"""Answers that stand in a paper's record: who wrote it, when, where, under which number."""

import re
from collections.abc import Iterable, Sequence

from index import Document, Filters, Store, content_words, fold
from ingest import Catalogue, Paper
from ingest.making import paper_keys
from service import wording
from service.gate import Draft
from service.library import called
from service.stems import word_stems
from service.understanding import Understood

_LINES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "Last revised",
        re.compile(r"\brevis|\bupdated?\b|\bchanged\b|\bnewest version", re.IGNORECASE),
    ),
    ("Categories", re.compile(r"\bcategor|\barxiv (?:class|section|area)", re.IGNORECASE)),
    (
        "Comments",
        re.compile(
            r"\bconference\b|\bvenue\b|\bjournal\b|\baccepted\b|\bpublished (?:at|in)\b"
            r"|\bwhere\b.*\bpublished\b",
            re.IGNORECASE,
        ),
    ),
    ("Status", re.compile(r"\bwithdr[ae]w|\bretract", re.IGNORECASE)),
    ("DOI", re.compile(r"\bdoi\b", re.IGNORECASE)),
    ("arXiv", re.compile(r"\barxiv (?:id|number|identifier)\b|\bwhich version\b", re.IGNORECASE)),
)
MOST = 6


def asked_lines(understood: Understood) -> list[str]:
    """Return the names of the record's lines that a question asks for."""
    lines = _lines(understood)
    dates = wording.DATES.search(understood.asked)
    if understood.aim == "dates":
        return ["Submitted", "Year", *lines]
    if not dates:
        lines = [line for line in lines if line != "Last revised"]
    if understood.aim != "authors":
        return lines
    return ["Authors", *(["Submitted", "Year"] if dates else []), *lines]


def asks_for_more(understood: Understood) -> bool:
    """Tell whether a question on named papers is on something else of them than their records."""
    told = fold(
        " ".join(" ".join((p.title or "", *p.names, *p.authors)) for p in understood.papers)
    )
    rest = [word for word in _topic(understood) if fold(word) not in told]
    return bool(understood.papers and rest) and not _lines(understood)


def is_described(paper: Paper, understood: Understood) -> bool:
    """Tell whether a question describes a paper by two words or more, all of them its own."""
    asked = set(word_stems(" ".join(_topic(understood))))
    own = word_stems(f"{paper.title or ''} {paper.abstract or ''}")
    return "paper" in understood.asked.casefold() and len(asked) > 1 and asked <= set(own)


def _topic(understood: Understood) -> list[str]:
    return [
        word
        for word in understood.words
        if word.casefold() not in wording.OF_RECORDS and not word.isdigit()
    ]


def _lines(understood: Understood) -> list[str]:
    return [name for name, pattern in _LINES if pattern.search(understood.asked)]


def line_drafts(papers: Iterable[Paper], lines: Sequence[str], store: Store) -> list[Draft]:
    """Return one draft for each of the lines that each paper's record has."""
    return [
        _draft(record, *span, f"The record of {called(paper)} says:")
        for paper in papers
        if (record := _record(paper, store))
        for line in lines
        if (span := _line(record.text, line))
    ]


def _record(paper: Paper, store: Store) -> Document | None:
    keys = (key for key in paper_keys(paper.id) if key.endswith(":record"))
    return next((found for key in keys if (found := store.fetch(key))), None)


def entry_drafts(records: Iterable[Document], last_line: str, catalogue: Catalogue) -> list[Draft]:
    """Return a draft for each record, from its title to the named line."""
    drafts = []
    for record in records:
        span = _line(record.text, last_line) or (0, record.text.find("\n"))
        lead = _entry_lead(catalogue.papers.get(record.papers))
        drafts.append(_draft(record, 0, span[1], lead))
    return drafts


def _entry_lead(papers: Sequence[Paper]) -> str:
    if any(paper.withdrawn for paper in papers):
        return "In the record of a paper that has been withdrawn:"
    if any(not paper.is_on_arxiv for paper in papers):
        return "In the record, which is all there is here of a work that is not on arXiv:"
    return "In the record:"


def records_by_author(understood: Understood, store: Store) -> list[Document]:
    """Return the records of papers by an author that the question names, oldest first.

    A whole name is looked for first, then a surname: three words in a row, two, then one.
    """
    words = fold(understood.standalone).split()
    for size in (3, 2, 1):
        for at in range(len(words) - size + 1):
            name = " ".join(words[at : at + size])
            if size == 1 and not _may_be_surname(name, understood):
                continue
            if size > 1 and not content_words(
                name
            ):  # "and of the": it would be looked for everywhere
                continue
            found = store.records_by(name)
            if found:
                return _by_date(found)
    return []


def records_in_period(understood: Understood, store: Store) -> list[Document]:
    """Return the records of papers submitted in the period that the question names."""
    if understood.period is None:
        return []
    first, last = understood.period
    found = store.documents(Filters(kinds=("record",), date_from=first, date_to=last))
    return _by_date(found)


def _may_be_surname(word: str, understood: Understood) -> bool:
    written = {w for w in understood.words if w[:1].isupper() or understood.aim == "authors"}
    return len(word) >= 4 and word in {fold(w) for w in written}


def _by_date(records: Sequence[Document]) -> list[Document]:
    return sorted(records, key=lambda record: (str(record.date or ""), record.key))


def _line(text: str, name: str) -> tuple[int, int] | None:
    found = re.search(rf"^{re.escape(name)}: .*$", text, re.MULTILINE)
    return found.span() if found else None


def _draft(record: Document, start: int, end: int, lead: str) -> Draft:
    return Draft(record, start, end, 1.0, "paper", lead)

"""What an entry of a bibliography tells, in whatever format, and which work that is."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from ingest.arxiv.ids import MalformedArxivId, find_arxiv_ids, parse_arxiv_id
from ingest.errors import BadSource
from ingest.one_line import one_line
from ingest.paper import Paper
from ingest.titles import plain_doi, work_id

LONGEST_ENTRY = 200_000  # letters
TOO_LONG = f"this entry has over {LONGEST_ENTRY:,} letters. It was left out."

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_ARXIV_NOTE = re.compile(
    r"\s*(?:arxiv preprint\s+)?(arxiv:\s*\S+?)[.,;]?\s*(?:\[.*)?", re.IGNORECASE
)
_MARKUP = re.compile(r"</?(?:i|b|em|strong|sub|sup|sc|span)\b[^<>]*>", re.IGNORECASE)
_LONGEST_TITLE = 2000
_ARXIV_DOI = "10.48550/arxiv."


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry as its format tells it.

    `place` names the entry for messages. `numbers` are the fields that speak of the work itself
    (eprint, DOI, journal, number), `links` its addresses and files, `notes` free text, in which
    other works may be named as well.
    """

    place: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    year: int | None = None
    numbers: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_paper(self) -> Paper:
        """Return the work; BadSource where nothing, or more than one thing, tells which it is."""
        if self.title and len(self.title) > _LONGEST_TITLE:
            reason = (
                f"its title has {len(self.title):,} letters. This entry was left out: correct it."
            )
            raise BadSource(self.place, reason)
        arxiv_id, doi = self._arxiv_id(), self._doi()
        if arxiv_id:
            own = doi if doi and not doi.startswith(_ARXIV_DOI) else None
            return Paper(arxiv_id, title=self.title, authors=self.authors, doi=own)
        if not doi and not self.title:
            reason = "it has neither an arXiv id nor a DOI nor a title. This entry was left out."
            raise BadSource(self.place, reason)
        return Paper(
            work_id(self.title, self.year, doi),
            title=self.title,
            authors=self.authors,
            doi=doi,
            year=self.year,
            url=next((link for link in self.links if re.match(r"https?://", link)), None),
        )

    def _arxiv_id(self) -> str | None:
        """Return the id that the fields tell, those of the work itself before links and notes."""
        for ids in (_named(self.numbers), _named(self.links), _noted(self.notes)):
            if len(found := tuple(dict.fromkeys(ids))) > 1:
                reason = (
                    f"it names several arXiv papers ({', '.join(found[:5])}). This entry was left "
                    "out: keep the one that it is."
                )
                raise BadSource(self.place, reason)
            if found:
                return found[0]
        return None

    def _doi(self) -> str | None:
        lines = (line for note in self.notes for line in note.splitlines())
        told = (plain_doi(text) for text in (*self.numbers, *self.links, *lines))
        return next(filter(None, told), None)


def year_in(*texts: str | None) -> int | None:
    """Return the first year that one of the texts tells, such as "2019-05-06" or "2019///"."""
    found = (_YEAR.search(text) for text in texts if text)
    return next((int(year[0]) for year in found if year), None)


def full_name(name: str) -> str:
    """Return "Boil, Ann, Jr." as "Ann Boil Jr."."""
    last, *more = (part.strip() for part in name.split(","))
    return one_line(" ".join((*more[:1], last, *more[1:])))


def marked_line(text: str) -> str | None:
    """Return a title on one line without the tags that reference managers put in; None if empty."""
    return one_line(_MARKUP.sub("", text)) or None


def of_archive(number: str | None, *archives: str | None) -> Iterator[str]:
    """Yield a number as arXiv's, where one of the fields beside it names arXiv."""
    if number and any("arxiv" in archive.lower() for archive in archives if archive):
        yield from map("arXiv:{}".format, _parsed(number))


def _named(texts: Iterable[str]) -> Iterator[str]:
    """Yield the ids in texts that speak of arXiv: elsewhere 1905.02249 may be any number."""
    for text in texts:
        if "arxiv" in text.lower():
            yield from find_arxiv_ids(text)


def _noted(notes: Iterable[str]) -> Iterator[str]:
    """Yield the ids that fill a line of a note, as Zotero writes "arXiv:1905.02249 [cs]"."""
    for line in (line for note in notes for line in note.splitlines()):
        if found := _ARXIV_NOTE.fullmatch(line):
            yield from _parsed(found[1])


def _parsed(text: str) -> Iterator[str]:
    with suppress(MalformedArxivId):
        yield parse_arxiv_id(text).id

"""Ask DataCite for papers: arXiv registers a DOI for each, with title, authors and abstract."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Annotated
from urllib.parse import urlsplit

import requests
from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from ingest.arxiv.addresses import DATACITE_URL
from ingest.arxiv.ids import ArxivId
from ingest.arxiv.normal_form import normal
from ingest.arxiv.polite import PoliteAdapter
from ingest.arxiv.replies import check_json
from ingest.arxiv.source import NotHere, Silence, silence, wanted_ids
from ingest.errors import SourceError
from ingest.paper import Paper, Version
from ingest.paper_rows import DATACITE

_DOI = "10.48550/arXiv."
_CATEGORY = re.compile(r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)$")
_VERSION = re.compile(r"v?([1-9][0-9]{0,3})")


class DataCite:
    """DataCite during one run, asked politely and not again once it proved unreachable."""

    name = "datacite"
    origin = DATACITE

    def __init__(
        self,
        url: str = DATACITE_URL,
        contact: str = "",
        delay_seconds: float = 1.0,
        timeout_seconds: float = 20.0,
    ) -> None:
        self._url = url.rstrip("/")
        self._host = urlsplit(url).netloc or url
        self._down: Silence | None = None
        adapter = PoliteAdapter(contact, delay_seconds, timeout_seconds, check_json)
        self._session = adapter.mount(requests.Session())

    def fetch(self, ids: Iterable[str]) -> Iterator[Paper | SourceError]:
        """Yield for each distinct id, in any form, its newest version or why there is none.

        One request is made for each. `NotHere` is a paper that DataCite does not know: a new one is
        registered days after it appears, so that this says nothing of whether there is one.
        """
        wanted, malformed = wanted_ids(ids)
        yield from malformed
        for arxiv_id in wanted:
            yield self._paper(arxiv_id)

    def _paper(self, wanted: ArxivId) -> Paper | SourceError:
        source = f"arXiv:{wanted}"
        if self._down:
            return self._down.of(source)
        try:
            reply = self._session.get(f"{self._url}/{_DOI}{wanted.id}")
        except requests.RequestException as error:
            self._down = silence(self._host, error)
            return self._down.of(source)
        if reply.status_code == requests.codes.not_found:
            return NotHere(source, f"{self._host} does not know it yet")
        if reply.status_code != requests.codes.ok:
            what = ValueError(f"status {reply.status_code}")
            self._down = silence(self._host, what, f"answered with {what}")
            return self._down.of(source)
        return self._read(reply.content, wanted)

    def _read(self, content: bytes, wanted: ArxivId) -> Paper | SourceError:
        source = f"arXiv:{wanted}"
        try:
            told = _Reply.model_validate_json(content).data
        except ValidationError as error:
            fields = ", ".join(sorted({".".join(map(str, e["loc"][2:])) for e in error.errors()}))
            return NotHere(source, f"{self._host} sent a record that cannot be read ({fields})")
        if told.id.lower() != f"{_DOI}{wanted.id}".lower():
            return NotHere(source, f"{self._host} sent the record of {told.id}")
        paper = told.attributes.paper(wanted.id)
        if wanted.version not in (None, paper.version):
            return NotHere(source, f"{self._host} has only the newest version")
        return paper


def _list(value: object) -> object:
    return [] if value is None else value


def _day(value: object) -> object:
    """Return the day in UTC; a month or a year alone is no day."""
    if not isinstance(value, str) or len(value) < len("2019-05-06"):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


class _Creator(BaseModel):
    name: str | None = None
    givenName: str | None = None  # noqa: N815  DataCite's names
    familyName: str | None = None  # noqa: N815

    def full_name(self) -> str:
        if self.familyName:
            return f"{self.givenName or ''} {self.familyName}"
        last, *rest = (part.strip() for part in (self.name or "").split(","))
        return " ".join([*rest[:1], last, *rest[1:]])


class _Title(BaseModel):
    title: str | None = None


class _Description(BaseModel):
    description: str | None = None
    kind: str | None = Field(None, alias="descriptionType")


class _Date(BaseModel):
    day: Annotated[date | None, BeforeValidator(_day)] = Field(None, alias="date")
    kind: str | None = Field(None, alias="dateType")
    information: str | None = Field(None, alias="dateInformation")


class _Subject(BaseModel):
    subject: str | None = None
    scheme: str | None = Field(None, alias="subjectScheme")


class _Related(BaseModel):
    identifier: str | None = Field(None, alias="relatedIdentifier")
    kind: str | None = Field(None, alias="relatedIdentifierType")
    relation: str | None = Field(None, alias="relationType")


class _Attributes(BaseModel):
    titles: Annotated[list[_Title], BeforeValidator(_list)] = []
    creators: Annotated[list[_Creator], BeforeValidator(_list)] = []
    descriptions: Annotated[list[_Description], BeforeValidator(_list)] = []
    dates: Annotated[list[_Date], BeforeValidator(_list)] = []
    subjects: Annotated[list[_Subject], BeforeValidator(_list)] = []
    relatedIdentifiers: Annotated[list[_Related], BeforeValidator(_list)] = []  # noqa: N815
    version: str | int | None = None

    def paper(self, arxiv_id: str) -> Paper:
        """Return what DataCite tells of the paper; the comments field is its "Other" text."""
        versions = self._versions()
        submitted = self._days("Submitted")
        revised = [v.submitted for v in versions if v.submitted] or [
            *submitted,
            *self._days("Updated"),
        ]
        return normal(
            Paper(
                id=arxiv_id,
                title=next((t.title for t in self.titles if t.title), None),
                abstract=self._text("Abstract"),
                authors=tuple(creator.full_name() for creator in self.creators),
                categories=self._categories(),
                published=min(submitted, default=None),
                updated=max(revised, default=None),
                version=_number(self.version) or (versions[-1].number if versions else None),
                comments=self._text("Other"),
                doi=" ".join(self._dois()),
                versions=versions,
            )
        )

    def _versions(self) -> tuple[Version, ...]:
        known = {
            number: Version(number, date.day)
            for date in self.dates
            if date.kind == "Submitted" and (number := _number(date.information))
        }
        return tuple(known[number] for number in sorted(known))

    def _days(self, kind: str) -> list[date]:
        return [date.day for date in self.dates if date.kind == kind and date.day]

    def _text(self, kind: str) -> str | None:
        return next((d.description for d in self.descriptions if d.kind == kind), None)

    def _categories(self) -> tuple[str, ...]:
        subjects = (s.subject for s in self.subjects if s.subject and s.scheme in (None, "arXiv"))
        return tuple(found[1] for subject in subjects if (found := _CATEGORY.search(subject)))

    def _dois(self) -> list[str]:
        related = (r for r in self.relatedIdentifiers if r.identifier and r.kind == "DOI")
        return [str(r.identifier) for r in related if r.relation == "IsVersionOf"]


class _Data(BaseModel):
    id: str
    attributes: _Attributes


class _Reply(BaseModel):
    data: _Data


def _number(text: str | int | None) -> int | None:
    found = _VERSION.fullmatch(str(text))
    return int(found[1]) if found else None

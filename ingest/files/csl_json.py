"""Read the entries of CSL-JSON, each by itself: what breaks one leaves the others."""

import json
from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ingest.errors import BadSource
from ingest.files.reference import Reference, marked_line, of_archive, year_in
from ingest.one_line import one_line


def _text(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


_Text = Annotated[str | None, BeforeValidator(_text)]


class _Name(BaseModel):
    given: _Text = None
    dropping_particle: _Text = Field(None, alias="dropping-particle")
    non_dropping_particle: _Text = Field(None, alias="non-dropping-particle")
    family: _Text = None
    suffix: _Text = None
    literal: _Text = None

    def full(self) -> str:
        particles = (self.dropping_particle, self.non_dropping_particle)
        parts = (self.given, *particles, self.family, self.suffix)
        return one_line(self.literal or " ".join(filter(None, parts)))


class _Date(BaseModel):
    parts: tuple[tuple[_Text, ...], ...] = Field((), alias="date-parts")
    raw: _Text = None
    literal: _Text = None

    @property
    def year(self) -> int | None:
        first = next((part for parts in self.parts for part in parts[:1]), None)
        return year_in(first, self.raw, self.literal)


_Names = Annotated[tuple[_Name, ...], BeforeValidator(lambda value: value or ())]


class _Item(BaseModel):
    """One work; fields that no id, title, author or year can stand in are passed over."""

    model_config = ConfigDict(extra="ignore")

    id: _Text = None
    title: _Text = None
    author: _Names = ()
    editor: _Names = ()
    issued: _Date | None = None
    doi: _Text = Field(None, alias="DOI")
    url: _Text = Field(None, alias="URL")
    note: _Text = None
    number: _Text = None
    archive: _Text = None
    archive_location: _Text = None
    publisher: _Text = None
    container: _Text = Field(None, alias="container-title")
    collection: _Text = Field(None, alias="collection-title")

    def reference(self, place: str) -> Reference:
        texts = (self.doi, self.number, self.container, self.collection, self.archive_location)
        located = of_archive(self.archive_location, self.archive, self.publisher)
        return Reference(
            place,
            title=marked_line(self.title or ""),
            authors=tuple(filter(None, (name.full() for name in self.author or self.editor))),
            year=self.issued.year if self.issued else None,
            numbers=(*located, *filter(None, texts)),
            links=tuple(filter(None, [self.url])),
            notes=tuple(filter(None, [self.note])),
        )


def read_csl_json(text: str, source: str) -> Iterator[Reference | BadSource]:
    """Yield each entry, and a BadSource for each that cannot be read.

    Raise BadSource where the text is no array of objects.
    """
    for number, value in enumerate(_items(text, source), start=1):
        place = f"{source}, entry {number}"
        try:
            item = _Item.model_validate(value)
        except ValidationError as error:
            field = ".".join(map(str, error.errors()[0]["loc"])) or "the entry"
            yield BadSource(place, f"not CSL-JSON ({field} is wrong). This entry was left out.")
        else:
            name = f" ({one_line(item.id)[:80]})" if item.id else ""
            yield item.reference(place + name)


def _items(text: str, source: str) -> list[object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = f"this begins like CSL-JSON and cannot be read as JSON ({error}). Export it again."
        raise BadSource(source, reason) from error
    if isinstance(value, dict) and "title" in value:
        return [value]
    if not isinstance(value, list):
        reason = "this is JSON but no list of works. Export it as CSL JSON."
        raise BadSource(source, reason)
    return value

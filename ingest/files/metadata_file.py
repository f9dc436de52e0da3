"""Read papers from a local file of arXiv metadata, such as the public Kaggle snapshot."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from ingest.arxiv.ids import ArxivId, MalformedArxivId, parse_arxiv_id
from ingest.arxiv.normal_form import normal
from ingest.errors import BadSource, SourceError
from ingest.files.json_records import read_records
from ingest.one_line import one_line
from ingest.paper import Paper, Version
from ingest.report import Tally

_NUMBER = re.compile(r"([0-9]{3,4})\.([0-9]{1,20})")
_NICKNAME = re.compile(r"['\"]?[^\W\d]+['\"]?")
_BETWEEN_AUTHORS = re.compile(r"\s*(?:[,;]|(?<!\w)\\?and(?!\w))\s*")
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|II|III|IV")


def read_metadata(path: Path, tally: Tally) -> Iterator[Paper | SourceError]:
    """Yield each paper of the file once, and a `BadSource` for each record that is none.

    Raise `BadSource` for a file that is missing or holds no JSON object at all. An id that some
    program had stored as a number (1905.0216 for 1905.02160) is restored, and a paper that was
    given before is passed over, unless it comes with its true id after a restored one: then it is
    yielded again, to be believed. The tally counts both.
    """
    seen: dict[str, bool] = {}  # ids, and whether they were restored
    for row in _rows(path):
        if isinstance(row, SourceError):
            yield row
            continue
        arxiv_id, restored = row.id.found.id, row.id.restored
        tally.restored += restored
        tally.repeated += arxiv_id in seen
        if arxiv_id not in seen or seen[arxiv_id] > restored:
            seen[arxiv_id] = restored
            yield row.paper()


def split_authors(text: str) -> tuple[str, ...]:
    """Return the names of "A. B and C. D (X, Y), E. F", without what stands in parentheses."""
    names: list[str] = []
    for name in _BETWEEN_AUTHORS.split(_outside_parentheses(one_line(text))):
        if names and _SUFFIX.fullmatch(name):
            names[-1] += f" {name}"
        elif any(map(str.isalpha, name)):
            names.append(" ".join(name.split()))
    return tuple(names)


def _rows(path: Path) -> "Iterator[_Row | SourceError]":
    for record in read_records(path):
        if isinstance(record, SourceError):
            yield record
            continue
        yield _row(record.values, f"{path}, line {record.line}")


def read_record(values: dict[str, Any], place: str) -> Paper | BadSource:
    """Return the paper of one record with the fields of arXiv's snapshot, or what is wrong."""
    row = _row(values, place)
    return row if isinstance(row, BadSource) else row.paper()


def _row(values: dict[str, Any], place: str) -> "_Row | BadSource":
    try:
        return _Row.model_validate(values)
    except ValidationError as error:
        return BadSource(place, _complaints(error))


def _outside_parentheses(text: str) -> str:
    if "(" not in text:
        return text
    kept: list[str] = []
    depth, inside = 0, ""
    for part in re.split(r"([()])", text):
        if part == "(":
            depth, inside = depth + 1, ""
        elif part == ")":
            depth = max(0, depth - 1)
        elif depth:
            inside = part
        elif kept and part and not part[0].isspace() and not _NICKNAME.fullmatch(inside):
            kept.append(f", {part}")  # "A. B (Rome)C. D" lacks a comma, "Hai (Helen)Li" does not
        else:
            kept.append(f" {part}")
    return "".join(kept)


class _Id(NamedTuple):
    found: ArxivId
    restored: bool


def _id(value: object) -> _Id:
    is_number = isinstance(value, float | int) and not isinstance(value, bool)
    text = repr(value) if is_number else value
    if not isinstance(text, str):
        raise ValueError("an id is a text such as 1905.02249")
    try:
        return _Id(parse_arxiv_id(text), restored=False)
    except MalformedArxivId:
        if number := _NUMBER.fullmatch(text):
            return _Id(_from_number(number), restored=True)
        raise


def _from_number(number: re.Match[str]) -> ArxivId:
    """Restore the zeros of an id: how many digits it had, its month tells."""
    month = number[1].zfill(4)
    digits = 4 if month < "1501" else 5
    exact = Decimal(f"0.{number[2]}")
    rounded = round(exact, digits)
    if abs(exact - rounded) > Decimal("1e-9") or rounded >= 1:
        return parse_arxiv_id(number.string)
    return parse_arxiv_id(f"{month}.{str(rounded)[2:]}")


def _text(value: object) -> object:
    return (one_line(value) or None) if isinstance(value, str) else value


def _day(value: object) -> object:
    """Return the day in UTC of "2019-05-06", "2019-05-06T19:56:03Z" or an e-mail's date."""
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        moment = _mail_date(value)
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def _mail_date(value: str) -> datetime:
    try:
        return parsedate_to_datetime(value)
    except ValueError as error:
        raise ValueError("a date looks like 2019-05-06 or 2019-05-06T19:56:03Z") from error


def _authors(value: object) -> object:
    if isinstance(value, str):
        return split_authors(value)
    return _texts(value)


def _categories(value: object) -> object:
    if isinstance(value, str):
        return tuple(one_line(value).replace(",", " ").split())
    return _texts(value)


def _texts(value: object) -> object:
    if value is None:
        return ()
    if not isinstance(value, list):
        return value
    return tuple(text for item in value if (text := _text(item)) is not None)


def _parsed_names(value: object) -> object:
    """Return [["Bottou", "Léon", ""], …] as full names."""
    return tuple(map(_full_name, value)) if isinstance(value, list) else value


def _full_name(parts: object) -> str:
    match parts:
        case [str(last), str(first), str(suffix), *_]:
            return one_line(f"{first} {last} {suffix}")
        case _:
            raise ValueError("expected lists of last name, first name, suffix")


_Text = Annotated[str | None, BeforeValidator(_text)]
_Day = Annotated[date | None, BeforeValidator(_day)]


class _Version(BaseModel):
    version: str = Field(pattern=r"^v[1-9]\d{0,3}$")
    created: _Day = None

    @property
    def number(self) -> int:
        return int(self.version[1:])


class _Row(BaseModel):
    """One record under any of the field names that are about; others are passed over."""

    model_config = ConfigDict(frozen=True)

    id: Annotated[_Id, BeforeValidator(_id)] = Field(
        validation_alias=AliasChoices("id", "arxiv_id")
    )
    title: str | None = None
    abstract: str | None = None
    authors: Annotated[tuple[str, ...], BeforeValidator(_authors)] = ()
    authors_parsed: Annotated[tuple[str, ...] | None, BeforeValidator(_parsed_names)] = None
    categories: Annotated[tuple[str, ...], BeforeValidator(_categories)] = ()
    primary_category: _Text = None
    published: _Day = None
    updated: _Day = None
    update_date: _Day = None
    versions: tuple[_Version, ...] | None = None
    latest_version_seen: str | None = Field(None, pattern=r"^v[1-9]\d{0,3}$")
    comments: str | None = None
    doi: _Text = None

    def paper(self) -> Paper:
        """Return what the row says of its paper."""
        versions = self._versions()
        first, last = (versions[0], versions[-1]) if versions else (_UNKNOWN, _UNKNOWN)
        return normal(
            Paper(
                id=self.id.found.id,
                title=self.title,
                abstract=self.abstract,
                authors=self.authors_parsed or self.authors,
                categories=self.categories or tuple(filter(None, [self.primary_category])),
                primary_category=self.primary_category,
                published=self.published or first.submitted,
                updated=self.updated or last.submitted or self.update_date,
                version=self._version(versions),
                comments=self.comments,
                doi=self.doi,
                versions=versions,
            )
        )

    def _versions(self) -> tuple[Version, ...]:
        known = {v.number: Version(v.number, v.created) for v in self.versions or ()}
        return tuple(known[number] for number in sorted(known))

    def _version(self, versions: tuple[Version, ...]) -> int | None:
        if self.id.found.version or versions:
            return self.id.found.version or versions[-1].number
        return int(self.latest_version_seen[1:]) if self.latest_version_seen else None


_UNKNOWN = Version(1)


def _complaints(error: ValidationError) -> str:
    """Name each field that is wrong, and in which way."""
    return f"{'; '.join(map(_complaint, error.errors()))}. This record was left out."


def _complaint(detail: ErrorDetails) -> str:
    field = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "missing" and field == "id":
        return "no 'id' (or 'arxiv_id')"
    if cause := detail.get("ctx", {}).get("error"):
        return f"{field}: {str(cause).rstrip('.')}"
    return f"{field}: {detail['msg'].lower()}"

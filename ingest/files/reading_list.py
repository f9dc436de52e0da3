"""Read a reading list: the TOML file of papers, topics, saved threads and notes of a library."""

import re
import tomllib
from collections.abc import Callable, Hashable, Iterator
from contextlib import suppress
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import ErrorDetails

from ingest.arxiv.ids import ArxivId, parse_arxiv_id
from ingest.errors import BadSource
from ingest.files.saved_thread import thread_slug
from ingest.forum.topics import parse_topic_url
from ingest.one_line import one_line
from ingest.paper import Paper


class BadReadingList(BadSource):
    """A reading list has mistakes; the message names all of them, each with entry and field."""


def _id(value: object) -> object:
    if isinstance(value, float | int):
        raise ValueError(f'put the id in quotes, as in id = "1905.02249"; this is {value}')
    return parse_arxiv_id(value) if isinstance(value, str) else value


def _line(value: object) -> object:
    return (one_line(value) or None) if isinstance(value, str) else value


def _paragraphs(value: object) -> object:
    if not isinstance(value, str):
        return value
    return "\n\n".join(filter(None, map(one_line, re.split(r"\n\s*\n", value)))) or None


def _day(value: object) -> object:
    return value.date() if isinstance(value, datetime) else value


def _topic_url(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        parse_topic_url(value)
    except BadSource as error:
        raise ValueError(error.reason) from error
    return value.strip()


def _file_beside(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str):
        return value
    folder = Path((info.context or {})["folder"])
    if "\0" in value or not (folder / value).is_file():
        raise ValueError(f"there is no file {value!r} in {folder}")
    return (folder / value).resolve()


_Line = Annotated[str | None, BeforeValidator(_line)]
_Lines = tuple[Annotated[str, BeforeValidator(_line)], ...]
_Day = Annotated[date | None, BeforeValidator(_day)]
_TopicUrl = Annotated[str | None, BeforeValidator(_topic_url)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PaperEntry(_Table):
    """A paper of a reading list: its id, what the curator says of it, and facts where known."""

    wanted: Annotated[ArxivId, BeforeValidator(_id)] = Field(alias="id")
    title: _Line = None
    authors: _Lines = ()
    published: _Day = None
    updated: _Day = None
    categories: _Lines = ()
    comments: _Line = None
    doi: _Line = None
    names: _Lines = ()
    note: Annotated[str | None, BeforeValidator(_paragraphs)] = None

    @property
    def id(self) -> str:
        """Return the paper's id without a version."""
        return self.wanted.id

    def to_paper(self) -> Paper:
        """Return the paper as far as the list tells of it."""
        return Paper(
            id=self.wanted.id,
            version=self.wanted.version,
            title=self.title,
            authors=self.authors,
            categories=self.categories,
            primary_category=next(iter(self.categories), None),
            published=self.published,
            updated=self.updated,
            comments=self.comments,
            doi=self.doi,
            names=self.names,
        )


class TopicEntry(_Table):
    """A live forum topic to follow."""

    url: Annotated[str, BeforeValidator(_topic_url)]


class ThreadEntry(_Table):
    """A thread saved as text; `topic` is the live topic that it stands in for."""

    file: Annotated[Path, BeforeValidator(_file_beside)]
    title: _Line = None
    topic: _TopicUrl = None


class ReadingList(_Table):
    """Everything that one reading list names; thread files are absolute paths."""

    title: _Line = None
    papers: tuple[PaperEntry, ...] = ()
    topics: tuple[TopicEntry, ...] = ()
    threads: tuple[ThreadEntry, ...] = ()


_TABLES: dict[str, type[_Table]] = {
    "papers": PaperEntry,
    "topics": TopicEntry,
    "threads": ThreadEntry,
}


def read_reading_list(path: Path) -> ReadingList:
    """Return what the file lists, or raise `BadReadingList` with every mistake in it."""
    values = _toml(path)
    mistakes: list[str] = []
    try:
        reading = ReadingList.model_validate(values, context={"folder": path.resolve().parent})
    except ValidationError as error:
        mistakes = [_mistake(detail, values) for detail in error.errors()]
    mistakes += _repetitions(values)
    if not any(values.get(table) for table in _TABLES):
        mistakes.append("nothing is listed: add [[papers]], [[topics]] or [[threads]]")
    if mistakes:
        raise BadReadingList(str(path), _joined(mistakes))
    return reading


def _toml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except OSError as error:
        reason = f"the list cannot be read ({error.strerror or error}). Check its name and rights."
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        reason = f"line {line} is not UTF-8. Save the file as UTF-8."
    except tomllib.TOMLDecodeError as error:
        reason = f"this is not TOML: {error}."
    except (ValueError, RecursionError) as error:
        reason = f"this cannot be read as TOML ({error})."
    raise BadReadingList(str(path), reason)


def _joined(mistakes: list[str]) -> str:
    if len(mistakes) == 1:
        return mistakes[0]
    return "\n  ".join([f"{len(mistakes)} mistakes:", *mistakes])


def _mistake(detail: ErrorDetails, values: dict[str, Any]) -> str:
    """Say in which entry and field what is wrong: "papers[3] (1905.02249), title: …"."""
    table, *rest = detail["loc"]
    if not rest:
        return _field_mistake(detail, [str(table)], ReadingList)
    place, *field = rest
    entry = _entry_name(str(table), place, values)
    if not field:
        return f"{entry}: write its keys below [[{table}]]"
    return f"{entry}, {_field_mistake(detail, [str(part) for part in field], _TABLES[str(table)])}"


def _field_mistake(detail: ErrorDetails, field: list[str], model: type[_Table]) -> str:
    name = field[0]
    if detail["type"] == "extra_forbidden":
        known = [info.alias or key for key, info in model.model_fields.items()]
        near = get_close_matches(name, known, n=1)
        advice = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
        return f"{name}: unknown key '{name}'; {advice}"
    return f"{name}: {_reason(detail, name)}"


def _reason(detail: ErrorDetails, name: str) -> str:
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, BadSource):
        return cause.reason
    if isinstance(cause, ValueError):
        return str(cause)
    kind = detail["type"]
    if kind == "missing":
        return f"is missing; every entry needs {'an' if name == 'id' else 'a'} {name}"
    if kind == "tuple_type":
        return f"write [[{name}]]" if name in _TABLES else 'must be a list, as in ["one", "two"]'
    if kind.startswith("date"):
        return "must be a date, as in 2019-05-06"
    return "must be a text in quotes"


def _entry_name(table: str, place: int | str, values: dict[str, Any]) -> str:
    """Return which entry it is, counted from 1, with what names it."""
    place = int(place)
    entry = values[table][place]
    names = [entry.get(key) for key in ("id", "url", "file")] if isinstance(entry, dict) else []
    named = next((f" ({str(name)[:80]})" for name in names if name), "")
    return f"{table}[{place + 1}]{named}"


def _repetitions(values: dict[str, Any]) -> Iterator[str]:
    """Name every entry that says the same as one before it."""
    for table, key, identity in _IDENTITIES:
        entries = values.get(table)
        seen: dict[Hashable, int] = {}
        for place, entry in enumerate(entries if isinstance(entries, list) else []):
            if not isinstance(entry, dict) or not isinstance(value := entry.get(key), str):
                continue
            with suppress(BadSource):
                first = seen.setdefault(identity(value), place)
                if first != place:
                    name = _entry_name(table, place, values)
                    yield f"{name}, {key}: the same as {table}[{first + 1}]; take one out"


# A saved thread is known by its file name alone.
_IDENTITIES: tuple[tuple[str, str, Callable[[str], Hashable]], ...] = (
    ("papers", "id", lambda text: parse_arxiv_id(text).id),
    ("topics", "url", parse_topic_url),
    ("threads", "file", lambda text: thread_slug(Path(text))),
)

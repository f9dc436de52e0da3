"""Read a reading list: the TOML file of papers, topics, threads and corrections of a library."""

import tomllib
from collections.abc import Callable, Hashable, Iterator
from contextlib import suppress
from difflib import get_close_matches
from os.path import normpath
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ingest.arxiv.ids import parse_arxiv_id
from ingest.errors import BadSource
from ingest.files.list_entries import (
    BibliographyEntry,
    CategoryEntry,
    Line,
    LinkEntry,
    PaperEntry,
    Table,
    ThreadEntry,
    TopicEntry,
    post_key,
)
from ingest.files.saved_thread import thread_slug
from ingest.forum.refs import parse_listing_url, parse_topic_url

__all__ = [
    "BadReadingList",
    "BibliographyEntry",
    "CategoryEntry",
    "LinkEntry",
    "PaperEntry",
    "ReadingList",
    "ThreadEntry",
    "TopicEntry",
    "read_reading_list",
]

_NOTHING = (
    "nothing is listed: add [[papers]], [[topics]], [[categories]], [[threads]] or "
    "[[bibliographies]]"
)
_NO_TEXT = "must be a text in quotes"


class BadReadingList(BadSource):
    """A reading list has mistakes; the message names all of them, each with entry and field."""


class ReadingList(Table):
    """Everything that one reading list names; files are absolute paths."""

    title: Line = None
    papers: tuple[PaperEntry, ...] = ()
    topics: tuple[TopicEntry, ...] = ()
    categories: tuple[CategoryEntry, ...] = ()
    threads: tuple[ThreadEntry, ...] = ()
    bibliographies: tuple[BibliographyEntry, ...] = ()
    links: tuple[LinkEntry, ...] = ()


_TABLES: dict[str, type[Table]] = {
    "papers": PaperEntry,
    "topics": TopicEntry,
    "categories": CategoryEntry,
    "threads": ThreadEntry,
    "bibliographies": BibliographyEntry,
    "links": LinkEntry,
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
        mistakes.append(_NOTHING)
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
    if field:
        model = _TABLES[str(table)]
        return f"{entry}, {_field_mistake(detail, [str(part) for part in field], model)}"
    if detail["type"] == "value_error":
        return f"{entry}, id: {_reason(detail, 'id', PaperEntry)}"
    return f"{entry}: write its keys below [[{table}]]"


def _field_mistake(detail: ErrorDetails, field: list[str], model: type[Table]) -> str:
    name = field[0]
    if detail["type"] == "extra_forbidden":
        known = [info.alias or key for key, info in model.model_fields.items()]
        near = get_close_matches(name, known, n=1)
        advice = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
        return f"{name}: unknown key '{name}'; {advice}"
    return f"{name}: {_reason(detail, name, model)}"


def _reason(detail: ErrorDetails, name: str, model: type[Table]) -> str:
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, ValueError):
        return cause.reason if isinstance(cause, BadSource) else str(cause)
    kind = detail["type"]
    if kind == "missing":
        return "is missing; every entry needs " + (name if name == "papers" else f"a {name}")
    if kind == "tuple_type":
        is_table = model is ReadingList and name in _TABLES
        return f"write [[{name}]]" if is_table else 'must be a list, as in ["one", "two"]'
    if name == "year":
        return "must be a year without quotes, as in 2019"
    return "must be a date, as in 2019-05-06" if kind.startswith("date") else _NO_TEXT


def _entry_name(table: str, place: int | str, values: dict[str, Any]) -> str:
    """Return which entry it is, counted from 1, with what names it."""
    place = int(place)
    entry = values[table][place]
    keys = ("id", "url", "file", "post", "title", "doi")
    names = [entry.get(key) for key in keys] if isinstance(entry, dict) else []
    named = next((f" ({str(name)[:80]})" for name in names if name), "")
    return f"{table}[{place + 1}]{named}"


def _repetitions(values: dict[str, Any]) -> Iterator[str]:
    """Name every entry that says the same as one before it."""
    for table, key, identity in _IDENTITIES:
        entries = values.get(table)
        seen: dict[Hashable, int] = {}
        for place, entry in enumerate(entries if isinstance(entries, list) else []):
            if not isinstance(entry, dict) or not isinstance(entry.get(key), str):
                continue
            with suppress(BadSource, ValueError):
                first = seen.setdefault(identity(entry), place)
                if first != place:
                    name = _entry_name(table, place, values)
                    yield f"{name}, {key}: the same as {table}[{first + 1}]; take one out"


def _without_id(entry: dict[str, Any]) -> Hashable:
    if "id" in entry:
        raise ValueError("known by its id")
    return PaperEntry.model_validate(entry).id


# A saved thread is known by its file name alone.
_IDENTITIES: tuple[tuple[str, str, Callable[[dict[str, Any]], Hashable]], ...] = (
    ("papers", "id", lambda entry: parse_arxiv_id(entry["id"]).id),
    ("papers", "title", _without_id),
    ("topics", "url", lambda entry: parse_topic_url(entry["url"])),
    ("categories", "url", lambda entry: parse_listing_url(entry["url"])),
    ("threads", "file", lambda entry: thread_slug(Path(entry["file"]))),
    ("bibliographies", "file", lambda entry: normpath(entry["file"])),
    ("links", "post", lambda entry: post_key(entry["post"])),
)

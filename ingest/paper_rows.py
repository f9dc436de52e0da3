"""What the table of papers holds: a paper as a row, and whose word on it counts."""

import json
import sqlite3
from dataclasses import asdict, dataclass, fields, replace
from datetime import date

from ingest.paper import Paper, Version

_LISTS = ("authors", "categories", "names")
_DATES = ("published", "updated")
_COLUMNS = tuple(field.name for field in fields(Paper))
SELECT = (
    "select *, (select json_group_array(names) from (select names from names"
    " where child in ('arxiv:' || id, id) order by parent)) as names from papers"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Who told us of a paper: a source and how far its word goes against another's.

    The arXiv API (3) is believed over a metadata file (2), a file over a reading list (1).
    """

    source: str
    authority: int


def thing_of(paper_id: str) -> str:
    """Return the name under which sources follow a paper: "arxiv:1905.02249", "doi:10.1000/1"."""
    return paper_id if paper_id.startswith(("doi:", "work:")) else f"arxiv:{paper_id}"


def paper_of_thing(thing: str) -> str | None:
    """Return the id of the paper that is followed under this name; None if it is no paper."""
    kind, _, name = thing.partition(":")
    return {"arxiv": name, "doi": thing, "work": thing}.get(kind)


def paper_of(row: sqlite3.Row) -> Paper:
    """Return the paper of a row that `SELECT` gave."""
    given = {name: row[name] for name in _COLUMNS}
    given |= {name: tuple(json.loads(row[name])) for name in _LISTS}
    given["names"] = tuple(
        dict.fromkeys(name for names in given["names"] for name in json.loads(names))
    )
    given |= {name: _day(row[name]) for name in _DATES}
    given["versions"] = tuple(Version(n, _day(day)) for n, day in json.loads(row["versions"]))
    given["withdrawn"] = bool(row["withdrawn"])
    return Paper(**given)


def row_of(paper: Paper, origin: Origin) -> dict[str, object]:
    """Return what the table of papers keeps: all but the names, which are each source's own."""
    row = asdict(paper) | asdict(origin)
    row |= {name: json.dumps(row[name]) for name in _LISTS}
    row |= {name: row[name] and row[name].isoformat() for name in _DATES}
    versions = [(v.number, v.submitted and v.submitted.isoformat()) for v in paper.versions]
    row["versions"] = json.dumps(versions)
    del row["names"]
    return row


def merged(old: Paper, owner: Origin, new: Paper, origin: Origin) -> tuple[Paper, Origin]:
    """Return what is known of a paper, and by whom, once another source has spoken of it."""
    brings_first = old.abstract is None and new.abstract is not None
    changes = origin.source == owner.source or origin.authority > owner.authority or brings_first
    first, second = (new, old) if changes else (old, new)
    values = {name: getattr(first, name) or getattr(second, name) for name in _COLUMNS}
    values["names"] = old.names
    return replace(old, **values), origin if changes else owner


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

"""What the tables of papers hold: a paper as a row, and what each source claims of it."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date

from pydantic import TypeAdapter

from ingest.paper import Paper, Version

_LISTS = ("authors", "categories", "names")
_DATES = ("published", "updated")
_COLUMNS = tuple(field.name for field in fields(Paper))
_PAPER = TypeAdapter(Paper)

BY_ARXIV, BY_DATACITE, BY_FILE, BY_LIST, BY_NAME = 4, 3, 2, 1, 0


@dataclass(frozen=True, slots=True)
class Origin:
    """Who told us of a paper: a source and how far its word goes against another's.

    arXiv is believed over DataCite, DataCite over a metadata file, a file over a list.
    """

    source: str
    authority: int


ARXIV = Origin("arxiv", BY_ARXIV)
DATACITE = Origin("datacite", BY_DATACITE)
SNAPSHOT = Origin("snapshot", BY_FILE)
NAME = Origin("name", BY_NAME)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source says of a paper."""

    origin: Origin
    paper: Paper


def thing_of(paper_id: str) -> str:
    """Return the name under which sources follow a paper: "arxiv:1905.02249", "doi:10.1000/1"."""
    return paper_id if paper_id.startswith(("doi:", "work:")) else f"arxiv:{paper_id}"


def paper_of_thing(thing: str) -> str | None:
    """Return the id of the paper that is followed under this name; None if it is no paper."""
    kind, _, name = thing.partition(":")
    return {"arxiv": name, "doi": thing, "work": thing}.get(kind)


def paper_of(row: sqlite3.Row) -> Paper:
    """Return the paper of a row of the table of papers."""
    given = {name: row[name] for name in _COLUMNS}
    given |= {name: tuple(json.loads(row[name])) for name in _LISTS}
    given |= {name: _day(row[name]) for name in _DATES}
    given["versions"] = tuple(Version(n, _day(day)) for n, day in json.loads(row["versions"]))
    given["withdrawn"] = bool(row["withdrawn"])
    return Paper(**given)


def row_of(paper: Paper) -> dict[str, object]:
    """Return what the table of papers keeps of a paper."""
    row: dict[str, object] = {name: getattr(paper, name) for name in _COLUMNS}
    row |= {name: json.dumps(getattr(paper, name)) for name in _LISTS}
    row |= {name: _iso(getattr(paper, name)) for name in _DATES}
    row["versions"] = json.dumps([(v.number, _iso(v.submitted)) for v in paper.versions])
    return row


def claim_of(row: sqlite3.Row, known: Paper | None) -> Claim:
    """Return a claim of the table of claims; without facts it says just what is known."""
    origin = Origin(row["source"], row["authority"])
    if row["facts"] is None:
        return Claim(origin, known or Paper(row["paper"]))
    return Claim(origin, _PAPER.validate_json(row["facts"]))


def facts_of(paper: Paper, known: Paper) -> str | None:
    """Return what the table of claims keeps of a claim: nothing if it says just what is known."""
    return None if paper == known else _PAPER.dump_json(paper, exclude_defaults=True).decode()


def renewed(new: Paper, old: Paper) -> Paper:
    """Return what arXiv says of a paper now that it said otherwise before.

    Earlier versions stay as history. A form of its record that does not tell the version lacks
    other facts as well, and these stay too.
    """
    if new.version is None:
        return _joined(new, (new, old), withdrawn=new.withdrawn)
    return replace(new, versions=_history((new, old)))


def agreed(claims: Iterable[Claim]) -> Paper:
    """Return what is known of a paper by all claims: each fact from the best source that has it.

    The same claims give the same paper, in whatever order they came.
    """
    ranked = sorted(claims, key=_rank)
    papers = tuple(claim.paper for claim in ranked)
    withdrawn = next((paper for paper in papers if paper.abstract), papers[0]).withdrawn
    return _joined(papers[0], papers, withdrawn)


def _rank(claim: Claim) -> tuple[int, int, int, str]:
    """Return what sorts claims by belief: DataCite knows a newer version before arXiv is asked."""
    authority = claim.origin.authority
    version = claim.paper.version or 0 if authority >= BY_DATACITE else 0
    return -min(authority, BY_DATACITE), -version, -authority, claim.origin.source


def _joined(best: Paper, papers: tuple[Paper, ...], withdrawn: bool) -> Paper:
    values = {
        name: next((value for paper in papers if (value := getattr(paper, name))), None)
        for name in _COLUMNS
    }
    values |= {name: values[name] or () for name in ("authors", "categories")}
    values["names"] = tuple(dict.fromkeys(name for paper in papers for name in paper.names))
    values["versions"] = _history(papers)
    return Paper(**(values | {"id": best.id, "withdrawn": withdrawn}))  # type: ignore[arg-type]


def _history(papers: tuple[Paper, ...]) -> tuple[Version, ...]:
    """Return all versions that anybody told of, in order; the best source's word counts."""
    days = {v.number: v.submitted for paper in reversed(papers) for v in paper.versions}
    return tuple(Version(number, days[number]) for number in sorted(days))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

"""The filters that are measured, each with the same condition written anew in SQL."""

import sqlite3
from dataclasses import dataclass
from datetime import date

from benchmarks.exact import Among
from index import Filters, Store

_ONE_IN = 1000


@dataclass(frozen=True, slots=True)
class FilterCase:
    """A filter by its name, and which documents it must leave."""

    name: str
    filters: Filters
    among: Among


def filter_cases(store: Store) -> list[FilterCase]:
    """Return the filters that are measured on a library."""
    paper = _talked_about(store.connection)
    first, last = _rare_days(store.connection)
    return [
        FilterCase("none", Filters(), Among()),
        FilterCase("comments", Filters(kinds=("comment",)), Among("d.kind = 'comment'")),
        FilterCase("abstracts", Filters(kinds=("abstract",)), Among("d.kind = 'abstract'")),
        _days("one year", date(2018, 1, 1), date(2018, 12, 31)),
        _days("0.1 % by date", first, last),
        FilterCase(
            "one paper",
            Filters(arxiv_ids=(paper,)),
            Among("d.id in (select document_id from facets where value = ?)", (paper,)),
        ),
    ]


def passages_left(store: Store, case: FilterCase) -> int:
    """Return how many passages of the library a filter leaves."""
    found = store.connection.execute(
        "select count(*) from passages p join documents d on d.id = p.document_id"
        f" where {case.among.test}",
        case.among.values,
    )
    return int(found.fetchone()[0])


def _days(name: str, first: date, last: date) -> FilterCase:
    among = Among("d.date between ? and ?", (first.isoformat(), last.isoformat()))
    return FilterCase(name, Filters(date_from=first, date_to=last), among)


def _talked_about(connection: sqlite3.Connection) -> str:
    """Return a paper of which most documents speak."""
    found = connection.execute(
        "select value from facets where name = 'paper' group by value"
        " order by count(*) desc, value limit 1"
    ).fetchone()
    return str(found["value"]) if found else "none"


def _rare_days(connection: sqlite3.Connection) -> tuple[date, date]:
    """Return days in a row on which one dated document in a thousand falls, in their middle."""
    days = connection.execute(
        "select date, count(*) as documents from documents where date is not null"
        " group by date order by date"
    ).fetchall()
    total = sum(row["documents"] for row in days)
    dates, passed, taken = [], 0, 0
    for row in days:
        passed += row["documents"]
        if passed * 2 >= total and taken * _ONE_IN < total:
            taken += row["documents"]
            dates.append(date.fromisoformat(row["date"]))
    return (dates[0], dates[-1]) if dates else (date.min, date.min)

"""What does not fit within a library: rows of nothing, and documents with their passages."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from index import rows
from index.documents import Document
from index.encoding.embedding import is_unit
from index.rows import Stored

_AT_ONCE = 500

# What rows of each table are called that belong to nothing, and which these are.
STRAYS = {
    "facets": ("Facets of no document", "document_id not in (select id from documents)"),
    "passages": ("Passages of no document", "document_id not in (select id from documents)"),
    "next_documents": (
        "Documents of the next set that are gone",
        "document_id not in (select id from documents)",
    ),
    "next_passages": (
        "Passages of the next set that belong to no document",
        "document_id not in (select document_id from next_documents)",
    ),
    "removed_passages": ("Removed passages that are there", "id in (select id from passages)"),
}


@dataclass(slots=True)
class Unsound:
    """Documents with something wrong, as numbers and keys; each is in one list only.

    `altered` were changed by something else than an ingest, `unfit` have passages that are not
    theirs or lack them, the vectors of `bad_vectors` have another size, no unit length or no
    numbers. `waiting` are unfit until the next ingest stores them again; those that wait for that
    with passages of their own are sound.
    """

    altered: list[tuple[int, str]] = field(default_factory=list)
    unfit: list[tuple[int, str]] = field(default_factory=list)
    bad_vectors: list[tuple[int, str]] = field(default_factory=list)
    waiting: list[tuple[int, str]] = field(default_factory=list)


def strays(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many rows of each table belong to nothing; tables without such are left out."""
    counted = {
        table: int(connection.execute(f"select count(*) from {table} where {test}").fetchone()[0])
        for table, (_, test) in STRAYS.items()
    }
    return {table: count for table, count in counted.items() if count}


def unsound(connection: sqlite3.Connection) -> Unsound:
    """Read all documents with their passages and vectors, some at once; return what is wrong.

    All of it is as of one moment only within a transaction.
    """
    found = Unsound()
    dimension = connection.execute("select dimension from library").fetchone()[0] or 0
    for group in rows.stored(connection, _AT_ONCE):
        numbers = [each.number for each in group]
        fitting = _fitting(connection, numbers)
        bad = set(_with_bad_vectors(connection, numbers, dimension))
        for each in group:
            if (into := _listed(each, fitting.get(each.number), bad, found)) is not None:
                into.append((each.number, each.document.key))
    return found


def named(listed: Sequence[tuple[int, str]]) -> str:
    """Return the first of the keys, and how many more there are."""
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    return ", ".join(key for _, key in listed[:3]) + more


def _listed(
    each: Stored, passages: sqlite3.Row | None, bad: set[int], found: Unsound
) -> list[tuple[int, str]] | None:
    """Return the list that a document belongs on; None for one that is sound."""
    if each.number in bad:
        return found.bad_vectors
    unfit = found.unfit if each.fingerprint else found.waiting
    if not _fits(each.document, passages):
        return unfit
    if each.is_altered:
        return found.altered
    return unfit if passages and not _covers(each.document.text, passages) else None


def _fits(document: Document, passages: sqlite3.Row | None) -> bool:
    if passages is None:
        return not document.text.strip()
    vectors = passages["count"] if document.embedded else 0
    return bool(passages["last"] <= len(document.text) and passages["vectors"] == vectors)


def _covers(text: str, passages: sqlite3.Row) -> bool:
    """Tell whether no words stand before a document's first passage or after its last."""
    return not text[: passages["first"]].strip() and not text[passages["last"] :].strip()


def _fitting(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, sqlite3.Row]:
    """Return of each document how many passages and vectors it has, and from where to where."""
    found = rows.in_chunks(
        connection,
        "select document_id, count(*) as count, count(vector) as vectors, min(start) as first,"
        ' max("end") as last'
        " from passages where document_id in ({}) group by document_id",
        numbers,
    )
    return {row["document_id"]: row for row in found}


def _with_bad_vectors(
    connection: sqlite3.Connection, numbers: Sequence[int], dimension: int
) -> Iterator[int]:
    """Yield the documents that have a vector of another dimension or not of unit length."""
    for row in rows.in_chunks(
        connection,
        "select document_id, vector from passages where vector is not null and document_id in ({})",
        numbers,
    ):
        if len(row["vector"]) != 4 * dimension or not is_unit(
            np.frombuffer(row["vector"], np.float32)
        ):
            yield row["document_id"]

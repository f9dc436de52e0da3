"""Documents and filters in the database's terms: rows, facets, fingerprints and conditions."""

import hashlib
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from index.documents import Document, Filters, Passage

# Part of every fingerprint: raise it when the same document must be stored differently. Passages
# stay where texts do: splitting differently takes a migration that empties the fingerprints.
_FORMAT = 1

COLUMNS = (
    "key, kind, title, text, url, date, topic_id, post_number, version, likes, context, words,"
    " embedded, revision"
)
# What a passage is found by in words: it, and what stands around it in its document `d`.
_AROUND = 2000
WORDS_OF = (
    f"d.title, d.words, substr(d.text, max(p.start - {_AROUND}, 0) + 1,"
    f' p."end" + {_AROUND} - max(p.start - {_AROUND}, 0))'
)
_FACETS = {"author": "authors", "category": "categories", "paper": "papers"}


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as the database has it, with its number and the fingerprint it was stored with."""

    number: int
    document: Document
    fingerprint: bytes

    @property
    def is_altered(self) -> bool:
        """Tell whether something else than an ingest has changed it; False for a marked one."""
        return self.fingerprint not in (b"", fingerprint(self.document))


def fold(value: str) -> str:
    """Return the value in lower case without accents, words parted by single blanks."""
    plain = unicodedata.normalize("NFKD", value.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


def fingerprint(document: Document) -> bytes:
    """Return what stays the same exactly as long as the document does, its revision left out."""
    values = [getattr(document, field.name) for field in fields(document)]
    named = repr((_FORMAT, *values[:-1]))
    return hashlib.blake2b(named.encode("utf-8", "backslashreplace"), digest_size=16).digest()


def values(document: Document) -> dict[str, object]:
    """Return the document's columns, fingerprint included."""
    names = [name.strip() for name in COLUMNS.split(",")]
    row = {name: getattr(document, name) for name in names}
    row["date"] = document.date.isoformat() if document.date else None
    return row | {"fingerprint": fingerprint(document)}


def facets(document: Document) -> list[tuple[str, int, str, str]]:
    """Return (name, position, value, folded value) of each value the document is filtered by."""
    return [
        (name, position, value, value if name == "paper" else fold(value))
        for name, field in _FACETS.items()
        for position, value in enumerate(getattr(document, field))
    ]


def documents(connection: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> dict[int, Document]:
    """Return the documents of rows that hold `id` and all columns, by their ids, in order."""
    found = {row["id"]: _document(row) for row in rows}
    many: dict[int, dict[str, list[str]]] = {}
    for facet in in_chunks(
        connection,
        "select document_id, name, value from facets where document_id in ({})"
        " order by document_id, name, position",
        found,
    ):
        lists = many.setdefault(facet["document_id"], {})
        lists.setdefault(_FACETS[facet["name"]], []).append(facet["value"])
    for number, lists in many.items():
        given = {field: tuple(value) for field, value in lists.items()}
        found[number] = replace(found[number], **given)  # type: ignore[arg-type]
    return found


def stored(connection: sqlite3.Connection, at_once: int) -> Iterator[list[Stored]]:
    """Yield all documents in the order of their numbers, so many at once."""
    last = 0
    statement = (
        f"select d.id, d.fingerprint, {COLUMNS} from documents d where d.id > ?"
        " order by d.id limit ?"
    )
    while found := connection.execute(statement, (last, at_once)).fetchall():
        last = found[-1]["id"]
        known = documents(connection, found)
        yield [Stored(row["id"], known[row["id"]], row["fingerprint"]) for row in found]


def _document(row: sqlite3.Row) -> Document:
    given = {name: row[name] for name in (n.strip() for n in COLUMNS.split(","))}
    given["date"] = date.fromisoformat(row["date"]) if row["date"] else None
    given["embedded"] = bool(row["embedded"])
    return Document(**given)


def passage(row: sqlite3.Row, document: Document) -> Passage:
    """Return the passage of a row that holds `id`, `start` and `end`."""
    return Passage(row["id"], document, row["start"], row["end"])


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many documents of each kind, passages and vectors there are.

    Vectors are counted by their digests, which have an index: passages are long with vectors.
    """
    found = connection.execute(
        "select kind, count(*) from documents group by kind"
        " union all select 'passages', count(*) from passages"
        " union all select 'vectors', count(*) from passages where digest is not null"
    )
    return {row[0]: row[1] for row in found}


def in_chunks(
    connection: sqlite3.Connection, statement: str, keys: Iterable[object], size: int = 500
) -> Iterable[sqlite3.Row]:
    """Yield the rows of a statement whose `{}` is filled with placeholders for the keys."""
    given = list(keys)
    for at in range(0, len(given), size):
        chunk = given[at : at + size]
        yield from connection.execute(statement.format(",".join("?" * len(chunk))), chunk)


def condition(filters: Filters) -> tuple[str, list[object]]:
    """Return a condition on `documents d` with its values; "1" when nothing is limited."""
    tests = [test for test in _tests(filters) if test[1]]
    return " and ".join(test for test, _ in tests) or "1", [v for _, given in tests for v in given]


def _tests(filters: Filters) -> Iterator[tuple[str, list[object]]]:
    """Yield each field's test and its values, which are none when the field is empty."""
    categories = [fold(category) for category in filters.categories]
    authors = [f" {fold(author)} " for author in filters.authors]
    named = " or ".join(["instr(' ' || folded || ' ', ?)"] * len(authors))
    yield f"d.kind in ({_marks(filters.kinds)})", list(filters.kinds)
    yield f"d.topic_id in ({_marks(filters.topic_ids)})", list(filters.topic_ids)
    yield _with_facet("paper", f"folded in ({_marks(filters.arxiv_ids)})"), list(filters.arxiv_ids)
    yield _with_facet("category", f"folded in ({_marks(categories)})"), list(categories)
    yield _with_facet("author", f"({named})"), list(authors)
    yield "d.date >= ?", [day.isoformat() for day in (filters.date_from,) if day]
    yield "d.date <= ?", [day.isoformat() for day in (filters.date_to,) if day]


def _with_facet(name: str, test: str) -> str:
    return f"d.id in (select document_id from facets where name = '{name}' and {test})"


def _marks(given: Sequence[object]) -> str:
    return ",".join("?" * len(given))

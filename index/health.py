"""Whether a library is sound, and what to do where it is not."""

import sqlite3
from dataclasses import dataclass

from index.database import transaction
from index.documents import Filters
from index.rows import fingerprint
from index.store import Store


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a library, and what cures it."""

    what: str
    cure: str


def problems(store: Store) -> list[Problem]:
    """Check database, word index and documents against each other; return what is wrong."""
    try:
        checked = [row[0] for row in store.connection.execute("pragma integrity_check")]
    except sqlite3.DatabaseError as error:
        checked = [str(error)]
    found = [
        Problem(f"The database is damaged: {what}.", "Restore a backup of the data folder.")
        for what in checked
        if what != "ok"
    ]
    try:
        store.connection.execute(
            "insert into word_index (word_index, rank) values ('integrity-check', 1)"
        )
    except sqlite3.DatabaseError as error:
        what = f"The word index does not fit the documents ({error})."
        found.append(Problem(what, "Run 'journalclub doctor --repair'."))
    return found or _altered(store)


def _altered(store: Store) -> list[Problem]:
    """Return what is wrong with documents that something else than an ingest has changed."""
    known = dict(store.connection.execute("select key, fingerprint from documents").fetchall())
    altered = [
        document.key
        for document in store.documents(Filters())
        if known.get(document.key) not in (b"", fingerprint(document))
    ]
    if not altered:
        return []
    more = f" and {len(altered) - 3} more" if len(altered) > 3 else ""
    what = f"Documents are not as they were stored: {', '.join(altered[:3])}{more}."
    return [Problem(what, "Run 'journalclub ingest --re-embed'.")]


def rebuild_words(store: Store) -> None:
    """Make the word index anew from the documents, in one transaction."""
    with transaction(store.connection):
        store.connection.execute("insert into word_index (word_index) values ('rebuild')")

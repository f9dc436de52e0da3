"""Whether a library is sound, and what to do where it is not."""

import sqlite3
from dataclasses import dataclass

from index.database import transaction
from index.documents import Filters
from index.rows import fingerprint
from index.store import Store

_NO_WRITING = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY)


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
    return [*found, *_unfit_words(store)] or _altered(store)


def _unfit_words(store: Store) -> list[Problem]:
    """Return what is wrong with the word index, which SQLite checks only where it may write."""
    try:
        store.connection.execute(
            "insert into word_index (word_index, rank) values ('integrity-check', 1)"
        )
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in _NO_WRITING:
            what = f"The word index cannot be checked ({error})."
            cure = "Let other programs finish, check that you may write to the folder, try again."
            return [Problem(what, cure)]
        what = f"The word index does not fit the documents ({error})."
        return [Problem(what, "Run 'journalclub doctor --repair'.")]
    return []


def _altered(store: Store) -> list[Problem]:
    """Return what is wrong with documents that something else than an ingest has changed."""
    store.connection.execute("begin")  # an ingest may be writing: read all of one moment
    try:
        known = dict(store.connection.execute("select key, fingerprint from documents").fetchall())
        documents = store.documents(Filters())
    finally:
        store.connection.execute("commit")
    altered = [d.key for d in documents if known.get(d.key) not in (b"", fingerprint(d))]
    if not altered:
        return []
    more = f" and {len(altered) - 3} more" if len(altered) > 3 else ""
    what = f"Documents are not as they were stored: {', '.join(altered[:3])}{more}."
    return [Problem(what, "Run 'journalclub ingest --re-embed'.")]


def rebuild_words(store: Store) -> None:
    """Make the word index anew from the documents, in one transaction."""
    with transaction(store.connection):
        store.connection.execute("insert into word_index (word_index) values ('rebuild')")

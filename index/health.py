"""Whether a library is sound, and what to do where it is not."""

import sqlite3
from dataclasses import dataclass

from index.inspection import STRAYS, named, strays, unsound
from index.store import Store

_NO_WRITING = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY)
_REPAIR = "Run 'journalclub doctor --repair'."
_REPAIR_AND_INGEST = "Run 'journalclub doctor --repair', then 'journalclub ingest'."


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a library, and what cures it."""

    what: str
    cure: str


def problems(store: Store) -> list[Problem]:
    """Check database, word index, documents and vectors against each other; return what is wrong.

    Documents are looked at where the database and its word index are sound.
    """
    damaged = [_damage(what) for what in damage(store.connection)]
    return [*damaged, *_unfit_words(store)] or _misfits(store)


def damage(connection: sqlite3.Connection) -> list[str]:
    """Return what SQLite finds wrong with its file, the word index left out."""
    try:
        checked = [str(row[0]) for row in connection.execute("pragma integrity_check")]
    except sqlite3.DatabaseError as error:
        checked = [str(error)]
    return [what for what in checked if what != "ok" and "FTS5" not in what]


def is_of_an_index(what: str) -> bool:
    """Tell whether SQLite says this of an index, which can be made anew from its table."""
    return " index " in what and "page" not in what.casefold()


def _damage(what: str) -> Problem:
    cure = _REPAIR if is_of_an_index(what) else "Restore a backup of the data folder."
    return Problem(f"The database is damaged: {what}.", cure)


def _unfit_words(store: Store) -> list[Problem]:
    """Return what is wrong with the word index, which SQLite checks only where it may write."""
    try:
        check_words(store.connection)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in _NO_WRITING:
            what = f"The word index cannot be checked ({error})."
            cure = "Let other programs finish, check that you may write to the folder, try again."
            return [Problem(what, cure)]
        return [Problem(f"The word index does not fit the documents ({error}).", _REPAIR)]
    return []


def check_words(connection: sqlite3.Connection) -> None:
    """Raise `sqlite3.DatabaseError` unless the word index holds the words of all passages."""
    connection.execute("insert into word_index (word_index, rank) values ('integrity-check', 1)")


def _misfits(store: Store) -> list[Problem]:
    """Return what is wrong with the rows of a database that is sound as such."""
    store.connection.execute("begin")  # an ingest may be writing: read all of one moment
    try:
        stray, found = strays(store.connection), unsound(store.connection)
    finally:
        store.connection.execute("commit")
    misfits = [Problem(f"{STRAYS[table][0]}: {n}.", _REPAIR) for table, n in stray.items()]
    for what, listed, cure in (
        ("Documents are not as they were stored", found.altered, _REPAIR_AND_INGEST),
        ("Documents and their passages do not fit", found.unfit, _REPAIR_AND_INGEST),
        ("Documents have vectors of a wrong length", found.bad_vectors, _REPAIR_AND_INGEST),
        ("Documents wait to be stored again", found.marked, "Run 'journalclub ingest'."),
    ):
        if listed:
            misfits.append(Problem(f"{what}: {named(listed)}.", cure))
    return misfits

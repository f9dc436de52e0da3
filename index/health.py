"""Whether a library is sound, and what to do where it is not."""

import sqlite3
from dataclasses import dataclass

from index.errors import is_in_the_way
from index.inspection import STRAYS, named, strays, unsound
from index.store import DERIVED, Store
from index.words import postings_file
from index.words.word_index import WordIndex

_REPAIR = "Run 'journalclub doctor --repair'."
_REPAIR_AND_INGEST = "Run 'journalclub doctor --repair', then 'journalclub ingest'."
_WAITING = "Documents do not fit their passages until they are stored again"
_BAD_VECTORS = "Documents have vectors of a wrong size, not of unit length or not of numbers"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a library, and what cures it."""

    what: str
    cure: str


def problems(store: Store) -> list[Problem]:
    """Check database, documents, vectors and saved words against each other; say what is wrong.

    Documents are looked at where the database is sound, and words where the documents are.
    """
    damaged = [_damage(what) for what in damage(store.connection)]
    return damaged or [*_in_the_way(store), *(_misfits(store) or _unfit_words(store))]


def damage(connection: sqlite3.Connection) -> list[str]:
    """Return what SQLite finds wrong with its file."""
    try:
        checked = [str(row[0]) for row in connection.execute("pragma integrity_check")]
    except sqlite3.DatabaseError as error:
        checked = [str(error)]
    return [what for what in checked if what != "ok"]


def is_of_an_index(what: str) -> bool:
    """Tell whether SQLite says this of an index, which can be made anew from its table."""
    return " index " in what and "page" not in what.casefold()


def _damage(what: str) -> Problem:
    cure = _REPAIR if is_of_an_index(what) else "Restore a backup of the data folder."
    return Problem(f"The database is damaged: {what}.", cure)


def has_unfit_words(store: Store) -> bool:
    """Tell whether the words that are saved differ from those of the documents.

    What is not saved is made of the documents at each opening, and fits.
    """
    folder = store.folder / DERIVED
    if postings_file.is_damaged(folder):
        return True
    if postings_file.read(folder) is None:
        return False
    saved, anew = WordIndex(folder), WordIndex(None)
    saved.follow(store.connection)
    anew.follow(store.connection)
    return anew.generation == saved.generation and not anew.equals(saved)


def _in_the_way(store: Store) -> list[Problem]:
    folder = store.folder / DERIVED
    if not is_in_the_way(folder):
        return []
    what = f"A file stands where the folder of saved indexes should be: {folder}."
    return [Problem(what, "Move it away.")]


def _unfit_words(store: Store) -> list[Problem]:
    if not has_unfit_words(store):
        return []
    return [Problem("The word index that is saved does not fit the documents.", _REPAIR)]


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
        (_BAD_VECTORS, found.bad_vectors, _REPAIR_AND_INGEST),
        (_WAITING, found.waiting, "Run 'journalclub ingest'."),
    ):
        if listed:
            misfits.append(Problem(f"{what}: {named(listed)}.", cure))
    return misfits

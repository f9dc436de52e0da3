"""Make anew what is derived in a library; have altered documents stored again."""

import sqlite3
from collections.abc import Iterator

from index import writing
from index.database import transaction
from index.health import check_words, damage, is_of_an_index
from index.inspection import STRAYS, named, strays, unsound
from index.store import Store


def repair(store: Store) -> list[str]:
    """Mend all that can be, in one transaction; return in words what was mended.

    Indexes, words and bookkeeping are made anew. Documents that are not as they were stored are
    marked, so that the next ingest stores them again (`Store.forgotten`); passages that are not of
    the text or have bad vectors go until then. Raises `sqlite3.DatabaseError` where the file itself
    is damaged. The caller holds the writer's lock.
    """
    with transaction(store.connection):
        return list(_mended(store.connection))


def _mended(connection: sqlite3.Connection) -> Iterator[str]:
    if any(map(is_of_an_index, damage(connection))):
        connection.execute("reindex")
        yield "The database's indexes were made anew."
    unfit = _has_unfit_words(connection)
    yield from _without_strays(connection)
    yield from _marked(connection)
    connection.execute("insert into word_index (word_index) values ('rebuild')")
    if unfit:
        yield "The word index was made anew."


def _without_strays(connection: sqlite3.Connection) -> Iterator[str]:
    for table, count in strays(connection).items():
        what, test = STRAYS[table]
        if table == "passages":
            writing.forget(connection, test, writing.next_generation(connection))
        else:
            connection.execute(f"delete from {table} where {test}")
        yield f"{what} were removed: {count}."


def _marked(connection: sqlite3.Connection) -> Iterator[str]:
    """Mark the documents that are to be stored again, and drop the passages that do not fit."""
    found = unsound(connection)
    if dropped := [*found.unfit, *found.bad_vectors]:
        generation = writing.next_generation(connection)
        for _, key in dropped:
            writing.drop_passages(connection, key, generation)
        yield f"Passages that did not fit were removed, those of {named(dropped)}."
    if changed := [*dropped, *found.altered]:
        writing.mark(connection, [number for number, _ in changed])
        yield f"The next 'journalclub ingest' stores again: {named(changed)}."


def _has_unfit_words(connection: sqlite3.Connection) -> bool:
    try:
        check_words(connection)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        return True
    return False

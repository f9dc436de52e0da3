"""Make anew what is derived in a library; have altered documents stored again."""

import sqlite3
from collections.abc import Iterator

from index import writing
from index.database import transaction
from index.errors import LibraryUnusable
from index.generations import next_generation
from index.health import damage, has_unfit_words, is_of_an_index
from index.inspection import STRAYS, named, strays, unsound
from index.store import DERIVED, Store
from index.words.word_index import WordIndex

# Passages that something else took away: derived indexes may still have them.
_LOST = """
with recursive numbers (id) as (
  select 1 union all select id + 1 from numbers
  where id < (select seq from sqlite_sequence where name = 'passages')
)
insert into removed_passages select id, ? from numbers
where id not in (select id from passages) and id not in (select id from removed_passages)
"""


def repair(store: Store) -> list[str]:
    """Mend all that can be; return in words what was mended.

    Indexes, words and bookkeeping are made anew, those of the database in one transaction.
    Documents that are not as they were stored are marked, so that the next ingest stores them again
    (`Store.forgotten`); passages that are not of the text or have bad vectors go until then. Raises
    `sqlite3.DatabaseError` where the file itself is damaged, and `LibraryUnusable` where the folder
    cannot be written. The caller holds the writer's lock.
    """
    with transaction(store.connection):
        mended = list(_mended(store.connection))
    return [*mended, *_words_made_anew(store)]


def _words_made_anew(store: Store) -> Iterator[str]:
    if has_unfit_words(store):
        anew = WordIndex(None)
        anew.follow(store.connection)
        try:
            anew.save(store.folder / DERIVED, store.connection)
        except OSError as error:
            raise LibraryUnusable.because_of(error, store.folder) from error
        yield "The word index was made anew."


def _mended(connection: sqlite3.Connection) -> Iterator[str]:
    if any(map(is_of_an_index, damage(connection))):
        connection.execute("reindex")
        yield "The database's indexes were made anew."
    yield from _without_strays(connection)
    yield from _marked(connection)


def _without_strays(connection: sqlite3.Connection) -> Iterator[str]:
    for table, count in strays(connection).items():
        what, test = STRAYS[table]
        if table == "passages":
            writing.forget(connection, test, next_generation(connection))
        else:
            connection.execute(f"delete from {table} where {test}")
        yield f"{what} were removed: {count}."


def _marked(connection: sqlite3.Connection) -> Iterator[str]:
    """Mark the documents that are to be stored again, and drop the passages that do not fit."""
    found = unsound(connection)
    if dropped := [*found.unfit, *found.bad_vectors]:
        generation = next_generation(connection)
        for _, key in dropped:
            writing.drop_passages(connection, key, generation)
        connection.execute(_LOST, (generation,))
        yield f"Passages that did not fit were removed, those of {named(dropped)}."
    if changed := [*dropped, *found.altered]:
        writing.mark(connection, [number for number, _ in changed])
        yield f"The next 'journalclub ingest' stores again: {named(changed)}."

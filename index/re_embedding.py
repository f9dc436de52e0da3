"""Embed a library again beside what is searched, and put the new set in its place at once."""

import sqlite3
from collections.abc import Callable, Sequence

from index import next_set, rows, writing
from index.database import transaction
from index.documents import Document
from index.encoding.embedding import Embedder, Vectors
from index.entries import make_entries
from index.generations import next_generation
from index.rows import Stored
from index.store import Store

# Documents embedded together, each such group in a transaction of its own.
_AT_ONCE = 256


def re_embed(store: Store, embedder: Embedder, watch: Callable[[int, int], None]) -> int:
    """Embed all documents anew, then switch to this model; return how many vectors were made.

    Reads no source, only what is stored. Until the switch, which is one transaction, everything is
    answered from the old passages. Stopped at any moment, the same call goes on where it was: at
    most one group is embedded twice, and what an ingest has changed in between is made again. A
    set begun for another model is dropped. `watch` is told how many documents of how many are done.

    Documents that something else than an ingest has altered count as changed afterwards
    (`Store.forgotten`), so that the next run stores them again as their sources have them. The
    caller holds the writer's lock.
    """
    made, connection = 0, store.connection
    with transaction(connection):
        next_set.begin(connection, embedder.identity)
    while True:
        generation = store.generation()
        made += _make_missing(store, embedder, watch)
        with transaction(connection):
            if store.generation() == generation:
                next_set.take_over(connection, next_generation(connection))
                return made


def _make_missing(store: Store, embedder: Embedder, watch: Callable[[int, int], None]) -> int:
    """Make the passages of every document that the set lacks or has of an earlier text."""
    connection, made, done = store.connection, 0, 0
    total = int(connection.execute("select count(*) from documents").fetchone()[0])
    watch(0, total)
    for group in rows.stored(connection, _AT_ONCE):
        made += _make(connection, _stale(connection, group), embedder)
        writing.mark(connection, [each.number for each in group if each.is_altered])
        done += len(group)
        watch(min(done, total), total)
    return made


def _make(connection: sqlite3.Connection, stale: dict[int, Document], embedder: Embedder) -> int:
    """Put these documents into the set, in one transaction; return how many vectors were made."""

    def known(digests: Sequence[bytes]) -> dict[bytes, Vectors]:
        return next_set.known_vectors(connection, digests)

    if not stale:
        return 0
    entries, made = make_entries(list(stale.values()), embedder, known)
    with transaction(connection):
        for number, entry in zip(stale, entries, strict=True):
            next_set.write(connection, number, entry)
    return made


def _stale(connection: sqlite3.Connection, group: Sequence[Stored]) -> dict[int, Document]:
    """Return those of the documents whose passages the set lacks, or has of another text."""
    known = {
        row["document_id"]: row["made_of"]
        for row in rows.in_chunks(
            connection,
            "select document_id, made_of from next_documents where document_id in ({})",
            [each.number for each in group],
        )
    }
    return {
        each.number: each.document
        for each in group
        if known.get(each.number) != next_set.made_of(each.document)
    }

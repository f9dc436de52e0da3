"""Changes of a library inside one transaction: a document with its passages and vectors."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from index import rows
from index.documents import Document
from index.encoding.embedding import ModelIdentity
from index.entries import Entry

_PASSAGES_OF_KEY = (
    "select p.id from passages p join documents d on d.id = p.document_id where d.key = ?"
)


def mark(connection: sqlite3.Connection, documents: Sequence[int]) -> None:
    """Have documents count as changed, whatever they are like, until they are stored again."""
    connection.executemany(
        "update documents set fingerprint = x'' where id = ?", [(number,) for number in documents]
    )


def write_model(connection: sqlite3.Connection, identity: ModelIdentity) -> None:
    """Remember the model of the library's vectors."""
    connection.execute(
        "update library set model = ?, model_revision = ?, dimension = ?",
        (identity.name, identity.revision, identity.dimension),
    )


def unchanged_texts(connection: sqlite3.Connection, documents: Sequence[Document]) -> set[str]:
    """Return the keys of documents that are stored with this text, context and way of embedding."""
    stored = {
        row["key"]: (row["text"], row["context"], bool(row["embedded"]))
        for row in rows.in_chunks(
            connection,
            "select key, text, context, embedded from documents"
            " where fingerprint != x'' and key in ({})",
            [document.key for document in documents],
        )
    }
    return {d.key for d in documents if stored.get(d.key) == (d.text, d.context, d.embedded)}


def write(
    connection: sqlite3.Connection,
    document: Document,
    generation: int,
    entry: Entry | None = None,
) -> None:
    """Store the document; without an entry it keeps the passages and vectors it has."""
    if entry is not None:
        drop_passages(connection, document.key, generation)
    else:
        _note_words(connection, document, generation)
    number = _write_document(connection, document)
    _write_facets(connection, number, document)
    if entry is not None:
        _write_passages(connection, number, entry, generation)


def remove(connection: sqlite3.Connection, key: str, generation: int) -> int:
    """Remove a document with all it had; return 1, or 0 when there was none."""
    drop_passages(connection, key, generation)
    connection.execute(
        "insert or replace into removed_documents"
        " select key, revision from documents where key = ?",
        (key,),
    )
    connection.execute("delete from revisions where key = ?", (key,))
    return connection.execute("delete from documents where key = ?", (key,)).rowcount


def drop_passages(connection: sqlite3.Connection, key: str, generation: int) -> None:
    """Remove a document's passages and vectors."""
    forget(connection, f"id in ({_PASSAGES_OF_KEY})", generation, key)


def forget(connection: sqlite3.Connection, test: str, generation: int, *given: object) -> None:
    """Remove the passages that pass a test, so that the derived indexes notice it."""
    connection.execute(
        f"insert or replace into removed_passages select id, ? from passages where {test}",
        (generation, *given),
    )
    connection.execute(f"delete from passages where {test}", given)


def _note_words(connection: sqlite3.Connection, new: Document, generation: int) -> None:
    """Have the word index notice that a document is found by other words than before."""
    connection.execute(
        "insert or replace into changed_words select id, ? from documents"
        " where key = ? and (title, words) != (?, ?)",
        (generation, new.key, new.title, new.words),
    )


def _write_document(connection: sqlite3.Connection, document: Document) -> int:
    row = rows.values(replace(document, revision=_revision(connection, document)))
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    news = ", ".join(f"{name} = excluded.{name}" for name in row)
    written = connection.execute(
        f"insert into documents ({names}) values ({marks})"
        f" on conflict (key) do update set {news} returning id",
        row,
    )
    return int(written.fetchone()[0])


def _revision(connection: sqlite3.Connection, new: Document) -> int:
    """Return the document's revision, having kept the earlier text if there was another."""
    old = connection.execute(
        "select revision, title, text from documents where key = ?", (new.key,)
    ).fetchone()
    if old is None:
        return _last_revision(connection, new.key) + 1
    if old["text"] == new.text:
        return int(old["revision"])
    connection.execute(
        "insert into revisions (key, revision, title, text) values (?, ?, ?, ?)",
        (new.key, old["revision"], old["title"], old["text"]),
    )
    return int(old["revision"]) + 1


def _last_revision(connection: sqlite3.Connection, key: str) -> int:
    """Return the revision that a removed document had, 0 where there was none."""
    found = connection.execute("select revision from removed_documents where key = ?", (key,))
    return next((int(row["revision"]) for row in found), 0)


def _write_facets(connection: sqlite3.Connection, number: int, document: Document) -> None:
    connection.execute("delete from facets where document_id = ?", (number,))
    connection.executemany(
        "insert into facets values (?, ?, ?, ?, ?)",
        [(number, *facet) for facet in rows.facets(document)],
    )


def _write_passages(
    connection: sqlite3.Connection, number: int, entry: Entry, generation: int
) -> None:
    connection.executemany(
        'insert into passages (document_id, start, "end", digest, vector, generation)'
        " values (?, ?, ?, ?, ?, ?)",
        [(number, *row, generation) for row in entry.passages()],
    )

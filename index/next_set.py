"""The set of passages that is made beside the one that is searched: its tables, and their SQL."""

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index import rows, writing
from index.documents import Document
from index.encoding.embedding import ModelIdentity, Vectors
from index.entries import Entry


@dataclass(frozen=True, slots=True)
class HalfMade:
    """A re-embedding that was begun: of `total` documents, `done` are embedded with the model."""

    model: ModelIdentity
    done: int
    total: int


def half_made(connection: sqlite3.Connection) -> HalfMade | None:
    """Return how far a re-embedding is that waits to be continued; None when there is none."""
    model = _model(connection)
    if model is None:
        return None
    counts = "select (select count(*) from next_documents), (select count(*) from documents)"
    return HalfMade(model, *connection.execute(counts).fetchone())


def begin(connection: sqlite3.Connection, identity: ModelIdentity) -> None:
    """Begin a set for this model, or go on with the one that is there; another model's is dropped.

    Belongs in a transaction.
    """
    if _model(connection) == identity:
        return
    drop(connection)
    connection.execute(
        "insert into next_set values (1, ?, ?, ?)",
        (identity.name, identity.revision, identity.dimension),
    )


def drop(connection: sqlite3.Connection) -> None:
    """Forget the set. Belongs in a transaction."""
    for table in ("next_passages", "next_documents", "next_set"):
        connection.execute(f"delete from {table}")


def made_of(document: Document) -> bytes:
    """Return what stays the same exactly as long as a document's pieces and vectors do."""
    named = repr((document.text, document.context, document.embedded))
    return hashlib.blake2b(named.encode("utf-8", "backslashreplace"), digest_size=16).digest()


def write(connection: sqlite3.Connection, number: int, entry: Entry) -> None:
    """Put a document's passages into the set, in the place of those it had there."""
    connection.execute("delete from next_documents where document_id = ?", (number,))
    connection.execute(
        "insert into next_documents values (?, ?)", (number, made_of(entry.document))
    )
    connection.executemany(
        'insert into next_passages (document_id, start, "end", digest, vector)'
        " values (?, ?, ?, ?, ?)",
        [(number, *row) for row in entry.passages()],
    )


def known_vectors(connection: sqlite3.Connection, digests: Sequence[bytes]) -> dict[bytes, Vectors]:
    """Return the vectors that the set has for these digests."""
    found = rows.in_chunks(
        connection, "select digest, vector from next_passages where digest in ({})", digests
    )
    return {row["digest"]: np.frombuffer(row["vector"], np.float32) for row in found}


def take_over(connection: sqlite3.Connection, generation: int) -> None:
    """Put the set in the place of the one that is searched, with its model.

    Belongs in the transaction that makes this generation.
    """
    writing.forget(connection, "true", generation)
    connection.execute(
        'insert into passages (document_id, start, "end", digest, vector, generation)'
        ' select document_id, start, "end", digest, vector, ? from next_passages'
        " order by document_id, start",
        (generation,),
    )
    connection.execute(
        "update library set (model, model_revision, dimension) ="
        " (select model, model_revision, dimension from next_set)"
    )
    drop(connection)


def _model(connection: sqlite3.Connection) -> ModelIdentity | None:
    row = connection.execute("select model, model_revision, dimension from next_set").fetchone()
    return ModelIdentity(*row) if row else None

"""What happened to a library's vectors since a generation, read without holding them twice."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index import rows
from index.encoding.embedding import ModelIdentity, Vectors
from index.errors import WrongModel
from index.generations import moment_of
from index.vectors.exact import Block, Ids

# Vectors that are read together.
_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a library's passages up to a generation with this stamp.

    Row i of the vectors is of the passage `added[i]`.
    """

    until: int
    stamp: bytes
    removed: Ids
    added: Ids
    vectors: Vectors


@contextmanager
def one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """Have everything that is read inside be of the same moment."""
    connection.execute("begin")
    try:
        yield
    finally:
        connection.execute("commit")


def model_of(connection: sqlite3.Connection) -> ModelIdentity | None:
    """Return the model of the library's vectors; None before the first one."""
    row = connection.execute(
        "select model, model_revision, dimension from library where model is not null"
    ).fetchone()
    return ModelIdentity(*row) if row else None


def check_dimension(connection: sqlite3.Connection, dimension: int) -> None:
    """Raise `WrongModel` unless the library's vectors, if any, have so many dimensions."""
    found = connection.execute("select model, dimension from library").fetchone()
    if found["dimension"] not in (None, dimension):
        model = f"{found['model']} ({found['dimension']} dimensions)"
        raise WrongModel(model, f"a model of {dimension} dimensions")


def read_change(since: int, connection: sqlite3.Connection, dimension: int) -> Change:
    """Read what changed since a generation. Belongs in `one_moment`; raises `WrongModel`."""
    check_dimension(connection, dimension)
    until, stamp = moment_of(connection)
    most = connection.execute(
        "select count(*) from passages where generation > ?", (since,)
    ).fetchone()[0]
    # Where passages have no vector the ends stay untouched, and so take no memory.
    ids, vectors = np.empty(most, np.int64), np.empty((most, dimension), np.float32)
    at = 0
    for block in vectors_since(since, connection, dimension):
        ids[at : at + len(block)], vectors[at : at + len(block)] = block.ids, block.vectors
        at += len(block)
    return Change(until, stamp, removed_since(since, connection), ids[:at], vectors[:at])


def removed_since(since: int, connection: sqlite3.Connection) -> Ids:
    """Return the passages that were removed since a generation."""
    found = connection.execute("select id from removed_passages where generation > ?", (since,))
    return np.fromiter((row[0] for row in found), np.int64)


def vectors_since(since: int, connection: sqlite3.Connection, dimension: int) -> Iterator[Block]:
    """Yield the vectors that came since a generation, in the order of their passages' ids.

    One of another length is left out: the doctor tells of it.
    """
    # An id is never given twice, so later generations have higher ids; from the beginning on, the
    # table itself is in that order.
    later = "and generation > ? order by generation, id" if since else "and ? = 0 order by id"
    found = connection.execute(
        f"select id, vector from passages where length(vector) = {dimension * 4} {later}", (since,)
    )
    while some := found.fetchmany(_AT_ONCE):
        yield _block(some, dimension)


def vectors_of(ids: Ids, connection: sqlite3.Connection, dimension: int) -> Block:
    """Return the vectors of those of the passages that are there and have one, by ascending id."""
    found = rows.in_chunks(
        connection,
        "select id, vector from passages where id in ({})"
        f" and length(vector) = {dimension * 4} order by id",
        np.sort(ids).tolist(),
    )
    return _block(list(found), dimension)


def _block(found: list[sqlite3.Row], dimension: int) -> Block:
    vectors = np.frombuffer(b"".join(row["vector"] for row in found), np.float32)
    ids: NDArray[np.int64] = np.array([row["id"] for row in found], np.int64)
    return Block(ids, vectors.reshape(-1, dimension))

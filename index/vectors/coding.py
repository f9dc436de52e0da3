"""Bring the saved codes of a library's vectors up to date, where there are enough of them."""

import sqlite3
from pathlib import Path

import numpy as np

from index.encoding.embedding import ModelIdentity
from index.generations import generation_of, stamp_of
from index.vectors import vectors_file
from index.vectors.approximate import LEARNED_FROM, Codebook
from index.vectors.changes import model_of, one_moment, removed_since, vectors_of, vectors_since
from index.vectors.exact import Ids
from index.vectors.vectors_file import Saved

# Up to so many vectors all are compared, without codes: that takes about a millisecond.
EXACT_UP_TO = 20_000
# The codes are left as they are while fewer than one vector in so many has come or gone.
_WORTH_IT = 100


def save_vectors(
    connection: sqlite3.Connection, folder: Path, exact_up_to: int = EXACT_UP_TO
) -> bool:
    """Save codes of the vectors in the folder when that is worth it; return whether it was.

    Learns how to code when nothing is saved, when the model is another or when the library has
    doubled since; otherwise codes what is new. Removes what is saved from a library that is small.
    Memory holds the codes, a sixteenth of the vectors. The caller holds the writer's lock. Raises
    `OSError`.
    """
    with one_moment(connection):
        model, total = model_of(connection), _count(connection)
        if model is None or total <= exact_up_to:
            vectors_file.remove(folder)
            return False
        before = usable(vectors_file.read(folder), connection)
        if before is None or total > 2 * before.learned_at:
            made = _brought_up(_begun(connection, model, total), connection)
        elif _changes(before, connection) * _WORTH_IT < total:
            return False
        else:
            made = _brought_up(before, connection)
    vectors_file.write(folder, made)
    return True


def usable(saved: Saved | None, connection: sqlite3.Connection) -> Saved | None:
    """Return what was saved if it is of this library's past and of the model it has now."""
    if saved is None or saved.model != model_of(connection):
        return None
    return saved if stamp_of(connection, saved.generation) == saved.stamp else None


def _begun(connection: sqlite3.Connection, model: ModelIdentity, total: int) -> Saved:
    """Return a codebook learned from the library, with no codes yet."""
    found = connection.execute("select id from passages where digest is not null")
    ids = np.sort(np.fromiter((row[0] for row in found), np.int64))
    chosen = np.random.default_rng(0).permutation(ids)[:LEARNED_FROM]
    codebook = Codebook.learned(vectors_of(chosen, connection, model.dimension).vectors)
    none = np.empty((0, codebook.code_size), np.uint8)
    return Saved(0, b"", model, total, codebook, ids[:0], none)


def _brought_up(before: Saved, connection: sqlite3.Connection) -> Saved:
    """Return the codes of all vectors there are now, coding those alone that are new."""
    kept = np.isin(before.ids, removed_since(before.generation, connection), invert=True)
    ids, codes = [before.ids[kept]], [before.codes[kept]]
    codebook = before.codebook
    for block in vectors_since(before.generation, connection, codebook.dimension):
        ids.append(block.ids)
        codes.append(codebook.coded(block.vectors))
    generation = generation_of(connection)
    stamp = stamp_of(connection, generation) or b""
    arrays = np.concatenate(ids), np.concatenate(codes)
    return Saved(generation, stamp, before.model, before.learned_at, codebook, *arrays)


def _changes(before: Saved, connection: sqlite3.Connection) -> int:
    """Return how many vectors came or went, those without one counted in where they are new."""
    new = connection.execute(
        "select count(*) from passages where generation > ?", (before.generation,)
    ).fetchone()[0]
    gone: Ids = np.intersect1d(removed_since(before.generation, connection), before.ids)
    return int(new) + len(gone)


def _count(connection: sqlite3.Connection) -> int:
    """Return how many vectors there are, by their digests, which have an index."""
    found = connection.execute("select count(*) from passages where digest is not null")
    return int(found.fetchone()[0])

"""Libraries with vectors of a known kind, and what plain arithmetic says of them."""

import numpy as np

from index import Entry, ModelIdentity, Piece, Store, Vectors
from index.store import DERIVED
from index.vectors import vectors_file
from index.vectors.coding import save_vectors
from index.vectors.exact import Ids
from index.vectors.vector_index import VectorIndex
from tests.index.filling import a_document

MODEL = ModelIdentity("made", "1", 32)

# So few vectors are not coded in these tests.
SMALL = 32


def some_vectors(many: int, seed: int = 0, dimension: int = 32) -> Vectors:
    """Return unit rows that lie in crowds, as those of texts do."""
    chance = np.random.default_rng(seed)
    crowds = np.random.default_rng(99).normal(size=(20, dimension))
    made = crowds[chance.integers(20, size=many)] + chance.normal(size=(many, dimension))
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made.astype(np.float32)


def put(store: Store, vectors: Vectors, start: int = 0) -> None:
    """Store a document `k<number>` of one passage for each row, numbers from `start` on."""
    entries = [
        Entry(a_document(f"k{number}", "Words."), (Piece(0, 6, f"{number} {row}"),), row[None])
        for number, row in enumerate(vectors, start)
    ]
    store.replace(entries, ModelIdentity(MODEL.name, MODEL.revision, vectors.shape[1]))


def stored(store: Store) -> tuple[Ids, Vectors]:
    """Return all ids and vectors that the database holds."""
    found = store.connection.execute(
        "select id, vector from passages where vector is not null order by id"
    ).fetchall()
    ids = np.array([row["id"] for row in found], np.int64)
    return ids, np.array([np.frombuffer(row["vector"], np.float32) for row in found])


def by_arithmetic(store: Store, vector: Vectors, k: int) -> list[tuple[int, float]]:
    """Return the k nearest with their cosines, best first, equal ones by their ids."""
    ids, vectors = stored(store)
    if not len(ids):
        return []
    cosines = (vectors.astype(np.float64) * vector.astype(np.float64)).sum(axis=1)
    order = np.lexsort((ids, -cosines))[:k]
    return [(int(ids[i]), float(cosines[i])) for i in order]


def save(store: Store) -> bool:
    """Save the codes if that is worth it, of more than `SMALL` vectors."""
    return save_vectors(store.connection, store.folder / DERIVED, SMALL)


def saved(store: Store) -> vectors_file.Saved:
    """Return what is saved."""
    found = vectors_file.read(store.folder / DERIVED)
    assert found is not None
    return found


def opened(store: Store, dimension: int = 32) -> VectorIndex:
    """Return an index that was opened just now."""
    index = VectorIndex(dimension, store.folder / DERIVED)
    index.follow(store.connection)
    return index


def anew(store: Store) -> VectorIndex:
    """Return an index that knows of nothing saved."""
    index = VectorIndex(MODEL.dimension)
    index.follow(store.connection)
    return index

"""Whether everything that Journal Club stands on is sound, and what to do where it is not."""

import platform
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

from index import (
    Embedder,
    LibraryError,
    ModelUnusable,
    SentenceTransformerEmbedder,
    Store,
    half_made,
    problems,
    repair,
    writer_lock,
)
from ingest import Catalogue
from service.settings import Settings

_LEAST_FREE = 1 << 30
_RESTORE = "Restore a backup of the data folder."
_LIBRARIES = (
    "journal-club",
    "faiss-cpu",
    "flask",
    "numpy",
    "openvino",
    "sentence-transformers",
    "tokenizers",
    "torch",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `cure` says what to do when it is not sound."""

    name: str
    sound: bool
    detail: str
    cure: str | None = None


def examine(settings: Settings, embedder: Embedder) -> Iterator[Check]:
    """Look at versions, disk, model and library, and yield what was found."""
    yield _versions()
    yield _disk(settings)
    yield from _model(embedder)
    try:
        store = Store.open(settings.data)
    except LibraryError as error:
        yield Check("library", False, str(error))
        return
    try:
        yield from _library(store, embedder)
    except LibraryError as error:
        yield Check("library", False, str(error))
    except sqlite3.DatabaseError as error:
        yield Check("library", False, f"The database is damaged: {error}.", _RESTORE)
    finally:
        store.close()


def repaired(settings: Settings) -> Iterator[Check]:
    """Mend what is derived in the library, and yield what was mended.

    Raises `LibraryError` where there is no library or another process writes to it, and
    `sqlite3.DatabaseError` where its file is damaged.
    """
    store = Store.open(settings.data)
    try:
        with writer_lock(store.folder):
            yield from [Check("repair", True, what) for what in repair(store)]
    finally:
        store.close()


def _versions() -> Check:
    found = [f"{name} {version(name)}" for name in _LIBRARIES]
    python = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return Check("versions", True, ", ".join([python, *found]))


def _disk(settings: Settings) -> Check:
    folder = settings.data.resolve()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    detail = f"{free / (1 << 30):.1f} GiB free for {settings.data.resolve()}"
    return Check("disk", free >= _LEAST_FREE, detail, "Make room, or move the data folder.")


def _model(embedder: Embedder) -> Iterator[Check]:
    try:
        row = embedder.encode(["ready"])[0]
    except ModelUnusable as error:
        yield Check("model", False, str(error))
        return
    sound = abs(float(row @ row) - 1.0) < 1e-3
    yield Check("model", sound, str(embedder.identity), "Its vectors have no unit length.")
    if isinstance(embedder, SentenceTransformerEmbedder):
        yield _export(embedder)


def _export(embedder: SentenceTransformerEmbedder) -> Check:
    """Say whether the model lies in the form that loads fast; that it does not harms no answer."""
    why = embedder.why_unsaved()
    slow = f"None: {why}. Torch encodes, which takes longer to load and more memory."
    return Check("saved model", True, slow if why else "It is there, whole, and gives its vectors.")


def _library(store: Store, embedder: Embedder) -> Iterator[Check]:
    Catalogue(store)  # has tables of its own, which may be of a newer version
    counts = store.counts()
    sizes = f"{counts['passages']} passages, {counts['vectors']} vectors"
    yield Check("library", True, f"{sizes}, generation {store.generation()}")
    yield from _re_embedding(store)
    yield from _waiting(store)
    try:
        store.check_model(embedder.identity)
        yield Check("library's model", True, str(store.model() or "none yet"))
    except (LibraryError, ModelUnusable) as error:
        yield Check("library's model", False, str(error))
        return
    found = problems(store)
    for problem in found:
        yield Check("integrity", False, problem.what, problem.cure)
    if not found:
        yield Check("integrity", True, "Database, words and vectors fit each other.")
    derived, stored = _derived_and_stored(store, embedder.identity.dimension)
    detail = f"{derived} vectors derived"
    # Where rows are at fault, which is told above, what is derived of them may be fewer.
    sound = derived == stored or bool(found)
    yield Check("vector index", sound, detail, "Report this as a fault.")


def _re_embedding(store: Store) -> Iterator[Check]:
    """Say how far a re-embedding is that was begun; that it is not done harms nothing."""
    if begun := half_made(store.connection):
        detail = f"{begun.done} of {begun.total} documents are embedded with {begun.model}"
        goes_on = f"JOURNALCLUB_MODEL={begun.model.name} journalclub ingest --re-embed goes on"
        yield Check("re-embedding", True, f"{detail}; {goes_on}")


def _waiting(store: Store) -> Iterator[Check]:
    """Say how many documents the next ingest stores again, as after an upgrade: that is no fault.

    They are found as they were stored, unless `problems` says that they are not.
    """
    if marked := store.forgotten():
        detail = f"{len(marked)}, such as {marked[0]}; the next 'journalclub ingest' does it"
        yield Check("documents to store again", True, detail)


def _derived_and_stored(store: Store, dimension: int) -> tuple[int, int]:
    """Return how many vectors are derived and stored, both as of one generation."""
    while True:
        generation = store.generation()
        found = store.vectors_derived(dimension), store.counts()["vectors"]
        if store.generation() == generation:
            return found

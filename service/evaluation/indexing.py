"""A collection goes into a library of its own, by the way on which ingest takes documents in."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index import KINDS, Document, Embedder, Filters, Store, save_derived, writer_lock
from index.database import DATABASE
from ingest import Watch
from ingest.pipeline import batches, write
from ingest.report import Tally
from service.evaluation.collection import Collection, corpus_documents, corpus_id, document_key
from service.evaluation.errors import BadFile, EvaluationError


@dataclass(frozen=True, slots=True)
class Indexed:
    """What indexing a collection took; `embeddings` were computed, the other vectors were there."""

    documents: int
    passages: int
    embeddings: int
    seconds: float


def check_library(folder: Path) -> None:
    """Raise `BadFile` when a new library would lie among other files; one that is there may stay.

    Whether that one is an evaluation's, `index_collection` finds out.
    """
    try:
        if (folder / DATABASE).is_file() or not folder.exists() or not any(folder.iterdir()):
            return
    except OSError as error:
        reason = f"cannot be read ({error.strerror}). Name a folder you may write to."
        raise BadFile(folder, None, reason) from error
    reason = "holds other files and no library. Name an empty folder, or one that is not there yet."
    raise BadFile(folder, None, reason)


def index_collection(
    collection: Collection, store: Store, embedder: Embedder, watch: Watch
) -> Indexed:
    """Make the library hold the collection's documents and no others.

    What is there already stays, so that measuring again embeds nothing. Loading the model is not
    timed. Raises `EvaluationError` when the library holds anything else, before it is changed, and
    `WrongModel`.
    """
    store.check_model(embedder.identity)
    with writer_lock(store.folder):
        gone = _others(collection, store)
        embedder.encode(["ready"])
        began = time.perf_counter()
        tally = Tally()
        if gone:
            store.remove(gone)
        total = sum(1 for _ in _changed(collection, store))
        write(_changed(collection, store), total, store, embedder, tally, watch)
        save_derived(store)
        seconds = time.perf_counter() - began
    passages = store.counts()["passages"]
    return Indexed(len(collection.ids), passages, tally.embeddings, round(seconds, 2))


def _changed(collection: Collection, store: Store) -> Iterator[Document]:
    for group in batches(corpus_documents(collection.folder)):
        yield from store.changed(group)


def _others(collection: Collection, store: Store) -> list[str]:
    """Return the keys of documents of an earlier collection; refuse a library of other things."""
    known = store.known_keys([document_key(each) for each in collection.ids])
    counts = store.counts()
    if sum(counts.get(kind, 0) for kind in KINDS) == len(known):
        return []
    keys = [document.key for document in store.documents(Filters())]
    if foreign := [key for key in keys if corpus_id(key) is None]:
        raise EvaluationError(
            f"{store.folder} is a library with documents of its own, such as {foreign[0]}. Name a "
            "folder that only evaluations use."
        )
    return [key for key in keys if key not in known]

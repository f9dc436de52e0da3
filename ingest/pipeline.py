"""Documents go into the library: what is stored stays, what is new is split and embedded."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from index import Document, Embedder, Entry, Piece, Store, Vectors, split
from ingest.report import Progress, Tally, Watch

# One transaction each. A larger batch pads less when it is embedded and loses more to a crash.
BATCH = 64


def batches(documents: Iterable[Document], size: int = BATCH) -> Iterator[list[Document]]:
    """Yield the documents in lists of up to `size`; the last of several with one key counts."""
    stream = iter(documents)
    while group := list(islice(stream, size)):
        yield list({document.key: document for document in group}.values())


def new_and_changed(documents: Iterable[Document], store: Store, tally: Tally) -> set[str]:
    """Return the keys of documents that are not stored exactly as they are; count the others."""
    keys: set[str] = set()
    for group in batches(documents, 500):
        changed = store.changed(group)
        tally.unchanged += len(group) - len(changed)
        keys.update(document.key for document in changed)
    return keys


def write(
    documents: Iterable[Document],
    total: int,
    store: Store,
    embedder: Embedder,
    tally: Tally,
    watch: Watch,
) -> None:
    """Store documents that are new or changed, in one transaction a batch.

    Nothing is embedded whose vector the library has. What is committed stays when this is stopped.
    """
    done = 0
    for group in batches(documents):
        watch(Progress("storing", done, total))
        known = store.known_keys([document.key for document in group])
        _write_batch(group, store, embedder, tally)
        tally.changed += len(known)
        tally.added += len(group) - len(known)
        done += len(group)
    watch(Progress("storing", total, total))


def _write_batch(group: Sequence[Document], store: Store, embedder: Embedder, tally: Tally) -> None:
    kept = store.unchanged_texts(group)
    fresh = [document for document in group if document.key not in kept]
    if kept:
        store.update([document for document in group if document.key in kept])
    if fresh:
        entries, embedded = _entries(fresh, store, embedder)
        store.replace(entries, embedder.identity)
        tally.embeddings += embedded


def _entries(
    documents: Sequence[Document], store: Store, embedder: Embedder
) -> tuple[list[Entry], int]:
    """Return the documents with pieces and vectors, and how many vectors had to be made."""
    pieces = split(documents, embedder)
    wanted = {p.digest: p.embedded_text for row in pieces for p in row if p.digest is not None}
    vectors = store.known_vectors(list(wanted))
    missing = {digest: text for digest, text in wanted.items() if digest not in vectors}
    if missing:
        made = embedder.encode([text for text in missing.values() if text is not None])
        vectors |= dict(zip(missing, made, strict=True))
    entries = [
        Entry(document, tuple(row), _rows(row, vectors, embedder.identity.dimension))
        for document, row in zip(documents, pieces, strict=True)
    ]
    return entries, len(missing)


def _rows(pieces: Sequence[Piece], vectors: dict[bytes, Vectors], dimension: int) -> Vectors:
    rows = [vectors[piece.digest] for piece in pieces if piece.digest is not None]
    return np.array(rows, np.float32).reshape(-1, dimension)

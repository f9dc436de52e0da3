"""Documents go into the library: what is stored stays, what is new is split and embedded."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from index import Document, Embedder, Store, make_entries
from ingest.report import Progress, Tally, Watch

# One transaction each. The encoder sorts the texts of a batch by length: in a larger one they are
# padded less, but more is lost to a crash.
BATCH = 256


def batches(documents: Iterable[Document], size: int = BATCH) -> Iterator[list[Document]]:
    """Yield the documents in lists of up to `size`; the last of several with one key counts."""
    stream = iter(documents)
    while group := list(islice(stream, size)):
        yield list({document.key: document for document in group}.values())


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
        entries, embedded = make_entries(fresh, embedder, store.known_vectors)
        store.replace(entries, embedder.identity)
        tally.embeddings += embedded

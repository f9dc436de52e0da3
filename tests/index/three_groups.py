"""A library that is embedded again in three groups, and what it must be like afterwards."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from index import Filters, Hit, Store, search
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document, fill

GROUP = 256
COUNT = 2 * GROUP + 50
EMBEDDED = sum(n % 10 > 0 for n in range(COUNT))


def three_groups(store: Store, embedder: FakeEmbedder) -> Store:
    """Fill a library with three groups of documents; every tenth is found by words alone."""
    documents = [a_document(f"k{n}", f"Dropout and word{n}.") for n in range(COUNT)]
    documents = [replace(d, embedded=n % 10 > 0) for n, d in enumerate(documents)]
    fill(store, embedder, *documents)
    return store


def unwatched(done: int, total: int) -> None:
    """Look away."""


def shown(hits: list[Hit]) -> list[tuple[str, str, float]]:
    """Return what a reader sees of hits."""
    return [(hit.passage.document.key, hit.passage.text, hit.cosine) for hit in hits]


def as_a_fresh_one(store: Store, embedder: FakeEmbedder, folder: Path) -> bool:
    """Tell whether a library answers as one that is filled with its documents now."""
    with closing(Store.create(folder)) as fresh:
        fill(fresh, embedder, *store.documents(Filters()))
        same = fresh.counts() == store.counts()
        questions = ("word7", "word300", "dropout changed", "new")
        return same and all(
            shown(search(q, store, embedder)) == shown(search(q, fresh, embedder))
            for q in questions
        )

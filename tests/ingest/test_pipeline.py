"""Documents go in by batches, and nothing is embedded whose vector the library has."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from index import Document, Store, search
from ingest import Progress
from ingest.pipeline import BATCH, batches, write
from ingest.report import Tally
from tests.fakes import FakeEmbedder


def a_document(number: int, text: str | None = None) -> Document:
    return Document(f"k{number}", "abstract", "Title", text or f"Abstract number{number}.")


def put(store: Store, embedder: FakeEmbedder, documents: Iterable[Document]) -> Tally:
    """Store what is new or changed, as a run does."""
    tally, fresh = Tally(), store.changed(list(documents))
    write(fresh, len(fresh), store, embedder, tally, lambda progress: None)
    return tally


def counts(tally: Tally) -> tuple[int, ...]:
    return tally.added, tally.changed, tally.embeddings


def test_batches_hold_up_to_so_many_and_the_last_of_one_key() -> None:
    documents = [a_document(1), a_document(2), a_document(1, "Later."), a_document(3)]
    assert list(batches(documents, 3)) == [[documents[2], documents[1]], [documents[3]]]
    assert list(batches([], 3)) == []
    assert [len(group) for group in batches(map(a_document, range(2 * BATCH + 2)))] == [
        BATCH,
        BATCH,
        2,
    ]


def test_documents_are_added_then_unchanged_then_changed(
    store: Store, embedder: FakeEmbedder
) -> None:
    documents = [a_document(number) for number in range(600)]
    assert counts(put(store, embedder, documents)) == (600, 0, 600)
    assert counts(put(store, embedder, documents)) == (0, 0, 0)
    documents[7] = replace(documents[7], text="Changed wombat.")
    documents[8] = replace(documents[8], likes=3)
    assert counts(put(store, embedder, documents)) == (0, 2, 1)
    assert search("wombat", store, embedder, 1)[0].passage.document == replace(
        documents[7], revision=2
    )


def test_each_batch_is_one_change_of_the_library(store: Store, embedder: FakeEmbedder) -> None:
    put(store, embedder, map(a_document, range(2 * BATCH + 1)))
    assert store.generation() == 3


def test_equal_words_are_embedded_once_in_a_batch_and_never_again(
    store: Store, embedder: FakeEmbedder
) -> None:
    assert put(store, embedder, [a_document(1, "Same."), a_document(2, "Same.")]).embeddings == 1
    assert put(store, embedder, [a_document(3, "Same.")]).embeddings == 0
    assert embedder.encoded == 1
    assert {hit.cosine for hit in search("same", store, embedder)} == {1.0}


def test_only_the_passages_that_changed_are_embedded_again(
    store: Store, embedder: FakeEmbedder
) -> None:
    first, second = (" ".join(f"{letter}{n}" for n in range(60)) + "." for letter in "ab")
    assert put(store, embedder, [a_document(1, f"{first} {second}")]).embeddings == 2
    assert put(store, embedder, [a_document(1, f"{first} Other words.")]).embeddings == 1


def test_a_key_given_twice_in_far_apart_batches_ends_as_it_was_given_last(
    store: Store, embedder: FakeEmbedder
) -> None:
    put(store, embedder, [*map(a_document, range(2 * BATCH)), a_document(0, "Later.")])
    document = store.fetch("k0")
    assert document is not None
    assert document.text == "Later."


def test_what_is_committed_stays_when_the_source_fails(
    store: Store, embedder: FakeEmbedder
) -> None:
    def failing() -> Iterable[Document]:
        yield from map(a_document, range(BATCH + 5))
        raise OSError("the disk went away")

    tally = Tally()
    with pytest.raises(OSError, match="went away"):
        write(failing(), 99, store, embedder, tally, lambda progress: None)
    assert counts(tally) == (BATCH, 0, BATCH)
    assert store.counts()["abstract"] == BATCH


def test_progress_is_told_before_each_batch_and_at_the_end(
    store: Store, embedder: FakeEmbedder
) -> None:
    seen: list[Progress] = []
    total = BATCH + 36
    write(map(a_document, range(total)), total, store, embedder, Tally(), seen.append)
    assert [(progress.done, progress.total) for progress in seen] == [
        (0, total),
        (BATCH, total),
        (total, total),
    ]


def test_documents_without_words_or_vectors_are_stored_all_the_same(
    store: Store, embedder: FakeEmbedder
) -> None:
    empty, record = a_document(1, " "), replace(a_document(2), embedded=False)
    assert counts(put(store, embedder, [empty, record])) == (2, 0, 0)
    assert store.fetch("k1") == empty

"""A library keeps documents, passages, words and vectors, changed together or not at all."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from index import Document, Filters, ModelIdentity, Store, WrongModel, problems, re_embed, search
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document, day, entry, fill, keys_of

FULL = Document(
    key="discourse:forum.example.org:41:2",
    kind="comment",
    title="Good papers",
    text="שלום 😀. MixMatch é.",
    url="https://forum.example.org/t/good-papers/41/2",
    authors=("Léon Bottou", "Ann B."),
    date=day("2019-05-08"),
    categories=("cs.LG", "stat.ML"),
    papers=("1905.02249", "hep-th/9901001"),
    topic_id=41,
    post_number=2,
    version=3,
    likes=0,
    context="Good papers. Ann",
    words="MixMatch UDA",
)


def found(store: Store, question: str) -> list[str]:
    return keys_of(store, store.matching(question, 10))


def test_a_new_library_is_empty(store: Store) -> None:
    assert (store.generation(), store.model(), store.fetch("a")) == (0, None, None)
    assert store.counts() == {"passages": 0, "vectors": 0}
    assert store.documents(Filters()) == []
    assert store.nearest(np.ones(256, np.float32), 5) == []


def test_a_document_comes_back_exactly_as_it_was_stored(
    store: Store, embedder: FakeEmbedder
) -> None:
    bare = a_document("bare", "")
    fill(store, embedder, FULL, bare)
    assert store.fetch(FULL.key) == FULL
    assert store.documents(Filters()) == [FULL, bare]
    assert store.changed([FULL, bare, replace(bare, key="new")]) == [replace(bare, key="new")]
    assert store.known_keys([FULL.key, "new"]) == {FULL.key}


def test_every_field_but_the_revision_counts_as_a_change(
    store: Store, embedder: FakeEmbedder
) -> None:
    fill(store, embedder, FULL)
    changes: list[dict[str, object]] = [
        {"title": "x"},
        {"text": "x"},
        {"url": None},
        {"authors": ("Ann B.", "Léon Bottou")},
        {"date": None},
        {"categories": ()},
        {"papers": ()},
        {"likes": None},
        {"words": ""},
        {"context": ""},
        {"embedded": False},
    ]
    changed = [replace(FULL, **change) for change in changes]  # type: ignore[arg-type]
    assert [store.changed([document]) for document in changed] == [[d] for d in changed]
    assert store.changed([replace(FULL, revision=7)]) == []


def test_a_changed_document_replaces_what_it_had(store: Store, embedder: FakeEmbedder) -> None:
    old = a_document("a", "Dropout stops overfitting.")
    fill(store, embedder, old, a_document("b", "Cats sleep."))

    fill(store, embedder, replace(old, text="Pruning shrinks networks."))

    assert found(store, "dropout") == []
    assert found(store, "pruning") == ["a"]
    assert [hit.passage.text for hit in search("pruning", store, embedder, 1)] == [
        "Pruning shrinks networks."
    ]
    assert store.counts() == {"abstract": 2, "passages": 2, "vectors": 2}
    assert problems(store) == []


def test_earlier_texts_of_a_document_stay_as_revisions(
    store: Store, embedder: FakeEmbedder
) -> None:
    for text, title in [("First.", "A"), ("Second.", "B"), ("Second.", "C"), ("Third.", "D")]:
        fill(store, embedder, a_document("a", text, title))

    texts = {
        number: (document.title, document.text, document.revision)
        for number in (None, 1, 2, 3)
        if (document := store.fetch("a", number))
    }

    assert texts == {
        None: ("D", "Third.", 3),
        1: ("A", "First.", 1),
        2: ("C", "Second.", 2),
        3: ("D", "Third.", 3),
    }
    assert store.fetch("a", 4) is store.fetch("a", 0) is None


def test_what_is_removed_leaves_nothing_behind(store: Store, embedder: FakeEmbedder) -> None:
    for text in ("First words.", "Second words."):
        fill(store, embedder, replace(FULL, text=text), a_document("b", "Other words."))

    assert store.remove([FULL.key, "never there"]) == 1

    assert store.fetch(FULL.key) is store.fetch(FULL.key, 1) is None
    assert found(store, "words mixmatch") == ["b"]
    assert [hit.passage.document.key for hit in search("words", store, embedder)] == ["b"]
    for table, count in {"documents": 1, "facets": 0, "revisions": 0, "passages": 1}.items():
        assert store.connection.execute(f"select count(*) from {table}").fetchone()[0] == count
    assert problems(store) == []


def test_a_revision_never_names_two_texts_not_even_after_removals(
    store: Store, embedder: FakeEmbedder
) -> None:
    for text in ("One.", "Two.", "Three."):
        fill(store, embedder, a_document("a", text))
        assert store.remove(["a"]) == 1
    assert store.remove(["a"]) == 0
    fill(store, embedder, a_document("a", "Four."))

    assert store.fetch("a") == replace(a_document("a", "Four."), revision=4)
    assert [store.fetch("a", number) for number in (1, 2, 3)] == [None] * 3


def test_each_change_moves_the_generation_by_one(store: Store, embedder: FakeEmbedder) -> None:
    fill(store, embedder, FULL, a_document("b", "B."))
    assert store.generation() == 1
    store.update([replace(FULL, likes=3)])
    assert store.generation() == 2
    store.remove(["b"])
    assert store.generation() == 3
    re_embed(store, embedder, lambda done, total: None)
    assert store.generation() == 4


def test_an_update_keeps_passages_and_vectors_and_finds_new_words(
    store: Store, embedder: FakeEmbedder
) -> None:
    fill(store, embedder, FULL)
    before = store.connection.execute("select * from passages").fetchall()
    news = replace(FULL, likes=9, words="Lottery", title="Better papers", papers=("1803.03635",))
    assert store.unchanged_texts([news]) == {FULL.key}

    store.update([news])

    assert store.fetch(FULL.key) == news
    assert store.connection.execute("select * from passages").fetchall() == before
    assert (found(store, "uda"), found(store, "lottery better")) == ([], [FULL.key])
    assert problems(store) == []


@pytest.mark.parametrize("change", [{"text": "x"}, {"context": "x"}, {"embedded": False}])
def test_what_changes_the_vector_is_no_mere_update(
    store: Store, embedder: FakeEmbedder, change: dict[str, object]
) -> None:
    fill(store, embedder, FULL)
    changed = replace(FULL, **change)  # type: ignore[arg-type]
    assert store.unchanged_texts([changed, replace(FULL, key="new")]) == set()


def test_documents_that_are_not_embedded_are_found_by_words_alone(
    store: Store, embedder: FakeEmbedder
) -> None:
    fill(store, embedder, replace(FULL, embedded=False))
    assert store.counts() == {"comment": 1, "passages": 1, "vectors": 0}
    assert found(store, "mixmatch") == [FULL.key]
    assert store.nearest(embedder.encode(["mixmatch"])[0], 5) == []


def test_a_vector_is_known_by_the_words_it_was_made_of(
    store: Store, embedder: FakeEmbedder
) -> None:
    fill(store, embedder, a_document("a", "One."))
    piece = entry(a_document("b", "One."), embedder).pieces[0]
    assert piece.digest is not None
    known = store.known_vectors([piece.digest, b"unknown"])
    assert list(known) == [piece.digest]
    assert known[piece.digest].tolist() == embedder.encode(["One."])[0].tolist()


def test_another_model_is_refused_with_what_to_do(store: Store, embedder: FakeEmbedder) -> None:
    fill(store, embedder, a_document("a", "One."))
    other = FakeEmbedder("other", dimension=8)
    for refused in (
        lambda: fill(store, other, a_document("b", "Two.")),
        lambda: search("One", store, other),
        lambda: store.check_model(other.identity),
    ):
        with pytest.raises(WrongModel, match=r"with fake .*but other .*--re-embed"):
            refused()
    assert store.generation() == 1
    assert store.model() == ModelIdentity("fake", "1", 256)


def test_a_change_that_fails_is_no_change(store: Store, embedder: FakeEmbedder) -> None:
    fill(store, embedder, a_document("a", "Dropout."))
    good = entry(a_document("a", "Pruning."), embedder)
    bad = entry(replace(a_document("b", "Cats."), kind=None), embedder)  # type: ignore[arg-type]

    with pytest.raises(Exception, match="NOT NULL"):
        store.replace([good, bad], embedder.identity)

    assert (store.generation(), found(store, "pruning dropout cats")) == (1, ["a"])
    assert store.fetch("a") == a_document("a", "Dropout.")


@pytest.fixture
def other_process(store: Store) -> Iterator[Store]:
    with closing(Store.open(store.folder)) as opened:
        yield opened


def test_another_process_sees_changes_without_opening_again(
    store: Store, other_process: Store, embedder: FakeEmbedder
) -> None:
    def seen() -> list[str]:
        return [hit.passage.text for hit in search("dropout", other_process, embedder)]

    fill(store, embedder, a_document("a", "Dropout."))
    assert (other_process.generation(), seen()) == (1, ["Dropout."])
    fill(store, embedder, a_document("a", "More dropout."))
    assert (other_process.generation(), seen()) == (2, ["More dropout."])
    store.remove(["a"])
    assert (other_process.generation(), seen()) == (3, [])


@pytest.mark.parametrize("bad", ["x'00'", "zeroblob(1024)", "x'0000c07f' || zeroblob(1020)"])
def test_a_damaged_vector_is_not_taken_for_one_that_is_known(
    store: Store, embedder: FakeEmbedder, bad: str
) -> None:
    made = entry(a_document("a", "Kettles whistle."), embedder)
    store.replace([made], embedder.identity)
    digest = made.pieces[0].digest or b""
    assert list(store.known_vectors([digest])) == [digest]

    store.connection.execute(f"update passages set vector = cast({bad} as blob)")

    assert store.known_vectors([digest]) == {}


@pytest.mark.parametrize(
    "name", ["sean o neill", "o neill", "neill", "j p ozturk", "di he", "can xu", "will"]
)
def test_records_are_found_by_the_words_of_an_author_s_name_in_a_row(
    store: Store, embedder: FakeEmbedder, name: str
) -> None:
    authors = ("Seán O'Neill", "J.-P. Öztürk", "Di He", "Can Xu", "George Will")
    text = f"Title: Kettles\nAuthors: {' and '.join(authors)}"
    record = replace(a_document("r", text, kind="record"), authors=authors, embedded=False)
    other = replace(a_document("o", text, kind="record"), authors=("Ann Lee",), embedded=False)
    fill(store, embedder, record, other, replace(record, key="n", kind="note"))

    assert [document.key for document in store.records_by(name)] == ["r"]
    assert store.records_by("sean neill") == store.records_by("he can") == []

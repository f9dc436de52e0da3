"""The word index ranks as BM25 is defined, however its passages came and wherever it is kept."""

import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import Document, Entry, Filters, Piece, Store, re_embed
from index.store import DERIVED
from tests.fakes import FakeEmbedder
from tests.index.bm25_by_definition import Found, assert_best, by_definition, check, held, held_ids
from tests.index.filling import a_document, fill

VOCABULARY = ("alpha", "alpha", "alpha", "beta", "beta", "gamma", "delta", "eps", "zeta-eta", "eta")


documents = st.builds(
    lambda key, title, text, kind, embedded: replace(
        a_document(f"k{key}", text, title, kind), embedded=embedded
    ),
    st.integers(0, 9),
    st.lists(st.sampled_from(VOCABULARY), max_size=3).map(" ".join),
    st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=12).map(" ".join),
    st.sampled_from(["abstract", "comment"]),
    st.booleans(),
)
groups = st.lists(documents, min_size=1, max_size=5, unique_by=lambda document: document.key)
changes = st.lists(
    st.one_of(
        st.tuples(st.just("fill"), groups),
        st.tuples(st.just("fill"), groups),
        st.tuples(st.just("reword"), groups),
        st.tuples(st.just("remove"), groups),
        st.tuples(st.sampled_from(["follow", "save", "reopen", "re-embed"]), st.just([])),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes)
def test_after_any_changes_it_equals_a_new_one_and_the_formula(
    steps: list[tuple[str, list[Document]]],
) -> None:
    embedder = FakeEmbedder(dimension=8)
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(Path(folder))
        try:
            for action, given_documents in steps:
                if action == "reopen":
                    store.close()
                    store = Store.open(Path(folder))
                else:
                    apply(action, given_documents, store, embedder)
            check(store)
            check(store, Filters(kinds=("comment",)))
        finally:
            store.close()


def apply(action: str, given: list[Document], store: Store, embedder: FakeEmbedder) -> None:
    """Change the library, or what is derived from it."""
    if action == "fill":
        fill(store, embedder, *given)
    elif action == "remove":
        store.remove([document.key for document in given])
    elif action == "reword":
        known = [(document, store.fetch(document.key)) for document in given]
        store.update([replace(old, title=new.title, words=new.text) for new, old in known if old])
    elif action == "follow":
        store.matching("alpha", 1)
    elif action == "save":
        store.words().save(store.folder / DERIVED, store.connection)
    else:
        re_embed(store, embedder, lambda done, total: None)


def many(count: int) -> list[Document]:
    """Return documents of some of 400 words, a few of which are in most of them."""
    chance = np.random.default_rng(7)
    words = [f"w{n}" for n in range(400)]
    odds = 1 / np.arange(1, 401)
    texts = (
        " ".join(chance.choice(words, chance.integers(5, 25), p=odds / odds.sum()))
        for _ in range(count)
    )
    return [
        replace(a_document(f"k{n}", text), kind="abstract" if n % 50 else "note", embedded=False)
        for n, text in enumerate(texts)
    ]


def test_of_many_passages_the_best_are_those_of_the_formula(
    store: Store, embedder: FakeEmbedder
) -> None:
    documents = many(5500)
    fill(store, embedder, *documents)
    store.words().save(store.folder / DERIVED, store.connection)
    assert store.words().unsaved == 0
    store.remove([document.key for document in documents[:500]])
    limits = (None, Filters(kinds=("note",)), Filters(kinds=("abstract",)))
    passages = held(store)
    for question in ("w0 w1 w2 w350", "w0 w1", "w3 w90 w200 w201 w300", "w399"):
        exact = by_definition(passages, question, passages)
        for filters in limits:
            among = held_ids(store, filters)
            limited = {number: score for number, score in exact.items() if number in among}
            for k in (5, 100):
                assert_best(store.matching(question, k, filters), limited, k)
    assert store.words().unsaved == 500


def test_a_new_title_and_new_words_are_found_and_the_old_ones_are_not(
    store: Store, embedder: FakeEmbedder
) -> None:
    fill(store, embedder, a_document("k", "Some text.", "Wombats"), a_document("l", "Other text."))
    assert len(store.matching("wombats", 5)) == 1

    store.update([replace(a_document("k", "Some text.", "Quokkas"), words="marsupials")])

    assert store.matching("wombats", 5) == []
    assert len(store.matching("quokkas", 5)) == len(store.matching("marsupial", 5)) == 1
    check(store)


def test_what_does_not_change_words_is_not_read_again(store: Store, embedder: FakeEmbedder) -> None:
    fill(store, embedder, a_document("k", "Alpha."))
    store.update([replace(a_document("k", "Alpha."), likes=3)])
    assert store.connection.execute("select * from changed_words").fetchall() == []


def test_threads_find_what_is_there_while_one_writes_and_saves(
    store: Store, embedder: FakeEmbedder
) -> None:
    fill(store, embedder, *(a_document(f"k{n}", "alpha beta.") for n in range(20)))
    wrong: list[Found] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            found = store.matching("alpha", 100)
            if len(found) < 20 or len({passage for passage, _ in found}) < len(found):
                wrong.append(found)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    found = []
    for number in range(30):
        fill(store, embedder, a_document(f"new{number % 5}", f"alpha w{number}."))
        found.append(len(store.matching(f"w{number}", 5)))
        if number % 10 == 0:
            store.words().save(store.folder / DERIVED, store.connection)
    done.set()
    for thread in threads:
        thread.join()

    assert found == [1] * 30
    assert wrong == []
    check(store)


def test_a_passage_is_found_by_the_words_around_it_but_not_by_those_far_off(
    store: Store, embedder: FakeEmbedder
) -> None:
    text = f"Kettles. {'w ' * 950}whistle. {'w ' * 1100}end."
    at = text.index("whistle.")
    pieces = (Piece(0, 8, None), Piece(at, at + 8, None), Piece(len(text) - 4, len(text), None))
    made = Entry(a_document("a", text), pieces, np.empty((0, 256), np.float32))
    store.replace([made], embedder.identity)

    found = {word: len(store.matching(word, 9)) for word in ("kettles", "whistle", "end")}

    assert found == {"kettles": 2, "whistle": 2, "end": 1}

"""Hybrid search: both halves are fused by a known sum, and filters limit what is found."""

import math
from dataclasses import replace

import numpy as np
import pytest

from index import Document, Entry, Filters, ModelIdentity, Store, search, search_by_vector, split
from index.search import DEPTH
from index.words.bm25 import K1
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document, day, fill

PLANE = ModelIdentity("plane", "1", 2)


def put(store: Store, document: Document, *vector: float) -> None:
    """Store a document of one passage with a vector made by hand."""
    pieces = tuple(split([document], FakeEmbedder())[0])
    store.replace([Entry(document, pieces, np.array([vector], np.float32))], PLANE)


def asked(store: Store, question: str, k: int = 8) -> dict[str, tuple[float, float, float]]:
    hits = search_by_vector(question, np.array([1, 0], np.float32), store, k)
    return {h.passage.document.key: (h.score, h.cosine, h.words) for h in hits}


def test_a_score_weighs_the_cosine_and_the_share_of_the_highest_words_score(
    store: Store,
) -> None:
    put(store, a_document("near", "Cats sleep."), 1, 0)
    put(store, a_document("both", "Dropout works."), 0.6, 0.8)
    put(store, a_document("far", "Dogs bark."), 0, 1)
    put(store, replace(a_document("record", "Dropout, a record."), embedded=False))

    hits = asked(store, "dropout xyzzy")  # a word that stands nowhere takes nothing away

    words = {store.passages([i])[i].document.key: s for i, s in store.matching("dropout", 9)}
    share = {key: words[key] / ((K1 + 1) * math.log(1 + 2.5 / 2.5)) for key in words}
    own = {
        "near": 0.5,
        "both": 0.5 * 0.6 + 0.5 * share["both"],
        "far": 0.0,
        "record": 0.5 * share["record"],
    }
    assert list(hits) == sorted(own, key=lambda key: -own[key])
    assert {key: hit[0] for key, hit in hits.items()} == pytest.approx(
        {key: score / max(own.values()) for key, score in own.items()}, abs=1e-6
    )
    assert {key: hit[1:] for key, hit in hits.items()} == {
        "near": pytest.approx((1, 0)),
        "both": pytest.approx((0.6, words["both"])),
        "far": pytest.approx((0, 0)),
        "record": pytest.approx((0, words["record"])),
    }


def test_negative_cosines_are_ordered_too(store: Store) -> None:
    for key, angle in [("a", 60), ("b", 120), ("c", 180)]:
        radians = math.radians(angle)
        put(store, a_document(key, "Text."), math.cos(radians), math.sin(radians))
    scores = {key: hit[0] for key, hit in asked(store, "nothing").items()}
    assert scores == pytest.approx({"a": 1, "b": 1 / 3, "c": 0}, abs=1e-6)


def test_a_single_hit_has_the_full_score(store: Store) -> None:
    put(store, a_document("a", "Text."), -1, 0)
    assert asked(store, "text")["a"][0] == 1


def test_what_only_one_search_found_takes_part_with_its_true_score_of_the_other(
    store: Store,
) -> None:
    put(store, a_document("by vector", "Dropout, and many other words beside it."), 1, 0)
    for number in range(DEPTH):
        put(store, a_document(f"near{number}", "Cats."), 0.9, 0.1)
        put(store, a_document(f"named{number}", "Dropout."), 0.6, 0.8)

    hits = asked(store, "dropout", DEPTH + 1)  # so deep that "named0" is far from the first vectors

    assert next(iter(hits)) == "by vector"  # more than a hundred passages have more of the word
    words = dict(store.matching("dropout", 2 * DEPTH))
    assert hits["by vector"] == pytest.approx((1, 1, min(words.values())))
    assert hits["named0"][1:] == pytest.approx((0.6, max(words.values())))


def test_the_order_of_the_best_does_not_depend_on_how_many_are_asked_for(store: Store) -> None:
    for number in range(2 * DEPTH):
        angle = number / 2 / DEPTH
        text = "Dropout. " * (number % 7) + "Cats sleep."
        put(store, a_document(f"k{number}", text), math.cos(angle), math.sin(angle))
    assert list(asked(store, "dropout cats", 8)) == list(asked(store, "dropout cats", 150))[:8]


def test_equal_scores_come_in_the_order_of_storing(store: Store) -> None:
    for key in ("b", "a", "c"):
        put(store, a_document(key, "Same."), 1, 0)
    assert list(asked(store, "same", 2)) == ["b", "a"]


def test_an_empty_library_has_no_hits(store: Store, embedder: FakeEmbedder) -> None:
    assert search("dropout", store, embedder) == []


@pytest.mark.parametrize("question", ["", "😀" * 2000, "what is the", 'NEAR("', "\0*", "a " * 3000])
def test_any_question_is_answered(store: Store, embedder: FakeEmbedder, question: str) -> None:
    fill(store, embedder, a_document("a", "Dropout."))
    hits = search(question, store, embedder)
    assert [hit.passage.document.key for hit in hits] == ["a"]
    assert 0 <= hits[0].score <= 1


LIBRARY = [
    Document(
        "mixmatch",
        "abstract",
        "MixMatch",
        "Same words.",
        authors=("David Berthelot", "Nicholas Carlini"),
        date=day("2019-05-06"),
        categories=("cs.LG", "stat.ML"),
        papers=("1905.02249",),
    ),
    Document(
        "sgd",
        "abstract",
        "Large-scale learning",
        "Same words.",
        authors=("Léon Bottou",),
        date=day("2018-01-31"),
        categories=("stat.ML",),
        papers=("stat/0701001",),
    ),
    Document(
        "comment",
        "comment",
        "Good papers",
        "Same words.",
        authors=("leon",),
        date=day("2019-05-08"),
        papers=("1905.02249", "1904.12848"),
        topic_id=41,
    ),
    Document("note", "note", "MixMatch", "Same words.", papers=("1905.02249",)),
    Document("saved", "comment", "Saved", "Same words.", topic_id=7, embedded=False),
]


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        (Filters(), "mixmatch sgd comment note saved"),
        (Filters(kinds=("abstract",)), "mixmatch sgd"),
        (Filters(kinds=("note", "comment")), "comment note saved"),
        (Filters(kinds=("record",)), ""),
        (Filters(arxiv_ids=("1905.02249",)), "mixmatch comment note"),
        (Filters(arxiv_ids=("stat/0701001", "1904.12848")), "sgd comment"),
        (Filters(arxiv_ids=("1905.0224",)), ""),
        (Filters(authors=("bottou",)), "sgd"),
        (Filters(authors=("BOTTOU léon",)), ""),
        (Filters(authors=("leon bottou",)), "sgd"),
        (Filters(authors=("Léon",)), "sgd comment"),
        (Filters(authors=("carlini", "bottou")), "mixmatch sgd"),
        (Filters(authors=("carl",)), ""),
        (Filters(authors=("%", "_")), ""),
        (Filters(categories=("CS.lg",)), "mixmatch"),
        (Filters(categories=("stat.ML", "cs.LG")), "mixmatch sgd"),
        (Filters(categories=("stat",)), ""),
        (Filters(topic_ids=(41, 7)), "comment saved"),
        (Filters(date_from=day("2019-05-06")), "mixmatch comment"),
        (Filters(date_to=day("2019-05-06")), "mixmatch sgd"),
        (Filters(date_from=day("2018-01-31"), date_to=day("2018-01-31")), "sgd"),
        (Filters(date_from=day("2020-01-01")), ""),
        (Filters(kinds=("comment",), arxiv_ids=("1905.02249",), topic_ids=(41,)), "comment"),
        (Filters(kinds=("comment",), categories=("stat.ML",)), ""),
        (Filters(authors=("bottou",), date_to=day("2018-12-31"), categories=("stat.ml",)), "sgd"),
    ],
)
def test_filters_limit_the_hits_and_the_documents(
    store: Store, embedder: FakeEmbedder, filters: Filters, keys: str
) -> None:
    fill(store, embedder, *LIBRARY)
    hits = search("same words", store, embedder, 10, filters)
    assert {hit.passage.document.key for hit in hits} == set(keys.split())
    assert [document.key for document in store.documents(filters)] == keys.split()


def test_k_hits_are_found_within_a_filter_that_few_pass(
    store: Store, embedder: FakeEmbedder
) -> None:
    many = [a_document(f"k{number}", "Dropout works.") for number in range(3 * DEPTH)]
    few = [a_document(f"note{number}", "Other things.", kind="note") for number in range(5)]
    fill(store, embedder, *many, *few)
    hits = search("dropout", store, embedder, 8, Filters(kinds=("note",)))
    assert [hit.passage.document.key for hit in hits] == [f"note{number}" for number in range(5)]


@pytest.mark.parametrize("question", ["Which author is Bottou?", "Ölmühle 日本語 مرحبا"])
def test_hits_say_the_words_of_their_documents(
    store: Store, embedder: FakeEmbedder, question: str
) -> None:
    text = "Ölmühle 😀. Léon Bottou! 日本語 مرحبا. " * 20
    fill(store, embedder, a_document("a", text))
    hits = search(question, store, embedder)
    assert len(hits) > 1
    for hit in hits:
        passage = hit.passage
        assert passage.text == text[passage.start : passage.end]
        assert passage.document == a_document("a", text)

"""A question becomes words to look for, whatever stands in it."""

import pytest

from index import Store, content_words
from index.words import word_query
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document, fill, keys_of


def matching(store: Store, text: str) -> list[str]:
    return keys_of(store, store.matching(text, 10))


@pytest.fixture
def library(store: Store, embedder: FakeEmbedder) -> Store:
    fill(
        store,
        embedder,
        a_document("mixmatch", "MixMatch guesses labels for CIFAR-10.", "Semi-supervised"),
        a_document("uda", "UDA and Back-Translation near title x.", "Augmentation"),
        a_document("street", "Die Straße ist naïve.", "ﬁne"),
    )
    return store


def test_stop_words_are_no_content_and_hyphens_join() -> None:
    assert content_words("What is the state-of-the-art on CIFAR-10 in v1.5?") == [
        "state-of-the-art",
        "CIFAR-10",
        "v1.5",
    ]


def test_each_word_is_asked_for_once_and_quoted() -> None:
    assert word_query("mixmatch or MixMatch AND Labels") == '"MixMatch" OR "Labels"'


@pytest.mark.parametrize(
    "text", ["", " ", "what is the of", "😀" * 2000, '"*^(){}', "\0", "\ud800"]
)
def test_a_text_without_content_words_finds_nothing(library: Store, text: str) -> None:
    assert word_query(text) is None
    assert library.matching(text, 5) == []
    assert library.count_matching(text) == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mixmatch AND", ["mixmatch"]),
        ("AND", []),
        ("NOT mixmatch", ["mixmatch"]),
        ('"mixmatch', ["mixmatch"]),
        ("mix*", []),
        ("*", []),
        ("title:semi", ["mixmatch", "uda"]),
        ("title:x", ["uda"]),
        ("NEAR(uda, 5)", ["uda"]),
        ("^mixmatch", ["mixmatch"]),
        ("{title} : mixmatch", ["mixmatch", "uda"]),
        ("mixmatch)", ["mixmatch"]),
        ("mix\0match mixmatch", ["mixmatch"]),
        ("'; drop table documents; --", []),
        ("_ ___", []),
        ("-mixmatch +uda", ["mixmatch", "uda"]),
    ],
)
def test_the_syntax_of_queries_is_only_words(library: Store, text: str, found: list[str]) -> None:
    assert sorted(matching(library, text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MixMatch's labels", "mixmatch"),
        ("mixmatch’s", "mixmatch"),
        ("guessing", "mixmatch"),
        ("cifar 10", "mixmatch"),
        ("cifar10", "mixmatch"),
        ("semi-supervised", "mixmatch"),
        ("back translation", "uda"),
        ("Straße", "street"),
        ("naive", "street"),
        ("ﬁne", "street"),
    ],
)
def test_a_word_is_found_in_its_other_forms(library: Store, text: str, found: str) -> None:
    assert matching(library, text) == [found]


def test_a_question_of_a_thousand_words_is_answered(library: Store) -> None:
    text = " ".join(f"w{number}" for number in range(1000))
    assert matching(library, f"{text} mixmatch") == ["mixmatch"]


def test_more_words_and_rarer_ones_score_higher(store: Store, embedder: FakeEmbedder) -> None:
    common = [a_document(f"common{number}", "Labels of images.") for number in range(8)]
    fill(store, embedder, *common, a_document("rare", "Labels of wombats."))
    assert matching(store, "labels wombats")[0] == "rare"
    assert store.matching("labels wombats", 1)[0][1] > store.matching("labels", 1)[0][1] > 0


def test_words_are_counted_up_to_a_most(store: Store, embedder: FakeEmbedder) -> None:
    fill(store, embedder, *(a_document(str(number), "Labels.") for number in range(5)))
    assert store.count_matching("labels wombats") == 5
    assert store.count_matching("labels", most=3) == 3
    assert store.count_matching("wombats") == 0

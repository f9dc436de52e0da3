"""A question becomes words to look for, whatever stands in it."""

from dataclasses import replace

import pytest

from index import Store, content_words
from index.words.terms import sequence, terms
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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What is the Generalization of models?", ["general", "model"]),
        ("CIFAR-10", ["cifar", "10", "cifar10"]),
        ("cifar10", ["cifar", "10", "cifar10"]),
        ("v1.5 and p53", ["v1", "5", "v1.5", "p53"]),
        ("state-of-the-art", ["state", "art", "stateoftheart"]),
        ("MixMatch's MixMatch’s", ["mixmatch", "mixmatch"]),
        ("naïve Straße ﬁne", ["naiv", "strass", "fine"]),
        ("snake_case", ["snake", "case", "snakecas"]),
        ("深度 学习", ["深度", "学习"]),
        ("x" * 5000, ["x" * 5000]),
    ],
)
def test_a_text_is_found_by_the_stems_of_its_words_and_their_parts(
    text: str, found: list[str]
) -> None:
    assert terms(text) == found


def test_words_in_a_row_keep_their_stop_words_and_have_their_parts_one_by_one() -> None:
    assert sequence("State-of-the-art on CIFAR10") == [
        "state",
        "of",
        "the",
        "art",
        "on",
        "cifar",
        "10",
    ]


@pytest.mark.parametrize(
    "text", ["", " ", "what is the of", "😀" * 2000, '"*^(){}', "\0", "\ud800"]
)
def test_a_text_without_content_words_finds_nothing(library: Store, text: str) -> None:
    assert terms(text) == []
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


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("cifar10", 3),
        ("CIFAR-10", 3),
        ("cifar 10", 4),
        ("Cifar", 4),
        ("10-cifar", 0),
        ("gpt-10", 0),
        ("to-do", 1),
    ],
)
def test_the_parts_of_a_word_count_only_side_by_side(
    store: Store, embedder: FakeEmbedder, text: str, count: int
) -> None:
    texts = ["On CIFAR-10.", "On CIFAR10.", "On CIFAR 10.", "10 times CIFAR.", "GPT, a to-do."]
    fill(store, embedder, *(a_document(f"k{n}", each) for n, each in enumerate(texts)))
    assert store.count_matching(text) == count


@pytest.mark.parametrize(
    ("phrase", "stands"),
    [
        ("guesses labels", True),
        ("Guess label!", True),
        ("labels for CIFAR10", True),
        ("labels guesses", False),
        ("cifar", True),
        ("semi supervised", True),
        ("supervised mixmatch", False),  # the title ends before the text begins
        ("ist naive", True),
        ("the is", False),
        ("near title x", True),
        ("wombats", False),
        ("", False),
        ("😀", False),
        ('" OR "', False),
        ("\0", False),
    ],
)
def test_a_phrase_stands_where_its_words_are_side_by_side(
    library: Store, phrase: str, stands: bool
) -> None:
    assert library.holds_phrase(phrase) is stands


def test_a_phrase_is_found_by_its_documents_further_words(
    store: Store, embedder: FakeEmbedder
) -> None:
    document = a_document("post", "I like it.", kind="comment")
    fill(store, embedder, replace(document, words="Attention is all you need"))
    assert store.holds_phrase("attention is all")
    assert matching(store, "attention") == ["post"]


def test_a_question_of_two_thousand_characters_is_answered(library: Store) -> None:
    text = "mixmatch " + "a-b.c'd_e1 " * 181
    assert len(text) == 2000
    assert matching(library, text)[0] == "mixmatch"

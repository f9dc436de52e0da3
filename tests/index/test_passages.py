"""Passages are spans of a text that end at sentence ends and fit what the model reads."""

import random
from dataclasses import replace
from functools import cache

import pytest

from index import Document, Passage, Piece, SentenceTransformerEmbedder, sentence_spans, split
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document

LONG_CONTEXT = "A very long title about unsupervised representations. " * 9


def words(count: int, start: int = 0) -> str:
    return " ".join(f"w{number}" for number in range(start, start + count))


def test_a_short_text_is_one_passage_with_its_context_before_it(embedder: FakeEmbedder) -> None:
    document = replace(a_document("a", " One. Two. \n"), context="A title. Ann")
    assert split([document], embedder) == [[Piece(1, 10, "A title. Ann\nOne. Two.")]]


def test_a_document_without_words_has_no_passage(embedder: FakeEmbedder) -> None:
    documents = [a_document("a", ""), a_document("b", " \n\t"), a_document("c", "c")]
    documents.append(replace(documents[1], embedded=False))
    assert [len(pieces) for pieces in split(documents, embedder)] == [0, 0, 1, 0]


def test_sentences_are_joined_as_long_as_they_fit(embedder: FakeEmbedder) -> None:
    text = f"{words(30)}. {words(32, 30)}. {words(40, 62)}. {words(30, 200)}."

    pieces = split([a_document("a", text)], embedder)[0]

    assert [text[piece.start : piece.end].rsplit(maxsplit=1)[-1] for piece in pieces] == [
        "w61.",
        "w101.",
        "w229.",
    ]
    assert [len(embedder.token_spans([text[p.start : p.end]])[0]) for p in pieces] == [64, 41, 31]


def test_passages_are_as_even_as_few_of_them_can_be(embedder: FakeEmbedder) -> None:
    text = " ".join(f"{words(9, 9 * number)}." for number in range(8))  # 80 tokens of 64

    pieces = split([a_document("a", text)], embedder)[0]

    assert [len(embedder.token_spans([text[p.start : p.end]])[0]) for p in pieces] == [40, 40]


def test_a_model_that_reads_more_gets_passages_of_at_most_190_tokens_title_included() -> None:
    wide = FakeEmbedder(max_tokens=500)
    document = replace(a_document("a", " ".join(f"{words(9)}." for _ in range(40))), context="T")

    pieces = split([document], wide)[0]

    lengths = [len(wide.token_spans([piece.embedded_text or ""])[0]) for piece in pieces]
    assert lengths == [141, 141, 121]


def test_a_passage_ends_where_a_sentence_does_if_that_can_be(embedder: FakeEmbedder) -> None:
    chance = random.Random(7)
    text = " ".join(f"{words(chance.randrange(3, 60))}." for _ in range(200))
    ends = {end for _, end in sentence_spans(text)}
    assert {piece.end for piece in split([a_document("a", text)], embedder)[0]} <= ends


def test_a_sentence_that_is_too_long_is_cut_at_blanks(embedder: FakeEmbedder) -> None:
    text = words(150)

    pieces = split([a_document("a", text)], embedder)[0]

    assert [text[piece.start : piece.end] for piece in pieces] == [
        words(64),
        words(64, 64),
        words(22, 128),
    ]


def test_a_title_gives_way_to_the_text_when_the_model_reads_little() -> None:
    narrow = FakeEmbedder(max_tokens=12)
    document = replace(a_document("a", words(30)), context=words(50))

    pieces = split([document], narrow)[0]

    assert [len(narrow.token_spans([p.embedded_text or ""])[0]) for p in pieces] == [12] * 5
    assert all((p.embedded_text or "").startswith(f"{words(6)}\n") for p in pieces)


def test_a_document_that_is_not_embedded_is_one_passage_without_a_digest(
    embedder: FakeEmbedder,
) -> None:
    document = replace(a_document("a", f" {words(500)} "), context="Title", embedded=False)
    pieces = split([document], embedder)[0]
    assert pieces == [Piece(1, len(document.text) - 1, None)]
    assert pieces[0].digest is None


def test_the_digest_names_the_words_that_are_embedded(embedder: FakeEmbedder) -> None:
    same = [Document(key, "note", key, "One.", context="T") for key in ("a", "b")]
    (first,), (second,), (third,) = split([*same, replace(same[0], context="U")], embedder)
    assert first.digest == second.digest != third.digest


def test_a_passage_says_exactly_what_stands_in_its_document() -> None:
    document = a_document("a", "שלום 😀. Second é.")
    assert Passage(1, document, 8, 17).text == "Second é." == document.text[8:17]


@cache
def nasty_texts() -> dict[str, str]:
    chance = random.Random(3)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    signs = [chr(chance.randrange(33, 0x2FFF)) for _ in range(3000)]
    return {
        "3 MB without a stop": "many unbelievable embeddings " * 103_449,
        "one word of 5,000 letters": f"see {'a' * 5000} and {'b' * 5000}",
        "emoji": "👩‍👧😀🎉 " * 2000,
        "right to left": "שלום עולם مرحبا بالعالم " * 1000,
        "Chinese": "我们提出一种新的方法" * 1000 + "。很好。" * 300,
        "no blanks": "".join(chance.choices(letters + "/+", k=20_000)),
        "dashes": "-".join("".join(chance.choices(letters, k=30)) for _ in range(600)),
        "underscores": "_".join(["unlabeledness"] * 3000),
        "combining marks": "e\u0301\u0302 " * 3000,
        "invisible": "a\u200bb\u00adc " * 2000,
        "any sign": "".join(chance.choices([*signs, " "], k=20_000)),
        "sentences": ("We show that it works. " * 5 + "Tokenization matters! ") * 100,
    }


@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "context"),
    [*((name, LONG_CONTEXT) for name in nasty_texts()), ("no blanks", ""), ("dashes", "")],
)
def test_no_passage_is_longer_than_the_model_reads_and_none_loses_a_word(
    model: SentenceTransformerEmbedder, name: str, context: str
) -> None:
    document = replace(a_document("a", nasty_texts()[name]), context=context)

    pieces = split([document], model)[0]

    lengths = [len(tokens) for tokens in model.token_spans([p.embedded_text or "" for p in pieces])]
    assert max(lengths) <= model.max_tokens == 254
    kept = "".join(document.text[piece.start : piece.end] for piece in pieces)
    assert "".join(kept.split()) == "".join(document.text.split())


@pytest.mark.model
def test_of_a_long_title_forty_tokens_go_before_the_text(
    model: SentenceTransformerEmbedder,
) -> None:
    document = replace(a_document("a", "One."), context=LONG_CONTEXT)
    before, _, text = (split([document], model)[0][0].embedded_text or "").partition("\n")
    assert (len(model.token_spans([before])[0]), text) == (40, "One.")

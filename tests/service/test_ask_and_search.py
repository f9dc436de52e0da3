"""What the HTTP API answers to questions and searches."""

from typing import Any

import pytest
from flask.testing import FlaskClient

IMPLEMENTATION = "Is there a Python implementation of MixMatch?"
ANSWER = [
    "id", "conversation_id", "question", "standalone_question", "answer", "abstained",
    "abstain_reason", "confidence", "sentences", "citations", "sources", "suggestions", "mode",
    "model", "embedding_model", "generation", "timings_ms",
]  # fmt: skip
SOURCE = {
    "document", "kind", "title", "authors", "date", "url", "arxiv_id", "version", "topic_id",
    "post_number", "about", "works", "withdrawn", "revision", "quote", "start", "end", "score",
}  # fmt: skip


def ask(client: FlaskClient, question: str, **more: Any) -> dict[str, Any]:
    reply = client.post("/ask", json={"question": question, **more})
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json())


def get(client: FlaskClient, address: str) -> dict[str, Any]:
    reply = client.get(address)
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json())


# -- /ask -----------------------------------------------------------------------------------


def test_an_answer_quotes_stored_texts_at_the_offsets_it_gives(client: FlaskClient) -> None:
    answer = ask(client, IMPLEMENTATION)

    quotes = [citation["quote"] for citation in answer["citations"]]
    assert "I noticed someone making a Python implementation of MixMatch." in quotes
    for cited in [*answer["citations"], *answer["sources"]]:
        document = get(client, f"/documents/{cited['document']}?revision={cited['revision']}")
        assert document["text"][cited["start"] : cited["end"]] == cited["quote"]
    for sentence in answer["sentences"]:
        assert answer["answer"][sentence["start"] : sentence["end"]] == sentence["text"]


def test_an_answer_has_every_field_of_the_contract(client: FlaskClient) -> None:
    answer = ask(client, IMPLEMENTATION, top_k=3)

    assert list(answer) == ANSWER
    assert set(answer["sources"][0]) == SOURCE
    assert set(answer["citations"][0]) == SOURCE | {"number"}
    assert len(answer["sources"]) <= 3
    assert set(answer["timings_ms"]) == {"embed", "search", "answer", "gate", "total"}
    told = {name: answer[name] for name in ("question", "mode", "model", "embedding_model")}
    assert told == {
        "question": IMPLEMENTATION,
        "mode": "extractive",
        "model": None,
        "embedding_model": "fake",
    }


def test_what_nothing_here_answers_is_said_to_be_not_in_this_library(client: FlaskClient) -> None:
    answer = ask(client, "How does saffron grow in Kashmir?")

    assert (answer["abstained"], answer["citations"], answer["sentences"]) == (True, [], [])
    assert answer["answer"].startswith("Not in this library.")
    assert answer["abstain_reason"] in answer["answer"]


def test_a_follow_up_is_understood_by_the_turns_before_it(client: FlaskClient) -> None:
    history = [{"question": "What is MixMatch about?", "answer": None}]

    answer = ask(client, "Who are its authors?", history=history)

    assert "MixMatch" in answer["standalone_question"]
    assert "David Berthelot" in answer["citations"][0]["quote"]


def test_filters_limit_what_is_read_and_ids_may_be_written_in_any_form(client: FlaskClient) -> None:
    filters = {"kinds": ["note", "abstract"], "arxiv_ids": ["https://arxiv.org/abs/1905.02249v2"]}

    answer = ask(client, "What does MixMatch learn from?", filters=filters)

    read = [*answer["citations"], *answer["sources"]]
    assert {source["document"] for source in read} == {
        "note:1905.02249",
        "arxiv:1905.02249:abstract",
    }


@pytest.mark.parametrize(
    "question",
    [
        "מה זה MixMatch?",
        "🙂 MixMatch 👩🏽‍🔬?",
        'MixMatch AND OR NOT NEAR( "title:x" * ^ ) {a b} -c + col : "',
        "'; drop table documents; --",
        "a" * 2000,
        "🙂" * 2000,
        "two\nlines\tand a tab\r\n",
        "?",
        "*",
    ],
)
def test_any_text_can_be_a_question(client: FlaskClient, question: str) -> None:
    assert ask(client, question)["question"] == question


def test_a_json_body_may_come_with_a_charset_and_a_byte_order_mark(client: FlaskClient) -> None:
    body = '{"question": "Who wrote MixMatch?"}'.encode("utf-8-sig")

    reply = client.post("/ask", data=body, content_type="application/json; charset=utf-8")

    assert reply.get_json()["question"] == "Who wrote MixMatch?"


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html, */*;q=0.1"])
def test_an_answer_comes_as_json_to_who_takes_json(client: FlaskClient, accept: str) -> None:
    reply = client.post("/ask", json={"question": "MixMatch?"}, headers={"Accept": accept})

    assert (reply.status_code, reply.mimetype) == (200, "application/json")


# -- /search --------------------------------------------------------------------------------


def test_a_search_returns_passages_best_first(client: FlaskClient) -> None:
    hits = get(client, "/search?q=lattices+of+an+older+time&k=3")["hits"]

    assert len(hits) == 3
    best = hits[0]
    assert (best["document"], best["quote"], best["start"], best["end"], best["score"]) == (
        "arxiv:math/0309136:abstract",
        "Lattices of an older time are counted by hand.",
        0,
        46,
        1.0,
    )
    assert (best["arxiv_id"], best["about"]) == ("math/0309136", ["math/0309136"])
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)


@pytest.mark.parametrize(
    ("parameters", "documents"),
    [
        ("kinds=note", {"note:1905.02249"}),
        ("kinds=note,record&arxiv_ids=1905.02249", {"note:1905.02249", "arxiv:1905.02249:record"}),
        ("kinds=note&kinds=abstract&categories=cs.CV", {"arxiv:1905.02249:abstract"}),
        ("kinds=abstract&authors=cisse", {"arxiv:1710.09412:abstract"}),
        ("kinds=abstract&arxiv_ids=math/0309136v1", {"arxiv:math/0309136:abstract"}),
        ("kinds=abstract&date_from=2017-10-25&date_to=2017-10-25", {"arxiv:1710.09412:abstract"}),
        ("topic_ids=4711", {f"thread:invented-readings:{number}" for number in range(1, 6)}),
        ("topic_ids=1", set()),
    ],
)  # fmt: skip
def test_a_search_takes_filters_repeated_or_with_commas(
    client: FlaskClient, parameters: str, documents: set[str]
) -> None:
    hits = get(client, f"/search?q=MixMatch+pictures&k=50&{parameters}")["hits"]

    assert {hit["document"] for hit in hits} == documents

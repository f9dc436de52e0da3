"""What the HTTP API says to requests it cannot serve: a problem, with what to do about it."""

import json
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.asked import read_question

TOO_LARGE = "The body is too large: 1 MiB and more is not read. Send a shorter one."
TOO_DEEP = b'{"question": "a", "filters": ' + b'{"x":' * 60_000
QUESTION = {"question": "Who wrote MixMatch?"}


def problem(reply: TestResponse, status: int) -> dict[str, Any]:
    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json"), reply.text
    told = dict(reply.get_json(force=True))
    assert told["status"] == status
    assert set(told) <= {"type", "title", "status", "detail", "errors"}
    return told


def refused(client: FlaskClient, body: object) -> dict[str, str]:
    """Ask what gets 422; return its messages by field."""
    reply = client.post("/ask", data=json.dumps(body), content_type="application/json")
    told = problem(reply, 422)
    assert told["type"] == "/problems/bad-fields"
    return {error["field"]: error["message"] for error in told["errors"]}


def test_of_an_earlier_answer_only_the_beginning_is_read() -> None:
    answer = "MixMatch. " * 2000
    body = json.dumps(QUESTION | {"history": [QUESTION | {"answer": answer}, QUESTION]}).encode()

    first, second = read_question(body).history

    assert (first.answer, second.answer) == (answer[:2000], None)


# -- bodies ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "Expecting value"),
        (b"question=MixMatch", "Expecting value"),
        (b'{"question": "a"', "Expecting"),
        (b"\xff\xfe\xff", "codec can't decode"),
        (b'{"question": "a", "top_k": NaN}', "NaN is no JSON number"),
        (b'{"question": "a", "question": "b"}', "a key stands twice"),
        (b'{"question": "a", "top_k": ' + b"9" * 5000 + b"}", "digits"),
        (TOO_DEEP, "nested too deeply"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_not_json_is_told_so(client: FlaskClient, body: bytes, reason: str) -> None:
    told = problem(client.post("/ask", data=body, content_type="application/json"), 400)

    assert (told["type"], told["title"]) == ("/problems/not-json", "Not JSON")
    assert reason in told["detail"]
    assert 'Send a JSON object such as {"question": "Who wrote MixMatch?"}.' in told["detail"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_type_of_body_is_not_taken(client: FlaskClient, kind: str) -> None:
    told = problem(client.post("/ask", data=json.dumps(QUESTION), content_type=kind), 415)

    assert told["title"] == "Unsupported Media Type"
    assert told["detail"] == "Send JSON, and the header Content-Type: application/json."


def test_a_body_over_a_mebibyte_is_too_large(client: FlaskClient) -> None:
    body = json.dumps({"question": "a" * 1024 * 1024}).encode()
    unannounced: Any = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True}

    announced = client.post("/ask", data=body, content_type="application/json")
    chunked = client.post("/ask", content_type="application/json", environ_overrides=unannounced)

    for reply in (announced, chunked):
        assert problem(reply, 413)["detail"] == TOO_LARGE


def test_a_body_just_below_a_mebibyte_is_read(client: FlaskClient) -> None:
    body = b" " * (1024 * 1024 - 100) + json.dumps(QUESTION).encode()

    assert client.post("/ask", data=body, content_type="application/json").status_code == 200


# -- fields of a question -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("", "There are no words in it. Write some."),
        (" \n\t\u2003", "There are no words in it. Write some."),
        ("a" * 2001, "A question has at most 2,000 characters; this one has 2,001. Shorten it."),
        ("🙂" * 2001, "A question has at most 2,000 characters; this one has 2,001. Shorten it."),
        ("a\0b", "Character 2 is a control character (U+0000). Take it out and send again."),
        ("ab\x1b[0m", "Character 3 is a control character (U+001B). Take it out and send again."),
        ("a\ud800", "Character 2 is half of one (the lone surrogate U+D800). Send whole Unicode"),
        (None, "This should be a valid string."),
        (8, "This should be a valid string."),
        (["a"], "This should be a valid string."),
    ],
)
def test_a_question_that_cannot_be_asked_is_told_why(
    client: FlaskClient, question: object, reason: str
) -> None:
    (message,) = refused(client, {"question": question}).items()

    assert message[0] == "question"
    assert message[1].startswith(reason)


@pytest.mark.parametrize("body", [[], None, "question", 7, [QUESTION]])
def test_a_body_that_is_no_object_is_told_so(client: FlaskClient, body: object) -> None:
    assert refused(client, body) == {
        "body": 'Send a JSON object such as {"question": "Who wrote MixMatch?"}.'
    }


@pytest.mark.parametrize(
    ("more", "field", "reason"),
    [
        ({"topk": 8}, "topk", "There is no field 'topk'. Did you mean 'top_k'?"),
        ({"voice": "x"}, "voice", "There is no field 'voice'. Known are question, history, "),
        ({"\ud800": 1}, "body", "This holds half of a character"),
        ({"top_k": 0}, "top_k", "This should be greater than or equal to 1."),
        ({"top_k": 51}, "top_k", "This should be less than or equal to 50."),
        ({"top_k": "8"}, "top_k", "This should be a whole number, such as 8 without quotes."),
        ({"top_k": True}, "top_k", "This should be a whole number, such as 8 without quotes."),
        ({"top_k": 8.5}, "top_k", "This should be a whole number, such as 8 without quotes."),
        ({"mode": "llm"}, "mode", 'mode "llm" is not built yet. Send "auto" or "extractive".'),
        ({"mode": "poem"}, "mode", "This should be 'auto', 'extractive' or 'llm'."),
        ({"stream": True}, "stream", "stream is not built yet. Leave it out"),
        ({"stream": "true"}, "stream", "This should be a valid boolean."),
        ({"conversation_id": "7"}, "conversation_id", "conversation_id is not built yet. Leave"),
        ({"conversation_id": 7}, "conversation_id", "This should be a valid string."),
        ({"history": "before"}, "history", "This should be a list."),
        ({"history": [QUESTION] * 21}, "history", "At most 20 are taken at once. Send fewer."),
        ({"history": [{"answer": "a"}]}, "history[0].question", "This is required. Send it."),
        ({"history": [QUESTION, {"question": ""}]}, "history[1].question", "There are no words"),
        ({"history": [QUESTION | {"answer": 1}]}, "history[0].answer", "This should be a valid"),
        ({"history": [QUESTION | {"answer": "\ud800"}]}, "history[0].answer", "This holds half"),
        ({"filters": []}, "filters", "This should be an object."),
        ({"filters": {"kind": []}}, "filters.kind", "There is no field 'kind'. Did you"),
        ({"filters": {"kinds": "note"}}, "filters.kinds", "This should be a list."),
        ({"filters": {"kinds": ["post"]}}, "filters.kinds[0]", "This should be 'abstract', "),
        ({"filters": {"arxiv_ids": ["19"]}}, "filters.arxiv_ids[0]", "'19': this is not"),
        ({"filters": {"arxiv_ids": ["1905.02249"] * 101}}, "filters.arxiv_ids", "At most 100 are"),
        ({"filters": {"authors": [" "]}}, "filters.authors[0]", "There are no words in it."),
        ({"filters": {"authors": ["\udfff"]}}, "filters.authors[0]", "This holds half"),
        ({"filters": {"topic_ids": ["7"]}}, "filters.topic_ids[0]", "This should be a whole"),
        ({"filters": {"topic_ids": [2**63]}}, "filters.topic_ids[0]", "This should be less than"),
        ({"filters": {"date_from": "5 May 2019"}}, "filters.date_from", "Write the day as YYYY"),
        ({"filters": {"date_from": "20190506"}}, "filters.date_from", "Write the day as YYYY"),
        ({"filters": {"date_to": "2019-02-30"}}, "filters.date_to", "There is no day 2019-02-30."),
        ({"filters": {"date_to": 2019}}, "filters.date_to", "This should be a valid date."),
        (
            {"filters": {"date_from": "2019-05-06", "date_to": "2019-05-05"}},
            "filters.date_to",
            "date_to is before date_from (2019-05-06). Swap them.",
        ),
    ],
)  # fmt: skip
def test_a_bad_field_is_named_with_what_to_send_instead(
    client: FlaskClient, more: dict[str, Any], field: str, reason: str
) -> None:
    found = refused(client, QUESTION | more)

    assert list(found) == [field]
    assert found[field].startswith(reason)


def test_all_bad_fields_are_named_at_once(client: FlaskClient) -> None:
    body = json.dumps({"top_k": 0, "mode": "llm", "question": ""})

    told = problem(client.post("/ask", data=body, content_type="application/json"), 422)

    assert {error["field"] for error in told["errors"]} == {"top_k", "mode", "question"}
    assert (told["title"], told["detail"]) == (
        "Bad fields",
        "Correct question, top_k, mode and send it again.",
    )


def test_thousands_of_bad_fields_make_a_short_reply(client: FlaskClient) -> None:
    found = refused(client, QUESTION | {f"field{number}": 1 for number in range(5000)})

    assert len(found) == 20


def test_an_event_stream_is_not_built_yet(client: FlaskClient) -> None:
    reply = client.post("/ask", json=QUESTION, headers={"Accept": "text/event-stream"})

    assert problem(reply, 422)["errors"] == [
        {
            "field": "Accept",
            "message": "text/event-stream is not built yet. Ask for application/json.",
        }
    ]


# -- addresses and parameters ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "field", "reason"),
    [
        ("/search", "q", "This is required. Send it."),
        ("/search?q=", "q", "There are no words in it."),
        ("/search?q=a%00b", "q", "Character 2 is a control character (U+0000)."),
        ("/search?q=" + "a" * 2001, "q", "A question has at most 2,000 characters"),
        ("/search?q=a&q=b", "q", "This is given more than once. Send it once."),
        ("/search?q=a&k=0", "k", "This should be greater than or equal to 1."),
        ("/search?q=a&k=51", "k", "This should be less than or equal to 50."),
        ("/search?q=a&k=eight", "k", "This should be a whole number"),
        ("/search?q=a&k=", "k", "This should be a whole number"),
        ("/search?q=a&kind=note", "kind", "There is no field 'kind'. Did you mean 'kinds'?"),
        ("/search?q=a&kinds=note,post", "kinds[1]", "This should be 'abstract', 'record'"),
        ("/search?q=a&topic_ids=1,x", "topic_ids[1]", "This should be a whole number"),
        ("/search?q=a&arxiv_ids=1905", "arxiv_ids[0]", "'1905': this is not an arXiv id."),
        ("/search?q=a&date_from=yesterday", "date_from", "Write the day as YYYY-MM-DD"),
        ("/papers?limit=0", "limit", "This should be greater than or equal to 1."),
        ("/papers?limit=1001", "limit", "This should be less than or equal to 1000."),
        ("/papers?offset=-1", "offset", "This should be greater than or equal to 0."),
        ("/papers?offset=99999999999999999999", "offset", "This should be less than or equal to"),
        ("/papers/MixMatch", "arxiv_id", "'MixMatch': this is not an arXiv id. Accepted forms: "),
        ("/papers/1905.99", "arxiv_id", "'1905.99': this is not an arXiv id."),
        ("/documents/note:1905.02249?revision=0", "revision", "This should be greater than"),
        ("/documents/note:1905.02249?revision=one", "revision", "This should be a whole number"),
    ],
)
def test_a_bad_parameter_is_named_with_what_to_send_instead(
    client: FlaskClient, address: str, field: str, reason: str
) -> None:
    (error,) = problem(client.get(address), 422)["errors"]

    assert error["field"] == field
    assert error["message"].startswith(reason)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("/nowhere", "There is nothing at this address. Check it; / is the page to ask on."),
        ("/documents/", "There is nothing at this address."),
        ("/documents/note:0000", "There is no document 'note:0000' in this library."),
        ("/documents/a%00b%ff", "There is no document 'a\\x00b\ufffd' in this library."),
        ("/documents/note:1905.02249?revision=7", "There is no document 'note:1905.02249' with"),
        (
            "/papers/1905.02250",
            "Paper 1905.02250 is not in this library. Add it: journalclub",
        ),
        ("/static/../app.py", "There is nothing at this address."),
    ],
)
def test_what_is_not_there_is_told_so(client: FlaskClient, address: str, reason: str) -> None:
    told = problem(client.get(address), 404)

    assert (told["type"], told["title"]) == ("about:blank", "Not Found")
    assert told["detail"].startswith(reason)


def test_another_method_is_told_which_ones_are_taken(client: FlaskClient) -> None:
    reply = client.get("/ask")

    assert problem(reply, 405)["detail"] == "This address does not take GET. Use POST."
    assert set(reply.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}

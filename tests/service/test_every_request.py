"""What holds for every request: headers, ids, names of the host, readiness, honest failures."""

import logging
from collections.abc import Sequence
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from index import Vectors
from service.app import create_app
from tests.fakes import FakeEmbedder
from tests.service.conftest import Open

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
PROBLEM = "application/problem+json"
QUESTION = {"question": "Who wrote MixMatch?"}


class FailingEmbedder(FakeEmbedder):
    """A model that fails on anything but the first text it is given."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        if self.encoded:
            raise RuntimeError(f"no memory for {texts}")
        return super().encode(texts)


# -- headers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/static/chat.js", 200),
        ("GET", "/healthz", 200),
        ("GET", "/papers", 200),
        ("GET", "/nowhere", 404),
        ("DELETE", "/papers", 405),
        ("POST", "/ask", 415),
        ("GET", "/search", 422),
    ],
)
def test_every_response_has_the_security_headers_and_an_id(
    client: FlaskClient, method: str, address: str, status: int
) -> None:
    with client.open(address, method=method, headers={"X-Request-ID": "a-1._Z"}) as reply:
        assert reply.status_code == status
        assert {name: reply.headers.get(name) for name in SECURITY} == SECURITY
        assert reply.headers["X-Request-ID"] == "a-1._Z"
        assert (reply.headers.get("Cache-Control") == "no-store") is reply.is_json


@pytest.mark.parametrize("given", ["", "a b", "a" * 129, "ä", "<script>", "a/b"])
def test_an_id_that_is_not_sane_is_replaced(client: FlaskClient, given: str) -> None:
    made = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]

    assert len(made) == 32
    assert int(made, 16) != 0
    assert client.get("/healthz").headers["X-Request-ID"] != made


def test_a_request_is_logged_without_what_was_asked(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client.post("/ask", json={"question": "saffron"}, headers={"X-Request-ID": "seven"})
        client.get("/search?q=saffron")

    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith("request id=seven method=POST path='/ask' status=200 ms=")
    assert "method=GET path='/search' status=200" in second
    assert "saffron" not in caplog.text


# -- names of the host ----------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_a_server_on_loopback_goes_by_the_names_of_loopback(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8000", "10.0.0.1", "["])
def test_a_server_on_loopback_answers_to_no_other_name(client: FlaskClient, host: str) -> None:
    reply = client.get("/papers", headers={"Host": host})

    assert (reply.status_code, reply.mimetype) == (400, PROBLEM)
    assert "This server listens on 127.0.0.1 only" in reply.get_json()["detail"]
    assert reply.headers["Content-Security-Policy"] == SECURITY["Content-Security-Policy"]


@pytest.mark.parametrize("bound", ["0.0.0.0", "::", "club.example", "10.0.0.1"])
def test_a_server_for_others_answers_to_any_name(opened: Open, tmp_path: Path, bound: str) -> None:
    client = create_app(opened(tmp_path, host=bound)).test_client()

    assert client.get("/healthz", headers={"Host": "club.example"}).status_code == 200


# -- failures -------------------------------------------------------------------------------


def test_a_fault_of_ours_is_logged_under_the_request_s_id_and_tells_no_secrets(
    opened: Open, library_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opening = opened(library_folder, FailingEmbedder())
    opening.load()
    client = create_app(opening).test_client()

    reply = client.post("/ask", json=QUESTION, headers={"X-Request-ID": "request-9"})

    told = reply.get_json()
    assert (reply.status_code, reply.mimetype) == (500, PROBLEM)
    assert (told["title"], told["status"]) == ("Internal Server Error", 500)
    assert "look into the server's log for the X-Request-ID" in told["detail"]
    assert "memory" not in reply.text
    assert reply.headers["X-Frame-Options"] == "DENY"
    (logged,) = (record for record in caplog.records if record.levelno == logging.ERROR)
    assert logged.getMessage() == "unexpected error id=request-9"
    assert "no memory for" in caplog.text

"""arXiv's API, its OAI-PMH and DataCite in trouble: no client hangs, crashes or asks on and on."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from ingest.arxiv.atom import ArxivApi
from ingest.arxiv.datacite import DataCite
from ingest.arxiv.oai import ArxivOai
from ingest.arxiv.source import PaperSource
from ingest.errors import NoNetwork, Unreachable
from ingest.paper import Paper
from tests.outside.faults import Fault, a_page
from tests.outside.server import OutsideServer, standing_in

CLIENTS: dict[str, tuple[Callable[..., PaperSource], str]] = {
    "atom": (ArxivApi, "/api/query"),
    "oai": (ArxivOai, "/oai"),
    "datacite": (DataCite, "/dois"),
}
HALF = {
    "atom": b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/abs/1901.0',
    "oai": b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><GetRecord><record><hea',
    "datacite": b'{"data": {"id": "10.48550/arxiv.1901.00001", "attributes": {"titles": [{"ti',
}
EMPTY = {
    "atom": b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>',
    "oai": b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"></OAI-PMH>',
}
DECLARED = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.fixture
def outside() -> Iterator[OutsideServer]:
    with standing_in() as server:
        server.papers.add("1901.00001", "On Kettles", "Kettles whistle.")
        yield server


def _source(name: str, outside: OutsideServer, timeout: float = 5.0) -> PaperSource:
    client, path = CLIENTS[name]
    return client(f"{outside.address}{path}", "", delay_seconds=0.0, timeout_seconds=timeout)


@pytest.mark.parametrize("name", CLIENTS)
@pytest.mark.parametrize(
    ("fault", "requests", "reason", "wait"),
    [
        (Fault(429), 3, "answered that there were too many requests (429)", None),
        (Fault(503), 3, "answered with status 503", None),
        (Fault(500), 3, "answered with status 500", None),
        (Fault(403, body=b"no"), 1, "answered with status 403", None),
        (Fault(429, {"Retry-After": "90"}), 1, "asks for 90 seconds of patience", 90.0),
        (Fault(503, {"Retry-After": "9" * 30}), 1, "seconds of patience", 21600.0),
        (Fault(503, {"Retry-After": "0"}), 3, "answered with status 503", None),
        (Fault(delay=0.8), 1, "did not answer within 0.3 seconds", None),
        (Fault(drip=40), 1, "took more than 0.9 seconds to answer", None),
        (a_page(), 3, "sent a page that is no ", None),
        (Fault(body=b""), 3, "sent a page that is no ", None),
        (Fault(body=b"\x00\xff\xfe"), 3, "sent a page that is no ", None),
        (Fault(truncate=100), 3, "broke the connection off", None),
        (Fault(reset=True), 3, "broke the connection off", None),
        (Fault(redirects=True), 4, "redirects in a circle", None),
    ],
    ids=lambda value: str(value) if not isinstance(value, Fault) else "",
)
def test_a_host_in_trouble_is_named_and_left_alone(
    outside: OutsideServer, name: str, fault: Fault, requests: int, reason: str, wait: float | None
) -> None:
    outside.script.plan(fault)
    source = _source(name, outside, 0.3 if fault.delay or fault.drip else 5.0)
    began = time.monotonic()

    given = list(source.fetch(["1901.00001", "1901.00002"]))
    later = list(source.fetch(["1901.00003"]))

    assert time.monotonic() - began < 4
    assert len(outside.asked) == requests
    assert [type(item) for item in [*given, *later]] == [Unreachable] * 3
    assert {str(item).partition(": ")[0] for item in given} == {
        "arXiv:1901.00001",
        "arXiv:1901.00002",
    }
    (error,) = {(item.reason, item.wait) for item in [*given, *later]}  # type: ignore[union-attr]
    assert error[0].startswith(f"{outside.host} ")
    assert reason in error[0]
    assert error[0].endswith(". The next ingest asks again.")
    assert error[1] == wait


@pytest.mark.parametrize("name", CLIENTS)
def test_half_a_reply_is_none(outside: OutsideServer, name: str) -> None:
    outside.script.plan(Fault(body=HALF[name]))

    (given,) = _source(name, outside).fetch(["1901.00001"])

    assert isinstance(given, Unreachable)
    assert "sent a page that is no " in given.reason


@pytest.mark.parametrize("name", CLIENTS)
@pytest.mark.parametrize("fault", [Fault(503), a_page(), Fault(reset=True), Fault(truncate=90)])
def test_one_bad_moment_is_asked_again(outside: OutsideServer, name: str, fault: Fault) -> None:
    outside.script.plan(fault, times=1)

    (paper,) = _source(name, outside).fetch(["1901.00001"])

    assert isinstance(paper, Paper)
    assert len(outside.asked) == 2


@pytest.mark.parametrize(("name", "status"), [("atom", 429), ("oai", 503)])
def test_a_short_wait_is_kept(outside: OutsideServer, name: str, status: int) -> None:
    outside.script.plan(Fault(status, {"Retry-After": "1"}), times=1)

    (paper,) = _source(name, outside).fetch(["1901.00001"])

    assert isinstance(paper, Paper)
    assert outside.asked[1].at - outside.asked[0].at >= 0.99


@pytest.mark.parametrize("name", CLIENTS)
def test_a_host_that_cannot_be_reached_is_no_network(name: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
    client, path = CLIENTS[name]

    for place, why in ((host, "onnection refused"), ("arxiv.invalid", "no address is known")):
        (given,) = client(f"http://{place}{path}").fetch(["1901.00001"])

        assert isinstance(given, NoNetwork)
        assert given.reason.startswith(f"{place} cannot be reached (")
        assert why in given.reason


@pytest.mark.parametrize("name", CLIENTS)
def test_the_user_agent_names_the_project_and_whom_to_write_to(
    outside: OutsideServer, name: str
) -> None:
    client, path = CLIENTS[name]

    list(client(f"{outside.address}{path}", "ann@example.org").fetch(["1901.00001"]))

    assert str(outside.asked[0].user_agent).startswith("journal-club/")
    assert str(outside.asked[0].user_agent).endswith(" (+ann@example.org)")


@pytest.mark.parametrize("name", ["atom", "oai"])
def test_a_reply_that_declares_entities_is_refused(outside: OutsideServer, name: str) -> None:
    outside.script.plan(Fault(body=DECLARED + EMPTY[name].replace(b"></", b">&b;</")))

    (given,) = _source(name, outside).fetch(["1901.00001"])

    assert isinstance(given, Unreachable)
    assert "sent a page that is no " in given.reason
    assert "aaaa" not in str(given)


def test_a_header_that_drips_does_not_hold_us() -> None:
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                while not stop.wait(0.1):
                    connection.sendall(b"H")

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/dois"
        (given,) = DataCite(url, delay_seconds=0, timeout_seconds=0.3).fetch(["1901.00001"])
        stop.set()
        thread.join()

    assert isinstance(given, Unreachable)
    assert "took more than 0.9 seconds to answer" in given.reason

"""Forums are asked politely and within limits, and each fault says what to do."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
import requests

from ingest.errors import BadSource, NoNetwork, Unreachable
from ingest.forum.connection import Guarded, Limits
from ingest.forum.pace import Pace
from ingest.forum.replies import body_of
from ingest.forum.topics import Discourse
from tests.ingest.forum_server import TOPIC, Answer, Forum, a_forum, a_post, posts

FIRST = f"/t/{TOPIC}.json"


@pytest.fixture
def forum() -> Iterator[Forum]:
    with a_forum() as server:
        yield server


@pytest.fixture
def discourse() -> Iterator[Discourse]:
    with Discourse(calls_a_minute=60_000, allow_private_hosts=True) as ready:
        yield ready


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (Answer({"errors": ["gone"]}, 404), "check the URL"),
        (Answer({"errors": ["gone"]}, 410), "was deleted"),
        (Answer({"error_type": "not_logged_in"}, 403), "API key"),
        (Answer("<html>sign in</html>"), "without login"),
        (Answer({}, 302, {"Location": "/login"}), "API key"),
        (Answer({}, 302, {"Location": "https://other.example.org/t/1"}), "other.example.org"),
        (Answer({}, 302, {"Location": "http://[/"}), "check the URL"),
        (Answer({"title": "no posts"}), "no Discourse topic"),
        (Answer([1, 2]), "no Discourse topic"),
        (Answer({}, 418), "418"),
    ],
)
def test_a_topic_that_cannot_be_had_is_a_bad_source(
    forum: Forum, discourse: Discourse, answer: Answer, advice: str
) -> None:
    forum.instead[FIRST] = [answer]
    with pytest.raises(BadSource, match=advice) as caught:
        discourse.fetch(forum.url)
    assert caught.value.source == forum.url
    assert len(discourse.fetch(forum.url).posts) == 3


# -- limits --------------------------------------------------------------------------------


def test_a_burst_is_let_through_and_then_a_window_slides() -> None:
    pace, calls = Pace(3, seconds=0.2), []
    for _ in range(8):
        pace.wait("forum.example.org")
        calls.append(time.monotonic())
    assert calls[2] - calls[0] < 0.1
    assert all(later - earlier >= 0.2 for earlier, later in zip(calls, calls[3:], strict=False))
    began = time.monotonic()
    pace.wait("other.example.org")
    assert time.monotonic() - began < 0.1


def test_a_small_topic_is_read_at_once_at_the_usual_pace(forum: Forum) -> None:
    forum.put(*posts(range(1, 100)))
    with Discourse(allow_private_hosts=True) as usual:
        began = time.monotonic()
        assert len(usual.fetch(forum.url).posts) == 99
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "limit",
    [
        Answer({"extras": {"wait_seconds": 0.2}}, 429),
        Answer({"extras": {"wait_seconds": 0.2}}, 429, {"Retry-After": "0"}),
        Answer({"extras": {"wait_seconds": 0.2}}, 503),
        Answer({"extras": {"wait_seconds": 0.2}}, 429, {"Retry-After": "soon"}),
    ],
)
def test_the_wait_that_a_forum_asks_for_is_kept_as_often_as_it_asks(
    forum: Forum, discourse: Discourse, limit: Answer
) -> None:
    times = []
    forum.meanwhile = lambda answers: times.append(time.monotonic())
    forum.instead[FIRST] = [limit] * 3
    assert len(discourse.fetch(forum.url).posts) == 3
    assert len(times) == 4
    assert all(later - earlier >= 0.2 for earlier, later in pairwise(times))


def test_the_seconds_of_a_header_are_kept(forum: Forum, discourse: Discourse) -> None:
    forum.instead[FIRST] = [Answer({}, 429, {"Retry-After": "1"})]
    began = time.monotonic()
    discourse.fetch(forum.url)
    assert 1 <= time.monotonic() - began < 2


def in_an_hour() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (Answer({}, 429, {"Retry-After": "3600"}), 3600),
        (Answer({}, 429, {"Retry-After": in_an_hour()}), 3600),
        (Answer({}, 503, {"Retry-After": "86400"}), 86400),
        (Answer({"extras": {"wait_seconds": 31}}, 429), 31),
        (Answer({"extras": {"wait_seconds": 40}}, 429, {"Retry-After": "31"}), 40),
        (Answer({}, 429, {"Retry-After": "9" * 400}), 366 * 86400),
    ],
)
def test_a_long_wait_is_left_to_the_caller_and_the_host_is_left_alone(
    forum: Forum, discourse: Discourse, answer: Answer, wait: float
) -> None:
    forum.instead[FIRST] = [answer]
    for url in (forum.url, f"http://{forum.host}/t/another/42"):
        with pytest.raises(Unreachable, match="try again later") as caught:
            discourse.fetch(url)
        assert caught.value.source == url
        assert caught.value.wait == pytest.approx(wait, abs=60)
    assert len(forum.asked) == 1


def test_a_forum_that_limits_us_without_end_is_given_up(forum: Forum, discourse: Discourse) -> None:
    forum.instead[FIRST] = [Answer({}, 429)] * 50
    with pytest.raises(Unreachable, match="429") as caught:
        discourse.fetch(forum.url)
    assert (caught.value.wait, len(forum.asked)) == (None, 6)


# -- faults --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "passing",
    [
        Answer({}, 503),
        Answer({}, 502),
        Answer({}, 429, {"Retry-After": "0"}),
        Answer({"extras": {"wait_seconds": 0}}, 429),
        Answer("slow down", 429, {"Retry-After": "soon"}),
        Answer('{"title": "cut', 200, {"Content-Type": "application/json"}),
        Answer({"title": "cut"}, promised=50),
    ],
)
def test_a_passing_fault_is_waited_out(forum: Forum, discourse: Discourse, passing: Answer) -> None:
    forum.instead[FIRST] = [passing, passing]
    assert len(discourse.fetch(forum.url).posts) == 3


@pytest.mark.parametrize(
    "fault",
    [
        Answer({}, 500),
        Answer('{"title": "cut', 200, {"Content-Type": "application/json"}),
        Answer({"title": "cut"}, promised=50),
    ],
)
def test_a_broken_topic_does_not_stop_the_others_but_three_in_a_row_do(
    forum: Forum, discourse: Discourse, fault: Answer
) -> None:
    forum.instead[FIRST] = [fault] * 3
    with pytest.raises(Unreachable, match="try again later"):
        discourse.fetch(forum.url)
    assert len(discourse.fetch(forum.url).posts) == 3

    forum.instead[FIRST] = [fault] * 9
    for _ in range(3):
        with pytest.raises(Unreachable):
            discourse.fetch(forum.url)
    asked = len(forum.asked)
    with pytest.raises(Unreachable, match="try again later"):
        discourse.fetch(forum.url)
    assert len(forum.asked) == asked == 13


def test_json_is_read_whatever_its_type_is_said_to_be(forum: Forum, discourse: Discourse) -> None:
    answer = forum.answer(FIRST, {})
    forum.instead[FIRST] = [Answer(answer.body, 200, {"Content-Type": "text/plain"})]
    assert len(discourse.fetch(forum.url).posts) == 3


def test_redirects_within_the_forum_are_followed_but_not_in_circles(
    forum: Forum, discourse: Discourse
) -> None:
    around = Answer({}, 301, {"Location": f"{FIRST}?include_raw=1"})
    forum.instead[FIRST] = [around]
    assert len(discourse.fetch(forum.url).posts) == 3
    forum.instead[FIRST] = [around] * 9
    with pytest.raises(BadSource, match="circle"):
        discourse.fetch(forum.url)


def test_a_reply_that_is_far_too_large_is_not_read(forum: Forum, discourse: Discourse) -> None:
    forum.put(a_post(1, cooked="x" * 20_000_001))
    with pytest.raises(BadSource, match="20 MB"):
        discourse.fetch(forum.url)


@contextmanager
def dripping(start: bytes) -> Iterator[str]:
    """Yield the address of a server that says so much at once and then a byte now and then."""

    def drip() -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.sendall(start)
            for _ in range(100):
                connection.sendall(b"x")
                time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join()


def test_a_body_that_drips_is_given_up() -> None:
    with dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n") as url:
        began = time.monotonic()
        with (
            requests.get(url, timeout=5, stream=True) as response,
            pytest.raises(Unreachable, match="too slowly"),
        ):
            body_of(response, url, until=began + 0.3)
        assert time.monotonic() - began < 3


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 O"])
def test_headers_that_drip_are_given_up(start: bytes) -> None:
    with dripping(start) as url, requests.Session() as session:
        session.mount("http://", Guarded(Limits(only_public=False, seconds=0.3)))
        began = time.monotonic()
        with pytest.raises(requests.Timeout):
            session.get(url, timeout=5)
        assert time.monotonic() - began < 3


def test_a_connection_that_is_cut_is_tried_again() -> None:
    def hang_up() -> None:
        for _ in range(3):
            connection, _ = server.accept()
            connection.close()
            accepted.append(1)

    accepted: list[int] = []
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        Discourse(calls_a_minute=60_000, allow_private_hosts=True) as discourse,
    ):
        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(Unreachable, match="did not answer") as caught:
            discourse.fetch(f"http://127.0.0.1:{server.getsockname()[1]}/t/1")
        thread.join()
    assert (len(accepted), isinstance(caught.value, NoNetwork)) == (3, False)


def test_no_forum_at_the_address_is_told_at_once_as_no_network(discourse: Discourse) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for _ in range(2):
        with pytest.raises(NoNetwork, match="did not answer"):
            discourse.fetch(f"http://127.0.0.1:{port}/t/1")


def test_the_forum_is_told_who_asks_and_how_to_reach_them(forum: Forum) -> None:
    contact = "ann@example.org"
    with Discourse(contact=contact, allow_private_hosts=True) as named:
        named.fetch(forum.url)
    assert re.fullmatch(r"journal-club/\d+\.\d+\S* \(\+ann@example\.org\)", forum.agents[-1])

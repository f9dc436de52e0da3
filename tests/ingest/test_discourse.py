"""A forum topic comes in whole or not at all, politely, and each fault says what to do."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from ingest.errors import BadSource, Unreachable
from ingest.forum.http import body_of
from ingest.forum.topics import Credentials, Discourse, parse_topic_url

TOPIC = 41


@dataclass(frozen=True)
class Answer:
    body: object
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    promised: int = 0  # bytes that the header promises beyond those that come


class Forum(ThreadingHTTPServer):
    """A forum on loopback with one topic; `instead` holds answers to be given first."""

    def __init__(self, posts: Sequence[dict[str, Any]]) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.posts = {post["id"]: post for post in posts}
        self.stream = list(self.posts)
        self.instead: dict[str, list[Answer]] = {}
        self.asked: list[str] = []
        self.keys: list[tuple[str | None, str | None]] = []
        self.agents: list[str] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/t/good-papers/{TOPIC}"

    def answer(self, path: str, query: dict[str, list[str]]) -> Answer:
        if waiting := self.instead.get(path):
            return waiting.pop(0)
        if path == f"/t/{TOPIC}.json":
            first = [self.posts[i] for i in self.stream[:20] if i in self.posts]
            stream = {"posts": first, "stream": self.stream}
            return Answer({"title": "Good papers", "slug": "good-papers", "post_stream": stream})
        if path == f"/t/{TOPIC}/posts.json":
            asked = [int(i) for i in query["post_ids[]"]]
            posts = [self.posts[i] for i in asked if i in self.posts]
            return Answer({"post_stream": {"posts": posts}, "id": TOPIC})
        return Answer({"errors": ["not found"], "error_type": "not_found"}, 404)


class _Page(BaseHTTPRequestHandler):
    server: Forum

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.server.asked.append(self.path)
        self.server.keys.append((self.headers["Api-Key"], self.headers["Api-Username"]))
        self.server.agents.append(self.headers["User-Agent"])
        answer = self.server.answer(url.path, parse_qs(url.query))
        is_text = isinstance(answer.body, str)
        body = str(answer.body).encode() if is_text else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        kind = {"Content-Type": "text/html" if is_text else "application/json; charset=utf-8"}
        length = {"Content-Length": str(len(body) + answer.promised)}
        for name, value in (kind | length | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def a_post(number: int, **changes: object) -> dict[str, Any]:
    return {
        "id": 900 + number,
        "post_number": number,
        "post_type": 1,
        "username": f"member{number}",
        "created_at": "2019-05-08T10:11:12.131Z",
        "cooked": f"<p>Words of <b>post {number}</b>.</p>",
        "raw": [{"odd": "not read"}],
        "reply_to_post_number": None,
        "actions_summary": [{"id": 2, "count": number}],
        "hidden": False,
        "user_deleted": False,
        "deleted_at": None,
    } | changes


@pytest.fixture
def forum() -> Iterator[Forum]:
    server = Forum([a_post(number) for number in range(1, 4)])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def discourse() -> Iterator[Discourse]:
    with Discourse(pause_seconds=0, allow_private_hosts=True) as ready:
        yield ready


def put(forum: Forum, *posts: dict[str, Any]) -> None:
    forum.posts = {post["id"]: post for post in posts}
    forum.stream = list(forum.posts)


@pytest.mark.parametrize(
    "path", ["t/a-title/41", "t/41", "t/a-title/41/7", "t/-/41.json", "t/41/7", "t/a/41/?page=2#x"]
)
def test_every_form_of_a_topic_url_is_understood(path: str) -> None:
    ref = parse_topic_url(f" https://forum.example.org/{path} ")
    assert (ref.base, ref.topic_id) == ("https://forum.example.org", 41)
    assert ref.key(7) == "discourse:forum.example.org:41:7"


def test_a_forum_may_have_a_port_and_live_in_a_folder() -> None:
    ref = parse_topic_url("http://Example.org:8080/talk/t/a-title/41")
    assert (ref.base, ref.host) == ("http://example.org:8080/talk", "example.org:8080")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "forum.example.org/t/a/41",
        "https://forum.example.org/c/papers/4",
        "ftp://forum.example.org/t/a/41",
        "https://forum.example.org:port/t/a/41",
        "https://[/t/a/41",
        "https://me:secret@forum.example.org/t/a/41",
    ],
)
def test_what_is_no_topic_url_is_refused_with_advice(url: str) -> None:
    with pytest.raises(BadSource, match=r"copy|take it out"):
        parse_topic_url(url)


def test_a_topic_comes_with_all_a_post_says_of_itself(forum: Forum, discourse: Discourse) -> None:
    put(forum, a_post(1), a_post(4, reply_to_post_number=1, actions_summary=[]))

    topic = discourse.fetch(f"{forum.url}/4")

    assert (topic.title, topic.topic_id, topic.url) == ("Good papers", TOPIC, forum.url)
    first, second = topic.posts
    assert first.key == f"discourse:{forum.host}:{TOPIC}:1"
    assert (first.text, first.author, first.date) == (
        "Words of post 1.",
        "member1",
        date(2019, 5, 8),
    )
    assert (first.url, first.topic_id, first.likes) == (f"{forum.url}/1", TOPIC, 1)
    assert (first.position, second.position, second.post_number) == (0, 1, 4)
    assert (first.reply_to, second.reply_to, second.likes) == (None, first.key, 0)


def test_posts_beyond_the_first_page_come_in_chunks_of_twenty(
    forum: Forum, discourse: Discourse
) -> None:
    put(forum, *(a_post(number) for number in range(1, 140, 2)))

    topic = discourse.fetch(forum.url)

    assert [post.post_number for post in topic.posts] == list(range(1, 140, 2))
    chunks = [parse_qs(urlsplit(path).query)["post_ids[]"] for path in forum.asked[1:]]
    assert [len(chunk) for chunk in chunks] == [20, 20, 10]
    assert topic.skipped == ()


def test_notices_and_hidden_deleted_and_wordless_posts_are_left_out(
    forum: Forum, discourse: Discourse
) -> None:
    put(
        forum,
        a_post(1),
        a_post(2, post_type=3),
        a_post(3, hidden=True),
        a_post(4, user_deleted=True),
        a_post(5, deleted_at="2019-06-01T00:00:00Z"),
        a_post(6, cooked="<img src='a.png'>"),
        a_post(7, reply_to_post_number=4),
    )
    topic = discourse.fetch(forum.url)
    assert [(post.post_number, post.reply_to) for post in topic.posts] == [(1, None), (7, None)]
    assert topic.skipped == ()


@pytest.mark.parametrize(
    "broken",
    [{"cooked": None}, {"post_number": "x"}, {"created_at": "lately"}, {"actions_summary": 3}],
)
def test_a_malformed_post_is_skipped_with_its_reason(
    forum: Forum, discourse: Discourse, broken: dict[str, object]
) -> None:
    put(forum, a_post(1), a_post(2, **broken), a_post(3))
    topic = discourse.fetch(forum.url)
    assert [post.post_number for post in topic.posts] == [1, 3]
    assert [next(iter(broken)) in error.reason for error in topic.skipped] == [True]


def test_lone_surrogates_and_null_bytes_in_a_post_are_cleaned(
    forum: Forum, discourse: Discourse
) -> None:
    put(forum, a_post(1, cooked="<p>a\ud83d b\x00</p>", username="m\ud83d"))
    post = discourse.fetch(forum.url).posts[0]
    assert (post.text, post.author) == ("a\ufffd b", "m\ufffd")


def test_a_listed_post_that_the_forum_does_not_give_is_told(
    forum: Forum, discourse: Discourse
) -> None:
    put(forum, *(a_post(number) for number in range(1, 31)))
    del forum.posts[925]
    topic = discourse.fetch(forum.url)
    assert len(topic.posts) == 29
    assert "1 more" in topic.skipped[0].reason


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
    forum.instead[f"/t/{TOPIC}.json"] = [answer]
    with pytest.raises(BadSource, match=advice) as caught:
        discourse.fetch(forum.url)
    assert caught.value.source == forum.url
    assert len(discourse.fetch(forum.url).posts) == 3


@pytest.mark.parametrize(
    "answers",
    [
        [Answer({}, 500)] * 3,
        [Answer({}, 429)] * 3,
        [Answer({}, 429, {"Retry-After": "3600"})],
        [Answer({"extras": {"wait_seconds": 31}}, 429)],
        [Answer('{"title": "cut', 200, {"Content-Type": "application/json"})],
        [Answer({"title": "cut"}, promised=50)],
    ],
)
def test_a_forum_that_fails_is_not_asked_again(
    forum: Forum, discourse: Discourse, answers: list[Answer]
) -> None:
    forum.instead[f"/t/{TOPIC}.json"] = list(answers)
    with pytest.raises(Unreachable, match="try again later"):
        discourse.fetch(forum.url)
    asked = len(forum.asked)
    with pytest.raises(Unreachable, match="try again later"):
        discourse.fetch(f"http://{forum.host}/t/another/42")
    assert asked == len(answers) == len(forum.asked)


@pytest.mark.parametrize(
    "passing",
    [
        Answer({}, 503),
        Answer({}, 429, {"Retry-After": "0"}),
        Answer({"extras": {"wait_seconds": 0}}, 429),
        Answer("slow down", 429, {"Retry-After": "soon"}),
    ],
)
def test_a_passing_fault_is_waited_out(forum: Forum, discourse: Discourse, passing: Answer) -> None:
    forum.instead[f"/t/{TOPIC}.json"] = [passing, passing]
    assert len(discourse.fetch(forum.url).posts) == 3


def test_the_wait_that_a_forum_asks_for_is_kept(forum: Forum, discourse: Discourse) -> None:
    forum.instead[f"/t/{TOPIC}.json"] = [Answer({"extras": {"wait_seconds": 0.3}}, 429)]
    started = threading.Event()
    timer = threading.Timer(0.25, started.set)
    timer.start()
    discourse.fetch(forum.url)
    timer.join()
    assert started.is_set()


@pytest.mark.parametrize(
    "later", [Answer({}, 404), Answer({}, 500), Answer({"post_stream": {"posts": []}}), Answer([])]
)
def test_a_topic_whose_later_part_fails_does_not_come_at_all(
    forum: Forum, discourse: Discourse, later: Answer
) -> None:
    put(forum, *(a_post(number) for number in range(1, 31)))
    forum.instead[f"/t/{TOPIC}/posts.json"] = [later] * 3
    with pytest.raises(Unreachable):
        discourse.fetch(forum.url)


def test_redirects_within_the_forum_are_followed_but_not_in_circles(
    forum: Forum, discourse: Discourse
) -> None:
    around = Answer({}, 301, {"Location": f"/t/{TOPIC}.json?include_raw=1"})
    forum.instead[f"/t/{TOPIC}.json"] = [around]
    assert len(discourse.fetch(forum.url).posts) == 3
    forum.instead[f"/t/{TOPIC}.json"] = [around] * 9
    with pytest.raises(BadSource, match="circle"):
        discourse.fetch(forum.url)


def test_a_reply_that_is_far_too_large_is_not_read(forum: Forum, discourse: Discourse) -> None:
    put(forum, a_post(1, cooked="x" * 20_000_001))
    with pytest.raises(BadSource, match="20 MB"):
        discourse.fetch(forum.url)


def test_a_post_of_three_megabytes_is_cut_and_told(forum: Forum, discourse: Discourse) -> None:
    put(forum, a_post(1, cooked="<p>" + "many words " * 280_000), a_post(2))
    topic = discourse.fetch(forum.url)
    assert [len(post.text) > 199_000 for post in topic.posts] == [True, False]
    assert [error.source for error in topic.skipped] == [f"{forum.url}/1"]


def test_hosts_of_a_private_network_are_refused_unless_allowed(forum: Forum) -> None:
    with Discourse(pause_seconds=0) as careful:
        for host in (forum.host, f"localhost:{forum.server_port}", "[::1]", "10.0.0.1"):
            with pytest.raises(BadSource, match="JOURNALCLUB_ALLOW_PRIVATE_HOSTS"):
                careful.fetch(f"http://{host}/t/{TOPIC}")
    assert forum.asked == []


def test_an_api_key_goes_to_its_own_forum_only(forum: Forum) -> None:
    for host, sent in ((forum.host, ("a-key", "ann")), ("forum.example.org", (None, None))):
        keys = Credentials(host, "a-key", "ann")
        with Discourse(pause_seconds=0, credentials=keys, allow_private_hosts=True) as knowing:
            knowing.fetch(forum.url)
        assert forum.keys[-1] == sent
        assert "a-key" not in repr(keys)


@pytest.mark.parametrize(
    "address",
    [
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::a00:1]",
        "[64:ff9b:1::a00:1]",
        "[2002:a00:1::1]",
        "[fec0::1]",
    ],
)
def test_a_private_address_in_the_guise_of_another_is_refused(address: str) -> None:
    with Discourse(pause_seconds=0) as careful, pytest.raises(BadSource, match="private network"):
        careful.fetch(f"https://{address}/t/{TOPIC}")


def test_an_api_key_is_not_sent_where_others_could_listen(forum: Forum) -> None:
    """A proxy stands in for the network between us and a public address."""
    code = (
        "from ingest.forum.topics import Credentials, Discourse\n"
        "keys = Credentials('8.8.8.8', 'a-key', 'ann')\n"
        "with Discourse(pause_seconds=0, credentials=keys) as knowing:\n"
        f"    print(len(knowing.fetch('http://8.8.8.8/t/{TOPIC}').posts))\n"
        "    knowing.fetch('http://8.8.8.8/t/42')\n"
    )
    environment = {**os.environ, "http_proxy": f"http://{forum.host}"}

    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )

    assert (done.stdout, forum.keys) == ("3\n", [(None, None)] * 2)
    assert "the API key is sent over https only: give the topic's URL with https" in done.stderr


def test_a_reply_that_never_ends_is_given_up() -> None:
    def drip() -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(50):
                connection.sendall(b"x")
                time.sleep(0.1)

    with socket.create_server(("127.0.0.1", 0)) as server:
        dripping = threading.Thread(target=drip)
        dripping.start()
        began = time.monotonic()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with (
            requests.get(url, timeout=5, stream=True) as response,
            pytest.raises(Unreachable, match="too slowly"),
        ):
            body_of(response, url, seconds=0.3)
        assert time.monotonic() - began < 3
        dripping.join()


def test_the_forum_is_told_who_asks_and_how_to_reach_them(forum: Forum) -> None:
    contact = "ann@example.org"
    with Discourse(contact=contact, pause_seconds=0, allow_private_hosts=True) as named:
        named.fetch(forum.url)
    assert re.fullmatch(r"journal-club/\d+\.\d+\S* \(\+ann@example\.org\)", forum.agents[-1])


def test_no_forum_at_the_address_is_told_at_once(discourse: Discourse) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    server.server_close()
    with pytest.raises(Unreachable, match="did not answer"):
        discourse.fetch(f"http://127.0.0.1:{server.server_port}/t/1")


def test_the_recorded_topic_is_read(forum: Forum, discourse: Discourse, shared: Path) -> None:
    recorded = json.loads((shared / "discourse" / "topic.json").read_text(encoding="utf-8"))
    forum.instead[f"/t/{TOPIC}.json"] = [Answer(recorded)]

    topic = discourse.fetch(forum.url)

    assert [post.post_number for post in topic.posts] == [1, 14]
    assert topic.posts[0].author == "samsaffron"
    assert topic.posts[0].date == date(2013, 2, 4)
    assert "http://meta.discourse.org" in topic.posts[0].links
    assert "<" not in topic.posts[0].text


def test_the_recorded_later_page_is_read(forum: Forum, discourse: Discourse, shared: Path) -> None:
    recorded = json.loads((shared / "discourse" / "topic_posts.json").read_text(encoding="utf-8"))
    put(forum, *(a_post(number) for number in range(20, 40)))
    forum.stream.append(recorded["post_stream"]["posts"][0]["id"])
    forum.instead[f"/t/{TOPIC}/posts.json"] = [Answer(recorded)]

    post = discourse.fetch(forum.url).posts[0]

    assert (post.post_number, post.text, post.likes) == (2, "Some text.", 3)
    assert (post.author, post.date) == ("Some-username", date(2020, 1, 27))

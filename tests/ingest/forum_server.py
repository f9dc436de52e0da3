"""A forum on loopback with one topic, which can be told to answer otherwise for a while."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOPIC = 41
PAGE = 20


@dataclass(frozen=True)
class Answer:
    """What the forum says instead of what it should; text is sent as a page."""

    body: object
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    promised: int = 0  # bytes that the header promises beyond those that come


class Forum(ThreadingHTTPServer):
    """A forum with one topic; `instead` holds answers to be given first, by path.

    `meanwhile` is called once an answer is made, before its text is sent, with the number of
    answers so far: what people do while the topic is read.
    """

    daemon_threads = True

    def __init__(self, posts: Sequence[dict[str, Any]]) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.posts = {post["id"]: post for post in posts}
        self.stream = list(self.posts)
        self.topic: dict[str, Any] = {"title": "Good papers", "slug": "good-papers", "id": TOPIC}
        self.other: dict[str, object] = {}  # path with its query -> body
        self.knows_ids = self.knows_pages = self.gives_stream = True
        self.instead: dict[str, list[Answer]] = {}
        self.meanwhile: Callable[[int], None] = lambda answers: None
        self.asked: list[str] = []
        self.keys: list[tuple[str | None, str | None]] = []
        self.agents: list[str] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/t/good-papers/{TOPIC}"

    def put(self, *posts: dict[str, Any]) -> None:
        """Let the topic hold these posts and no others."""
        self.posts = {post["id"]: post for post in posts}
        self.stream = list(self.posts)

    def delete(self, *ids: int) -> None:
        """Delete posts as a moderator does: they vanish from the stream too."""
        for post_id in ids:
            self.posts.pop(post_id, None)
        self.stream = [post_id for post_id in self.stream if post_id not in ids]

    def answer(self, path: str, query: dict[str, list[str]]) -> Answer:
        if waiting := self.instead.get(path):
            return waiting.pop(0)
        if path == f"/t/{TOPIC}.json":
            return self._page(int(query.get("page", ["1"])[0]) if self.knows_pages else 1)
        if path == f"/t/{TOPIC}/posts.json":
            asked = [int(i) for i in query["post_ids[]"]] if self.knows_ids else self.stream[:PAGE]
            posts = [self.posts[i] for i in asked if i in self.posts]
            return Answer({"post_stream": {"posts": posts}, "id": TOPIC})
        whole = f"{path}?{'&'.join(f'{k}={v[0]}' for k, v in query.items())}".rstrip("?")
        if whole in self.other:
            return Answer(self.other[whole])
        return Answer({"errors": ["not found"], "error_type": "not_found"}, 404)

    def _page(self, number: int) -> Answer:
        ids = self.stream[PAGE * (number - 1) : PAGE * number]
        if number > 1 and not ids:
            return Answer({"errors": ["not found"]}, 404)
        stream: dict[str, Any] = {"posts": [self.posts[i] for i in ids if i in self.posts]}
        if self.gives_stream:
            stream["stream"] = self.stream
        return Answer({"posts_count": len(self.stream), **self.topic, "post_stream": stream})


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
        self.server.meanwhile(len(self.server.asked))
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def a_post(number: int, **changes: object) -> dict[str, Any]:
    """Return a post as the forum gives it, its id being 900 and its number."""
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


def posts(numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Return a post for each number."""
    return [a_post(number) for number in numbers]


@contextmanager
def a_forum() -> Iterator[Forum]:
    """Yield a forum whose topic has three posts."""
    with Forum(posts(range(1, 4))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()

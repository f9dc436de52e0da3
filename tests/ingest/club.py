"""A library that ingests from a loopback stand-in for arXiv and a forum, and from real files."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from index import Filters, Store
from ingest import (
    ArxivApi,
    ArxivOai,
    Catalogue,
    Discourse,
    Given,
    Outside,
    PaperChain,
    Progress,
    Report,
    Watch,
    ingest,
)
from tests.fakes import FakeEmbedder

ATOM = 'xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/"'


class Internet(ThreadingHTTPServer):
    """What answers on loopback: `papers` by id (title, abstract), `topics` by number (posts)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.papers: dict[str, tuple[str, str]] = {}
        self.topics: dict[int, list[dict[str, Any]]] = {}
        self.is_down = False
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def topic_url(self, number: int) -> str:
        return f"{self.address}/t/good-papers/{number}"

    def feed(self, ids: Sequence[str]) -> str:
        found = [i for i in ids if i in self.papers]
        entries = "".join(_entry(i, *self.papers[i]) for i in found)
        return f"<feed {ATOM}><o:totalResults>{len(found)}</o:totalResults>{entries}</feed>"


class _Answer(BaseHTTPRequestHandler):
    server: Internet

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.server.asked.append(self.path)
        topic = url.path.removeprefix("/t/").removesuffix(".json")
        if self.server.is_down:
            self._send(503, "text/plain", "down")
        elif url.path == "/api/query":
            ids = parse_qs(url.query)["id_list"][0].split(",")
            self._send(200, "application/atom+xml", self.server.feed(ids))
        elif topic.isdigit() and int(topic) in self.server.topics:
            self._send(200, "application/json", json.dumps(self._topic(int(topic))))
        else:
            self._send(404, "application/json", "{}")

    def _topic(self, number: int) -> dict[str, Any]:
        posts = self.server.topics[number]
        stream = {"posts": posts, "stream": [post["id"] for post in posts]}
        return {"title": "Good papers", "slug": "good-papers", "post_stream": stream}

    def _send(self, status: int, kind: str, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


def _entry(arxiv_id: str, title: str, abstract: str) -> str:
    return (
        f"<entry><id>http://arxiv.org/abs/{arxiv_id}v2</id><title>{escape(title)}</title>"
        "<updated>2019-06-03T23:00:00Z</updated><published>2019-05-06T03:04:05Z</published>"
        f"<summary>{escape(abstract)}</summary><author><name>Ann Boil</name></author>"
        '<category term="cs.LG"/></entry>'
    )


def a_post(number: int, text: str, likes: int = 0) -> dict[str, Any]:
    """Return a post as the forum gives it."""
    return {
        "id": 900 + number,
        "post_number": number,
        "username": f"member{number}",
        "created_at": "2019-05-08T10:11:12.131Z",
        "cooked": f"<p>{text}</p>",
        "actions_summary": [{"id": 2, "count": likes}],
    }


@contextmanager
def serving() -> Iterator[Internet]:
    """Yield a stand-in that answers."""
    with Internet() as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def an_outside(arxiv_url: str, forum: Discourse) -> Outside:
    """Return clients that ask nobody but this address and this forum, without pauses."""
    arxiv = ArxivApi(arxiv_url, delay_seconds=0, timeout_seconds=5)
    return Outside(PaperChain([arxiv]), forum, ArxivOai(arxiv_url, delay_seconds=0))


@dataclass
class Club:
    """A library and all that its runs need; files are written below `folder`."""

    store: Store
    internet: Internet
    folder: Path
    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)

    def run(
        self,
        given: Given | None = None,
        watch: Watch = lambda progress: None,
        forum: Discourse | None = None,
    ) -> Report:
        """Run ingest as a new process would."""
        with forum or Discourse(calls_a_minute=60_000, allow_private_hosts=True) as reached:
            outside = an_outside(f"{self.internet.address}/api/query", reached)
            return ingest(self.store, self.embedder, outside, given or Given(), watch)

    @property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.store)

    def stored(self) -> list[str]:
        """Return the keys of all documents, sorted."""
        return sorted(document.key for document in self.store.documents(Filters()))

    def text(self, key: str) -> str:
        """Return the text of a document that is there."""
        document = self.store.fetch(key)
        assert document is not None, f"{key} is not stored"
        return document.text

    def write(self, name: str, text: str) -> Path:
        """Write a file and return its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def metadata(self, name: str, **abstracts: str | None) -> Path:
        """Write a metadata file; a paper p00007 is arXiv:1901.00007, its title Paper 7."""
        records = [
            {"id": paper_id(key), "title": f"Paper {int(key[1:])}", "abstract": text}
            for key, text in abstracts.items()
        ]
        return self.write(name, "\n".join(json.dumps(record) for record in records))


def paper_id(key: str) -> str:
    """Return the id of the paper p7 or p00007."""
    return f"1901.{int(key[1:]):05}"


def documents_of(*papers: str) -> list[str]:
    """Return the keys of the abstracts and records of papers p1, p2 …, sorted."""
    return sorted(
        f"arxiv:{paper_id(paper)}:{kind}" for paper in papers for kind in ("abstract", "record")
    )


@dataclass
class Stopping:
    """A watch that presses Ctrl-C once a stage has done so much."""

    stage: str
    at: int

    def __call__(self, progress: Progress) -> None:
        if progress.stage == self.stage and progress.done >= self.at:
            raise KeyboardInterrupt


COUNTS = ("added", "changed", "unchanged", "removed", "embeddings")


def counts(report: Report) -> tuple[int, ...]:
    """Return what a run added, changed, left, removed and embedded."""
    return tuple(getattr(report, name) for name in COUNTS)


def a_list(club: Club, name: str = "list.toml", more: str = "") -> Path:
    """Write a reading list of two papers, with a note on the first, and a saved thread."""
    club.write("thread.txt", "Good papers\n\nPaper One is good.\n\n\nSo is Paper Two.\n")
    return club.write(
        name,
        '[[papers]]\nid = "1901.00001"\ntitle = "On Kettles and Their Whistles"\n'
        'names = ["KettleNet"]\nnote = "It whistles well."\n'
        '[[papers]]\nid = "1901.00002"\ntitle = "On Teapots"\n' + more,
    )

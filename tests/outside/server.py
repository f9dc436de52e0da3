"""The stand-in as a server on loopback: one port for arXiv, DataCite and the forum."""

import gzip
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.outside.atom import atom_reply
from tests.outside.clock import Clock
from tests.outside.datacite import datacite_reply
from tests.outside.discourse import discourse_reply
from tests.outside.faults import Fault, Script
from tests.outside.forum import Forum
from tests.outside.oai import Oai
from tests.outside.papers import Papers
from tests.outside.recorded import Recordings
from tests.outside.reply import Query, Reply, page_reply

_SMALLEST_TO_SQUEEZE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came: its path with parameters, when (monotonic), and two of its headers."""

    path: str
    at: float
    user_agent: str | None
    api_key: str | None


class OutsideServer(ThreadingHTTPServer):
    """What answers: `papers` and `forum` are what there is, `script` what goes wrong.

    `asked` is every request so far. Where there are `recordings`, they come first.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.clear()
        self.stopping = threading.Event()

    def clear(self) -> None:
        """Begin anew: no papers, no topics, no faults, nothing asked; the address stays."""
        self.clock = Clock()
        self.papers = Papers(self.clock)
        self.forum = Forum(self.clock)
        self.oai = Oai(self.papers)
        self.script = Script()
        self.recordings: Recordings | None = None
        self.asked: list[Asked] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    @property
    def address(self) -> str:
        return f"http://{self.host}"

    @property
    def arxiv_url(self) -> str:
        return f"{self.address}/api/query"

    @property
    def oai_url(self) -> str:
        return f"{self.address}/oai"

    @property
    def datacite_url(self) -> str:
        return f"{self.address}/dois"

    def topic_url(self, topic_id: int) -> str:
        """Return the address under which readers know a topic."""
        topic = self.forum.topics.get(topic_id)
        return f"{self.address}/t/{topic.slug if topic else 'gone'}/{topic_id}"

    def category_url(self, category: int = 5) -> str:
        """Return the address of a category."""
        return f"{self.address}/c/{self.forum.categories[category]}/{category}"

    def tag_url(self, name: str) -> str:
        """Return the address of a tag."""
        return f"{self.address}/tag/{name}"

    def paths(self, holding: str = "") -> list[str]:
        """Return the paths that were asked for and hold these letters."""
        return [asked.path for asked in self.asked if holding in asked.path]

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that were killed; show anything else."""
        if not isinstance(sys.exception(), OSError):
            traceback.print_exc()

    def reply(self, query: Query) -> Reply:
        """Return the right answer to a request: what was recorded, if it was, or our own."""
        if self.recordings and (recorded := self.recordings.reply(query)):
            return recorded
        if query.path == "/api/query":
            return atom_reply(self.papers, query, self.clock())
        if query.path in ("/oai", "/oai2"):
            return self.oai.reply(query, self.oai_url, self.clock())
        if query.path.startswith("/dois/"):
            return datacite_reply(self.papers, query)
        if query.path.startswith(("/t/", "/c/", "/tag/")):
            return discourse_reply(self.forum, query)
        return page_reply("There is no such page.", 404)


class _Answer(BaseHTTPRequestHandler):
    server: OutsideServer

    def do_GET(self) -> None:
        agent, key = self.headers["User-Agent"], self.headers["Api-Key"]
        self.server.asked.append(Asked(self.path, time.monotonic(), agent, key))
        fault = self.server.script.due(self.path) or Fault()
        self.server.stopping.wait(fault.delay)
        if fault.reset:
            self._reset()
            return
        query = Query.of(self.path, self.headers["Accept"] or "")
        with suppress(OSError):  # the client has gone
            self._send(fault.of(self.server.reply(query), self.path), fault)

    def _send(self, reply: Reply, fault: Fault) -> None:
        self.send_response(reply.status)
        body = reply.body
        if "gzip" in (self.headers["Accept-Encoding"] or "") and len(body) > _SMALLEST_TO_SQUEEZE:
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        told = {"Content-Type": reply.kind, "Content-Length": str(len(body)), **reply.headers}
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        self._write(body if fault.truncate is None else body[: fault.truncate], fault.drip)

    def _write(self, body: bytes, drip: float | None) -> None:
        """Write the body, or so many bytes of it a second, in five pieces a second."""
        if drip is None:
            self.wfile.write(body)
            return
        piece = max(1, round(drip / 5))
        for start in range(0, len(body), piece):
            self.wfile.write(body[start : start + piece])
            self.wfile.flush()
            if self.server.stopping.wait(piece / drip):
                return

    def _reset(self) -> None:
        """Close the connection so that the client's system sees a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def standing_in() -> Iterator[OutsideServer]:
    """Yield a stand-in that answers."""
    with OutsideServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            server.shutdown()
            thread.join()

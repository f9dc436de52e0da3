"""Faults on a script: which requests go wrong, and how."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.outside.reply import Reply, json_reply


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with a reply; what is None or False goes as it should.

    `status`, `headers`, `body` and `kind` (the content type) take the place of the reply's own.
    `delay` seconds pass before it begins, `truncate` bytes come of it, `drip` bytes a second.
    `redirects` sends the client from address to address without end, and `reset` breaks the
    connection off before a byte of the reply.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    kind: str | None = None
    delay: float = 0.0
    truncate: int | None = None
    drip: float | None = None
    redirects: bool = False
    reset: bool = False

    def of(self, reply: Reply, path: str) -> Reply:
        """Return the reply that is sent instead of the right one."""
        if self.redirects:
            place = path + ("&" if "?" in path else "?") + "again=1"
            return Reply(b"", reply.kind, 302, {"Location": place})
        return Reply(
            reply.body if self.body is None else self.body,
            self.kind or reply.kind,
            self.status or reply.status,
            dict(reply.headers) | dict(self.headers),
        )


def a_page(status: int = 200) -> Fault:
    """Return the fault of a page for people where data is due."""
    body = b"<!DOCTYPE html><html><body><h1>Rate exceeded.</h1></body></html>"
    return Fault(status=status, body=body, kind="text/html; charset=utf-8")


def limited(seconds: int, with_header: bool = True) -> Fault:
    """Return a forum's 429, which says in its body how long to wait, mostly in a header too."""
    told = {
        "errors": ["You've performed this action too many times, please try again later."],
        "error_type": "rate_limit",
        "extras": {"wait_seconds": seconds, "time_left": f"{seconds} seconds"},
    }
    reply = json_reply(told, 429)
    headers = {"Retry-After": str(seconds)} if with_header else {}
    return Fault(429, headers, reply.body, reply.kind)


def an_empty_page(total: int = 5) -> Fault:
    """Return the fault of a feed that promises so many papers and holds none."""
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"<opensearch:totalResults>{total}</opensearch:totalResults></feed>"
    )
    return Fault(status=200, body=feed.encode(), kind="application/atom+xml; charset=utf-8")


@dataclass(slots=True)
class _Planned:
    fault: Fault
    path: re.Pattern[str]
    wait: int
    times: int | None


class Script:
    """What is to go wrong. Requests are matched by a pattern anywhere in path and parameters."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()

    def plan(self, fault: Fault, path: str = "", first: int = 1, times: int | None = None) -> None:
        """Let requests from the first matching one on go wrong, so many times or for good."""
        with self._lock:
            self._planned.append(_Planned(fault, re.compile(path), first - 1, times))

    def clear(self) -> None:
        """Let everything go as it should."""
        with self._lock:
            self._planned.clear()

    def due(self, path: str) -> Fault | None:
        """Return the fault of a request that has just come; the earliest planned comes first."""
        with self._lock:
            for planned in self._planned:
                if not planned.path.search(path) or planned.times == 0:
                    continue
                if planned.wait:
                    planned.wait -= 1
                    continue
                planned.times = None if planned.times is None else planned.times - 1
                return planned.fault
        return None

"""Tell what a forum's reply means: the JSON that it holds, or what is wrong and what to do."""

import json
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from ingest.errors import BadSource, Gone, NoNetwork, Unreachable

LARGEST_REPLY = 20_000_000
LONGEST_BAN = 366 * 86_400.0


class NotFound(BadSource):
    """The forum has nothing there (HTTP 404), or nothing that it shows to us."""


class Limited(Unreachable):
    """The forum asks us to wait."""


class Fault(Unreachable):
    """Something went wrong with one answer; the next one may come."""


class PassingFault(Fault):
    """Something went wrong with one answer; the same request may well work at once."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers and body of an answer."""

    status: int
    headers: requests.structures.CaseInsensitiveDict[str]
    body: bytes


def body_of(response: requests.Response, source: str, until: float) -> bytes:
    """Return a reply's body, which has to be there at a moment of the monotonic clock.

    Raises `BadSource` when it is too large and `Unreachable` when it is too slow.
    """
    body = bytearray()
    while block := response.raw.read1(1 << 16, decode_content=True):
        body += block
        if len(body) > LARGEST_REPLY:
            raise BadSource(source, "the reply is over 20 MB: that is no page of a forum")
        if time.monotonic() > until:
            raise Fault(source, "the forum answers too slowly: try again later")
    return bytes(body)


def unanswered(error: Exception, source: str) -> Unreachable:
    """Return what a failed request means: no connection, an answer too slow, or one cut off."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError) or isinstance(
        cause, urllib3.exceptions.NewConnectionError
    ):
        kind: type[Unreachable] = NoNetwork
    elif isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        kind = Fault
    else:
        kind = PassingFault
    return kind(source, f"the forum did not answer ({type(error).__name__}): try again later")


def decoded(reply: Reply, source: str) -> object:
    """Return the JSON of a reply whatever its type is said to be; errors name `source`."""
    _refuse_status(reply, source)
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        if "json" in reply.headers.get("Content-Type", "").lower():
            reason = "the forum's answer is cut short or garbled: try again later"
            raise PassingFault(source, reason) from error
        reason = (
            "the answer is a page, not JSON: is it a Discourse forum, open without login, and not "
            "being repaired?"
        )
        raise BadSource(source, reason) from error


def _refuse_status(reply: Reply, source: str) -> None:
    """Raise what a status other than 200 means."""
    status, wait = reply.status, _asked_wait(reply)
    if status == 429 or (status == 503 and wait is not None):
        raise Limited(source, f"the forum limits requests ({status}): try again later", wait)
    if status >= 500:
        raise PassingFault(source, f"the forum has a fault of its own ({status}): try again later")
    if status == 410:
        raise Gone(source, "it was deleted: take it off the list")
    if status == 404:
        reason = (
            "nothing is there, or it was deleted or is private: check the URL or give an API key"
        )
        raise NotFound(source, reason)
    if status in (401, 403):
        reason = "it is private: give an API key that may read it, or take it off the list"
        raise BadSource(source, reason)
    if status != 200:
        raise BadSource(source, f"the forum answered {status}: check the URL")


def _asked_wait(reply: Reply) -> float | None:
    """Return for how many seconds a forum asks us to wait, None where it does not say."""
    waits = [wait for wait in (_header_wait(reply), _body_wait(reply)) if wait is not None]
    return min(max(waits), LONGEST_BAN) if waits else None


def _header_wait(reply: Reply) -> float | None:
    asked = reply.headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _body_wait(reply: Reply) -> float | None:
    try:
        wait = float(json.loads(reply.body)["extras"]["wait_seconds"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return wait if wait >= 0 else None


def redirected(url: str, target: str, source: str) -> str:
    """Return where a redirect leads, if that is the same forum."""
    try:
        new = urljoin(url, target)
        before, after = urlsplit(url), urlsplit(new)
    except ValueError as error:
        raise BadSource(source, "the forum redirects to what is no URL: check the URL") from error
    if after.path.rstrip("/").endswith("/login") or "/session/" in after.path:
        raise BadSource(source, "the forum wants a login: give an API key that may read the topic")
    secured = (before.scheme, before.netloc) == ("http", after.netloc) and after.scheme == "https"
    if secured or (before.scheme, before.netloc) == (after.scheme, after.netloc):
        return new
    place = f"{after.scheme}://{after.netloc}"
    raise BadSource(source, f"the forum sends us to {place}: if it has moved, give the new URL")

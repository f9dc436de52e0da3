"""Ask a forum for JSON, politely: slowly, within limits, and never a host that is not meant."""

import ipaddress
import json
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
import urllib3
from requests.utils import get_environ_proxies, select_proxy

from ingest.errors import BadSource, Unreachable
from ingest.user_agent import user_agent

TIMEOUTS = (5.0, 20.0)  # to connect, to read
LARGEST_REPLY = 20_000_000
LONGEST_WAIT = 30.0
TRIES = 3
HOPS = 3


@dataclass(frozen=True, slots=True)
class Credentials:
    """An API key of one forum; it is sent to `host` (with its port, if it has one) only."""

    host: str
    api_key: str = field(repr=False)
    api_username: str

    def __post_init__(self) -> None:
        if not f"{self.api_key}{self.api_username}".isascii():
            raise BadSource(self.host, "the API key or its user name is not plain ASCII: check it")


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: requests.structures.CaseInsensitiveDict[str]
    body: bytes


class _Session(requests.Session):
    """A session that leaves redirects alone: requests reads their bodies without a limit."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class ForumClient:
    """Reads JSON from forums, one request after another.

    A host that did not answer is remembered and not asked again by this object. Hosts within a
    private network are refused unless allowed, so that a reading list cannot make us look there.
    """

    def __init__(
        self,
        contact: str,
        pause_seconds: float,
        credentials: Credentials | None,
        allow_private_hosts: bool,
    ) -> None:
        self._pause = pause_seconds
        self._credentials = credentials
        self._allow_private_hosts = allow_private_hosts
        self._session = _Session()
        self._session.headers["User-Agent"] = user_agent(contact)
        self._session.headers["Accept"] = "application/json"
        self._last_asked: dict[str, float] = {}
        self._down: dict[str, str] = {}

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def json(self, url: str, source: str) -> object:
        """Return the decoded reply; errors name `source`, the topic as the reader knows it."""
        host = urlsplit(url).netloc
        if host in self._down:
            raise Unreachable(source, self._down[host])
        try:
            return _decoded(self._answer(url, source), source)
        except Unreachable as error:
            self._down[host] = error.reason
            raise

    def _answer(self, url: str, source: str) -> _Reply:
        """Return the reply to a request, redirects within the forum followed."""
        for _ in range(HOPS + 1):
            if not self._allow_private_hosts:
                _refuse_private_host(urlsplit(url), source)
            reply = self._patient_answer(url, source)
            target = reply.headers.get("Location") if 300 <= reply.status < 400 else None
            if target is None:
                return reply
            url = _redirected(url, target, source)
        raise BadSource(source, "the forum redirects in a circle: check the URL")

    def _patient_answer(self, url: str, source: str) -> _Reply:
        """Return a reply that is neither "too many requests" nor a passing fault of the server.

        Not urllib3's Retry: Discourse says in the body how long to wait, and long waits end it.
        """
        for attempt in range(1, TRIES + 1):
            reply = self._ask(url, source)
            if reply.status != 429 and reply.status < 500:
                return reply
            wait = _asked_wait(reply, 8 * self._pause) if reply.status == 429 else 2 * self._pause
            if wait > LONGEST_WAIT or attempt == TRIES:
                break
            time.sleep(wait)
        fault = "limits requests" if reply.status == 429 else "has a fault of its own"
        raise Unreachable(source, f"the forum {fault} ({reply.status}): try again later")

    def _ask(self, url: str, source: str) -> _Reply:
        host = urlsplit(url).netloc
        time.sleep(max(0.0, self._last_asked.get(host, 0.0) + self._pause - time.monotonic()))
        self._last_asked[host] = time.monotonic()
        try:
            with self._session.get(
                url,
                headers=self._keys_for(host),
                timeout=TIMEOUTS,
                stream=True,
            ) as response:
                return _Reply(response.status_code, response.headers, _body(response, source))
        except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError) as error:
            reason = f"the forum did not answer ({type(error).__name__}): try again later"
            raise Unreachable(source, reason) from error

    def _keys_for(self, host: str) -> dict[str, str]:
        keys = self._credentials
        if keys is None or keys.host.lower() != host.lower():
            return {}
        return {"Api-Key": keys.api_key, "Api-Username": keys.api_username}


def _body(response: requests.Response, source: str) -> bytes:
    body = bytearray()
    for block in response.iter_content(1 << 16):
        body += block
        if len(body) > LARGEST_REPLY:
            raise BadSource(source, "the reply is over 20 MB: that is no page of a forum topic")
    return bytes(body)


def _asked_wait(reply: _Reply, default: float) -> float:
    """Return for how many seconds a "too many requests" asks us to wait."""
    try:
        if header := reply.headers.get("Retry-After"):
            return urllib3.Retry().parse_retry_after(header)
        wait = float(json.loads(reply.body)["extras"]["wait_seconds"])
        return wait if wait >= 0 else default
    except (
        urllib3.exceptions.InvalidHeader,
        ValueError,
        KeyError,
        TypeError,
        OverflowError,
        RecursionError,
    ):
        return default


def _refuse_private_host(url: SplitResult, source: str) -> None:
    try:
        found = socket.getaddrinfo(url.hostname, url.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        if select_proxy(url.geturl(), get_environ_proxies(url.geturl())):
            return  # the proxy knows names that we do not
        reason = f"no address is known for {url.hostname}: check the URL and the network"
        raise Unreachable(source, reason) from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not all((getattr(a, "ipv4_mapped", None) or a).is_global for a in addresses):
        raise BadSource(
            source,
            f"{url.hostname} is within a private network, which is not read by default: "
            "set JOURNALCLUB_ALLOW_PRIVATE_HOSTS=1 if the forum is yours",
        )


def _redirected(url: str, target: str, source: str) -> str:
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


def _decoded(reply: _Reply, source: str) -> object:
    if reply.status in (404, 410):
        reason = "no such topic, or it was deleted or is private: check the URL or give an API key"
        raise BadSource(source, reason)
    if reply.status in (401, 403):
        reason = "the topic is private: give an API key that may read it, or take it off the list"
        raise BadSource(source, reason)
    if reply.status != 200:
        raise BadSource(source, f"the forum answered {reply.status}: check the URL")
    if "json" not in reply.headers.get("Content-Type", "").lower():
        reason = "the answer is a page, not JSON: is it a Discourse forum, and open without login?"
        raise BadSource(source, reason)
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        reason = "the forum's answer is cut short or garbled: try again later"
        raise Unreachable(source, reason) from error

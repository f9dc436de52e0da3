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

from ingest.errors import BadSource, Gone, Unreachable
from ingest.user_agent import user_agent

TIMEOUTS = (5.0, 20.0)  # to connect, to read
LARGEST_REPLY = 20_000_000
LONGEST_REPLY = 60.0
LONGEST_WAIT = 30.0
TRIES = 3
HOPS = 3


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IPv6 networks whose addresses carry an IPv4 one, each with the bits behind that: NAT64, 6to4,
# IPv4-compatible and IPv4-mapped. Then those within a house that Python takes for public.
_CARRIERS = (("64:ff9b::/96", 0), ("2002::/16", 80), ("::/96", 0), ("::ffff:0:0/96", 0))
_IN_HOUSE = ("64:ff9b:1::/48", "fec0::/10")


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
                if reply.status in (401, 403, 404) and self._withholds_key(url):
                    reason = "the API key is sent over https only: give the topic's URL with https"
                    raise BadSource(source, reason)
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
                headers=self._keys_for(url),
                timeout=TIMEOUTS,
                stream=True,
            ) as response:
                return _Reply(response.status_code, response.headers, body_of(response, source))
        except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError) as error:
            reason = f"the forum did not answer ({type(error).__name__}): try again later"
            raise Unreachable(source, reason) from error

    def _keys_for(self, url: str) -> dict[str, str]:
        keys = self._credentials
        if keys is None or not self._is_its_forum(url) or self._withholds_key(url):
            return {}
        return {"Api-Key": keys.api_key, "Api-Username": keys.api_username}

    def _is_its_forum(self, url: str) -> bool:
        keys = self._credentials
        return keys is not None and keys.host.lower() == urlsplit(url).netloc.lower()

    def _withholds_key(self, url: str) -> bool:
        """Tell whether the key's forum is asked in a way that others could listen to."""
        place = urlsplit(url)
        if place.scheme == "https" or not self._is_its_forum(url):
            return False
        return not (self._allow_private_hosts and _is_in_house(place))


def body_of(response: requests.Response, source: str, seconds: float = LONGEST_REPLY) -> bytes:
    """Return a reply's body. Raises `BadSource` when it is too large, too slow `Unreachable`."""
    body, latest = bytearray(), time.monotonic() + seconds
    while block := response.raw.read1(1 << 16, decode_content=True):
        body += block
        if len(body) > LARGEST_REPLY:
            raise BadSource(source, "the reply is over 20 MB: that is no page of a forum topic")
        if time.monotonic() > latest:
            raise Unreachable(source, "the forum answers too slowly: try again later")
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
        addresses = _addresses(url)
    except (OSError, UnicodeError) as error:
        if select_proxy(url.geturl(), get_environ_proxies(url.geturl())):
            return  # the proxy knows names that we do not
        reason = f"no address is known for {url.hostname}: check the URL and the network"
        raise Unreachable(source, reason) from error
    if any(_is_private(address) for address in addresses):
        raise BadSource(
            source,
            f"{url.hostname} is within a private network, which is not read by default: "
            "set JOURNALCLUB_ALLOW_PRIVATE_HOSTS=1 if the forum is yours",
        )


def _addresses(url: SplitResult) -> list[_Address]:
    found = socket.getaddrinfo(url.hostname, url.port or 443, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _is_in_house(url: SplitResult) -> bool:
    try:
        return all(_is_private(address) for address in _addresses(url))
    except (OSError, UnicodeError):
        return False


def _is_private(address: _Address) -> bool:
    """Tell whether an address, or the IPv4 address that it carries inside, is not a public one."""
    if address.version == 4:
        return not address.is_global
    for network, shift in _CARRIERS:
        if address in ipaddress.IPv6Network(network):
            return not ipaddress.IPv4Address(int(address) >> shift & 0xFFFFFFFF).is_global
    return not address.is_global or any(address in ipaddress.IPv6Network(n) for n in _IN_HOUSE)


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
    if reply.status == 410:
        raise Gone(source, "the topic was deleted: take it off the list")
    if reply.status == 404:
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

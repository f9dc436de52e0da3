"""Ask a forum for JSON, politely: slowly, within limits, and never a host that is not meant."""

import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

import requests
import urllib3
from requests.utils import get_environ_proxies, select_proxy

from ingest.errors import BadSource, NoNetwork, Unreachable
from ingest.forum.connection import (
    Guarded,
    Limits,
    PrivateAddress,
    addresses_of,
    is_in_house,
    is_private,
)
from ingest.forum.pace import Pace
from ingest.forum.replies import (
    Fault,
    Limited,
    PassingFault,
    Reply,
    body_of,
    decoded,
    redirected,
    unanswered,
)
from ingest.user_agent import user_agent

TIMEOUTS = (5.0, 20.0)  # to connect, to read
LONGEST_REPLY = 30.0
LONGEST_WAIT = 30.0
ROUNDS = 6
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


class _Session(requests.Session):
    """A session that leaves redirects alone: requests reads their bodies without a limit."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class ForumClient:
    """Reads JSON from forums, one request after another, within a limit of calls a minute.

    A host that did not answer, or asks for a long wait, or failed with three requests in a row is
    remembered and not asked again by this object. Hosts within a private network are refused unless
    allowed, so that a reading list cannot make us look there.
    """

    def __init__(
        self,
        contact: str,
        calls_a_minute: int,
        credentials: Credentials | None,
        allow_private_hosts: bool,
    ) -> None:
        self._pace = Pace(calls_a_minute)
        self._beat = 60 / calls_a_minute
        self._credentials = credentials
        self._allow_private_hosts = allow_private_hosts
        self._session = _Session()
        self._session.headers["User-Agent"] = user_agent(contact)
        self._session.headers["Accept"] = "application/json"
        for scheme in ("http://", "https://"):
            limits = Limits(only_public=not allow_private_hosts, seconds=LONGEST_REPLY)
            self._session.mount(scheme, Guarded(limits))
        self._down: dict[str, Unreachable] = {}
        self._faults: Counter[str] = Counter()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def json(self, url: str, source: str) -> object:
        """Return the decoded reply; errors name `source`, the topic as the reader knows it.

        Raises `NotFound`, `Gone` or another `BadSource` when the forum will not give it, and
        `NoNetwork` or another `Unreachable` when it cannot now.
        """
        host = urlsplit(url).netloc
        if (down := self._down.get(host)) is not None:
            raise type(down)(source, down.reason, down.wait)
        try:
            found = self._patient_answer(url, source)
        except Unreachable as error:
            self._faults[host] += 1
            if not isinstance(error, Fault) or self._faults[host] >= TRIES:
                self._down[host] = error
            raise
        self._faults[host] = 0
        return found

    def _patient_answer(self, url: str, source: str) -> object:
        """Return the decoded reply once the forum neither limits us nor has a passing fault.

        Not urllib3's Retry: Discourse says in the body how long to wait, and long waits end it.
        """
        tries = rounds = 0
        while True:
            try:
                return decoded(self._answer(url, source), source)
            except Limited as error:
                rounds += 1
                wait = 10 * self._beat if error.wait is None else error.wait
                if wait > LONGEST_WAIT or rounds == ROUNDS:
                    raise
            except PassingFault:
                tries += 1
                wait = 2 * self._beat
                if tries == TRIES:
                    raise
            time.sleep(wait)

    def _answer(self, url: str, source: str) -> Reply:
        """Return the reply to a request, redirects within the forum followed."""
        for _ in range(HOPS + 1):
            if not self._allow_private_hosts:
                _refuse_private_host(urlsplit(url), source)
            reply = self._ask(url, source)
            target = reply.headers.get("Location") if 300 <= reply.status < 400 else None
            if target is None:
                if reply.status in (401, 403, 404) and self._withholds_key(url):
                    reason = "the API key is sent over https only: give the topic's URL with https"
                    raise BadSource(source, reason)
                return reply
            url = redirected(url, target, source)
        raise BadSource(source, "the forum redirects in a circle: check the URL")

    def _ask(self, url: str, source: str) -> Reply:
        self._pace.wait(urlsplit(url).netloc)
        until = time.monotonic() + LONGEST_REPLY
        keys = self._keys_for(url)
        try:
            with self._session.get(url, headers=keys, timeout=TIMEOUTS, stream=True) as response:
                body = body_of(response, source, until)
                return Reply(response.status_code, response.headers, body)
        except PrivateAddress as error:
            raise _private(urlsplit(url), source) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError) as error:
            raise unanswered(error, source) from error

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
        return not (self._allow_private_hosts and is_in_house(place))


def _refuse_private_host(url: SplitResult, source: str) -> None:
    try:
        addresses = addresses_of(url)
    except (OSError, UnicodeError) as error:
        if select_proxy(url.geturl(), get_environ_proxies(url.geturl())):
            return  # the proxy knows names that we do not
        reason = f"no address is known for {url.hostname}: check the URL and the network"
        raise NoNetwork(source, reason) from error
    if any(is_private(address) for address in addresses):
        raise _private(url, source)


def _private(url: SplitResult, source: str) -> BadSource:
    return BadSource(
        source,
        f"{url.hostname} is within a private network, which is not read by default: "
        "set JOURNALCLUB_ALLOW_PRIVATE_HOSTS=1 if the forum is yours",
    )

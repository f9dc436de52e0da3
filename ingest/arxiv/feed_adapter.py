"""How requests reach a feed: paced, within time limits, and with nothing but feeds coming back."""

import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from lxml import etree
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NameResolutionError, ReadTimeoutError

from ingest.user_agent import user_agent

CONNECT_SECONDS = 5.0
LONGEST_WAIT = 30.0  # the longest Retry-After, in seconds, that a run is held up for

_FEED = "{http://www.w3.org/2005/Atom}feed"
_ENTRY = "{http://www.w3.org/2005/Atom}entry"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"


class RejectedRequest(requests.RequestException):
    """The host says that the request itself is wrong (400)."""


class HostDown(requests.RequestException):
    """The host cannot be reached now; asking again at once would not help."""


class NotAFeed(requests.ConnectionError):
    """The reply is no complete Atom feed; a `ConnectionError`, so that it is asked for again."""


class EmptyFeed(requests.ConnectionError):
    """The feed promises results and has none; a `ConnectionError`, for the same reason."""


class FeedAdapter(HTTPAdapter):
    """Sends at most one request every `delay_seconds`, and later if the host asks for that.

    A reply with status 200 that comes out of it is a complete Atom feed.
    """

    def __init__(self, contact: str, delay_seconds: float, timeout_seconds: float) -> None:
        super().__init__()
        self._user_agent = user_agent(contact)
        self._delay = delay_seconds
        self._timeout = timeout_seconds
        self._not_before = 0.0

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        """Send the request when its time has come, and raise what is wrong with the reply."""
        time.sleep(max(0.0, self._not_before - time.monotonic()))
        request.headers["User-Agent"] = self._user_agent
        request.headers["Connection"] = "close"  # the next request is seconds away
        options["timeout"] = (CONNECT_SECONDS, self._timeout)
        try:
            response = super().send(request, *args, **options)
            content = response.content
        except requests.RequestException as error:
            raise self._named(error) from error
        finally:
            self._not_before = time.monotonic() + self._delay
        self._check(response.status_code, response.headers.get("Retry-After"))
        if response.status_code == requests.codes.ok:
            _check_feed(content)
        return response

    def _named(self, error: requests.RequestException) -> requests.RequestException:
        """Say what happened; only what may pass within seconds stays a `ConnectionError`."""
        cause = error.args[0] if error.args else None
        if isinstance(error, requests.ConnectTimeout):
            return HostDown(f"gave no connection within {CONNECT_SECONDS:.0f} seconds")
        if isinstance(error, requests.Timeout) or isinstance(cause, ReadTimeoutError):
            return HostDown(f"did not answer within {self._timeout:g} seconds")
        if isinstance(cause, MaxRetryError):
            return HostDown(f"cannot be reached ({_why(cause.reason)})")
        if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
            return requests.ConnectionError("broke the connection off")
        return HostDown(f"cannot be asked ({error})")

    def _check(self, status: int, retry_after: str | None) -> None:
        if status == requests.codes.bad_request:
            raise RejectedRequest("rejected the request")
        if status in (requests.codes.too_many_requests, requests.codes.unavailable):
            seconds = _seconds(retry_after)
            if seconds > LONGEST_WAIT:
                raise HostDown(f"asks for {seconds:.0f} seconds of patience (status {status})")
            self._not_before = max(self._not_before, time.monotonic() + seconds)


def _check_feed(content: bytes) -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise NotAFeed("sent a page that is no complete feed") from error
    if root.tag != _FEED:
        raise NotAFeed("sent a page that is no feed")
    if root.find(_ENTRY) is None and (root.findtext(_TOTAL) or "").strip() != "0":
        raise EmptyFeed("sent an empty page where papers were due")


def _seconds(retry_after: str | None) -> float:
    """Return how long a Retry-After header asks to wait, 0 where it says nothing readable."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(
        0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    )


def _why(error: object) -> str:
    if isinstance(error, NameResolutionError):
        return "no address is known for it"
    return re.sub(r"\[Errno -?\d+\] ", "", str(error).rpartition(": ")[2])

"""How requests reach arXiv and DataCite: paced, within limits of time and size, a few times."""

import io
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.exceptions import ProxyError
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError
from urllib3.exceptions import TimeoutError as HTTPTimeout

from ingest.user_agent import user_agent

CONNECT_SECONDS = 5.0
LONGEST_WAIT = 30.0  # the longest Retry-After, in seconds, that a run is held up for
LARGEST_REPLY = 50_000_000
TRIES = 3

_SILENCES = 3  # a whole reply may take as many times what the host may be silent
_HOPS = 3
_QUARTER_DAY = 6 * 3600.0

_Result = TypeVar("_Result")


class Trouble(requests.RequestException):
    """The host gave no useful answer, and asking it again at once would not help.

    `wait` is for how many seconds it asked to be left alone, None where it did not say.
    """

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.wait = wait


class NoConnection(Trouble):
    """No connection to the host came about."""


class Passing(Trouble):
    """What may be over in seconds: the host is asked again, a few times."""


class PoliteAdapter(HTTPAdapter):
    """Sends at most one request every `delay_seconds`, and later if the host asks for that.

    A reply with status 200 that comes out of it has passed `check`, which raises `Passing`. What
    the host says within `timeout_seconds` is waited for; the whole reply may take three times as
    long. Raises `Trouble`.
    """

    def __init__(
        self,
        contact: str,
        delay_seconds: float,
        timeout_seconds: float,
        check: Callable[[bytes], None],
    ) -> None:
        super().__init__()
        self._user_agent = user_agent(contact)
        self._delay = delay_seconds
        self._timeout = timeout_seconds
        self._check = check
        self._not_before = 0.0

    def mount(self, session: requests.Session) -> requests.Session:
        """Return the session, all of whose requests go through this adapter now."""
        for scheme in ("http://", "https://"):
            session.mount(scheme, self)
        session.max_redirects = _HOPS
        return session

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        """Send the request when its time has come, and again where that may help."""
        options |= {"timeout": (CONNECT_SECONDS, self._timeout), "stream": True}
        for _ in range(TRIES - 1):
            with suppress(Passing):
                return self._answer(request, options)
        return self._answer(request, options)

    def _answer(
        self, request: requests.PreparedRequest, options: dict[str, Any]
    ) -> requests.Response:
        time.sleep(max(0.0, self._not_before - time.monotonic()))
        request.headers["User-Agent"] = self._user_agent
        request.headers["Connection"] = "close"  # the next request is seconds away
        longest = _SILENCES * self._timeout
        try:
            response, body = _within(longest, lambda: self._exchange(request, options, longest))
        except TimeoutError as error:
            raise Trouble(f"took more than {longest:g} seconds to answer") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _named(error, self._timeout) from error
        finally:
            self._not_before = time.monotonic() + self._delay
        self._heed(response)
        if response.status_code == requests.codes.ok:
            self._check(body)
        response.raw = io.BytesIO(body)
        return response

    def _exchange(
        self, request: requests.PreparedRequest, options: dict[str, Any], seconds: float
    ) -> tuple[requests.Response, bytes]:
        latest = time.monotonic() + seconds
        response = super().send(request, **options)
        body = bytearray()
        try:
            while block := response.raw.read1(1 << 16, decode_content=True):
                body += block
                if len(body) > LARGEST_REPLY:
                    raise Trouble(f"sent more than {LARGEST_REPLY // 1_000_000} MB")
                if time.monotonic() > latest:
                    raise TimeoutError
        finally:
            response.close()
        return response, bytes(body)

    def _heed(self, response: requests.Response) -> None:
        """Raise what a status says of the host, and wait as long as it asks for before going on."""
        status = response.status_code
        if status != requests.codes.too_many_requests and status < 500:
            return
        wait = _asked_wait(response.headers.get("Retry-After"))
        if wait and wait > LONGEST_WAIT:
            raise Trouble(f"asks for {wait:.0f} seconds of patience (status {status})", wait)
        self._not_before = max(self._not_before, time.monotonic() + (wait or 0.0))
        if status == requests.codes.too_many_requests:
            raise Passing("answered that there were too many requests (429)", wait)
        raise Passing(f"answered with status {status}", wait)


def _within(seconds: float, call: Callable[[], _Result]) -> _Result:
    """Return what the call returns, or raise `TimeoutError` when it is not done in time.

    Time-outs of sockets begin anew with every byte: a host that drips could hold us for hours.
    """
    future: Future[_Result] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # it is raised where it is waited for
            future.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return future.result(timeout=seconds)


_BROKEN = (
    requests.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    urllib3.exceptions.ProtocolError,
    urllib3.exceptions.DecodeError,
)


def _named(error: Exception, timeout: float) -> Trouble:
    """Say what happened to the connection."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause or error
    trouble: Trouble
    if isinstance(error, Trouble):
        trouble = error
    elif isinstance(error, requests.ConnectTimeout):
        trouble = NoConnection(f"gave no connection within {CONNECT_SECONDS:.0f} seconds")
    elif isinstance(reason, NewConnectionError) or isinstance(error, ProxyError):
        trouble = NoConnection(f"cannot be reached ({_why(reason)})")
    elif isinstance(error, requests.Timeout) or isinstance(reason, HTTPTimeout):
        trouble = Trouble(f"did not answer within {timeout:g} seconds")
    elif isinstance(error, _BROKEN) and not isinstance(cause, MaxRetryError):
        trouble = Passing("broke the connection off")
    else:
        trouble = Trouble(f"cannot be asked ({_why(reason or error)})")
    return trouble


def _asked_wait(retry_after: str | None) -> float | None:
    """Return how long a Retry-After header asks to wait, None where it says nothing readable."""
    try:
        seconds = urllib3.Retry().parse_retry_after(retry_after or "")
    except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
        return None
    return min(float(seconds), _QUARTER_DAY) or None


def _why(error: object) -> str:
    if isinstance(error, NameResolutionError):
        return "no address is known for it"
    text = str(error).rpartition(": ")[2]
    return text.partition("] ")[2] or text

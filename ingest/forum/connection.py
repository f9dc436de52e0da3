"""Connect to forums only where that is allowed, and only for so long."""

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import SplitResult

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IPv6 networks whose addresses carry an IPv4 one, each with the bits behind that: NAT64, 6to4,
# IPv4-compatible and IPv4-mapped. Then those within a house that Python takes for public.
_CARRIERS = (("64:ff9b::/96", 0), ("2002::/16", 80), ("::/96", 0), ("::ffff:0:0/96", 0))
_IN_HOUSE = ("64:ff9b:1::/48", "fec0::/10")


class PrivateAddress(Exception):
    """A name that was public when it was checked led into a private network when it was used."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a connection keeps to: where it may lead, and for how many seconds a reply may begin."""

    only_public: bool
    seconds: float


class Guarded(HTTPAdapter):
    """Makes connections that keep to limits, for a session of requests.

    A connection looks at the address that it leads to, once it stands and before anything is
    asked: the name may have got another one since it was checked. What is asked through a proxy
    is the proxy's to resolve.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        super().__init__()

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: Any = None,
    ) -> HTTPConnectionPool:
        """Return the pool for a request (from HTTPAdapter), its connections being guarded ones."""
        found = super().get_connection_with_tls_context(request, verify, proxies, cert)
        pool = cast("HTTPConnectionPool", found)
        pool.ConnectionCls = _Secure if pool.scheme == "https" else _Guarded
        only_public = self._limits.only_public and pool.proxy is None
        pool.conn_kw["limits"] = Limits(only_public, self._limits.seconds)
        return pool


class _Guarded(HTTPConnection):
    def __init__(self, *given: Any, limits: Limits, **named: Any) -> None:
        super().__init__(*given, **named)
        self._limits = limits

    def connect(self) -> None:
        super().connect()
        if self._limits.only_public and is_private(_peer(self.sock)):
            self.close()
            raise PrivateAddress(self.host)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 has it
        with _cutting_off(self.sock, self._limits.seconds):
            return super().getresponse()


class _Secure(_Guarded, HTTPSConnection):
    pass


@contextmanager
def _cutting_off(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Shut a socket after so many seconds: its own time-out starts anew with each byte."""
    latest = time.monotonic() + seconds

    def shut() -> None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if time.monotonic() >= latest:  # what came is cut short, even where it looks whole
            raise TimeoutError("the reply took too long to begin")


def _peer(sock: socket.socket) -> _Address:
    return ipaddress.ip_address(str(sock.getpeername()[0]).partition("%")[0])


def addresses_of(url: SplitResult) -> list[_Address]:
    """Return the addresses of a URL's host. Raises OSError or UnicodeError if none is known."""
    found = socket.getaddrinfo(url.hostname, url.port or 443, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def is_in_house(url: SplitResult) -> bool:
    """Tell whether a URL's host is known to be within a private network, and nowhere else."""
    try:
        return all(is_private(address) for address in addresses_of(url))
    except (OSError, UnicodeError):
        return False


def is_private(address: _Address) -> bool:
    """Tell whether an address, or the IPv4 address that it carries inside, is not a public one."""
    if address.version == 4:
        return not address.is_global
    for network, shift in _CARRIERS:
        if address in ipaddress.IPv6Network(network):
            return not ipaddress.IPv4Address(int(address) >> shift & 0xFFFFFFFF).is_global
    return not address.is_global or any(address in ipaddress.IPv6Network(n) for n in _IN_HOUSE)

"""A real `journalclub serve` on loopback, started, asked and ended."""

import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.libraries import PROGRAM

_HOST = "127.0.0.1"
_PATIENCE_S = 300
_ENDING_S = 20
_STEP_S = 0.002


class NotServed(Exception):
    """The server ended, or did not do in time what it was waited for."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The status of a reply and how many milliseconds it took."""

    status: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Server:
    """A server process; `began` is when it was started, by `time.perf_counter`."""

    process: "subprocess.Popen[bytes]"
    port: int
    began: float

    def until_listening(self) -> float:
        """Wait until a connection is accepted; return the milliseconds since the start."""
        return self._until(self._accepts)

    def until_ready(self) -> float:
        """Wait until it answers questions; return the milliseconds since the start."""
        return self._until(lambda: self._status("/readyz") == http.client.OK)

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection, not opened yet; whoever takes it closes it."""
        return http.client.HTTPConnection(_HOST, self.port, timeout=_PATIENCE_S)

    def ask(self, question: str) -> Reply:
        """Ask a question on a connection of its own."""
        connection = self.connect()
        try:
            return ask(connection, question)
        finally:
            connection.close()

    def workers(self) -> list[int]:
        """Return the processes that answer: those it forked, or itself."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(each) for each in children.read_text().split()] or [self.process.pid]

    def _until(self, done: Callable[[], bool]) -> float:
        last = time.perf_counter() + _PATIENCE_S
        while not done():
            if self.process.poll() is not None or time.perf_counter() > last:
                raise NotServed(
                    f"The server on port {self.port} ended ({self.process.poll()}) or was not "
                    f"ready within {_PATIENCE_S} s. Start it by hand to see what it says."
                )
            time.sleep(_STEP_S)
        return (time.perf_counter() - self.began) * 1000

    def _accepts(self) -> bool:
        with suppress(OSError), socket.create_connection((_HOST, self.port), timeout=1):
            return True
        return False

    def _status(self, path: str) -> int:
        connection = self.connect()
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()


@contextmanager
def served(folder: Path, program: Sequence[str] = PROGRAM) -> Iterator[Server]:
    """Start a server over the library in a folder, and end it afterwards.

    Nothing is waited for: see `until_listening` and `until_ready`.
    """
    port = _free_port()
    command = [*program, "--data", str(folder), "serve", "--host", _HOST, "--port", str(port)]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ)
    try:
        yield Server(process, port, began)
    finally:
        process.terminate()
        try:
            process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ask(connection: http.client.HTTPConnection, question: str) -> Reply:
    """Ask a question on an open connection; status 0 when no reply came."""
    body = json.dumps({"question": question})
    began = time.perf_counter()
    try:
        connection.request("POST", "/ask", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        status = response.status
    except (OSError, http.client.HTTPException):
        connection.close()  # the next request opens it anew
        status = 0
    return Reply(status, (time.perf_counter() - began) * 1000)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])

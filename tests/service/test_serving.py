"""`journalclub serve` as a process: it listens first, ingests behind, and stops when told to."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from index import Store
from ingest import Given
from service.serving import THREADS
from tests.ingest.club import Club, Internet, serving
from tests.service.shell import Process, Shell, posing

pytestmark = pytest.mark.model
QUESTION = {"question": "Why do kettles whistle?"}


@dataclass(frozen=True, slots=True)
class Server:
    """A process that serves, alone with its children in a session of its own."""

    process: Process
    shell: Shell
    url: str

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=10)

    def ready(self) -> dict[str, Any]:
        told: dict[str, Any] = self.get("/readyz").json()
        return told

    def ask(self) -> dict[str, Any]:
        told: dict[str, Any] = requests.post(self.url + "/ask", json=QUESTION, timeout=10).json()
        return told

    def stop(self) -> int:
        """Send TERM; return the exit code once the process and all its children are gone."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=10)
        with pytest.raises(ProcessLookupError):
            os.killpg(self.process.pid, 0)
        return code


@contextmanager
def started(shell: Shell) -> Iterator[Server]:
    """Start `serve --ingest` on a free port, given its library by a flag."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "service", "--data", str(shell.folder / "library")]
    command += ["serve", "--ingest", "--port", str(port)]
    with (
        (shell.folder / "serve.log").open("w") as log,
        Process(
            command,
            cwd=shell.folder,
            env=shell.environment(DATA=str(shell.folder / "elsewhere")),
            stdout=log,
            stderr=log,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield Server(process, shell, f"http://127.0.0.1:{port}")
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def wait_for(what: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is true; what cannot be reached yet is not."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if what():
                return
        except requests.ConnectionError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.05)


def prepare(folder: Path, internet: Internet) -> Shell:
    """Make a library that follows a paper whose abstract is still missing."""
    internet.is_down = True
    with closing(Store.create(folder / "library")) as store:
        Club(store, internet, folder, posing()).run(Given(arxiv_ids=("1901.00001",)))
    internet.is_down = False
    return Shell(folder, f"{internet.address}/api/query")


@dataclass(frozen=True, slots=True)
class Begun:
    """A server that is ready, with what it said at first."""

    server: Server
    internet: Internet
    page: requests.Response
    first: requests.Response
    seconds: float


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Begun]:
    with serving() as internet:
        abstract = "Kettles whistle because steam rushes through two plates."
        internet.papers["1901.00001"] = ("On Kettles", abstract)
        shell = prepare(tmp_path_factory.mktemp("serving"), internet)
        began = time.monotonic()
        with started(shell) as server:
            wait_for(lambda: server.get("/healthz").ok)
            page, first = server.get("/"), server.get("/readyz")
            seconds = time.monotonic() - began
            wait_for(lambda: server.get("/readyz").ok)
            yield Begun(server, internet, page, first, seconds)
            assert server.stop() == 0


def test_the_page_is_served_before_the_model_is_ready(begun: Begun) -> None:
    assert (begun.page.status_code, begun.page.headers["Content-Type"][:9]) == (200, "text/html")
    assert begun.first.status_code == 503
    told = begun.first.json()
    assert (told["status"], told["library"], told["model"]) == ("starting", True, False)
    assert begun.seconds < 5

    assert begun.server.ready()["status"] == "ready"
    log = (begun.server.shell.folder / "serve.log").read_text()
    assert f"Journal Club listens on http://localhost:{begun.server.port}/" in log


def test_what_is_ingested_behind_the_server_is_answered(begun: Begun) -> None:
    wait_for(lambda: not begun.server.ask()["abstained"])

    told = begun.server.ask()

    assert told["citations"][0]["document"] == "arxiv:1901.00001:abstract"
    assert told["citations"][0]["quote"].startswith("Kettles whistle because steam")
    wait_for(lambda: not begun.server.ready()["ingesting"])
    assert not (begun.server.shell.folder / "elsewhere").exists()


def test_what_another_process_writes_is_noticed_without_a_restart(begun: Begun) -> None:
    wait_for(lambda: not begun.server.ready()["ingesting"])
    before = begun.server.get("/papers").json()["total"]
    begun.internet.papers["1901.00002"] = ("The Wombat Lottery", "")

    begun.server.shell.run("ingest", "--arxiv", "1901.00002")

    found = begun.server.get("/search?q=wombat").json()["hits"]
    assert "arxiv:1901.00002:record" in {hit["document"] for hit in found}
    assert begun.server.get("/papers").json()["total"] == before + 1


def test_a_port_that_is_taken_is_told_with_what_to_do(begun: Begun) -> None:
    port = begun.server.port

    told = begun.server.shell.run("serve", "--port", port, code=1)

    assert told.stderr == (
        f"Error: Cannot listen on 127.0.0.1:{port} (Address already in use). Stop what listens"
        " there, or choose another port with --port or JOURNALCLUB_PORT.\n"
    )
    assert begun.server.get("/healthz").ok


@pytest.mark.parametrize("sent", [b"", b"Content-Length: 50\r\n\r\n{"])
def test_requests_that_never_end_do_not_stop_the_server(begun: Begun, sent: bytes) -> None:
    started = b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    address = ("127.0.0.1", begun.server.port)
    with ExitStack() as held:
        for _ in range(THREADS):
            held.enter_context(socket.create_connection(address)).sendall(started + sent)
        time.sleep(0.5)  # until each has its thread

        reply = requests.get(begun.server.url + "/healthz", timeout=12)

    assert reply.ok


def test_term_stops_the_server_while_it_loads_and_the_ingest_behind_it(tmp_path: Path) -> None:
    with serving() as internet:
        prepare(tmp_path, internet)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        shell = Shell(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}/api/query")
        with started(shell) as server:
            connection, _ = silent.accept()  # the ingest behind waits for arXiv
            wait_for(lambda: server.get("/healthz").ok)
            began = time.monotonic()

            assert server.stop() == 0

            assert time.monotonic() - began < 5
            connection.close()
    assert "Traceback" not in (tmp_path / "serve.log").read_text()
    assert "stopped, so run 'journalclub ingest'" in shell.run("status").stdout

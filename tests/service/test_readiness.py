"""How the service tells whether it can answer, and what it refuses until then."""

import shutil
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from index import Store, Vectors, writer_lock
from ingest import Catalogue
from ingest.report import Tally
from service.app import create_app
from service.composition import Opening
from service.settings import Settings
from tests.fakes import FakeEmbedder
from tests.service.conftest import Open

PROBLEM = "application/problem+json"
QUESTION = {"question": "Who wrote MixMatch?"}


class SlowEmbedder(FakeEmbedder):
    """A model that takes until `loaded` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded = threading.Event()

    def encode(self, texts: Sequence[str]) -> Vectors:
        assert self.loaded.wait(10)
        return super().encode(texts)


def test_a_ready_service_tells_what_it_holds(client: FlaskClient) -> None:
    reply = client.get("/readyz")

    told = reply.get_json()
    note = told.pop("pending_note")
    assert (reply.status_code, reply.mimetype) == (200, "application/json")
    assert told == {
        "status": "ready",
        "detail": "Ready.",
        "model": True,
        "library": True,
        "documents": 13,
        "papers": 4,
        "comments": 5,
        "pending": 1,
        "ingesting": False,
    }
    assert "cannot be reached" in note
    assert "\n" not in note


def test_the_service_answers_requests_while_the_model_loads(
    opened: Open, library_folder: Path
) -> None:
    embedder = SlowEmbedder()
    opening = opened(library_folder, embedder)
    client = create_app(opening).test_client()
    opening.start()

    waiting = client.get("/readyz")
    asked = client.post("/ask", json=QUESTION)
    shown = client.get("/documents/note:1905.02249")
    alive = client.get("/healthz")
    embedder.loaded.set()
    _join("opening")

    told = waiting.get_json()
    assert (waiting.status_code, waiting.mimetype) == (503, PROBLEM)
    assert (told["type"], told["title"]) == ("/problems/not-ready", "Not ready")
    assert (told["status"], told["model"], told["library"]) == ("starting", False, True)
    assert (told["detail"], told["documents"]) == (asked.get_json()["detail"], 13)
    assert (asked.status_code, asked.headers["Retry-After"]) == (503, "5")
    assert (asked.mimetype, asked.get_json()["status"]) == (PROBLEM, 503)
    assert (shown.status_code, alive.get_json()) == (200, {"status": "alive"})
    assert client.get("/readyz").get_json()["status"] == "ready"
    assert client.post("/ask", json=QUESTION).status_code == 200


def test_the_service_is_ready_once_it_has_read_the_library(
    opened: Open, library_folder: Path
) -> None:
    opening = opened(library_folder)
    client = create_app(opening).test_client()
    reading, read_on = threading.Event(), threading.Event()

    def hold(given: str) -> None:
        if "select id, vector from passages" in given:
            reading.set()
            assert read_on.wait(10)

    def load() -> None:
        opening.open_library().store.connection.set_trace_callback(hold)
        opening.load()

    threading.Thread(target=load, name="held").start()
    began = reading.wait(10)
    waiting = client.get("/readyz")
    read_on.set()
    _join("held")

    assert began
    assert (waiting.status_code, waiting.get_json()["status"]) == (503, "starting")
    assert client.get("/readyz").status_code == 200


def test_a_library_that_is_mended_while_the_service_runs_is_found(
    opened: Open, library_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "library.db").write_text("no database " * 100)
    opening = opened(tmp_path)
    opening.load()
    client = create_app(opening).test_client()

    before = client.get("/readyz")
    shutil.copyfile(library_folder / "library.db", tmp_path / "library.db")
    after = client.get("/readyz")

    assert (before.status_code, after.status_code) == (503, 200)
    assert client.post("/ask", json=QUESTION).status_code == 200


def test_a_bad_question_is_refused_even_while_the_model_loads(opened: Open, tmp_path: Path) -> None:
    client = create_app(opened(tmp_path)).test_client()

    assert client.post("/ask", json={"question": ""}).status_code == 422


def test_a_library_that_is_made_while_the_service_runs_is_found(
    opened: Open, tmp_path: Path
) -> None:
    opening = opened(tmp_path)
    opening.load()
    client = create_app(opening).test_client()

    before, papers = client.get("/readyz"), client.get("/papers")
    Store.create(tmp_path).close()
    after = client.get("/readyz")

    assert (before.status_code, before.get_json()["status"]) == (503, "unavailable")
    assert (papers.status_code, papers.mimetype) == (503, PROBLEM)
    for told in (before.get_json(), papers.get_json()):
        assert "Run 'journalclub ingest' to make one" in told["detail"]
    assert (after.status_code, after.get_json()["documents"]) == (200, 0)


@pytest.mark.parametrize("address", ["/readyz", "/search?q=a", "/papers", "/documents/a"])
def test_a_library_that_cannot_be_used_is_told_with_what_to_do(
    opened: Open, tmp_path: Path, address: str
) -> None:
    (tmp_path / "library.db").write_text("no database " * 100)

    reply = create_app(opened(tmp_path)).test_client().get(address)

    assert (reply.status_code, reply.mimetype) == (503, PROBLEM)
    assert "Move it away or restore a copy." in reply.get_json()["detail"]


def test_a_library_of_a_newer_version_is_left_alone(opened: Open, tmp_path: Path) -> None:
    Store.create(tmp_path).close()
    database = sqlite3.connect(tmp_path / "library.db")
    database.execute("update migrations set number = 99")
    database.commit()
    database.close()

    reply = create_app(opened(tmp_path)).test_client().get("/papers")

    assert reply.status_code == 503
    assert "was written by a newer version of Journal Club" in reply.get_json()["detail"]


def test_a_run_is_told_while_it_lasts_and_not_after_it_was_killed(
    opened: Open, tmp_path: Path
) -> None:
    store = Store.create(tmp_path)
    Catalogue(store).runs.begin()
    store.close()
    opening = opened(tmp_path)
    opening.load()
    client = create_app(opening).test_client()

    with writer_lock(tmp_path):
        during = client.get("/readyz").get_json()
    after = client.get("/readyz").get_json()

    assert (during["ingesting"], after["ingesting"]) == (True, False)


def _join(name: str) -> None:
    """Wait for the threads of this name."""
    deadline = time.monotonic() + 10
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(deadline - time.monotonic())
            assert not thread.is_alive()


def test_a_damaged_database_is_told_with_what_to_do(
    opened: Open, library_folder: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "library"
    shutil.copytree(library_folder, damaged)
    opening = opened(damaged)
    opening.load()
    with (damaged / "library.db").open("r+b") as file:
        file.truncate(20 * 4096)

    reply = create_app(opening).test_client().post("/ask", json=QUESTION)

    assert (reply.status_code, reply.mimetype) == (503, PROBLEM)
    assert "run 'journalclub doctor'" in reply.get_json(force=True)["detail"]


def test_a_library_that_is_filled_for_the_first_time_is_getting_ready(tmp_path: Path) -> None:
    opening = Opening(Settings(data=tmp_path / "new"), FakeEmbedder(), filling=True)
    opening.load()
    client = create_app(opening).test_client()

    before = client.get("/readyz")
    store = Store.create(tmp_path / "new")
    run = Catalogue(store).runs.begin()
    meanwhile = client.get("/readyz")
    Catalogue(store).runs.end(run, Tally().report(0.1, stopped=False))
    after = client.get("/readyz")
    opening.close()
    store.close()

    assert [reply.status_code for reply in (before, meanwhile, after)] == [503, 503, 200]
    for told in (before.get_json(), meanwhile.get_json()):
        assert told["status"] == "starting"
        assert told["detail"].startswith("The library is being filled for the first time")

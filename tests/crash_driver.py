"""Ingest with a slow fake model that logs what it embeds. Made to be killed.

`Victim` runs it in processes that a server forks, once all is imported: see test_crash.py.
"""

import multiprocessing
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from index import Store, Vectors
from ingest import Discourse, Given, Report, ingest
from tests.fakes import FakeEmbedder
from tests.ingest.endings import unwatched
from tests.outside.clients import clients_of

SECONDS_A_TEXT = 0.002
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class SlowEmbedder(FakeEmbedder):
    """Takes its time, and writes down how many texts it is about to embed."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each text, slowly."""
        with self._log.open("a") as log:
            log.write(f"{len(texts)}\n")
        time.sleep(SECONDS_A_TEXT * len(texts))
        return super().encode(texts)


@dataclass(frozen=True, slots=True)
class Victim:
    """A library in a folder that is ingested by processes which may be killed.

    `sources` are metadata files and reading lists (.toml) within the folder, `address` is where
    the outside answers.
    """

    folder: Path
    sources: tuple[str, ...]
    address: str = "http://127.0.0.1:9"
    oai_sets: tuple[str, ...] = ()

    @property
    def library(self) -> Path:
        return self.folder / "library"

    def ingest(self, kill_after: float | None = None) -> Report | None:
        """Run ingest to its end, or kill -9 it so many seconds after it begins.

        Return its report; None if it was killed.
        """
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["__main__", "tests.crash_driver"])
        here, there = context.Pipe()
        process = context.Process(target=_bring_in, args=(self, there))
        with here, closing(process):
            process.start()
            there.close()
            assert here.recv() == "ready"
            if kill_after is not None:
                time.sleep(kill_after)
                process.kill()
            report = _last_word(here)
            process.join()
        assert kill_after is not None or report is not None, "the run did not come to its end"
        return report

    def embedded(self) -> int:
        """Return how many texts all the processes together began to embed."""
        log = self.folder / "log"
        return sum(map(int, log.read_text().split())) if log.exists() else 0


def _last_word(pipe: Connection) -> Report | None:
    try:
        report = pipe.recv()
    except (EOFError, ConnectionResetError):
        return None
    assert isinstance(report, Report)
    return report


def _bring_in(victim: Victim, pipe: Connection) -> None:
    """Say that all is imported, then ingest and send the report."""
    pipe.send("ready")
    paths = [victim.folder / name for name in victim.sources]
    lists = tuple(path for path in paths if path.suffix == ".toml")
    files = tuple(path for path in paths if path not in lists)
    given = Given(lists=lists, files=files, oai_sets=victim.oai_sets)
    with (
        closing(Store.create(victim.library)) as store,
        Discourse(calls_a_minute=60_000, allow_private_hosts=True) as forum,
    ):
        embedder = SlowEmbedder(victim.folder / "log")
        outside = clients_of(victim.address, forum, _hasty_clock)
        pipe.send(ingest(store, embedder, outside, given, unwatched))


def _hasty_clock() -> datetime:
    """Return a moment of a time in which two hours go by in a second: nothing waits for long."""
    return _EPOCH + timedelta(hours=2) * (time.time() % 10**6)

"""Fixtures that every kind of test shares."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import Store
from tests.fakes import FakeEmbedder


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data that lies beside the project, or skip."""
    folder = Path(os.environ.get("JOURNALCLUB_TEST_DATA", "../shared")).resolve()
    if not (folder / "seed" / "papers.json").is_file():
        pytest.skip(f"needs the real data, which is not in {folder} (JOURNALCLUB_TEST_DATA)")
    return folder


@pytest.fixture(scope="session", autouse=True)
def ctrl_c() -> None:
    """Let Ctrl-C reach the processes of tests, also where tests run behind a shell's `&`.

    A shell has what it starts in the background ignore SIGINT, and children inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def embedder() -> FakeEmbedder:
    """Return a fake model."""
    return FakeEmbedder()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a new, empty library."""
    made = Store.create(tmp_path / "library")
    yield made
    made.close()

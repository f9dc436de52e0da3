"""Fixtures that every kind of test shares."""

import os
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

"""Fixtures of the tests of whole runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index import Store
from tests.ingest.club import Club, serving


@pytest.fixture
def club(store: Store, tmp_path: Path) -> Iterator[Club]:
    """Return an empty library whose outside is on loopback."""
    with serving() as internet:
        yield Club(store, internet, tmp_path)

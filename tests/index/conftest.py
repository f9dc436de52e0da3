"""Fixtures of the index's tests: the packaged model, loaded once, and documents made short."""

import pytest

from index import SentenceTransformerEmbedder


@pytest.fixture(scope="session")
def model() -> SentenceTransformerEmbedder:
    """Return the packaged model, loaded."""
    embedder = SentenceTransformerEmbedder()
    embedder.load()
    return embedder

"""The one fake of the unit tests: an embedding model whose likeness is shared words."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from index import ModelIdentity, Vectors, content_words


class FakeEmbedder:
    """Behaves as an `Embedder`: unit rows, one direction a word, a token for each word or sign.

    `encoded` counts the texts that were embedded.
    """

    def __init__(self, name: str = "fake", dimension: int = 256, max_tokens: int = 64) -> None:
        self.identity = ModelIdentity(name, "1", dimension)
        self.max_tokens = max_tokens
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each text."""
        self.encoded += len(texts)
        return np.array([self._row(text) for text in texts], np.float32)

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Return the spans of words and signs."""
        return [[match.span() for match in re.finditer(r"\w+|[^\w\s]", text)] for text in texts]

    def load(self) -> None:
        """Be ready at once."""

    def _row(self, text: str) -> Vectors:
        row = np.zeros(self.identity.dimension, np.float32)
        for word in content_words(text) or ["nothing"]:
            stem = word.casefold().rstrip("s").encode()
            row[int.from_bytes(hashlib.blake2b(stem, digest_size=4).digest()) % len(row)] += 1
        return row / np.float32(np.linalg.norm(row))

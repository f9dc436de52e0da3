"""An embedder that looks vectors up in libraries that have them, so that nothing is made twice."""

import hashlib
import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from index import Embedder, Piece, Vectors
from index.database import DATABASE

NOISE = 0.35  # of a vector's length: a repeated text's cosine to the first is about 0.94
_MARK = re.compile(r" #\d+(?=\.|$)", re.MULTILINE)


def marked(title: str, copy: int) -> str:
    """Return the title that a record has when it is repeated; the first one keeps its own."""
    return f"{title} #{copy + 1}" if copy else title


def noisy(vector: Vectors, seed: str) -> Vectors:
    """Return a unit vector near this one, the same for the same seed."""
    digest = hashlib.blake2b(seed.encode(), digest_size=8).digest()
    noise = np.random.default_rng(int.from_bytes(digest)).standard_normal(len(vector))
    moved = vector + NOISE * noise.astype(np.float32) / np.linalg.norm(noise)
    return np.asarray(moved / np.linalg.norm(moved), np.float32)


class KnownVectors:
    """Poses as a model and gives the vectors that libraries hold of its texts.

    A text with the mark of a repeated record gets the first one's vector with noise, or another
    text's where the first was cut elsewhere: the mark takes room. Any other text that no library
    holds, the model itself embeds; `made` counts these. The libraries are opened read-only,
    whatever version wrote them.
    """

    def __init__(self, embedder: Embedder, libraries: Sequence[Path]) -> None:
        self._embedder = embedder
        self._libraries = [folder / DATABASE for folder in libraries]
        self.identity = embedder.identity
        self.max_tokens = embedder.max_tokens
        self.made = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a row for each text."""
        plain = [_MARK.sub("", text, count=1) for text in texts]
        known = self._stored(plain)
        pairs = list(zip(plain, texts, strict=True))
        missing = [text for bare, text in pairs if bare == text and text not in known]
        if missing or not known:  # with nothing known, a repeated text is embedded too
            known |= self._embedded(missing or plain)
        other = next(iter(known.values()), np.zeros(0, np.float32))
        rows = [
            known[bare] if bare == text else noisy(known.get(bare, other), text)
            for bare, text in pairs
        ]
        return np.array(rows, np.float32).reshape(-1, self.identity.dimension)

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Return the spans of the model's tokens."""
        return self._embedder.token_spans(texts)

    def _embedded(self, texts: Sequence[str]) -> Mapping[str, Vectors]:
        different = list(dict.fromkeys(texts))
        self.made += len(different)
        return dict(zip(different, self._embedder.encode(different), strict=True))

    def _stored(self, texts: Sequence[str]) -> dict[str, Vectors]:
        digests = {_digest(text): text for text in texts}
        found: dict[bytes, Vectors] = {}
        with ExitStack() as opened:
            for path in filter(Path.is_file, self._libraries):
                address = f"{path.resolve().as_uri()}?mode=ro"
                connection = opened.enter_context(closing(sqlite3.connect(address, uri=True)))
                found |= _read(connection, [d for d in digests if d not in found])
        return {digests[digest]: vector for digest, vector in found.items()}


def _read(connection: sqlite3.Connection, digests: Sequence[bytes]) -> dict[bytes, Vectors]:
    found: dict[bytes, Vectors] = {}
    for at in range(0, len(digests), 500):
        some = digests[at : at + 500]
        marks = ",".join("?" * len(some))
        statement = f"select digest, vector from passages where digest in ({marks})"
        rows = connection.execute(statement, some)
        found |= {digest: np.frombuffer(vector, np.float32) for digest, vector in rows}
    return found


def _digest(text: str) -> bytes:
    return Piece(0, 0, text).digest or b""

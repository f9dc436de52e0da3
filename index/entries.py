"""Documents become entries: split into pieces, each with its vector, none made twice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.documents import Document
from index.encoding.embedding import Embedder, Vectors
from index.passages import Piece, split

Known = Callable[[Sequence[bytes]], Mapping[bytes, Vectors]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A document with its pieces and their vectors: row i belongs to the i-th embedded piece."""

    document: Document
    pieces: tuple[Piece, ...]
    vectors: Vectors

    def passages(self) -> list[tuple[int, int, bytes | None, bytes | None]]:
        """Return start, end, digest and vector of each passage, as the database keeps them."""
        vectors = iter(self.vectors)
        return [
            (p.start, p.end, p.digest, p.digest and next(vectors).tobytes()) for p in self.pieces
        ]


def make_entries(
    documents: Sequence[Document], embedder: Embedder, known: Known
) -> tuple[list[Entry], int]:
    """Return the documents as entries, and how many vectors had to be made for them.

    `known` gives the vectors that are there already, of those of the digests that it is asked for.
    """
    pieces = split(documents, embedder)
    wanted = {p.digest: p.embedded_text for row in pieces for p in row if p.digest is not None}
    vectors = dict(known(list(wanted)))
    missing = {digest: text for digest, text in wanted.items() if digest not in vectors}
    if missing:
        made = embedder.encode([text for text in missing.values() if text is not None])
        vectors |= dict(zip(missing, made, strict=True))
    entries = [
        Entry(document, tuple(row), _rows(row, vectors, embedder.identity.dimension))
        for document, row in zip(documents, pieces, strict=True)
    ]
    return entries, len(missing)


def _rows(pieces: Sequence[Piece], vectors: Mapping[bytes, Vectors], dimension: int) -> Vectors:
    rows = [vectors[piece.digest] for piece in pieces if piece.digest is not None]
    return np.array(rows, np.float32).reshape(-1, dimension)

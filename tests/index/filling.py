"""Put documents into a library in one transaction, as a caller of the index does."""

import datetime

import numpy as np

from index import Document, Embedder, Entry, Kind, Piece, Store, Vectors, split


def a_document(key: str, text: str, title: str = "A title", kind: Kind = "abstract") -> Document:
    """Return a plain document."""
    return Document(key, kind, title, text)


def entry(document: Document, embedder: Embedder) -> Entry:
    """Return the document with its pieces and their vectors."""
    pieces = split([document], embedder)[0]
    return Entry(document, tuple(pieces), _vectors(pieces, embedder))


def fill(store: Store, embedder: Embedder, *documents: Document) -> None:
    """Store the documents in one transaction."""
    store.replace([entry(document, embedder) for document in documents], embedder.identity)


def keys_of(store: Store, found: list[tuple[int, float]]) -> list[str]:
    """Return the keys of the documents whose passages were found, in their order."""
    passages = store.passages([number for number, _ in found])
    return [passages[number].document.key for number, _ in found]


def day(text: str) -> datetime.date:
    """Return the date of an ISO day."""
    return datetime.date.fromisoformat(text)


def _vectors(pieces: list[Piece], embedder: Embedder) -> Vectors:
    texts = [piece.embedded_text for piece in pieces if piece.embedded_text is not None]
    made = embedder.encode(texts) if texts else np.empty(0, np.float32)
    return made.reshape(-1, embedder.identity.dimension)

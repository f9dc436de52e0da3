"""Find passages: the library on disk, its word index and its vectors.

Knows no HTTP, no arXiv and no forum; imports neither `ingest` nor `service`.
"""

from index.database import migrate, transaction
from index.documents import KINDS, Document, Filters, Hit, Kind, Passage
from index.embedding import PACKAGED, Embedder, ModelIdentity, SentenceTransformerEmbedder, Vectors
from index.entries import Entry, make_entries
from index.errors import (
    LibraryBusy,
    LibraryError,
    LibraryMissing,
    LibraryTooNew,
    LibraryUnusable,
    ModelUnusable,
    WrongModel,
)
from index.health import Problem, problems
from index.lock import is_being_written, writer_lock
from index.mending import repair
from index.next_set import HalfMade, half_made
from index.passages import Piece, split
from index.re_embedding import re_embed
from index.rows import fold
from index.search import search, search_by_vector
from index.sentences import Span, sentence_spans
from index.store import Store
from index.words import STOP_WORDS, content_words

__all__ = [
    "KINDS",
    "PACKAGED",
    "STOP_WORDS",
    "Document",
    "Embedder",
    "Entry",
    "Filters",
    "HalfMade",
    "Hit",
    "Kind",
    "LibraryBusy",
    "LibraryError",
    "LibraryMissing",
    "LibraryTooNew",
    "LibraryUnusable",
    "ModelIdentity",
    "ModelUnusable",
    "Passage",
    "Piece",
    "Problem",
    "SentenceTransformerEmbedder",
    "Span",
    "Store",
    "Vectors",
    "WrongModel",
    "content_words",
    "fold",
    "half_made",
    "is_being_written",
    "make_entries",
    "migrate",
    "problems",
    "re_embed",
    "repair",
    "search",
    "search_by_vector",
    "sentence_spans",
    "split",
    "transaction",
    "writer_lock",
]

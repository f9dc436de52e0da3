"""Find passages: the library on disk, its word index and its vectors.

Knows no HTTP, no arXiv and no forum; imports neither `ingest` nor `service`.
"""

from index.database import migrate, transaction
from index.derived import save_derived
from index.documents import KINDS, Document, Filters, Hit, Kind, Passage
from index.encoding.embedder import SentenceTransformerEmbedder
from index.encoding.embedding import Embedder, ModelIdentity, Vectors
from index.encoding.model_files import PACKAGED
from index.encoding.reranking import Reranker
from index.entries import Entry, make_entries
from index.errors import (
    LibraryBusy,
    LibraryError,
    LibraryMissing,
    LibraryTooNew,
    LibraryUnusable,
    ModelUnusable,
    NotSaved,
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
from index.store import DERIVED, Store
from index.words.terms import STOP_WORDS, content_words

__all__ = [
    "DERIVED",
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
    "NotSaved",
    "Passage",
    "Piece",
    "Problem",
    "Reranker",
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
    "save_derived",
    "search",
    "search_by_vector",
    "sentence_spans",
    "split",
    "transaction",
    "writer_lock",
]

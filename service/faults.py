"""What can go wrong that a user can mend, and how it is told: in one line, never as a traceback."""

import sqlite3

from index import LibraryError, LibraryUnusable, ModelUnusable
from ingest import SourceError
from service.evaluation.errors import EvaluationError
from service.settings import BadSettings

FAULTS = (
    LibraryError,
    ModelUnusable,
    SourceError,
    EvaluationError,
    BadSettings,
    sqlite3.DatabaseError,
)


def told(error: Exception) -> str:
    """Return what is wrong and what to do."""
    if isinstance(error, sqlite3.DatabaseError):
        error = LibraryUnusable.because_of(error)
    return f"Error: {error}"

"""What can be wrong with a library or a model, each with what to do about it."""

import sqlite3
from pathlib import Path
from typing import Self


class LibraryError(Exception):
    """Something is wrong with the library as a whole; the message says what to do."""


class LibraryMissing(LibraryError):
    """There is no library in the folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"There is no library in {folder}. Run 'journalclub ingest' to make one, "
            "or set JOURNALCLUB_DATA to the folder that holds yours."
        )


class LibraryUnusable(LibraryError):
    """The folder or the database in it cannot be used."""

    @classmethod
    def because_of(cls, error: sqlite3.DatabaseError) -> Self:
        """Say what SQLite met in a library that was open already, and what to do."""
        return cls(
            f"The library's database cannot be used ({error}). Make room if the disk is full; "
            "otherwise run 'journalclub doctor', which says what is damaged."
        )


class LibraryTooNew(LibraryError):
    """A newer version of the program wrote the library."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            f"{path} was written by a newer version of Journal Club (schema {found}; this one "
            f"knows {known}). Upgrade Journal Club; the library was left as it is."
        )


class LibraryBusy(LibraryError):
    """Another process is writing to the library."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Another ingest is writing to {folder}. Wait until it has finished and try again."
        )


class WrongModel(LibraryError):
    """The library's vectors are of another model than the one that is set."""

    def __init__(self, library: str, given: str) -> None:
        super().__init__(
            f"This library was embedded with {library}, but {given} is set. Set JOURNALCLUB_MODEL "
            "back, or run 'journalclub ingest --re-embed' to embed everything again."
        )


class ModelUnusable(Exception):
    """The embedding model cannot be loaded; the message says what to do."""

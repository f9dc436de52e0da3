"""What can be wrong with a library or a model, each with what to do about it."""

import errno
import os
import sqlite3
from pathlib import Path
from typing import Self


class LibraryError(Exception):
    """Something is wrong with the library as a whole; the message says what to do."""


class LibraryMissing(LibraryError):
    """There is no library in the folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"There is no library in {folder.absolute()}. Run 'journalclub ingest' to make one, "
            "or set JOURNALCLUB_DATA to the folder that holds yours."
        )


class LibraryUnusable(LibraryError):
    """The folder or the database in it cannot be used."""

    @classmethod
    def because_of(cls, error: sqlite3.DatabaseError | OSError, where: Path | None = None) -> Self:
        """Say what SQLite or the system met in a library, and what to do.

        Nothing is half done then: what was committed before is there, the rest is not.
        """
        what, cure = _CAUSES.get(_cause(error), _UNKNOWN)
        place = f" in {where}" if where else ""
        return cls(f"{what}{place} ({_reason(error)}). {cure}")


class NotSaved(LibraryError):
    """Indexes could not be saved in their folder, which loses nothing but time."""

    def __init__(self, error: OSError, folder: Path) -> None:
        if is_in_the_way(folder):
            cure = "A file stands where this folder should be: move it away."
        else:
            cure = "Make room, or check that you may write there."
        super().__init__(
            f"{folder} could not be written ({_reason(error)}), so not all of the indexes is saved "
            "anew. All that was done is stored and is found; opening the library takes "
            f"longer. {cure} The next 'journalclub ingest' saves them."
        )


def is_in_the_way(folder: Path) -> bool:
    """Tell whether something that is no folder stands where this folder should be."""
    return os.path.lexists(folder) and not folder.is_dir()


_FULL = (
    "There is no room left for the library",
    "What was stored before is safe. Make room and run the same command again.",
)
_NOT_WRITABLE = (
    "The library cannot be written",
    "Check that you may write to its folder and to the files in it, or set JOURNALCLUB_DATA to a "
    "folder where you may.",
)
_FAILING = (
    "The disk could not be read or written",
    "Check whether it is full or failing and try again; if it stays, run 'journalclub doctor', "
    "which says what is damaged.",
)
_DAMAGED = (
    "The library's database is damaged",
    "Stop what writes to it and run 'journalclub doctor', which says what can be mended; otherwise "
    "restore a backup of the data folder.",
)
_BUSY = (
    "Another program keeps the library's database to itself",
    "Wait until it has finished and try again.",
)
_UNKNOWN = (
    "The library cannot be used",
    "Check its folder (JOURNALCLUB_DATA), then run 'journalclub doctor', which says what is wrong.",
)
_CAUSES = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _NOT_WRITABLE,
    sqlite3.SQLITE_CANTOPEN: _NOT_WRITABLE,
    sqlite3.SQLITE_PERM: _NOT_WRITABLE,
    sqlite3.SQLITE_IOERR: _FAILING,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
}
_OF_THE_SYSTEM = {
    errno.ENOSPC: sqlite3.SQLITE_FULL,
    errno.EDQUOT: sqlite3.SQLITE_FULL,
    errno.EFBIG: sqlite3.SQLITE_FULL,
    errno.EROFS: sqlite3.SQLITE_READONLY,
    errno.EACCES: sqlite3.SQLITE_READONLY,
    errno.EPERM: sqlite3.SQLITE_READONLY,
    errno.ENOTDIR: sqlite3.SQLITE_READONLY,
    errno.EEXIST: sqlite3.SQLITE_READONLY,
    errno.ENOENT: sqlite3.SQLITE_READONLY,
    errno.EIO: sqlite3.SQLITE_IOERR,
}


def _cause(error: sqlite3.DatabaseError | OSError) -> int:
    """Return SQLite's primary code of what went wrong, the system's errors told in its terms."""
    if isinstance(error, OSError):
        return _OF_THE_SYSTEM.get(error.errno or 0, sqlite3.SQLITE_ERROR)
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF


def _reason(error: sqlite3.DatabaseError | OSError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


class LibraryTooNew(LibraryError):
    """A newer version of the program wrote the library."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            f"{path} was written by a newer version of Journal Club (schema {found}; this one "
            f"knows {known}). Upgrade Journal Club; the library was left as it is."
        )


class LibraryBusy(LibraryError):
    """Another process is writing to the library; the message says who, where that is known."""

    def __init__(self, folder: Path, writer: str | None = None) -> None:
        known = f"{writer} " if writer else ""
        super().__init__(
            f"Another ingest is writing to {folder}. {known}Wait until it has finished and try "
            "again."
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

"""Whether the system holds a library's files in memory, which decides what a search waits for."""

import os
from pathlib import Path

_AT_ONCE = 1 << 22


def forget(folder: Path) -> None:
    """Have the system drop what it keeps of a folder's files, but for what processes have mapped.

    A hint that Linux follows; where there is no such hint nothing happens.
    """
    advise = getattr(os, "posix_fadvise", None)
    for path in _files(folder):
        with path.open("rb") as file:
            if advise is not None:
                os.fsync(file.fileno())
                advise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read_through(folder: Path) -> None:
    """Read a folder's files from end to end, so that the system keeps them while it has room."""
    for path in _files(folder):
        with path.open("rb") as file:
            while file.read(_AT_ONCE):
                pass


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]

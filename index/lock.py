"""One writer of a library at a time, and a note beside the lock that says who it is."""

import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from index.errors import LibraryBusy, LibraryUnusable

_LOCK = "writer.lock"
_NOTE = "writer.json"
_LONGEST_NOTE = 2000
_LONGEST_COMMAND = 100


@dataclass(frozen=True, slots=True)
class Writer:
    """Who holds a library's lock; `since` is in UTC."""

    process: int
    host: str
    command: str
    since: datetime

    @classmethod
    def this_process(cls) -> Self:
        """Return this process as a writer that begins now."""
        program = Path(sys.argv[0]).stem if sys.argv else ""
        name = "journalclub" if program in ("", "__main__") else program
        command = " ".join([name, *sys.argv[1:]])[:_LONGEST_COMMAND]
        return cls(os.getpid(), platform.node(), command, datetime.now(UTC))

    def told(self, now: datetime) -> str:
        """Return who it is, and since when and how long it has been writing."""
        day = "" if self.since.date() == now.date() else f"{self.since:%Y-%m-%d} "
        return (
            f"Process {self.process} on host {self.host} ('{self.command}') has been writing since "
            f"{day}{self.since:%H:%M} UTC{_how_long(now - self.since)}."
        )


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Be the only writer of a library; readers never wait for it.

    Raises `LibraryBusy` when another stays it for a second, and `LibraryUnusable` when the folder
    cannot be written. The lock goes with its process, whatever becomes of the note.
    """
    lock, note = FileLock(folder / _LOCK), folder / _NOTE
    try:
        lock.acquire(timeout=1)
    except Timeout as error:
        writer = noted_writer(folder)
        told = writer.told(datetime.now(UTC)) if writer else None
        raise LibraryBusy(folder, told) from error
    except OSError as error:
        raise LibraryUnusable.because_of(error, folder) from error
    try:
        _write(note, Writer.this_process())
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def is_being_written(folder: Path) -> bool:
    """Tell whether a process holds the writer's lock; False where one may not look."""
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False


def _write(note: Path, writer: Writer) -> None:
    """Leave the note, or none where there is no room for it: it is for people only."""
    told = asdict(writer) | {"since": writer.since.isoformat()}
    try:
        note.write_text(json.dumps(told), "utf-8")
    except OSError:
        with suppress(OSError):
            note.unlink(missing_ok=True)  # an earlier writer's would name the wrong one


def noted_writer(folder: Path) -> Writer | None:
    """Return whom the note names, who may be gone; None where it is missing or no note of ours."""
    try:
        with (folder / _NOTE).open(encoding="utf-8") as file:
            told = json.loads(file.read(_LONGEST_NOTE))
        since = datetime.fromisoformat(told["since"]).astimezone(UTC)
        return Writer(int(told["process"]), _shown(told["host"]), _shown(told["command"]), since)
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None


def _shown(value: object) -> str:
    return "".join(filter(str.isprintable, str(value)))[:_LONGEST_COMMAND]


def _how_long(passed: timedelta) -> str:
    """Return a span in the largest unit that it fills; nothing where the clock was set back."""
    minutes = int(passed.total_seconds() // 60)
    for unit, length in (("day", 1440), ("hour", 60), ("minute", 1)):
        if count := max(minutes, 0) // length:
            return f" ({count} {unit}{'s' if count > 1 else ''})"
    return ""

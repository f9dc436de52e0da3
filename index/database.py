"""SQLite as the truth: connections, numbered migrations and the writer's lock."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import LibraryBusy, LibraryTooNew, LibraryUnusable

DATABASE = "library.db"


def connect(path: Path) -> sqlite3.Connection:
    """Open the database in autocommit mode, so that every transaction is written out.

    Raises `LibraryUnusable` when the folder cannot be written or the file is no database.
    """
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("pragma busy_timeout = 30000")
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma foreign_keys = on")
    except sqlite3.OperationalError as error:
        raise LibraryUnusable(
            f"{path} cannot be opened ({error}). Check that the folder exists and that you may "
            "write to it, or set JOURNALCLUB_DATA to one where you may."
        ) from error
    except sqlite3.DatabaseError as error:
        connection.close()
        raise LibraryUnusable(
            f"{path} is not a Journal Club library ({error}). Move it away or restore a copy."
        ) from error
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit everything that is executed inside, or nothing."""
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def migrate(connection: sqlite3.Connection, path: Path, package: str) -> None:
    """Run the package's migrations that this database has not seen, each in a transaction.

    Migrations are files `NNNN_name.sql` beside the package; each package counts its own.
    Raises `LibraryTooNew` when the database has seen more than there are.
    """
    steps = _steps(package)
    if _seen(connection, package) == len(steps):
        return
    with transaction(connection):
        connection.execute(
            "create table if not exists migrations (package text primary key, number integer)"
        )
        seen = _seen(connection, package)
        if seen > len(steps):
            raise LibraryTooNew(path, seen, len(steps))
        for step in steps[seen:]:
            for statement in _statements(step):
                connection.execute(statement)
        connection.execute(
            "insert into migrations values (?, ?)"
            " on conflict do update set number = excluded.number",
            (package, len(steps)),
        )


def _steps(package: str) -> list[str]:
    scripts = (file for file in files(package).iterdir() if re.match(r"\d{4}_.*\.sql$", file.name))
    return [file.read_text("utf-8") for file in sorted(scripts, key=lambda file: file.name)]


def _statements(script: str) -> Iterator[str]:
    """Yield the statements one by one: `executescript` would commit the transaction around them."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _seen(connection: sqlite3.Connection, package: str) -> int:
    known = connection.execute("select 1 from sqlite_master where name = 'migrations'").fetchone()
    if known is None:
        return 0
    row = connection.execute("select number from migrations where package = ?", (package,))
    return int((row.fetchone() or (0,))[0])


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Be the only writer of a library; readers never wait for it.

    Raises `LibraryBusy` at once when another process is. The lock goes with its process.
    """
    lock = FileLock(folder / "writer.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise LibraryBusy(folder) from error
    except OSError as error:
        raise LibraryUnusable(
            f"{folder} cannot be written ({error.strerror}). Set JOURNALCLUB_DATA to a folder "
            "where you may write."
        ) from error
    try:
        yield
    finally:
        lock.release()

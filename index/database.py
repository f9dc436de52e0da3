"""SQLite as the truth: connections, transactions and numbered migrations."""

import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from index.errors import LibraryTooNew, LibraryUnusable

DATABASE = "library.db"


def connect(path: Path) -> sqlite3.Connection:
    """Open the database in autocommit mode, so that every transaction is written out.

    Raises `LibraryUnusable` when the folder cannot be written or the file is no database.
    """
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _set_up(connection)
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as error:
        raise _unusable(path, error) from error
    return connection


def _set_up(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("pragma busy_timeout = 30000")
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")
    connection.execute("pragma foreign_keys = on")
    # The inner pages of a large library stay in memory, so that a row costs one read.
    connection.execute("pragma cache_size = -32000")


class Connections:
    """A connection for each thread that asks; those of threads that have ended are closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._open: dict[threading.Thread, sqlite3.Connection] = {}
        self._lock = threading.Lock()

    def of_this_thread(self) -> sqlite3.Connection:
        """Return the same connection to the same thread."""
        if not hasattr(self._local, "connection"):
            self._local.connection = connect(self._path)
            with self._lock:
                self._close(thread for thread in list(self._open) if not thread.is_alive())
                self._open[threading.current_thread()] = self._local.connection
        connection: sqlite3.Connection = self._local.connection
        return connection

    def close(self) -> None:
        """Close all of them; none can be used afterwards."""
        with self._lock:
            self._close(list(self._open))

    def _close(self, threads: Iterable[threading.Thread]) -> None:
        for thread in threads:
            self._open.pop(thread).close()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit everything that is executed inside, or nothing."""
    connection.execute("begin immediate")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("rollback")
        raise


def migrate(connection: sqlite3.Connection, path: Path, package: str) -> None:
    """Run the package's migrations that this database has not seen, each in a transaction.

    Migrations are files `NNNN_name.sql` beside the package; each package counts its own.
    Raises `LibraryTooNew` when the database has seen more than there are, and `LibraryUnusable`
    when it is damaged or some other program's.
    """
    steps = _steps(package)
    try:
        if (seen := _seen(connection, package)) > len(steps):
            raise LibraryTooNew(path, seen, len(steps))
        if seen < len(steps):
            with transaction(connection):
                _run(connection, package, steps)
    except sqlite3.DatabaseError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: sqlite3.DatabaseError) -> LibraryUnusable:
    """Return what to say of a file that cannot be opened: whether it is ours is not sure yet."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code & 0xFF in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB):
        return LibraryUnusable(
            f"{path} is not a Journal Club library ({error}). Move it away or restore a copy."
        )
    return LibraryUnusable.because_of(error, path.parent)


def _run(connection: sqlite3.Connection, package: str, steps: Sequence[str]) -> None:
    connection.execute(
        "create table if not exists migrations (package text primary key, number integer)"
    )
    for step in steps[_seen(connection, package) :]:
        for statement in _statements(step):
            connection.execute(statement)
    connection.execute(
        "insert into migrations values (?, ?) on conflict do update set number = excluded.number",
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

"""Migrations run forward and once, what is no library is refused, and readers never wait."""

import shutil
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from index import (
    LibraryMissing,
    LibraryTooNew,
    LibraryUnusable,
    Store,
    migrate,
    transaction,
    writer_lock,
)
from index.database import DATABASE, Connections, connect
from index.generations import stamp_of
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document, fill


@pytest.fixture
def steps(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of a package that has migrations."""
    folder = tmp_path / "packages" / f"steps_of_{tmp_path.name}"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    sys.path.insert(0, str(folder.parent))
    yield folder
    sys.path.remove(str(folder.parent))
    sys.modules.pop(folder.name, None)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "a.db")) as connection:
        yield connection


def values(connection: sqlite3.Connection) -> list[object]:
    return [row[0] for row in connection.execute("select value from notes order by rowid")]


def test_migrations_run_in_the_order_of_their_numbers_and_once(
    steps: Path, database: sqlite3.Connection
) -> None:
    (steps / "0010_last.sql").write_text("insert into notes values ('last');")
    (steps / "0002_more.sql").write_text(
        "-- a comment; with a semicolon\ninsert into notes\n  values ('a;b');\n"
        "insert into notes values ('c');"
    )
    (steps / "0001_first.sql").write_text("create table notes (value text);\n")
    (steps / "notes.sql").write_text("this is not a migration")

    for _ in range(3):
        migrate(database, Path("a.db"), steps.name)

    assert values(database) == ["a;b", "c", "last"]


def test_a_later_version_runs_only_what_it_adds(steps: Path, database: sqlite3.Connection) -> None:
    (steps / "0001_first.sql").write_text("create table notes (value text);")
    migrate(database, Path("a.db"), steps.name)
    (steps / "0002_second.sql").write_text("insert into notes values ('second');")
    migrate(database, Path("a.db"), steps.name)
    assert values(database) == ["second"]


def test_a_migration_that_fails_leaves_nothing_behind(
    steps: Path, database: sqlite3.Connection
) -> None:
    (steps / "0001_first.sql").write_text("create table notes (value text);\nnot sql;")
    with pytest.raises(LibraryUnusable, match="syntax error"):
        migrate(database, Path("a.db"), steps.name)
    assert database.execute("select count(*) from sqlite_master").fetchone()[0] == 0


def test_a_transaction_commits_everything_or_nothing(database: sqlite3.Connection) -> None:
    with transaction(database):
        database.execute("create table notes (value text)")
    with suppress(KeyboardInterrupt), transaction(database):
        database.execute("insert into notes values ('half')")
        raise KeyboardInterrupt
    assert values(database) == []
    assert not database.in_transaction


def test_a_transaction_that_sqlite_has_ended_itself_tells_why(database: sqlite3.Connection) -> None:
    with suppress(ZeroDivisionError), transaction(database):
        database.execute("rollback")
        raise ZeroDivisionError


@pytest.mark.parametrize("package", ["index.migrations", "ingest.migrations"])
def test_a_library_of_a_newer_version_is_refused_untouched(tmp_path: Path, package: str) -> None:
    Store.create(tmp_path).close()
    with closing(connect(tmp_path / DATABASE)) as connection:
        migrate(connection, tmp_path, package)
        connection.execute("update migrations set number = 99 where package = ?", (package,))
        connection.execute("pragma wal_checkpoint(truncate)")
    before = (tmp_path / DATABASE).read_bytes()

    with pytest.raises(LibraryTooNew, match=r"newer version.*schema 99.*Upgrade"):
        _open_fully(tmp_path, package)

    assert (tmp_path / DATABASE).read_bytes() == before


def _open_fully(folder: Path, package: str) -> None:
    store = Store.open(folder)
    with closing(store):
        migrate(store.connection, folder / DATABASE, package)


def test_a_library_from_before_smaller_passages_has_its_documents_split_anew(
    tmp_path: Path,
) -> None:
    embedder = FakeEmbedder()
    with closing(Store.create(tmp_path)) as store:
        fill(store, embedder, a_document("a", "Kettles whistle."))
        fill(store, embedder, replace(a_document("b", "Cats purr."), embedded=False))
        stamp = stamp_of(store.connection, 1)
        connection = store.connection
        connection.execute("update migrations set number = 3 where package = 'index.migrations'")

    with closing(Store.open(tmp_path)) as store:
        assert store.forgotten() == ["a"]
        assert stamp_of(store.connection, 1) != stamp
        assert len(store.matching("whistle", 9)) == 1


def test_a_newer_library_is_refused_at_once_while_its_own_version_writes(tmp_path: Path) -> None:
    Store.create(tmp_path).close()
    with closing(connect(tmp_path / DATABASE)) as newer:
        newer.execute("update migrations set number = 99")
        with transaction(newer), pytest.raises(LibraryTooNew):
            Store.open(tmp_path)


def test_a_folder_without_a_library_is_told_what_makes_one(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(LibraryMissing, match="journalclub ingest"):
            Store.open(folder)


@pytest.mark.parametrize(
    "content", [b"no database at all " * 100, b"SQLite format 3\0" + b"x" * 5000]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / DATABASE).write_bytes(content)
    with pytest.raises(LibraryUnusable, match="restore a copy"):
        Store.create(tmp_path)
    assert (tmp_path / DATABASE).read_bytes() == content


def test_another_program_s_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / DATABASE)) as other:
        other.execute("create table documents (name text)")
    with pytest.raises(LibraryUnusable, match="documents already exists"):
        Store.open(tmp_path)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as other:
        assert [row[0] for row in other.execute("select name from sqlite_master")] == ["documents"]


def test_a_library_cut_short_is_refused(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "whole")
    fill(store, FakeEmbedder(), *(a_document(str(n), "Some words. " * 90) for n in range(30)))
    store.close()
    whole = (tmp_path / "whole" / DATABASE).read_bytes()
    (tmp_path / DATABASE).write_bytes(whole[:5000])
    with pytest.raises(LibraryUnusable, match="malformed"):
        Store.open(tmp_path)


def test_a_folder_that_cannot_be_made_or_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    below = tmp_path / "file" / "library"
    with pytest.raises(LibraryUnusable, match="JOURNALCLUB_DATA"):
        Store.create(below)
    with pytest.raises(LibraryUnusable, match="JOURNALCLUB_DATA"), writer_lock(below):
        pass
    (tmp_path / DATABASE).mkdir()
    with pytest.raises(LibraryUnusable, match="JOURNALCLUB_DATA"):
        Store.create(tmp_path)


def test_readers_do_not_wait_for_a_writer(store: Store, embedder: FakeEmbedder) -> None:
    fill(store, embedder, a_document("a", "Before."))
    with closing(Store.open(store.folder)) as reader, transaction(store.connection):
        store.connection.execute("delete from documents")
        document = reader.fetch("a")
    assert document
    assert document.text == "Before."


def test_connections_of_threads_that_ended_are_closed(tmp_path: Path) -> None:
    connections = Connections(tmp_path / "a.db")
    made: list[sqlite3.Connection] = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: made.append(connections.of_this_thread()))
        thread.start()
        thread.join()

    own = connections.of_this_thread()

    for connection in made:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("select 1")
    assert own is connections.of_this_thread()
    connections.close()


def test_a_library_is_copied_by_copying_its_folder(
    store: Store, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    fill(store, embedder, a_document("a", "Words."))
    store.close()
    shutil.copytree(store.folder, tmp_path / "copy")
    with closing(Store.open(tmp_path / "copy")) as copy:
        assert copy.counts() == {"abstract": 1, "passages": 1, "vectors": 1}

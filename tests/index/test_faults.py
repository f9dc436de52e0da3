"""A full disk, a folder one may not write and a damaged file are told plainly and leave no half."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import pytest

from index import (
    Filters,
    LibraryUnusable,
    NotSaved,
    Store,
    is_being_written,
    problems,
    re_embed,
    repair,
    save_derived,
    search,
    writer_lock,
)
from index.database import DATABASE
from index.store import DERIVED
from index.words.postings_file import FILE
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document, fill

NOBODY = 65534
LONG = [a_document(f"k{n}", f"Dropout and word{n}. " * 20) for n in range(200)]


@contextmanager
def without_room(store: Store) -> Iterator[None]:
    """Let the database have no page more than it has."""
    pages = store.connection.execute("pragma page_count").fetchone()[0]
    store.connection.execute(f"pragma max_page_count = {pages}")
    yield
    store.connection.execute("pragma max_page_count = 1000000")


@contextmanager
def guarded(mode: int) -> Iterator[Path]:
    """Give the folder of a library with this mode, to a user whom modes bind (not root)."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with closing(Store.create(folder)) as store:
            fill(store, FakeEmbedder(), a_document("a", "Words."))
        folder.chmod(mode)
        try:
            with _as_nobody() if os.geteuid() == 0 else nullcontext():
                yield folder
        finally:
            folder.chmod(0o700)


@contextmanager
def _as_nobody() -> Iterator[None]:
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_full_disk_is_told_and_nothing_is_half_stored(
    store: Store, embedder: FakeEmbedder
) -> None:
    fill(store, embedder, a_document("a", "Kept words."))
    with without_room(store), pytest.raises(sqlite3.OperationalError) as told:
        fill(store, embedder, *LONG)

    assert str(LibraryUnusable.because_of(told.value)) == (
        "There is no room left for the library (database or disk is full). What was stored before "
        "is safe. Make room and run the same command again."
    )
    assert (store.generation(), store.counts()["abstract"]) == (1, 1)
    assert problems(store) == []
    fill(store, embedder, *LONG)
    assert search("word42", store, embedder, 1)[0].passage.document == LONG[42]


def test_a_disk_that_is_full_before_the_switch_costs_neither_set(
    store: Store, embedder: FakeEmbedder
) -> None:
    fill(store, embedder, *LONG)
    following = FakeEmbedder("next", dimension=512)

    def fill_up(done: int, total: int) -> None:
        if done == total:
            pages = store.connection.execute("pragma page_count").fetchone()[0]
            store.connection.execute(f"pragma max_page_count = {pages}")

    with pytest.raises(sqlite3.OperationalError, match="full"):
        re_embed(store, following, fill_up)

    assert search("word42", store, embedder, 1)[0].passage.document == LONG[42]
    assert problems(store) == []
    store.connection.execute("pragma max_page_count = 1000000")
    assert re_embed(store, following, lambda done, total: None) == 0
    assert search("word42", store, following, 1)[0].passage.document == LONG[42]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_file_for_which_there_is_no_room_is_told_alike() -> None:
    with pytest.raises(OSError, match="No space left") as told:
        Path("/dev/full").write_text("words")
    assert str(LibraryUnusable.because_of(told.value, Path("data"))) == (
        "There is no room left for the library in data (No space left on device). What was stored "
        "before is safe. Make room and run the same command again."
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_indexes_for_which_there_is_no_room_are_told_not_to_be_saved(
    store: Store, embedder: FakeEmbedder
) -> None:
    derived = store.folder / DERIVED
    fill(store, embedder, *(a_document(f"k{n}", f"word{n}") for n in range(2001)))
    derived.mkdir()
    (derived / f".{FILE}").symlink_to("/dev/full")

    with pytest.raises(NotSaved) as told:
        save_derived(store)

    assert str(told.value) == (
        f"{derived} could not be written (No space left on device), so not all of the indexes "
        "is saved anew. All that was done is stored and is found; opening the library takes "
        "longer. Make room, or check that you may write there. The next 'journalclub ingest' "
        "saves them."
    )
    save_derived(store)
    assert (derived / FILE).is_file()


def test_a_folder_that_may_not_be_written_is_told() -> None:
    with guarded(0o555) as folder:
        with pytest.raises(LibraryUnusable, match="Check that you may write to its folder"):
            Store.open(folder)
        with pytest.raises(LibraryUnusable, match="set JOURNALCLUB_DATA"), writer_lock(folder):
            pass
        with pytest.raises(LibraryUnusable, match=r"cannot be written .*\(Permission denied\)"):
            Store.create(folder / "below")
        assert not is_being_written(folder)


def test_a_folder_that_may_not_be_entered_is_told() -> None:
    with (
        guarded(0o000) as folder,
        pytest.raises(LibraryUnusable, match=r"\(Permission denied\)"),
    ):
        Store.open(folder)


def test_a_library_that_may_not_be_written_any_more_is_told(
    store: Store, embedder: FakeEmbedder
) -> None:
    fill(store, embedder, a_document("a", "Words."))
    store.connection.execute("pragma query_only = on")
    with pytest.raises(sqlite3.OperationalError) as told:
        fill(store, embedder, a_document("b", "Other words."))
    assert "The library cannot be written" in str(LibraryUnusable.because_of(told.value))
    assert search("words", store, embedder, 1)[0].passage.document.key == "a"


def test_a_library_that_another_program_keeps_is_told(store: Store, embedder: FakeEmbedder) -> None:
    with closing(Store.open(store.folder)) as other:
        other.connection.execute("begin immediate")
        store.connection.execute("pragma busy_timeout = 0")
        with pytest.raises(sqlite3.OperationalError) as told:
            fill(store, embedder, a_document("a", "Words."))
        with pytest.raises(sqlite3.OperationalError):
            repair(store)
    assert "Wait until it has finished" in str(LibraryUnusable.because_of(told.value))
    fill(store, embedder, a_document("a", "Words."))


def test_a_page_that_is_overwritten_while_the_library_is_open_is_told(
    store: Store, embedder: FakeEmbedder
) -> None:
    fill(store, embedder, *LONG)
    store.connection.execute("pragma wal_checkpoint(truncate)")
    store.connection.execute("pragma cache_size = 1")
    root = store.connection.execute(
        "select rootpage from sqlite_master where name = 'documents'"
    ).fetchone()[0]
    with (store.folder / DATABASE).open("r+b") as file:
        file.seek((root - 1) * 4096 + 50)
        file.write(b"\xa5" * 400)

    opened = Store.open(store.folder)
    with closing(opened), pytest.raises(sqlite3.DatabaseError) as told:
        opened.documents(Filters())

    assert "run 'journalclub doctor'" in str(LibraryUnusable.because_of(told.value))

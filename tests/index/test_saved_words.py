"""A saved word index is used exactly when it is of this library's past and as it was written."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from index import Store
from index.database import DATABASE, connect
from index.store import DERIVED
from index.words import postings_file
from index.words.postings_file import FILE, is_damaged
from tests.fakes import FakeEmbedder
from tests.index.bm25_by_definition import check
from tests.index.filling import a_document, fill


@pytest.fixture
def saved(store: Store, embedder: FakeEmbedder) -> Store:
    """Return a library with a saved word index of 50 documents."""
    fill(store, embedder, *(a_document(f"k{n}", f"alpha beta{n} gamma.") for n in range(50)))
    store.words().save(store.folder / DERIVED, store.connection)
    return store


def test_a_saved_index_is_opened_and_no_text_is_read(saved: Store) -> None:
    with closing(Store.open(saved.folder)) as fresh:
        assert fresh.words().generation == saved.generation() == 1
        assert taken(fresh) == 50


def taken(store: Store) -> int:
    """Return how many passages come from what is saved."""
    return len(store.words()) - store.words().unsaved


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: b"quite another file",
        lambda whole: whole[:-1],
        lambda whole: whole + b"\0",
        lambda whole: whole[:4096],
        lambda whole: whole[:30] + b"\xff" + whole[31:],
        lambda whole: whole.replace(b"words 1", b"words 9", 1),
        lambda whole: whole[:4100] + b"\x7f" + whole[4101:],
        lambda whole: whole.replace(b'"terms": "', b'"terms": "0', 1),
        lambda whole: whole.replace(b'"generation": 1', b'"generation": 9', 1),
    ],
)
def test_a_file_that_cannot_be_trusted_is_not_used(saved: Store, damage: object) -> None:
    path = saved.folder / DERIVED / FILE
    assert callable(damage)
    path.write_bytes(damage(path.read_bytes()))
    with closing(Store.open(saved.folder)) as fresh:
        assert taken(fresh) == 0
        check(fresh)


def test_a_file_that_names_rows_that_are_not_there_is_not_used(saved: Store) -> None:
    folder = saved.folder / DERIVED
    whole = postings_file.read(folder)
    assert whole
    for wrong in (50, -1):
        rows = whole.postings.rows.copy()
        rows[7] = wrong
        postings = replace(whole.postings, rows=rows)
        postings_file.write(folder, replace(whole, postings=postings))
        with closing(Store.open(saved.folder)) as fresh:
            assert taken(fresh) == 0
            check(fresh)


def test_bytes_overwritten_anywhere_are_found_by_reading_all(saved: Store) -> None:
    path = saved.folder / DERIVED / FILE
    whole = path.read_bytes()
    assert not is_damaged(path.parent)
    path.write_bytes(whole[:-100] + b"\x07" + whole[-99:])
    assert is_damaged(path.parent)
    path.unlink()
    assert not is_damaged(path.parent)


def test_another_librarys_index_is_not_used(
    saved: Store, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    with closing(Store.create(tmp_path / "other")) as other:
        fill(other, embedder, a_document("x", "Quite another alpha."))
        shutil.copytree(saved.folder / DERIVED, other.folder / DERIVED)
        check(other)
        assert taken(other) == 0


def test_an_index_of_a_history_that_a_backup_has_left_is_not_used(
    store: Store, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    fill(store, embedder, a_document("a", "Alpha."))
    with closing(sqlite3.connect(tmp_path / "backup.db")) as backup:
        store.connection.backup(backup)
        fill(store, embedder, a_document("b", "Alpha beta."))
        store.words().save(store.folder / DERIVED, store.connection)
        backup.backup(store.connection)
    fill(store, embedder, a_document("c", "Gamma."))

    with closing(Store.open(store.folder)) as fresh:
        assert fresh.generation() == 2
        check(fresh)
        assert taken(fresh) == 0


def test_what_was_damaged_in_its_place_is_not_saved_again(
    saved: Store, embedder: FakeEmbedder
) -> None:
    path = saved.folder / DERIVED / FILE
    whole = path.read_bytes()
    path.write_bytes(whole[:-64] + b"\0" * 64)  # the last array: how often each term stands
    with closing(Store.open(saved.folder)) as writer:
        fill(writer, embedder, a_document("new", "alpha alpha."))
        writer.words().save(path.parent, writer.connection)

    assert not is_damaged(path.parent)
    with closing(Store.open(saved.folder)) as fresh:
        assert taken(fresh) == 51
        check(fresh)


def test_a_reader_takes_up_what_is_saved_later(saved: Store, embedder: FakeEmbedder) -> None:
    with closing(Store.open(saved.folder)) as reader:
        fill(saved, embedder, *(a_document(f"new{n}", f"alpha new{n}.") for n in range(20)))
        check(reader)
        assert taken(reader) == 50
        saved.words().save(saved.folder / DERIVED, saved.connection)
        check(reader)
        assert taken(reader) == 70


def test_a_library_of_an_earlier_version_is_searched_by_words_at_once(tmp_path: Path) -> None:
    with closing(connect(tmp_path / DATABASE)) as connection:
        connection.execute("create table migrations (package text primary key, number integer)")
        for name in ("0001_library.sql", "0002_next_set.sql"):
            connection.executescript(files("index.migrations").joinpath(name).read_text("utf-8"))
        connection.execute("insert into migrations values ('index.migrations', 2)")
        connection.execute("update library set generation = 7")
        connection.execute(
            "insert into documents (id, key, kind, title, text, context, words, embedded,"
            " revision, fingerprint) values (1, 'k', 'note', 'Alpha', 'Beta.', '', '', 0, 1, '')"
        )
        connection.execute(
            'insert into passages (id, document_id, start, "end", generation)'
            " values (4, 1, 0, 5, 7)"
        )
    with closing(Store.open(tmp_path)) as store:
        assert [passage for passage, _ in store.matching("alpha", 5)] == [4]
        store.words().save(tmp_path / DERIVED, store.connection)
        with closing(Store.open(tmp_path)) as again:
            assert taken(again) == 1


def test_a_folder_that_cannot_be_written_is_told(saved: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        saved.words().save(tmp_path / "file" / DERIVED, saved.connection)

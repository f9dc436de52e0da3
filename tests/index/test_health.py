"""A library's faults are found, each with what cures it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from index import Store, problems, rebuild_words
from index.database import DATABASE
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document, fill, keys_of


@pytest.fixture
def library(store: Store, embedder: FakeEmbedder) -> Store:
    fill(store, embedder, *(a_document(f"k{n}", f"Dropout and word{n}.") for n in range(200)))
    return store


def test_a_sound_library_has_no_problems(library: Store) -> None:
    assert problems(library) == []


@pytest.mark.parametrize(
    "damage",
    [
        "delete from passages where id = 7",
        "insert into word_index (rowid, text) values (9999, 'ghost')",
        "insert into word_index (word_index) values ('delete-all')",
    ],
)
def test_a_word_index_that_does_not_fit_is_found_and_cured(library: Store, damage: str) -> None:
    library.connection.execute(damage)

    (problem,) = problems(library)
    assert problem.what.startswith("The word index does not fit the documents")
    assert problem.cure == "Run 'journalclub doctor --repair'."

    rebuild_words(library)
    assert problems(library) == []
    assert keys_of(library, library.matching("word42", 5)) == ["k42"]


def test_a_document_that_was_altered_behind_our_back_is_found_until_it_is_stored_again(
    library: Store, embedder: FakeEmbedder
) -> None:
    library.connection.execute("update documents set text = 'Hm.' where key = 'k7'")
    rebuild_words(library)

    (problem,) = problems(library)
    assert problem.what == "Documents are not as they were stored: k7."
    assert problem.cure == "Run 'journalclub ingest --re-embed'."

    fill(library, embedder, a_document("k7", "Dropout and word7."))
    assert problems(library) == []


@pytest.mark.parametrize("hindrance", ["another writer", "query_only"])
def test_a_word_index_that_cannot_be_checked_now_is_not_told_as_unfit(
    library: Store, hindrance: str
) -> None:
    with closing(Store.open(library.folder)) as other:
        other.connection.execute("begin immediate")
        library.connection.execute("pragma busy_timeout = 0")
        if hindrance == "query_only":
            other.connection.execute("rollback")
            library.connection.execute("pragma query_only = on")

        (problem,) = problems(library)

    assert problem.what.startswith("The word index cannot be checked (")
    assert problem.cure.startswith("Let other programs finish, check that you may write")


def test_what_an_ingest_writes_meanwhile_is_not_told_as_altered(
    library: Store, embedder: FakeEmbedder
) -> None:
    with closing(Store.open(library.folder)) as other:

        def meanwhile(statement: str) -> None:
            if statement.startswith("select d.id"):
                fill(other, embedder, a_document("k7", "Quite another text."))

        library.connection.set_trace_callback(meanwhile)
        assert problems(library) == []

    assert library.generation() == 2


def test_rebuilding_words_moves_no_generation(library: Store) -> None:
    rebuild_words(library)
    assert library.generation() == 1


def test_a_damaged_file_is_told_not_raised(library: Store, tmp_path: Path) -> None:
    library.connection.execute("pragma wal_checkpoint(truncate)")
    whole = (library.folder / DATABASE).read_bytes()
    told = 0
    for at in range(3 * 4096, len(whole) - 4096, 8 * 4096):
        folder = tmp_path / str(at)
        folder.mkdir()
        (folder / DATABASE).write_bytes(whole[:at] + b"\xa5" * 4096 + whole[at + 4096 :])
        with closing(Store.open(folder)) as damaged:
            told += any("Restore a backup" in problem.cure for problem in problems(damaged))
    assert told > 3


def test_a_lost_row_of_a_document_is_not_possible(library: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        library.connection.execute("update passages set document_id = 99999")
    library.connection.execute("delete from documents where key = 'k1'")
    left = library.connection.execute("select count(*) from passages").fetchone()[0]
    assert left == 199

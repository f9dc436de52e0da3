"""A library's faults are found, each with what cures it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from index import (
    Filters,
    LibraryUnusable,
    Problem,
    Store,
    problems,
    repair,
    search,
)
from index.database import DATABASE
from index.rows import fingerprint
from index.store import DERIVED
from index.words.postings_file import FILE
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document, fill, keys_of

REPAIR = "Run 'journalclub doctor --repair'."
REPAIR_AND_INGEST = "Run 'journalclub doctor --repair', then 'journalclub ingest'."
STORES_AGAIN = "The next 'journalclub ingest' stores again:"
BAD_VECTORS = "Documents have vectors of a wrong size, not of unit length or not of numbers: k7."
WAITING = "Documents do not fit their passages until they are stored again: k7."

NOT_A_NUMBER = (
    "update passages set vector = cast(x'0000c07f' || zeroblob(1020) as blob) where id = 8"
)
SIGNALLING = NOT_A_NUMBER.replace("0000c07f", "0100a07f")
TOO_LARGE = NOT_A_NUMBER.replace("0000c07f", "ffff7f7f")


@pytest.fixture
def library(store: Store, embedder: FakeEmbedder) -> Store:
    fill(store, embedder, *(a_document(f"k{n}", f"Dropout and word{n}.") for n in range(200)))
    return store


def test_a_sound_library_has_no_problems(library: Store) -> None:
    assert problems(library) == []


def stored_again(store: Store, embedder: FakeEmbedder) -> list[str]:
    """Store again what waits for it, as the next ingest does; return the keys."""
    waiting = store.forgotten()
    documents = [store.fetch(key) for key in waiting]
    fill(store, embedder, *(document for document in documents if document))
    return waiting


def with_another_title(library: Store) -> None:
    """Change a title behind our back in such a way that all but the saved words fits."""
    library.connection.execute("update documents set title = 'New' where key = 'k7'")
    altered = library.fetch("k7")
    assert altered
    library.connection.execute(
        "update documents set fingerprint = ? where key = 'k7'", (fingerprint(altered),)
    )


def with_bytes_overwritten(library: Store) -> None:
    path = library.folder / DERIVED / FILE
    whole = path.read_bytes()
    path.write_bytes(whole[:-70] + b"\xa5" * 3 + whole[-67:])


def with_another_end(library: Store) -> None:
    path = library.folder / DERIVED / FILE
    path.write_bytes(path.read_bytes() + b"more")


@pytest.mark.parametrize("damaged", [with_another_title, with_bytes_overwritten, with_another_end])
def test_saved_words_that_do_not_fit_are_found_and_made_anew(
    library: Store, damaged: Callable[[Store], None]
) -> None:
    library.words().save(library.folder / DERIVED, library.connection)
    assert problems(library) == []
    damaged(library)

    what = "The word index that is saved does not fit the documents."
    assert problems(library) == [Problem(what, REPAIR)]

    assert repair(library) == ["The word index was made anew."]
    assert problems(library) == []
    assert keys_of(library, library.matching("word42", 5))[0] == "k42"


def test_a_document_that_was_altered_behind_our_back_is_found_until_it_is_stored_again(
    library: Store, embedder: FakeEmbedder
) -> None:
    library.connection.execute(
        "update documents set text = 'Other and longer words.' where key = 'k7'"
    )

    (problem,) = problems(library)
    assert problem.what == "Documents are not as they were stored: k7."
    assert problem.cure == REPAIR_AND_INGEST

    assert repair(library) == [f"{STORES_AGAIN} k7."]
    assert problems(library) == [Problem(WAITING, "Run 'journalclub ingest'.")]
    assert library.changed([a_document("k7", "Dropout and word7.")]) != []
    fill(library, embedder, a_document("k7", "Dropout and word7."))
    assert problems(library) == []


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("delete from passages where id = 8", "Documents and their passages do not fit: k7."),
        ("update passages set start = 3 where id = 8", "Documents and their passages do not fit"),
        ('update passages set "end" = 9 where id = 8', "Documents and their passages do not fit"),
        ('update passages set "end" = 99 where id = 8', "Documents and their passages do not fit"),
        (
            "update passages set vector = null, digest = null where id in (8, 9, 10, 11, 12)",
            "Documents and their passages do not fit: k7, k8, k9 and 2 more.",
        ),
        ("update passages set vector = zeroblob(1024) where id = 8", BAD_VECTORS),
        ("update passages set vector = zeroblob(7) where id = 8", BAD_VECTORS),
        (NOT_A_NUMBER, BAD_VECTORS),
        (SIGNALLING, BAD_VECTORS),
        (TOO_LARGE, BAD_VECTORS),
    ],
)
def test_passages_that_are_not_right_are_found_and_made_again(
    library: Store, embedder: FakeEmbedder, damage: str, what: str
) -> None:
    before = shown(library, embedder)
    library.connection.execute(damage)

    (problem,) = problems(library)
    assert problem.what.startswith(what)
    assert problem.cure == REPAIR_AND_INGEST

    removed, marked = repair(library)
    assert removed.startswith("Passages that did not fit were removed, those of k7")
    assert marked.startswith(f"{STORES_AGAIN} k7")
    assert "k7" in stored_again(library, embedder)
    assert problems(library) == []
    with closing(Store.open(library.folder)) as fresh:
        assert shown(fresh, embedder) == shown(library, embedder) == before
        assert fresh.vectors_derived(256) == 200


@pytest.mark.parametrize("length", [0, 7, 1020, 2048])
def test_a_vector_of_a_wrong_size_is_as_none_to_a_search(
    library: Store, embedder: FakeEmbedder, length: int
) -> None:
    library.connection.execute(f"update passages set vector = zeroblob({length}) where id = 8")

    with closing(Store.open(library.folder)) as fresh:
        assert fresh.vectors_derived(256) == 199
        hits = search("word7 word8", fresh, embedder, 8)

    cosines = {hit.passage.document.key: hit.cosine for hit in hits}
    assert cosines["k7"] == 0.0 < cosines["k8"]


def test_documents_that_an_upgrade_has_stored_again_are_sound_meanwhile(
    library: Store, embedder: FakeEmbedder
) -> None:
    library.connection.execute("update documents set fingerprint = x''")

    assert (problems(library), repair(library)) == ([], [])
    assert len(library.forgotten()) == 200


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("update passages set vector = zeroblob(7) where id = 8", BAD_VECTORS),
        ("delete from passages where id = 8", WAITING),
        ("update documents set text = text || ' And more.' where key = 'k7'", WAITING),
    ],
)
def test_documents_that_wait_and_are_not_right_are_told(
    library: Store, damage: str, what: str
) -> None:
    library.connection.execute("update documents set fingerprint = x'' where key = 'k7'")
    library.connection.execute(damage)

    assert [problem.what for problem in problems(library)] == [what]

    repair(library)
    assert [problem.what for problem in problems(library)] == [WAITING]
    assert repair(library) == []


def test_a_file_where_the_folder_of_saved_indexes_should_be_is_told(library: Store) -> None:
    (library.folder / DERIVED).write_text("in the way")

    assert problems(library) == [
        Problem(
            "A file stands where the folder of saved indexes should be: "
            f"{library.folder / DERIVED}.",
            "Move it away.",
        )
    ]
    assert repair(library) == []


def shown(store: Store, embedder: FakeEmbedder) -> dict[str, list[tuple[str, str, float]]]:
    """Return what questions find."""
    return {
        question: [
            (hit.passage.document.key, hit.passage.text, hit.cosine)
            for hit in search(question, store, embedder, 1)
        ]
        for question in ("word7", "word8", "word42")
    }


@pytest.mark.parametrize(
    ("damage", "what", "count"),
    [
        (
            "insert into facets values (999, 'author', 0, 'Ann', 'ann')",
            "Facets of no document",
            1,
        ),
        ("delete from documents where key = 'k199'", "Passages of no document", 1),
        (
            "insert into next_documents values (999, x'00')",
            "Documents of the next set that are gone",
            1,
        ),
        (
            'insert into next_passages (document_id, start, "end") values (999, 0, 1), (999, 1, 2)',
            "Passages of the next set that belong to no document",
            2,
        ),
        ("insert into removed_passages values (8, 1)", "Removed passages that are there", 1),
    ],
)
def test_rows_that_belong_to_nothing_are_found_and_removed(
    library: Store, damage: str, what: str, count: int
) -> None:
    library.vectors_derived(256)
    library.connection.execute("pragma foreign_keys = off")
    library.connection.execute(damage)
    library.connection.execute("pragma foreign_keys = on")

    assert problems(library) == [Problem(f"{what}: {count}.", REPAIR)]

    assert repair(library) == [f"{what} were removed: {count}."]
    assert problems(library) == []
    assert library.vectors_derived(256) == library.counts()["vectors"]


def test_several_faults_are_mended_at_once(library: Store, embedder: FakeEmbedder) -> None:
    for damage in (
        "insert into removed_passages values (9, 1)",
        "delete from passages where id = 8",
        "update documents set likes = 99 where key = 'k42'",
    ):
        library.connection.execute(damage)

    assert len(repair(library)) == 3
    assert repair(library) == []
    assert stored_again(library, embedder) == ["k7", "k42"]
    assert problems(library) == []


def test_nothing_is_mended_in_a_sound_library(library: Store) -> None:
    assert repair(library) == []
    assert (library.generation(), library.forgotten()) == (1, [])


def test_a_damaged_index_of_the_database_is_made_anew(library: Store, tmp_path: Path) -> None:
    library.connection.execute("pragma wal_checkpoint(truncate)")
    start = page_of(library, "documents_kind")
    whole = bytearray((library.folder / DATABASE).read_bytes())
    at = whole.index(b"abstract", start, start + 4096)
    whole[at : at + 8] = b"abstrakt"
    (tmp_path / DATABASE).write_bytes(whole)

    with closing(Store.open(tmp_path)) as damaged:
        cures = {problem.cure for problem in problems(damaged)}
        mended = repair(damaged)
        left = problems(damaged)
        documents = damaged.documents(Filters(kinds=("abstract",)))

    assert (cures, mended) == ({REPAIR}, ["The database's indexes were made anew."])
    assert (left, len(documents)) == ([], 200)


def test_a_table_with_bytes_overwritten_is_told_and_left_as_it_is(
    library: Store, tmp_path: Path
) -> None:
    library.connection.execute("pragma wal_checkpoint(truncate)")
    start = page_of(library, "documents")
    whole = bytearray((library.folder / DATABASE).read_bytes())
    whole[start : start + 200] = b"\xa5" * 200
    (tmp_path / DATABASE).write_bytes(whole)

    with closing(Store.open(tmp_path)) as damaged:
        assert "Restore a backup of the data folder." in {p.cure for p in problems(damaged)}
        with pytest.raises(sqlite3.DatabaseError) as told:
            repair(damaged)

    assert "restore a backup" in str(LibraryUnusable.because_of(told.value))
    assert (tmp_path / DATABASE).read_bytes() == whole


def page_of(store: Store, name: str) -> int:
    """Return at which byte the first page of a table or index begins."""
    found = store.connection.execute(
        "select (rootpage - 1) * page_size from sqlite_master, pragma_page_size where name = ?",
        (name,),
    )
    return int(found.fetchone()[0])


def test_what_an_ingest_writes_meanwhile_is_not_told_as_altered(
    library: Store, embedder: FakeEmbedder
) -> None:
    with closing(Store.open(library.folder)) as other:

        def meanwhile(statement: str) -> None:
            if statement.startswith("select d.id") and other.generation() == 1:
                fill(other, embedder, a_document("k7", "Quite another text."))

        library.connection.set_trace_callback(meanwhile)
        assert problems(library) == []

    assert library.generation() == 2


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

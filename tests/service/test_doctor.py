"""What the doctor finds sound, what it finds wrong, and what cures that."""

import json
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest

from index import Embedder, LibraryBusy, Store, Vectors, re_embed, writer_lock
from index.database import DATABASE
from index.store import DERIVED
from index.words.postings_file import FILE
from service.doctor import Check, examine, repaired
from service.settings import Settings
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document, fill
from tests.service.shell import Shell, posing

CHECKS = ["versions", "disk", "model", "library", "library's model", "integrity", "vector index"]
BAD_VECTORS = "Documents have vectors of a wrong size, not of unit length or not of numbers"
UNFIT = "The word index that is saved does not fit the documents."


@pytest.fixture
def library(store: Store, embedder: FakeEmbedder) -> Store:
    fill(store, embedder, *(a_document(f"k{n}", f"Dropout and word{n}.") for n in range(20)))
    return store


def wrong(folder: Path, embedder: Embedder) -> list[Check]:
    """Return what is found wrong."""
    return [check for check in examine(Settings(data=folder), embedder) if not check.sound]


def test_a_sound_library_passes_every_check(library: Store, embedder: FakeEmbedder) -> None:
    checks = list(examine(Settings(data=library.folder), embedder))

    assert [(check.name, check.sound) for check in checks] == [(name, True) for name in CHECKS]
    told = {check.name: check.detail for check in checks}
    assert told["library"] == "20 passages, 20 vectors, generation 1"
    assert told["library's model"] == told["model"] == "fake (revision 1, 256 dimensions)"
    assert told["vector index"] == "20 vectors derived"
    assert all(
        name in told["versions"]
        for name in ("Python 3.", "SQLite 3.", "faiss-cpu", "openvino 20", "tokenizers", "torch")
    )


def test_a_library_that_an_ingest_writes_meanwhile_is_sound(
    library: Store, embedder: FakeEmbedder
) -> None:
    told = {}
    for check in examine(Settings(data=library.folder), embedder):
        told[check.name] = (check.sound, check.detail)
        fill(library, embedder, a_document(f"{check.name}", "Dropout again."))

    assert all(sound for sound, _ in told.values())
    assert told["vector index"] == (True, "26 vectors derived")


def test_a_folder_without_a_library_is_told(tmp_path: Path, embedder: FakeEmbedder) -> None:
    (check,) = wrong(tmp_path / "none", embedder)

    assert check.name == "library"
    assert "Run 'journalclub ingest' to make one" in check.detail


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a file system without room")
def test_a_disk_without_room_is_told(embedder: FakeEmbedder) -> None:
    disk, _ = wrong(Path("/proc/none"), embedder)

    assert (disk.name, disk.detail) == ("disk", "0.0 GiB free for /proc/none")
    assert disk.cure == "Make room, or move the data folder."


def test_a_library_of_another_model_is_told(library: Store) -> None:
    (check,) = wrong(library.folder, FakeEmbedder(name="other"))

    assert check.name == "library's model"
    assert check.detail.startswith("This library was embedded with fake")
    assert "run 'journalclub ingest --re-embed'" in check.detail


@pytest.mark.parametrize("package", ["index.migrations", "ingest.migrations"])
def test_a_library_of_a_newer_version_is_told(
    library: Store, embedder: FakeEmbedder, package: str
) -> None:
    assert wrong(library.folder, embedder) == []
    library.connection.execute("update migrations set number = 99 where package = ?", (package,))

    (check,) = wrong(library.folder, embedder)

    assert check.name == "library"
    assert "was written by a newer version" in check.detail
    assert "Upgrade Journal Club" in check.detail


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (
            "update documents set text = 'Dropout bad word7.' where key = 'k7'",
            "Documents are not as they were stored: k7.",
        ),
        (
            "update passages set start = start + 3",
            "Documents and their passages do not fit: k0, k1, k2 and 17 more.",
        ),
        (
            "delete from passages where id = 7",
            "Documents and their passages do not fit: k6.",
        ),
    ],
)
def test_documents_and_passages_that_no_longer_match_are_told(
    library: Store, embedder: FakeEmbedder, damage: str, told: str
) -> None:
    library.words().save(library.folder / DERIVED, library.connection)
    library.connection.execute(damage)

    (check,) = wrong(library.folder, embedder)

    assert (check.name, check.detail) == ("integrity", told)
    assert check.cure == "Run 'journalclub doctor --repair', then 'journalclub ingest'."


@pytest.mark.parametrize("table", ["migrations", "library", "documents", "facets", "passages"])
def test_a_damaged_file_is_told_wherever_the_damage_is(
    library: Store, embedder: FakeEmbedder, tmp_path: Path, table: str
) -> None:
    library.connection.execute("pragma wal_checkpoint(truncate)")
    found = library.connection.execute(
        "select (rootpage - 1) * page_size from sqlite_master, pragma_page_size where name = ?",
        (table,),
    )
    start = found.fetchone()[0]
    whole = (library.folder / DATABASE).read_bytes()
    (tmp_path / DATABASE).write_bytes(whole[:start] + b"\xa5" * 4096 + whole[start + 4096 :])

    told = [f"{check.detail} {check.cure}" for check in wrong(tmp_path, embedder)]

    assert any("malformed" in text and "estore a" in text for text in told)


def test_a_file_that_is_no_database_is_told(tmp_path: Path, embedder: FakeEmbedder) -> None:
    (tmp_path / DATABASE).write_text("no database " * 1000)

    (check,) = wrong(tmp_path, embedder)

    assert "Move it away or restore a copy." in check.detail


@pytest.mark.model
def test_whether_the_model_is_saved_is_told(tmp_path: Path) -> None:
    (tmp_path / "in-the-way").write_text("")
    shell = Shell(tmp_path)
    told = shell.invoke("doctor").stdout
    unsaved = shell.invoke("doctor", MODELS=str(tmp_path / "in-the-way")).stdout

    assert "ok   saved model: It is there, whole, and gives its vectors.\n" in told
    assert "ok   saved model: None: " in unsaved
    assert "model-53aa51172d14 holds no export (" in unsaved
    assert "Torch encodes, which takes longer to load and more memory.\n" in unsaved


@pytest.mark.model
def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = Shell(tmp_path).invoke("doctor", MODEL=str(tmp_path / "no-model"))

    assert result.return_value == 1
    assert f"BAD  model: The embedding model '{tmp_path / 'no-model'}' cannot be" in result.stdout
    assert "Set JOURNALCLUB_MODEL to a folder or to a model that can be down" in result.stdout
    assert "ok   versions: " in result.stdout


@pytest.mark.parametrize("length", [0, 40, 1024, 2048])
def test_documents_with_bad_vectors_are_told_and_mended(
    library: Store, embedder: FakeEmbedder, length: int
) -> None:
    library.connection.execute(f"update passages set vector = zeroblob({length}) where id = 7")

    told = wrong(library.folder, embedder)
    mended = list(repaired(Settings(data=library.folder)))
    (left,) = wrong(library.folder, embedder)

    assert [(check.name, check.detail) for check in told] == [("integrity", f"{BAD_VECTORS}: k6.")]
    assert told[0].cure == "Run 'journalclub doctor --repair', then 'journalclub ingest'."
    assert mended == [
        Check("repair", True, "Passages that did not fit were removed, those of k6."),
        Check("repair", True, "The next 'journalclub ingest' stores again: k6."),
    ]
    assert (left.detail, left.cure) == (
        "Documents do not fit their passages until they are stored again: k6.",
        "Run 'journalclub ingest'.",
    )
    fill(library, embedder, a_document("k6", "Dropout and word6."))
    assert wrong(library.folder, embedder) == []


def test_a_sound_library_needs_no_repair(library: Store) -> None:
    assert list(repaired(Settings(data=library.folder))) == []
    assert library.generation() == 1


def test_a_library_that_is_written_to_is_not_repaired(library: Store) -> None:
    with writer_lock(library.folder), pytest.raises(LibraryBusy, match="has been writing since"):
        list(repaired(Settings(data=library.folder)))


def test_a_re_embedding_that_was_stopped_is_told_and_no_fault(
    library: Store, embedder: FakeEmbedder
) -> None:
    class Stopped(FakeEmbedder):
        def encode(self, texts: Sequence[str]) -> Vectors:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        re_embed(library, Stopped("next", 32), lambda done, total: None)

    checks = list(examine(Settings(data=library.folder), embedder))

    assert all(check.sound for check in checks)
    (told,) = (check for check in checks if check.name == "re-embedding")
    assert told.detail == (
        "0 of 20 documents are embedded with next (revision 1, 32 dimensions); "
        "JOURNALCLUB_MODEL=next journalclub ingest --re-embed goes on"
    )


def test_documents_that_an_upgrade_has_stored_again_are_told_and_no_fault(
    library: Store, embedder: FakeEmbedder
) -> None:
    library.connection.execute("update documents set fingerprint = x''")

    checks = list(examine(Settings(data=library.folder), embedder))

    assert all(check.sound for check in checks)
    (told,) = (check for check in checks if check.name == "documents to store again")
    assert told.detail == "20, such as k0; the next 'journalclub ingest' does it"


@pytest.mark.model
def test_the_word_index_is_mended_by_a_repair(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    with closing(Store.create(tmp_path / "library")) as store:
        fill(store, posing(), *(a_document(f"k{n}", f"Dropout and word{n}.") for n in range(20)))
        store.words().save(store.folder / DERIVED, store.connection)
        with (store.folder / DERIVED / FILE).open("ab") as file:
            file.write(b"more")

    before, repaired = shell.invoke("doctor"), shell.invoke("doctor", "--repair", "--json")

    assert before.return_value == 1
    assert f"BAD  integrity: {UNFIT}" in before.stdout
    assert "     Run 'journalclub doctor --repair'.\n" in before.stdout
    assert repaired.return_value == 0
    checks = json.loads(repaired.stdout)["checks"]
    told = ["repair", *CHECKS[:3], "saved model", *CHECKS[3:]]
    assert [(check["name"], check["sound"]) for check in checks] == [(n, True) for n in told]
    assert checks[0].keys() == {"name", "sound", "detail", "cure"}


def test_a_library_that_cannot_be_repaired_is_left_alone(tmp_path: Path) -> None:
    Store.create(tmp_path / "library").close()
    database = tmp_path / "library" / DATABASE
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("update migrations set number = 99")
    before = database.read_bytes()

    told = Shell(tmp_path).run("doctor", "--repair", code=1)

    assert "was written by a newer version" in told.stderr
    assert database.read_bytes() == before

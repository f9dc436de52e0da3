"""Codes of vectors are saved beside the library, and believed only where they belong to it."""

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import ModelIdentity, Store
from index.store import DERIVED
from index.vectors import vectors_file
from tests.index.vectors_made import (
    SMALL,
    anew,
    by_arithmetic,
    opened,
    put,
    save,
    saved,
    some_vectors,
    stored,
)


@pytest.fixture
def library(store: Store) -> Store:
    """Return a library of 200 vectors with their codes."""
    put(store, some_vectors(200))
    assert save(store)
    return store


# -- saving -----------------------------------------------------------------------------------


def test_a_small_library_has_no_codes_and_loses_those_it_had(library: Store) -> None:
    library.remove([f"k{number}" for number in range(200 - SMALL)])
    assert not save(library)
    assert vectors_file.read(library.folder / DERIVED) is None
    assert len(opened(library)) == SMALL


def test_an_empty_library_has_nothing_to_save(store: Store) -> None:
    assert not save(store)
    assert len(opened(store)) == 0


def test_nothing_is_saved_again_until_a_hundredth_has_changed(library: Store) -> None:
    assert not save(library)
    put(library, some_vectors(1, seed=1), start=200)
    assert not save(library)
    put(library, some_vectors(1, seed=2), start=201)
    library.remove(["k1"])
    assert save(library)
    assert not save(library)


def test_what_is_new_is_coded_and_what_was_stays_as_it_was_coded(library: Store) -> None:
    before = saved(library)
    library.remove(["k0", "k7"])
    put(library, some_vectors(20, seed=1), start=200)
    assert save(library)
    after = saved(library)
    assert after.ids.tolist() == stored(library)[0].tolist()
    assert after.codebook.points.tolist() == before.codebook.points.tolist()
    assert after.codes.tolist() == after.codebook.coded(stored(library)[1]).tolist()
    assert (after.generation, after.learned_at) == (library.generation(), 200)


def test_a_library_that_has_doubled_learns_its_codes_anew(library: Store) -> None:
    put(library, some_vectors(200, seed=1), start=200)
    assert save(library)
    assert saved(library).learned_at == 200
    put(library, some_vectors(1, seed=2), start=400)
    assert save(library)
    assert saved(library).learned_at == 401


@pytest.mark.parametrize("dimension", [32, 16])
def test_another_model_makes_other_codes(library: Store, dimension: int) -> None:
    library.remove([f"k{number}" for number in range(200)])
    library.connection.execute("update library set model = null, dimension = null")
    put(library, some_vectors(100, seed=3, dimension=dimension))
    library.connection.execute("update library set model = 'other'")
    asked = some_vectors(1, seed=4, dimension=dimension)[0]
    for _ in range(2):
        index = opened(library, dimension)
        near = index.nearest(library.connection, asked, 100)
        assert (len(index), near) == (100, by_arithmetic(library, asked, 100))
        save(library)
    assert saved(library).model == ModelIdentity("other", "1", dimension)


# -- opening ----------------------------------------------------------------------------------


def test_saved_codes_take_the_place_of_vectors_in_memory(library: Store) -> None:
    read: list[str] = []
    library.connection.set_trace_callback(
        lambda statement: read.append(statement) if "order by id" in statement else None
    )
    coded = opened(library)
    assert [statement for statement in read if "0 = 0" in statement] == []
    whole = anew(library)
    assert len([statement for statement in read if "0 = 0" in statement]) == 1
    library.connection.set_trace_callback(None)
    asked = some_vectors(1, seed=1)[0]
    near = by_arithmetic(library, asked, 9)
    assert len(coded) == len(whole) == 200
    assert coded.nearest(library.connection, asked, 9) == near
    assert whole.nearest(library.connection, asked, 9) == near


def test_a_running_index_takes_up_what_is_saved_meanwhile(store: Store) -> None:
    put(store, some_vectors(200))
    index = opened(store)
    asked = some_vectors(1, seed=1)[0]
    exact = index.nearest(store.connection, asked, 20)
    assert save(store)
    index.follow(store.connection)
    assert index._state.coded is not None
    assert index._state.recent == ()
    assert index.nearest(store.connection, asked, 20) == exact
    assert index.cosines(store.connection, asked, [1, 2, 999]) == pytest.approx(
        {passage: cosine for passage, cosine in by_arithmetic(store, asked, 200) if passage < 3}
    )


def test_what_cannot_be_trusted_is_made_anew(library: Store) -> None:
    path = library.folder / DERIVED / vectors_file.FILE
    whole = path.read_bytes()
    asked = some_vectors(1, seed=1)[0]
    middle, half = len(whole) // 2, whole[: len(whole) // 2]
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for damaged in (b"", half, flipped, b"PK" + whole[2:200], b"\x93NUMPY", whole[:-30]):
        path.write_bytes(damaged)
        assert vectors_file.read(path.parent) is None
        index = opened(library)
        assert index.nearest(library.connection, asked, 200) == by_arithmetic(library, asked, 200)
    assert save(library)


def is_same(one: vectors_file.Saved, other: vectors_file.Saved) -> bool:
    return (
        np.array_equal(one.ids, other.ids)
        and np.array_equal(one.codes, other.codes)
        and np.array_equal(one.codebook.points, other.codebook.points)
        and (one.generation, one.stamp, one.model) == (other.generation, other.stamp, other.model)
    )


def test_no_flipped_bit_of_a_file_is_more_than_a_file_that_is_not_read(library: Store) -> None:
    path = library.folder / DERIVED / vectors_file.FILE
    whole = path.read_bytes()
    directory = whole.index(b"PK\x01\x02")
    changed = []
    good = vectors_file.read(path.parent)
    assert good is not None
    for at in [*range(120), *range(120, directory, 211), *range(directory, len(whole))]:
        flipped = bytearray(whole)
        flipped[at] ^= 1 << at % 8
        path.write_bytes(flipped)
        found = vectors_file.read(path.parent)
        if found is not None and not is_same(found, good):
            changed.append(at)
    assert changed == []


def test_a_file_with_other_arrays_or_of_another_version_is_not_read(library: Store) -> None:
    path = library.folder / DERIVED / vectors_file.FILE
    with np.load(path) as found:
        arrays = dict(found)
    wrong: list[dict[str, Any]] = [
        {"numbers": arrays["numbers"] + [1, 0, 0]},
        {"codes": arrays["codes"][1:]},
        {"codes": arrays["codes"].astype(np.int16)},
        {"ids": arrays["ids"][::-1]},
        {"ids": arrays["ids"][:0], "codes": arrays["codes"][:0]},
        {"points": arrays["points"][1:]},
        {"model": np.array("one")},
        {"stamp": np.array("no stamp")},
    ]
    for other in wrong:
        np.savez(path, **(arrays | other))
        assert vectors_file.read(path.parent) is None
    np.savez(path, **{name: arrays[name] for name in ("ids", "codes")})
    assert vectors_file.read(path.parent) is None


def test_a_restored_backup_does_not_believe_codes_of_the_time_it_forgot(
    library: Store, tmp_path: Path
) -> None:
    library.connection.execute("pragma wal_checkpoint(truncate)")
    shutil.copytree(library.folder, tmp_path / "backup")
    put(library, some_vectors(50, seed=1), start=200)
    assert save(library)
    shutil.copytree(library.folder / DERIVED, tmp_path / "backup" / DERIVED, dirs_exist_ok=True)
    with closing(Store.open(tmp_path / "backup")) as restored:
        put(restored, some_vectors(60, seed=2), start=200)
        asked = some_vectors(1, seed=3)[0]
        exact = by_arithmetic(restored, asked, 300)
        assert opened(restored).nearest(restored.connection, asked, 300) == exact
        assert save(restored)
        assert opened(restored).nearest(restored.connection, asked, 300) == exact


def test_codes_of_another_library_are_not_believed(library: Store, tmp_path: Path) -> None:
    with closing(Store.create(tmp_path / "other")) as other:
        put(other, some_vectors(150, seed=1))
        shutil.copytree(library.folder / DERIVED, other.folder / DERIVED)
        asked = some_vectors(1, seed=3)[0]
        near = opened(other).nearest(other.connection, asked, 150)
        assert near == by_arithmetic(other, asked, 150)


def test_a_file_whose_writing_failed_leaves_the_one_before(library: Store) -> None:
    before = saved(library)
    folder = library.folder / DERIVED
    with pytest.raises(AttributeError):
        vectors_file.write(folder, replace(before, stamp=None))  # type: ignore[arg-type]
    assert saved(library).ids.tolist() == before.ids.tolist()
    assert [path.name for path in folder.iterdir()] == [vectors_file.FILE]

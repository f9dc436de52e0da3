"""Coded vectors: after any changes they find what is nearest, and no cosine is wrong."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import Store
from index.vectors.approximate import Codebook, Coded
from index.vectors.exact import mask_of
from index.vectors.vector_index import VectorIndex
from tests.index.vectors_made import (
    anew,
    by_arithmetic,
    opened,
    put,
    save,
    some_vectors,
    stored,
)


@pytest.fixture
def library(store: Store) -> Store:
    """Return a library of 200 vectors with their codes."""
    put(store, some_vectors(200))
    assert save(store)
    return store


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Return a library of so many vectors that the candidates are a part of them."""
    with closing(Store.create(tmp_path_factory.mktemp("large") / "library")) as made:
        put(made, some_vectors(3000))
        assert save(made)
        yield made


@pytest.mark.parametrize("dimension", [2, 7, 32])
def test_codes_of_any_dimension_find_what_they_were_made_of(dimension: int) -> None:
    vectors, ids = some_vectors(100, dimension=dimension), np.arange(5, 105)
    book = Codebook.learned(vectors)
    coded = Coded(book, ids, book.coded(vectors))
    found = coded.nearest(vectors[30], 100, None)
    assert (len(coded), coded.size, sorted(found)) == (100, 105, ids.tolist())
    assert 35 in coded.nearest(vectors[30], 30, None)


def test_candidates_are_those_that_count() -> None:
    vectors, ids = some_vectors(500), np.arange(1, 501)
    book = Codebook.learned(vectors)
    coded = Coded(book, ids, book.coded(vectors))
    odd = coded.nearest(vectors[0], 50, mask_of(ids[::2], coded.size))
    assert len(odd) == 50
    assert set(odd) <= set(ids[::2])
    few = coded.nearest(vectors[0], 50, mask_of(ids[:50], coded.size))
    assert few.tolist() == ids[:50].tolist()
    assert len(coded.nearest(vectors[0], 50, mask_of(ids[:0], coded.size))) == 0


def test_of_the_ten_nearest_hardly_one_is_missed_and_cosines_are_true(large: Store) -> None:
    index, found = opened(large), 0
    for asked in some_vectors(30, seed=5):
        near, exact = index.nearest(large.connection, asked, 10), by_arithmetic(large, asked, 3000)
        assert set(near) <= set(exact)
        found += len(set(near) & set(exact[:10]))
    assert found >= 0.99 * 300


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01, 0.001])
def test_a_filter_that_leaves_few_leaves_the_nearest_of_them(large: Store, share: float) -> None:
    ids, _ = stored(large)
    among = np.sort(np.random.default_rng(1).permutation(ids)[: int(share * len(ids))])
    index, right, wanted, counting = opened(large), 0, 0, set(among.tolist())
    for asked in some_vectors(20, seed=6):
        left = [hit for hit in by_arithmetic(large, asked, 3000) if hit[0] in counting][:10]
        near = index.nearest(large.connection, asked, 10, among)
        assert len(near) == len(left)
        right, wanted = right + len(set(near) & set(left)), wanted + len(left)
    assert right >= 0.99 * wanted
    if share <= 0.01:
        assert right == wanted


NUMBERS = st.integers(0, 79)
STEPS = st.one_of(
    st.tuples(st.just("put"), NUMBERS, st.integers(1, 40)),
    st.tuples(st.just("remove"), NUMBERS, st.integers(1, 40)),
    st.tuples(st.sampled_from(["save", "reopen", "ask"]), NUMBERS, st.just(0)),
)


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(STEPS, min_size=3, max_size=14))
def test_after_any_changes_the_index_equals_one_made_anew(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("changes")
    with closing(Store.create(folder)) as store:
        put(store, some_vectors(60))
        index = opened(store)
        for at, (step, start, many) in enumerate(steps):
            if step == "put":
                put(store, some_vectors(many, seed=at), start)
            elif step == "remove":
                store.remove([f"k{number}" for number in range(start, start + many)])
            elif step == "save":
                save(store)
            elif step == "reopen":
                index = opened(store)
            index.follow(store.connection)
        _check(store, index)
    shutil.rmtree(folder)


def _check(store: Store, index: VectorIndex) -> None:
    ids, _ = stored(store)
    fresh = anew(store)
    assert len(index) == len(fresh) == len(ids)
    for asked in some_vectors(3, seed=1000):
        exact = by_arithmetic(store, asked, 200)
        for k in (1, 10, 200):
            assert index.nearest(store.connection, asked, k) == exact[:k]
            assert fresh.nearest(store.connection, asked, k) == exact[:k]
        among = ids[::3]
        left = [(passage, cosine) for passage, cosine in exact if passage in set(among)]
        assert index.nearest(store.connection, asked, 200, among) == left
        assert index.cosines(store.connection, asked, [*ids, 10**6]) == dict(exact)


def test_threads_find_right_things_while_one_writes_and_saves(library: Store) -> None:
    wrong: list[object] = []
    done = threading.Event()
    kept = set(stored(library)[0][100:].tolist())
    asked = some_vectors(4, seed=1)

    def read(vector: int) -> None:
        with closing(Store.open(library.folder)) as reader:
            while not done.is_set():
                found = [passage for passage, _ in reader.nearest(asked[vector], 1000)]
                if len(found) != len(set(found)) or not kept <= set(found):
                    wrong.append(found)

    threads = [threading.Thread(target=read, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(15):
        put(library, some_vectors(30, seed=turn), start=20 * turn % 70)
        save(library)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []


OTHER_PROCESS = """
import sys
from pathlib import Path
from index import Store
from tests.index.vectors_made import some_vectors
store = Store.open(Path(sys.argv[1]))
print(store.nearest(some_vectors(1, seed=1)[0], 10))
store.close()
"""


def test_another_process_finds_the_same(library: Store) -> None:
    put(library, some_vectors(5, seed=1), start=300)
    given_back = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS, str(library.folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    asked = some_vectors(1, seed=1)[0]
    assert given_back.stdout.strip() == str(library.nearest(asked, 10))

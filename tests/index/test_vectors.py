"""The index in memory holds each vector once and says the cosines that numpy says."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from index import Vectors
from index.vectors.vector_index import Change, VectorIndex
from tests.index.vectors_made import some_vectors


def rows(*given: list[float]) -> Vectors:
    return np.array(given, np.float32).reshape(-1, 2)


def change(
    since: int, until: int, added: dict[int, list[float]], removed: tuple[int, ...] = ()
) -> Change:
    ids = np.array(list(added), np.int64)
    return Change(since, until, np.array(removed, np.int64), ids, rows(*added.values()))


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """Return an empty database: what is in memory is read from no other place."""
    with closing(sqlite3.connect(":memory:")) as made:
        yield made


@pytest.fixture
def index() -> VectorIndex:
    made = VectorIndex(2)
    made.catch_up(change(0, 3, {7: [1, 0], 8: [0.6, 0.8], 9: [0, 1]}))
    return made


def test_the_nearest_come_first_with_their_cosines(
    index: VectorIndex, connection: sqlite3.Connection
) -> None:
    found = index.nearest(connection, rows([1, 0])[0], 5)
    assert [number for number, _ in found] == [7, 8, 9]
    assert [cosine for _, cosine in found] == pytest.approx([1, 0.6, 0])


def test_an_empty_index_finds_nothing(connection: sqlite3.Connection) -> None:
    empty = VectorIndex(2)
    assert len(empty) == 0
    assert empty.nearest(connection, rows([1, 0])[0], 5) == []
    assert empty.nearest(connection, rows([1, 0])[0], 5, np.array([1], np.int64)) == []
    assert empty.cosines(connection, rows([1, 0])[0], [1]) == {}


@pytest.mark.parametrize(("among", "found"), [([8, 9, 1234], [8, 9]), ([9], [9]), ([], [])])
def test_a_search_may_be_limited_to_some(
    index: VectorIndex, connection: sqlite3.Connection, among: list[int], found: list[int]
) -> None:
    near = index.nearest(connection, rows([1, 0])[0], 5, np.array(among, np.int64))
    assert [number for number, _ in near] == found


def test_cosines_are_told_of_those_that_have_a_vector(
    index: VectorIndex, connection: sqlite3.Connection
) -> None:
    told = index.cosines(connection, rows([0, 1])[0], [8, 5, 7, 8])
    assert told == pytest.approx({8: 0.8, 7: 0})


def test_what_was_removed_is_not_found(index: VectorIndex, connection: sqlite3.Connection) -> None:
    index.catch_up(change(3, 4, {10: [-1, 0]}, removed=(7, 999)))
    near = index.nearest(connection, rows([1, 0])[0], 5)
    assert [number for number, _ in near] == [8, 9, 10]
    assert len(index) == 3


def test_a_passage_that_is_told_of_again_has_its_last_vector(
    index: VectorIndex, connection: sqlite3.Connection
) -> None:
    index.catch_up(change(3, 4, {9: [1, 0]}))
    near = index.nearest(connection, rows([1, 0])[0], 5)
    assert [(number, round(cosine, 6)) for number, cosine in near] == [(7, 1), (9, 1), (8, 0.6)]


@pytest.mark.parametrize(("since", "until"), [(0, 3), (0, 4), (2, 5), (4, 5)])
def test_a_change_since_another_generation_changes_nothing(
    index: VectorIndex, connection: sqlite3.Connection, since: int, until: int
) -> None:
    index.catch_up(change(since, until, {7: [1, 0], 11: [1, 0]}, removed=(9,)))
    near = index.nearest(connection, rows([1, 0])[0], 5)
    assert (index.generation, len(index)) == (3, 3)
    assert [number for number, _ in near] == [7, 8, 9]


def test_many_small_additions_find_what_one_large_one_does(connection: sqlite3.Connection) -> None:
    vectors, ids = some_vectors(300), np.arange(1, 301)
    nothing = np.empty(0, np.int64)
    at_once, by_and_by = VectorIndex(32), VectorIndex(32)
    at_once.catch_up(Change(0, 1, nothing, ids, vectors))
    for start in range(0, 300, 7):
        some = slice(start, start + 7)
        by_and_by.catch_up(
            Change(by_and_by.generation, start + 1, nothing, ids[some], vectors[some])
        )
    for asked in some_vectors(10, seed=1):
        for among in (None, ids[::3]):
            whole = at_once.nearest(connection, asked, 40, among)
            assert by_and_by.nearest(connection, asked, 40, among) == whole
            assert len(whole) == 40


def test_equal_vectors_are_told_with_equal_cosines_by_their_ids(
    connection: sqlite3.Connection,
) -> None:
    made = VectorIndex(32)
    same = np.repeat(some_vectors(1), 50, axis=0)
    for start in (0, 33):
        ids = np.arange(start + 1, 34 if start == 0 else 51)
        made.catch_up(Change(start, 33, ids[:0], ids, same[: len(ids)]))
    near = made.nearest(connection, some_vectors(1, seed=3)[0], 50)
    assert [number for number, _ in near] == list(range(1, 51))
    assert len({cosine for _, cosine in near}) == 1

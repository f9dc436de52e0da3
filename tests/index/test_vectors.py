"""The index in memory holds each vector once and says the cosines that numpy says."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

import numpy as np
import pytest

from index import Vectors
from index.generations import next_generation
from index.vectors.vector_index import VectorIndex
from tests.index.vectors_made import some_vectors


def rows(*given: list[float]) -> Vectors:
    return np.array(given, np.float32).reshape(-1, 2)


def change(
    connection: sqlite3.Connection,
    added: Mapping[int, Vectors | list[float]],
    removed: Sequence[int] = (),
) -> None:
    """Add and remove passages as one change of a library does; one added twice is told again."""
    number = next_generation(connection)
    connection.executemany(
        "insert or replace into passages values (?, ?, ?)",
        [(passage, number, np.array(row, np.float32).tobytes()) for passage, row in added.items()],
    )
    connection.executemany("delete from passages where id = ?", [(gone,) for gone in removed])
    connection.executemany(
        "insert into removed_passages values (?, ?)", [(gone, number) for gone in removed]
    )


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """Return a database with as much of a library as the index reads."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        made.row_factory = sqlite3.Row
        made.executescript(
            "create table library (generation integer, model text, dimension integer);"
            "create table generations (number integer primary key, stamp blob);"
            "create table passages (id integer primary key, generation integer, vector blob);"
            "create table removed_passages (id integer, generation integer);"
            "insert into library values (0, null, null);"
        )
        yield made


@pytest.fixture
def index(connection: sqlite3.Connection) -> VectorIndex:
    made = VectorIndex(2)
    change(connection, {7: [1, 0], 8: [0.6, 0.8], 9: [0, 1]})
    made.follow(connection)
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
    change(connection, {10: [-1, 0]}, removed=(7, 999))
    index.follow(connection)
    near = index.nearest(connection, rows([1, 0])[0], 5)
    assert [number for number, _ in near] == [8, 9, 10]
    assert len(index) == 3


def test_a_passage_that_is_told_of_again_has_its_last_vector(
    index: VectorIndex, connection: sqlite3.Connection
) -> None:
    change(connection, {9: [1, 0]})
    index.follow(connection)
    near = index.nearest(connection, rows([1, 0])[0], 5)
    assert [(number, round(cosine, 6)) for number, cosine in near] == [(7, 1), (9, 1), (8, 0.6)]


@pytest.mark.parametrize("k", [0, -1])
def test_nothing_is_found_where_nothing_is_asked_for(
    index: VectorIndex, connection: sqlite3.Connection, k: int
) -> None:
    assert index.nearest(connection, rows([1, 0])[0], k) == []


def test_many_small_additions_find_what_one_large_one_does(connection: sqlite3.Connection) -> None:
    vectors, ids = some_vectors(300), np.arange(1, 301)
    by_and_by, at_once = VectorIndex(32), VectorIndex(32)
    for start in range(0, 300, 7):
        some = slice(start, start + 7)
        change(connection, dict(zip(ids[some].tolist(), vectors[some], strict=True)))
        by_and_by.follow(connection)
    at_once.follow(connection)
    for asked in some_vectors(10, seed=1):
        for among in (None, ids[::3]):
            whole = at_once.nearest(connection, asked, 40, among)
            assert by_and_by.nearest(connection, asked, 40, among) == whole
            assert len(whole) == 40


def test_equal_vectors_are_told_with_equal_cosines_by_their_ids(
    connection: sqlite3.Connection,
) -> None:
    made = VectorIndex(32)
    same = some_vectors(1)[0]
    for ids in (range(1, 34), range(34, 51)):
        change(connection, dict.fromkeys(ids, same))
        made.follow(connection)
    near = made.nearest(connection, some_vectors(1, seed=3)[0], 50)
    assert [number for number, _ in near] == list(range(1, 51))
    assert len({cosine for _, cosine in near}) == 1

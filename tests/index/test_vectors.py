"""The index in memory holds each vector once and says the cosines that numpy says."""

import numpy as np
import pytest

from index import Vectors
from index.vectors import Change, VectorIndex


def rows(*given: list[float]) -> Vectors:
    return np.array(given, np.float32).reshape(-1, 2)


def change(
    since: int, until: int, added: dict[int, list[float]], removed: tuple[int, ...] = ()
) -> Change:
    ids = np.array(list(added), np.int64)
    return Change(since, until, np.array(removed, np.int64), ids, rows(*added.values()))


@pytest.fixture
def index() -> VectorIndex:
    made = VectorIndex(2)
    made.catch_up(change(0, 3, {7: [1, 0], 8: [0.6, 0.8], 9: [0, 1]}))
    return made


def test_the_nearest_come_first_with_their_cosines(index: VectorIndex) -> None:
    found = index.nearest(rows([1, 0])[0], 5)
    assert [number for number, _ in found] == [7, 8, 9]
    assert [cosine for _, cosine in found] == pytest.approx([1, 0.6, 0])


def test_an_empty_index_finds_nothing() -> None:
    assert VectorIndex(2).nearest(rows([1, 0])[0], 5) == []
    assert VectorIndex(2).cosines(rows([1, 0])[0], [1]) == {}


def test_a_search_may_be_limited_to_some(index: VectorIndex) -> None:
    among = np.array([9, 8, 1234], np.int64)
    assert [number for number, _ in index.nearest(rows([1, 0])[0], 5, among)] == [8, 9]


def test_cosines_are_told_of_those_that_have_a_vector(index: VectorIndex) -> None:
    assert index.cosines(rows([0, 1])[0], [8, 5, 7]) == pytest.approx({8: 0.8, 7: 0})


def test_what_was_removed_is_not_found(index: VectorIndex) -> None:
    index.catch_up(change(3, 4, {10: [-1, 0]}, removed=(7, 999)))
    assert [number for number, _ in index.nearest(rows([1, 0])[0], 5)] == [8, 9, 10]
    assert len(index) == 3


@pytest.mark.parametrize(("since", "until"), [(0, 3), (0, 4), (2, 5), (4, 5)])
def test_a_change_since_another_generation_changes_nothing(
    index: VectorIndex, since: int, until: int
) -> None:
    index.catch_up(change(since, until, {7: [1, 0], 11: [1, 0]}, removed=(9,)))
    assert (index.generation, len(index)) == (3, 3)
    assert [number for number, _ in index.nearest(rows([1, 0])[0], 5)] == [7, 8, 9]

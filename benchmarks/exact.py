"""An exact search over the stored vectors, and the part of it that the product found."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from index import Vectors

_AT_ONCE = 20_000
_SPARE = 20  # kept beyond k, for passages whose vectors are the same
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Among:
    """Which documents count: a condition on `documents d` with its values, written for this."""

    test: str = "1"
    values: tuple[object, ...] = field(default=())


Best = dict[int, float]


def exact(
    connection: sqlite3.Connection, asked: Vectors, k: int, among: Among | None = None
) -> list[Best]:
    """Return for each row of `asked` the cosines of the k nearest passages and some more."""
    most = k + _SPARE
    best: list[Best] = [{} for _ in asked]
    for ids, vectors in _stored(connection, among or Among()):
        scores = asked @ vectors.T
        for row, known in enumerate(best):
            both = known | _highest(ids, scores[row], most)
            best[row] = dict(sorted(both.items(), key=lambda item: -item[1])[:most])
    return best


def recall(found: Sequence[int], best: Best, k: int) -> float:
    """Return which part of the k nearest was found; of those equally near, any will do."""
    wanted = sorted(best.values(), reverse=True)[:k]
    if not wanted:
        return 1.0
    lowest = wanted[-1] - _ROUNDING
    return sum(best.get(passage, -2.0) >= lowest for passage in set(found[:k])) / len(wanted)


def _highest(ids: NDArray[np.int64], scores: Vectors, most: int) -> Best:
    top = np.argpartition(-scores, min(most, len(scores)) - 1)[:most]
    return dict(zip(ids[top].tolist(), scores[top].tolist(), strict=True))


def _stored(
    connection: sqlite3.Connection, among: Among
) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
    rows = connection.execute(
        "select p.id, p.vector from passages p join documents d on d.id = p.document_id"
        f" where p.vector is not null and {among.test}",
        among.values,
    )
    while some := rows.fetchmany(_AT_ONCE):
        vectors = np.frombuffer(b"".join(row["vector"] for row in some), np.float32)
        yield np.array([row["id"] for row in some], np.int64), vectors.reshape(len(some), -1)

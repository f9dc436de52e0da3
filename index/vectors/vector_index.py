"""The vectors of a library: derived from it, caught up by generation, never the truth."""

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.encoding.embedding import Vectors
from index.generations import moment_of, stamp_of
from index.vectors import vectors_file
from index.vectors.approximate import Coded
from index.vectors.changes import (
    Change,
    check_dimension,
    one_moment,
    read_change,
    vectors_of,
)
from index.vectors.coding import usable
from index.vectors.exact import Block, Ids, Mask, cosines_of, joined, mask_of, ranked, with_added

# Candidates for each passage that is asked for, and at least so many: the true ten nearest were
# among 200 for all but one question of 300, 95 % of the true hundred (docs/retrieval.md).
_CANDIDATES = 2
_AT_LEAST = 200
# Exact search compares in single precision: so many more are compared again in double.
_SPARE = 16


@dataclass(frozen=True, slots=True)
class _State:
    """The vectors of a library as of one generation: coded ones, and later ones in memory.

    Nothing in it changes. `alive` says which of the coded ones are still there; None: all are.
    """

    generation: int = 0
    stamp: bytes = b""
    coded: Coded | None = None
    alive: Mask | None = None
    recent: tuple[Block, ...] = ()

    def __len__(self) -> int:
        coded = 0 if self.coded is None else len(self.coded)
        alive = coded if self.alive is None else int(np.count_nonzero(self.alive))
        return alive + sum(len(block) for block in self.recent)

    def after(self, change: Change) -> "_State":
        """Return the state after a change, which may tell again of what is known."""
        gone = np.concatenate([change.removed, change.added])
        left = [block.without(gone) for block in self.recent]
        recent = with_added(left, Block(change.added, change.vectors))
        return _State(change.until, change.stamp, self.coded, self._alive_without(gone), recent)

    def _alive_without(self, gone: Ids) -> Mask | None:
        if self.coded is None or not len(gone):
            return self.alive
        alive = mask_of(self.coded.ids, self.coded.size) if self.alive is None else self.alive
        fewer = alive & ~mask_of(gone, self.coded.size)
        return self.alive if bool((fewer == alive).all()) else fewer

    def size(self) -> int:
        """Return how many places a mask over all passages has."""
        last = [int(block.ids[-1]) + 1 for block in self.recent]
        return max([*last, 0 if self.coded is None else self.coded.size], default=0)

    def candidates(self, vector: Vectors, k: int, mask: Mask | None) -> Ids:
        """Return coded passages among which the k nearest coded ones are."""
        if self.coded is None:
            return np.empty(0, np.int64)
        alive = self.alive
        if mask is not None:
            alive = mask[: self.coded.size] if alive is None else alive & mask[: len(alive)]
        return self.coded.nearest(vector, max(_CANDIDATES * k, _AT_LEAST), alive)


class VectorIndex:
    """Search by cosine over the vectors of one library, as of one generation.

    While no codes are saved in the folder, all vectors are in memory and the search is exact. Of
    coded ones it takes the candidates and reads their vectors from the library, so that cosines
    are true and hardly ever one of the nearest is missed; what came after the codes were saved is
    in memory. Vectors have unit length, so the inner product is the cosine. Every call is safe
    from any thread and none waits for another, but those that find the index late; `generation`
    says up to which change of the library it has caught up.
    """

    def __init__(self, dimension: int, folder: Path | None = None) -> None:
        self.dimension = dimension
        self._folder = folder  # need not be there
        self._state = _State()
        self._seen: tuple[int, int] | None = None
        self._following = threading.Lock()

    def __len__(self) -> int:
        return len(self._state)

    @property
    def generation(self) -> int:
        """Return up to which change of the library the index has caught up."""
        return self._state.generation

    def follow(self, connection: sqlite3.Connection) -> None:
        """Catch up with the library; of those that find the index late, one reads what changed.

        Raises `WrongModel` when the library's vectors have another dimension by then.
        """
        if self._is_late(connection):
            with self._following:
                while self._is_late(connection):
                    self._read_on(connection)

    def nearest(
        self, connection: sqlite3.Connection, vector: Vectors, k: int, among: Ids | None = None
    ) -> list[tuple[int, float]]:
        """Return up to k (passage id, cosine), best first, of all or of the given ids alone."""
        state = self._state
        if k < 1:
            return []
        mask = None if among is None else mask_of(among, state.size())
        found = [block.nearest(vector, k + _SPARE, mask) for block in state.recent]
        if len(candidates := state.candidates(vector, k, mask)):
            found.append(vectors_of(candidates, connection, self.dimension))
        return ranked(joined(found), vector, k) if found else []

    def cosines(
        self, connection: sqlite3.Connection, vector: Vectors, ids: Sequence[int]
    ) -> dict[int, float]:
        """Return the cosine of each of the ids that has a vector."""
        state, wanted = self._state, np.unique(np.array(ids, np.int64))
        found = [block.at(block.rows_of(wanted)) for block in state.recent]
        if state.coded is not None:
            known = np.concatenate([wanted[:0], *(block.ids for block in found)])
            missing = np.setdiff1d(wanted, known, assume_unique=True)
            found.append(vectors_of(missing, connection, self.dimension))
        return {
            passage: cosine
            for block in found
            for passage, cosine in zip(
                block.ids.tolist(), cosines_of(block, vector).tolist(), strict=True
            )
        }

    def _is_late(self, connection: sqlite3.Connection) -> bool:
        known = self._state.generation, self._state.stamp
        return known != moment_of(connection) or self._seen != self._version()

    def _version(self) -> tuple[int, int] | None:
        return None if self._folder is None else vectors_file.version(self._folder)

    def _read_on(self, connection: sqlite3.Connection) -> None:
        """Take what is saved, if that is new, and what the library has beyond it, at one moment."""
        with one_moment(connection):
            check_dimension(connection, self.dimension)
            seen = self._version()
            state = self._of_its_past(connection)
            if seen != self._seen or not len(state):
                state = self._opened(connection) or state
            change = read_change(state.generation, connection, self.dimension)
        self._state, self._seen = state.after(change), seen

    def _of_its_past(self, connection: sqlite3.Connection) -> _State:
        """Return what is known, or nothing when the library has another history by now."""
        state = self._state
        return state if stamp_of(connection, state.generation) == state.stamp else _State()

    def _opened(self, connection: sqlite3.Connection) -> _State | None:
        """Return what is saved, if it is of this library's past."""
        saved = (
            None if self._folder is None else usable(vectors_file.read(self._folder), connection)
        )
        if saved is None:
            return None
        coded = Coded(saved.codebook, saved.ids, saved.codes)
        return _State(saved.generation, saved.stamp, coded)

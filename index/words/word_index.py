"""Search by words: an exact BM25 index derived from the library, caught up by generation."""

import math
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np

from index.generations import moment_of, stamp_of
from index.rows import WORDS_OF
from index.words import postings_file
from index.words.bm25 import K1, Asked, Ranking
from index.words.postings import Ids, Mask, Postings, in_groups, joined, key_of, none, summed
from index.words.postings_file import Saved
from index.words.terms import indexed, terms

# Passages whose words are counted together.
_AT_ONCE = 4096

_NEW = (
    f"select p.id, {WORDS_OF}"
    " from passages p join documents d on d.id = p.document_id where p.id in ("
    " select id from passages where generation > :since"
    " union select p.id from passages p join changed_words c on c.document_id = p.document_id"
    " where c.generation > :since) order by p.id"
)


@dataclass(frozen=True, slots=True)
class _State:
    """The passages of a library as of one generation. Nothing in it changes.

    The first ranking is of what was saved, or of nothing; those of what came since follow from
    large to small. Of a passage that is in several, only the last is alive.
    """

    generation: int
    stamp: bytes
    rankings: tuple[Ranking, ...]
    total: int

    @classmethod
    def of(
        cls, generation: int, stamp: bytes, parts: Sequence[Postings], alive: Sequence[Mask | None]
    ) -> "_State":
        """Return the state of these parts: their lengths and sizes are those of what is alive."""
        sizes = [len(p) if a is None else np.count_nonzero(a) for p, a in _pairs(parts, alive)]
        lengths = [p.lengths.sum(dtype=np.int64, where=_all(a)) for p, a in _pairs(parts, alive)]
        total = int(sum(sizes))
        mean = int(sum(lengths)) / max(total, 1)
        rankings = tuple(Ranking(p, a, mean) for p, a in _pairs(parts, alive))
        return cls(generation, stamp, rankings, total)

    def asked(self, text: str) -> list[Asked]:
        """Return the terms of a text that stand somewhere, by descending weight."""
        found = []
        for key in {key_of(term) for term in terms(text)}:
            if count := self.count(key):
                idf = math.log1p((self.total - count + 0.5) / (count + 0.5))
                found.append(Asked(key, idf * (K1 + 1)))
        return sorted(found, key=lambda term: (-term.weight, term.key))

    def count(self, key: int) -> int:
        return sum(ranking.count(key) for ranking in self.rankings)


class WordIndex:
    """Exact BM25 over the passages of one library, as of one generation.

    What is saved in the folder is mapped; what came later is in memory. Every call is safe from
    any thread, and none waits for another but those that find the index late. Scores follow from
    the passages that are there, not from the way by which they came.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._state = _nothing()
        self._seen: tuple[int, int] | None = None
        self._following = threading.Lock()

    def __len__(self) -> int:
        return self._state.total

    @property
    def generation(self) -> int:
        """Return up to which change of the library the index has caught up."""
        return self._state.generation

    @property
    def unsaved(self) -> int:
        """Return how many passages came or went since the index was saved that was opened."""
        first, *later = self._state.rankings
        gone = 0 if first.alive is None else len(first.alive) - np.count_nonzero(first.alive)
        return int(gone) + sum(len(ranking.postings) for ranking in later)

    def follow(self, connection: sqlite3.Connection) -> None:
        """Catch up with the library; of those that find the index late, one reads what changed."""
        if self._is_late(connection):
            with self._following:
                while self._is_late(connection):
                    self._catch_up(connection)

    def matching(self, text: str, k: int, among: Ids | None = None) -> list[tuple[int, float]]:
        """Return up to k (passage id, score) above 0, best first, those that equal by their ids.

        `among` are the ids to which the search is limited, ascending. The score is the sum over
        the text's distinct terms of idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * dl / avgdl)),
        with idf = ln(1 + (N - df + 0.5) / (df + 0.5)).
        """
        state = self._state
        asked = state.asked(text)
        if k < 1 or not asked:
            return []
        found = [ranking.best(asked, k, among) for ranking in state.rankings]
        ids = np.concatenate([each for each, _ in found])
        scores = np.concatenate([each for _, each in found])
        order = np.lexsort((ids, -scores))[:k]
        return list(zip(ids[order].tolist(), scores[order].tolist(), strict=True))

    def scores(self, text: str, ids: Sequence[int]) -> dict[int, float]:
        """Return the scores of those of the passages that hold any of the text's words."""
        state = self._state
        asked, wanted = state.asked(text), np.unique(np.array(ids, np.int64))
        found = [ranking.scores(asked, wanted) for ranking in state.rankings]
        return {
            passage: score
            for each, scores in found
            for passage, score in zip(each.tolist(), scores.tolist(), strict=True)
            if score > 0
        }

    def highest(self, text: str) -> float:
        """Return what no passage's score for this text reaches; 0 when none of it stands here."""
        return sum(term.weight for term in self._state.asked(text))

    def count(self, term: str) -> int:
        """Return how many passages have a term."""
        return self._state.count(key_of(term))

    def holding(self, wanted: Sequence[str]) -> Ids:
        """Return the passages that have all the terms, all passages where there is no term."""
        keys = {key_of(term) for term in wanted}
        found = [_holding(ranking, keys) for ranking in self._state.rankings]
        return np.sort(np.concatenate(found))

    def save(self, folder: Path, connection: sqlite3.Connection) -> None:
        """Save the index as it is, in the place of an earlier one. Raises `OSError`.

        What is mapped goes into the new file, so it is compared with its own sums before: where it
        is damaged, or no longer there to compare, the new file is made of the library alone.
        """
        state = self._state
        is_gone = self._seen is not None and self._seen != postings_file.version(folder)
        if is_gone or postings_file.is_damaged(folder):
            anew = WordIndex(None)
            anew.follow(connection)
            state = anew._state
        whole = joined(*_parts_of(state))
        postings_file.write(folder, Saved(state.generation, state.stamp, whole))

    def equals(self, other: "WordIndex") -> bool:
        """Tell whether both hold the same terms of the same passages."""
        mine, others = (
            summed(joined(*_parts_of(self._state))),
            summed(joined(*_parts_of(other._state))),
        )
        return all(np.array_equal(a, b) for a, b in zip(mine, others, strict=True))

    def _is_late(self, connection: sqlite3.Connection) -> bool:
        known = self._state.generation, self._state.stamp
        return known != moment_of(connection) or self._seen != postings_file.version(self._folder)

    def _catch_up(self, connection: sqlite3.Connection) -> None:
        """Take what is saved, if that is new, and what the library has beyond it, at one moment."""
        connection.execute("begin")
        try:
            seen = postings_file.version(self._folder)
            state = self._of_its_past(connection)
            if seen != self._seen or not state.total:
                state = self._opened(connection) or state
            self._state, self._seen = _caught_up(state, connection), seen
        finally:
            connection.execute("commit")

    def _of_its_past(self, connection: sqlite3.Connection) -> _State:
        """Return what is known, or nothing when the library has another history by now."""
        state = self._state
        return state if stamp_of(connection, state.generation) == state.stamp else _nothing()

    def _opened(self, connection: sqlite3.Connection) -> _State | None:
        """Return what is saved, if it is of this library's past."""
        saved = postings_file.read(self._folder)
        if saved is None or stamp_of(connection, saved.generation) != saved.stamp:
            return None
        return _State.of(saved.generation, saved.stamp, [saved.postings], [None])


def _nothing() -> _State:
    """Return the state before the first change."""
    return _State.of(0, b"", [none()], [None])


def _caught_up(state: _State, connection: sqlite3.Connection) -> _State:
    """Return the state that the library has now."""
    since, (until, stamp) = state.generation, moment_of(connection)
    if (since, state.stamp) == (until, stamp):
        return state
    gone = connection.execute("select id from removed_passages where generation > ?", (since,))
    removed = np.fromiter((row[0] for row in gone), np.int64)
    new = connection.execute(_NEW, {"since": since})
    parts, alive = _parts_of(state)
    alive = [_without(removed, part, mask) for part, mask in _pairs(parts, alive)]
    for made in in_groups(((row[0], indexed(*row[1:])) for row in new), _AT_ONCE):
        alive = [_without(made.ids, part, mask) for part, mask in _pairs(parts, alive)]
        parts, alive = _few([*parts, made], [*alive, None])
    return _State.of(until, stamp, parts, alive)


def _few(
    parts: list[Postings], alive: list[Mask | None]
) -> tuple[list[Postings], list[Mask | None]]:
    """Join the last parts until each is half as large as the one before; the first one stays.

    It is the one that is mapped, or nothing.
    """
    while len(parts) > 2 and len(parts[-2]) < 2 * len(parts[-1]):
        last = joined(parts[-2:], alive[-2:])
        parts, alive = [*parts[:-2], last], [*alive[:-2], None]
    return parts, alive


def _without(gone: Ids, part: Postings, alive: Mask | None) -> Mask | None:
    """Return which rows are alive when these passages are gone."""
    rows = part.rows_of(np.unique(gone))
    if not len(rows):
        return alive
    left = np.ones(len(part), np.bool_) if alive is None else alive.copy()
    left[rows] = False
    return left


def _holding(ranking: Ranking, keys: set[int]) -> Ids:
    if not keys:
        alive = ranking.alive
        return ranking.postings.ids if alive is None else ranking.postings.ids[alive]
    rows = sorted((ranking.holding(key) for key in keys), key=len)
    held = reduce(lambda few, many: few[np.isin(few, many, assume_unique=True)], rows)
    return ranking.postings.ids[held]


def _parts_of(state: _State) -> tuple[list[Postings], list[Mask | None]]:
    rankings = state.rankings
    return [each.postings for each in rankings], [each.alive for each in rankings]


def _pairs(
    parts: Sequence[Postings], alive: Sequence[Mask | None]
) -> Iterator[tuple[Postings, Mask | None]]:
    return zip(parts, alive, strict=True)


def _all(mask: Mask | None) -> Mask | np.bool_:
    return np.True_ if mask is None else mask

"""BM25 by its formula, from what the database holds, to compare the word index with."""

import math
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from index import Filters, Store
from index.rows import WORDS_OF, condition
from index.words.bm25 import K1, B
from index.words.terms import indexed, terms
from index.words.word_index import WordIndex

QUESTIONS = ("alpha", "beta gamma", "alpha beta gamma delta eps", "zeta-eta", "the of", "eta omega")

Found = list[tuple[int, float]]
Held = dict[int, Counter[str]]


def held(store: Store) -> Held:
    """Return the terms of each passage, from what the database holds."""
    return {
        row[0]: Counter(terms(indexed(*row[1:])))
        for row in store.connection.execute(
            f"select p.id, {WORDS_OF} from passages p join documents d on d.id = p.document_id"
        )
    }


def held_ids(store: Store, filters: Filters | None) -> set[int]:
    """Return the passages whose documents pass the filters."""
    test, values = condition(filters or Filters())
    found = store.connection.execute(
        f"select p.id from passages p join documents d on d.id = p.document_id where {test}", values
    )
    return {row[0] for row in found}


def by_definition(passages: Held, question: str, among: Iterable[int]) -> dict[int, float]:
    """Return the BM25 scores above 0, by the formula."""
    mean = sum(map(Counter.total, passages.values())) / max(len(passages), 1)
    scores: dict[int, float] = dict.fromkeys(among, 0.0)
    for term in set(terms(question)):
        df = sum(term in words for words in passages.values())
        idf = math.log(1 + (len(passages) - df + 0.5) / (df + 0.5))
        for passage in scores:
            tf, length = passages[passage][term], passages[passage].total()
            if tf:
                scores[passage] += idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / mean))
    return {passage: score for passage, score in scores.items() if score > 0}


def check(store: Store, filters: Filters | None = None) -> None:
    """Check that the library's word index says what a new one says, and what the formula says."""
    with tempfile.TemporaryDirectory() as nothing:
        anew = WordIndex(Path(nothing))
        anew.follow(store.connection)
    among = store.allowed(filters or Filters())
    passages, allowed = held(store), held_ids(store, filters)
    for question in QUESTIONS:
        exact = by_definition(passages, question, allowed)
        for k in (1, 3, 1000):
            found = store.matching(question, k, filters)
            assert found == anew.matching(question, k, among)
            assert_best(found, exact, k)
        assert store.word_scores(question, [*exact, 10**9]) == pytest.approx(exact, rel=1e-5)


def assert_best(found: Found, exact: dict[int, float], k: int) -> None:
    """Check that these are the k best, with their scores, ties by their ids."""
    assert len(found) == min(k, len(exact))
    assert dict(found) == pytest.approx({i: exact[i] for i, _ in found}, rel=1e-5)
    assert found == sorted(found, key=lambda each: (-each[1], each[0]))
    best = sorted(exact.values(), reverse=True)[:k]
    assert [score for _, score in found] == pytest.approx(best, rel=1e-5)

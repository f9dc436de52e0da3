"""Hybrid search: passages near in meaning and passages that share words, fused into one order."""

from collections.abc import Mapping

from index.documents import Filters, Hit
from index.embedding import Embedder, Vectors
from index.store import Store

# How many passages each search brings to the fusion, and what the vectors' share of a score is.
DEPTH = 100
DENSE_WEIGHT = 0.5


def search(
    question: str, store: Store, embedder: Embedder, k: int = 8, filters: Filters | None = None
) -> list[Hit]:
    """Return up to k hits for a question, best first. Raises `WrongModel`."""
    store.check_model(embedder.identity)
    hits = search_by_vector(question, embedder.encode([question])[0], store, k, filters)
    store.check_model(embedder.identity)  # it may have been embedded anew in between
    return hits


def search_by_vector(
    question: str, vector: Vectors, store: Store, k: int, filters: Filters | None = None
) -> list[Hit]:
    """Return up to k hits for a question whose vector is at hand, best first.

    Scores of either search are scaled to 0..1 over the candidates and averaged ("min-max fusion":
    Bruch, Gai, Ingber, An Analysis of Fusion Functions for Hybrid Retrieval, TOIS 2023). A
    candidate that only the words found takes part with its true cosine.
    """
    near = dict(store.nearest(vector, DEPTH, filters))
    words = dict(store.matching(question, DEPTH, filters))
    near |= store.cosines(vector, [passage for passage in words if passage not in near])
    dense, sparse = _scaled(near), _scaled(words, lowest=0.0)
    fused = {
        passage: DENSE_WEIGHT * dense.get(passage, 0) + (1 - DENSE_WEIGHT) * sparse.get(passage, 0)
        for passage in near.keys() | words.keys()
    }
    best = sorted(fused, key=lambda passage: (-fused[passage], passage))[:k]
    passages = store.passages(best)
    return [
        Hit(passages[i], fused[i], near.get(i, 0.0), words.get(i, 0.0))
        for i in best
        if i in passages
    ]


def _scaled(scores: Mapping[int, float], lowest: float | None = None) -> dict[int, float]:
    if not scores:
        return {}
    low = min(scores.values()) if lowest is None else lowest
    span = max(scores.values()) - low
    return {key: (score - low) / span if span else 1.0 for key, score in scores.items()}

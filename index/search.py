"""Hybrid search: passages near in meaning and passages that share words, fused into one order."""

from collections.abc import Mapping

from index.documents import Filters, Hit
from index.encoding.embedding import Embedder, Vectors
from index.encoding.reranking import READ, Reranker
from index.store import Store

# How many passages each search brings to the fusion at least, and the vectors' share of a score.
DEPTH = 100
DENSE_WEIGHT = 0.5


def search(
    question: str,
    store: Store,
    embedder: Embedder,
    k: int = 8,
    filters: Filters | None = None,
    reranker: Reranker | None = None,
) -> list[Hit]:
    """Return up to k hits for a question, best first. Raises `WrongModel`."""
    store.check_model(embedder.identity)
    vector = embedder.encode([question])[0]
    hits = search_by_vector(question, vector, store, k, filters, reranker)
    store.check_model(embedder.identity)  # it may have been embedded anew in between
    return hits


def search_by_vector(
    question: str,
    vector: Vectors,
    store: Store,
    k: int,
    filters: Filters | None = None,
    reranker: Reranker | None = None,
) -> list[Hit]:
    """Return up to k hits for a question whose vector is at hand, best first.

    With a reranker, the best of them are put in the order that it gives.
    """
    if reranker is None:
        return _fused_hits(question, vector, store, k, filters)
    read = _fused_hits(question, vector, store, max(k, READ), filters)
    return reranker.reranked(question, read)[:k]


def _fused_hits(
    question: str, vector: Vectors, store: Store, k: int, filters: Filters | None
) -> list[Hit]:
    """Return the hits in the order of both searches.

    What either search finds is weighed by both: by its cosine, and by its BM25 score as a share
    of the highest that the question could reach. Neither is scaled by what else was found, so a
    question that the library has in these very words counts on words, and one that it has in
    others counts on vectors. Other fusions are compared with this one in docs/retrieval.md. The
    hits' scores are 1 for the best and 0 for the last of all that were weighed.
    """
    depth = max(DEPTH, k)
    near = dict(store.nearest(vector, depth, filters))
    words = dict(store.matching(question, depth, filters))
    near |= store.cosines(vector, [passage for passage in words if passage not in near])
    words |= store.word_scores(question, [passage for passage in near if passage not in words])
    fused = _scaled(_fused(near, words, store.words().highest(question) or 1.0))
    best = sorted(fused, key=lambda passage: (-fused[passage], passage))[:k]
    passages = store.passages(best)
    return [
        Hit(passages[i], fused[i], near.get(i, 0.0), words.get(i, 0.0))
        for i in best
        if i in passages
    ]


def _fused(
    near: Mapping[int, float], words: Mapping[int, float], highest: float
) -> dict[int, float]:
    return {
        i: DENSE_WEIGHT * near.get(i, 0.0) + (1 - DENSE_WEIGHT) * words.get(i, 0.0) / highest
        for i in near.keys() | words.keys()
    }


def _scaled(scores: Mapping[int, float]) -> dict[int, float]:
    low, high = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
    span = high - low
    return {i: (score - low) / span if span else 1.0 for i, score in scores.items()}

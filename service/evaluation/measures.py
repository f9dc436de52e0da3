"""How good one ranking is, as trec_eval reckons it: gains are linear, ties go by document id."""

from collections.abc import Mapping, Sequence
from math import log2

import numpy as np

Judged = Mapping[str, int]

MEASURES = ("ndcg@10", "recall@10", "recall@100", "mrr@10")


def ranked(scores: Mapping[str, float]) -> list[str]:
    """Return the documents, best first, in the order in which trec_eval reads a run.

    It keeps scores in single precision, and of those that are equal then takes the document whose
    id is the greater text first. A ranking must not gain by the order in which ties were written.
    """
    return sorted(scores, key=lambda document: (np.float32(scores[document]), document))[::-1]


def measured(ranking: Sequence[str], judged: Judged) -> dict[str, float]:
    """Return each of `MEASURES` for the ranking of a query that has a relevant document."""
    return {
        "ndcg@10": ndcg(ranking, judged, 10),
        "recall@10": recall(ranking, judged, 10),
        "recall@100": recall(ranking, judged, 100),
        "mrr@10": reciprocal_rank(ranking, judged, 10),
    }


def ndcg(ranking: Sequence[str], judged: Judged, depth: int) -> float:
    """Return the discounted gain of the first documents, divided by the most there could be.

    The gain of a document is its grade (Järvelin and Kekäläinen, TOIS 2002), none where that is
    negative or where it was not judged.
    """
    most = _discounted(sorted(judged.values(), reverse=True)[:depth])
    found = _discounted([judged.get(document, 0) for document in ranking[:depth]])
    return found / most if most else 0.0


def recall(ranking: Sequence[str], judged: Judged, depth: int) -> float:
    """Return the share of the relevant documents that are among the first ones."""
    relevant = relevant_of(judged)
    return len(relevant.intersection(ranking[:depth])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], judged: Judged, depth: int) -> float:
    """Return 1 / rank of the first relevant document, 0 when it is not among the first ones."""
    relevant = relevant_of(judged)
    ranks = (1 / rank for rank, found in enumerate(ranking[:depth], 1) if found in relevant)
    return next(ranks, 0.0)


def relevant_of(judged: Judged) -> set[str]:
    """Return the documents with a grade of 1 or more."""
    return {document for document, grade in judged.items() if grade > 0}


def _discounted(grades: Sequence[int]) -> float:
    return sum(grade / log2(rank + 1) for rank, grade in enumerate(grades, 1) if grade > 0)

"""Each query is searched as the product searches: by vector, by words, and by both fused."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index import Embedder, Reranker, Store, Vectors, search_by_vector
from ingest import Progress, Watch
from service.evaluation.collection import Collection, corpus_id
from service.evaluation.measures import measured, ranked
from service.evaluation.runs import QueryRun

SEARCHES = ("dense", "words", "fused")
DEPTH = 100

Scored = Sequence[tuple[int, float]]

_HITS = 8  # what a search gives unless it is told otherwise
_PASSAGES = 4 * DEPTH


@dataclass(frozen=True, slots=True)
class Times:
    """The median of many times, and the time that 95 of 100 stay below, in milliseconds."""

    p50: float
    p95: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Times":
        """Return the two for at least one time."""
        p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
        return cls(round(float(p50), 2), round(float(p95), 2))


@dataclass(frozen=True, slots=True)
class Searched:
    """What each search found for each query; `search` is the time of a fused search for 8 hits."""

    runs: tuple[QueryRun, ...]
    encode: Times
    search: Times


def search_all(
    collection: Collection,
    store: Store,
    embedder: Embedder,
    watch: Watch,
    reranker: Reranker | None = None,
) -> Searched:
    """Search for each query in each way, down to the hundredth document."""
    owners = _Owners(store)
    runs: list[QueryRun] = []
    encode_s: list[float] = []
    search_s: list[float] = []
    _get_ready(store, embedder, reranker)
    for done, (query, text) in enumerate(collection.queries.items()):
        watch(Progress("searching", done, len(collection.queries)))
        began = time.perf_counter()
        vector = embedder.encode([text])[0]
        encoded = time.perf_counter()
        search_by_vector(text, vector, store, _HITS, reranker=reranker)
        search_s.append(time.perf_counter() - encoded)
        encode_s.append(encoded - began)
        runs += _runs(query, text, collection, _found(text, vector, store, owners, reranker))
    watch(Progress("searching", len(collection.queries), len(collection.queries)))
    return Searched(tuple(runs), Times.of(encode_s), Times.of(search_s))


def _get_ready(store: Store, embedder: Embedder, reranker: Reranker | None) -> None:
    """Have the indexes read and the models loaded before anything is timed."""
    vector = embedder.encode(["ready"])[0]
    search_by_vector("ready", vector, store, _HITS, reranker=reranker)


def _runs(
    query: str, text: str, collection: Collection, found: Iterator[dict[str, float]]
) -> Iterator[QueryRun]:
    for name, scores in zip(SEARCHES, found, strict=True):
        scores.pop(query, None)  # as BEIR does: a document does not find itself
        best = ranked(scores)[:DEPTH]
        yield QueryRun(
            query=query,
            search=name,
            words=len(text.split()),
            measures=measured(best, collection.judgements[query]),
            documents=tuple((document, scores[document]) for document in best),
        )


def _found(
    text: str, vector: Vectors, store: Store, owners: "_Owners", reranker: Reranker | None
) -> Iterator[dict[str, float]]:
    """Yield the scores of documents by each of `SEARCHES`."""

    def fused(k: int) -> Scored:
        hits = search_by_vector(text, vector, store, k, reranker=reranker)
        return [(hit.passage.id, hit.score) for hit in hits]

    yield _documents(lambda k: store.nearest(vector, k), owners)
    yield _documents(lambda k: store.matching(text, k), owners)
    yield _documents(fused, owners)


def _documents(find: Callable[[int], Scored], owners: "_Owners") -> dict[str, float]:
    """Return documents with the score of their best passage, more than `DEPTH` if there are."""
    k = _PASSAGES
    while True:
        found = find(k)
        scores: dict[str, float] = {}
        for passage, score in found:
            document = owners.of(passage, found)
            scores[document] = max(score, scores.get(document, score))
        if len(scores) > DEPTH or len(found) < k:
            return scores
        k *= 4


class _Owners:
    """Which document of the collection each passage belongs to, read once for each passage."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[int, str] = {}

    def of(self, passage: int, among: Scored) -> str:
        """Return the document's id; what is not known yet is read for all passages together."""
        if passage not in self._known:
            missing = [each for each, _ in among if each not in self._known]
            for each, found in self._store.passages(missing).items():
                self._known[each] = corpus_id(found.document.key) or ""
        return self._known[passage]

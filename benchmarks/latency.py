"""What a search costs as the library grows: in all, by stage, under filters, and what it finds.

Run as `python -m benchmarks.latency --sizes 1000,10000 --library FOLDER`. Each size is measured in
a process of its own, and each question is asked once, so that no cache of questions helps.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import click
import numpy as np

from benchmarks.exact import exact, recall
from benchmarks.filter_cases import FilterCase, filter_cases, passages_left
from benchmarks.libraries import Ingredients, Made, embedder_for, made, sized
from benchmarks.machine import JSON, Figures, conditions, publish
from benchmarks.page_cache import forget, read_through
from benchmarks.spread import alone, spread
from benchmarks.workload import questions
from index import Embedder, Store, Vectors, search_by_vector

K = 10
_FILTERED = 60  # questions, of each filter
_COLD = 40  # more questions
_WARM_UP = ("What is learned here?", "Which method is the fastest one?", "Who wrote about this?")
_NOTES = (
    "A library of n documents has n texts with vectors, four abstracts for each comment, and each "
    "paper's record beside them. Where there are fewer records than papers, texts are repeated, "
    "and their vectors are the first one's with noise.",
    "The library's files are read through before, so that the system has them in memory, but for "
    "`from disk`: there it was told to drop them, and each page that is read again is one less.",
    "Each question is asked once. `rest` is the fusion. A stage that a search asks for twice "
    "counts once, with its times added.",
)


@dataclass(frozen=True, slots=True)
class Library:
    """What was searched; `recall_at_10` is that of the vector search against an exact one."""

    documents: int
    stored: int
    passages: int
    vectors: int
    records: int
    mib_on_disk: int
    first_search_ms: float
    recall_at_10: float
    recall_at_100: float


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds that a part of the search took, over all questions."""

    documents: int
    part: str
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Filtered:
    """A search under a filter, without encoding, and the vector search's recall within it."""

    documents: int
    filter: str
    passages_left: int
    p50: float
    p95: float
    p99: float
    recall_at_10: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What one library showed."""

    library: Library
    times: tuple[Took, ...]
    filters: tuple[Filtered, ...]


class Stopwatch:
    """Poses as a store, and adds up the milliseconds that each of its methods takes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.took: dict[str, float] = defaultdict(float)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        return self._timed(name, found) if callable(found) else found

    def _timed(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return method(*given, **named)
            finally:
                self.took[name] += _ms_since(began)

        return run


@click.command()
@sized
@click.option("--questions", "number", type=int, default=300, show_default=True)
@JSON
def main(
    ingredients: Ingredients, sizes: tuple[int, ...], data: Path, number: int, out: Path | None
) -> None:
    """Measure searches of libraries of several sizes."""
    under = conditions()
    found = [alone(_measured, each, data, number) for each in made(sizes, ingredients)]
    tables = {
        "libraries": [each.library for each in found],
        "times": [row for each in found for row in each.times],
        "filters": [row for each in found for row in each.filters],
    }
    given = {"documents": list(sizes), "questions": number, "k": K}
    publish(Figures("latency", given, tables, _NOTES), under, out)


def _measured(made_library: Made, data: Path, number: int) -> Measured:
    return measure(made_library, data, number, embedder_for(made_library.folder))


def measure(library: Made, data: Path, number: int, embedder: Embedder) -> Measured:
    """Ask a library so many questions, then some of them again under each filter."""
    with closing(Store.open(library.folder)) as store:
        everything = questions(store, data, number + _COLD)
        asked, others = everything[:number], everything[number:]
        first = _warmed_up(store, embedder)
        cold = _cold(library, others, store, embedder)
        read_through(library.folder)
        times, vectors = _times(library.recipe.documents, asked, store, embedder)
        cases = filter_cases(store)
        few = (asked[:_FILTERED], vectors[:_FILTERED])
        filtered = [_filtered(library, case, *few, store) for case in cases]
        return Measured(_library(library, first, vectors, store), (*times, cold), tuple(filtered))


def _warmed_up(store: Store, embedder: Embedder) -> float:
    """Search for what is not measured; return how long the first search took, model loaded."""
    vectors = embedder.encode(_WARM_UP)
    began = time.perf_counter()
    search_by_vector(_WARM_UP[0], vectors[0], store, K)
    first = _ms_since(began)
    for question, vector in zip(_WARM_UP[1:], vectors[1:], strict=True):
        search_by_vector(question, vector, store, K)
    return round(first, 1)


def _times(
    documents: int, asked: Sequence[str], store: Store, embedder: Embedder
) -> tuple[tuple[Took, ...], Vectors]:
    """Return the times of each stage and of all together, and the questions' vectors."""
    taken: dict[str, list[float]] = defaultdict(list)
    vectors = []
    for question in asked:
        began = time.perf_counter()
        vectors.append(embedder.encode([question])[0])
        encoding = _ms_since(began)
        searching, stages = _searched(question, vectors[-1], store)
        parts = {"encode": encoding} | stages | {"rest": searching - sum(stages.values())}
        whole = {"without encoding": searching, "with encoding": searching + encoding}
        for part, milliseconds in (parts | whole).items():
            taken[part].append(milliseconds)
    rows = [Took(documents, part, **asdict(spread(each))) for part, each in taken.items()]
    return tuple(rows), np.array(vectors)


def _cold(library: Made, asked: Sequence[str], store: Store, embedder: Embedder) -> Took:
    """Return the times of searches after the system has dropped the library's files."""
    vectors = [embedder.encode([question])[0] for question in asked]
    forget(library.folder)
    taken = [
        _searched(question, vector, store)[0]
        for question, vector in zip(asked, vectors, strict=True)
    ]
    part = "without encoding, from disk"
    return Took(library.recipe.documents, part, **asdict(spread(taken)))


def _searched(question: str, vector: Vectors, store: Store) -> tuple[float, dict[str, float]]:
    watch = Stopwatch(store)
    began = time.perf_counter()
    search_by_vector(question, vector, cast("Store", watch), K)
    return _ms_since(began), dict(watch.took)


def _filtered(
    library: Made, case: FilterCase, asked: Sequence[str], vectors: Vectors, store: Store
) -> Filtered:
    taken = []
    for question, vector in zip(asked, vectors, strict=True):
        began = time.perf_counter()
        search_by_vector(question, vector, store, K, case.filters)
        taken.append(_ms_since(began))
    return Filtered(
        documents=library.recipe.documents,
        filter=case.name,
        passages_left=passages_left(store, case),
        **asdict(spread(taken)),
        recall_at_10=_recall(store, vectors, K, case),
    )


def _recall(store: Store, vectors: Vectors, k: int, case: FilterCase | None = None) -> float:
    best = exact(store.connection, vectors, k, case.among if case else None)
    filters = case.filters if case else None
    found = [[passage for passage, _ in store.nearest(vector, k, filters)] for vector in vectors]
    shares = [recall(ids, known, k) for ids, known in zip(found, best, strict=True)]
    return round(float(np.mean(shares)), 4)


def _library(library: Made, first: float, vectors: Vectors, store: Store) -> Library:
    counts = store.counts()
    passages, stored_vectors = counts.pop("passages"), counts.pop("vectors")
    files = [path for path in library.folder.rglob("*") if path.is_file()]
    return Library(
        documents=library.recipe.documents,
        stored=sum(counts.values()),
        passages=passages,
        vectors=stored_vectors,
        records=library.recipe.records,
        mib_on_disk=sum(path.stat().st_size for path in files) >> 20,
        first_search_ms=first,
        recall_at_10=_recall(store, vectors, 10),
        recall_at_100=_recall(store, vectors[:_FILTERED], 100),
    )


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()

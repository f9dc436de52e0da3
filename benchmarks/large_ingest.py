"""What a large ingest costs, whether Ctrl-C loses anything, and whether search is exact after it.

Run as `python -m benchmarks.large_ingest FILE --limit 20000 --stop-after 120`; prints JSON.
"""

import json
import os
import platform
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from index import Filters, SentenceTransformerEmbedder, Store, Vectors, search

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
class Search:
    """Of how many questions the nearest passages were those of an exact search, and how fast."""

    questions: int
    same_as_exact: int
    median_ms: float
    p95_ms: float


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--limit", type=int, help="Read only so many records.")
@click.option("--stop-after", type=float, default=60, help="Seconds until Ctrl-C.")
def main(file: Path, limit: int | None, stop_after: float) -> None:
    """Ingest FILE with one Ctrl-C, go on, run once more, and compare search with exact search."""
    limited = ["--limit", str(limit)] if limit else []
    with tempfile.TemporaryDirectory() as folder:
        given = ["--file", str(file), *limited]
        runs = [
            _ingest(Path(folder), given, stop_after),
            _ingest(Path(folder), given),
            _ingest(Path(folder), given),
        ]
        print(json.dumps(_measured(Path(folder), runs), indent=2))


def _ingest(folder: Path, given: Sequence[str], stop_after: float | None = None) -> Run:
    command = [sys.executable, "-m", "service", "--data", str(folder), "ingest", "--json", *given]
    began = time.monotonic()
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(command, stdout=told)
        if stop_after is not None:
            time.sleep(stop_after)
            process.send_signal(signal.SIGINT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        told.seek(0)
        report = json.loads(told.read())
    figures = (report[name] for name in ("added", "unchanged", "embeddings"))
    code = process.returncode = os.waitstatus_to_exitcode(status)
    return Run(code, round(wall, 1), usage.ru_maxrss // 1024, *figures)


def _measured(folder: Path, runs: Sequence[Run]) -> dict[str, Any]:
    store = Store.open(folder)
    try:
        return {
            "machine": f"{os.cpu_count()} cores, {_processor()}",
            "python": platform.python_version(),
            "date": datetime.now(UTC).date().isoformat(),
            "runs": [asdict(run) for run in runs],
            "library": store.counts(),
            "vectors_made": sum(run.embeddings for run in runs),
            "vectors_distinct": _distinct(store.connection),
            "disk_mib": sum(path.stat().st_size for path in folder.iterdir()) >> 20,
            "search": asdict(_search(store)),
        }
    finally:
        store.close()


def _distinct(connection: sqlite3.Connection) -> int:
    return int(connection.execute("select count(distinct digest) from passages").fetchone()[0])


def _search(store: Store) -> Search:
    embedder = SentenceTransformerEmbedder()
    ids, matrix = _stored(store.connection)
    titles = [document.title for document in store.documents(Filters(kinds=("record",)))]
    questions = titles[:: max(1, len(titles) // _QUESTIONS)][:_QUESTIONS]
    search(questions[0], store, embedder)
    same, times = 0, []
    for question in questions:
        vector = embedder.encode([question])[0]
        scores = dict(zip(ids, (matrix @ vector).tolist(), strict=True))
        same += _is_exact(store.nearest(vector, _K), scores)
        began = time.perf_counter()
        search(question, store, embedder)
        times.append((time.perf_counter() - began) * 1000)
    p95 = statistics.quantiles(times, n=20)[-1]
    return Search(len(questions), same, round(statistics.median(times), 1), round(p95, 1))


def _stored(connection: sqlite3.Connection) -> tuple[list[int], Vectors]:
    rows = connection.execute("select id, vector from passages where vector is not null").fetchall()
    vectors = [np.frombuffer(row["vector"], np.float32) for row in rows]
    return [row["id"] for row in rows], np.stack(vectors)


def _is_exact(found: Sequence[tuple[int, float]], scores: dict[int, float]) -> bool:
    """Tell whether these are the highest scores, and each the score of its passage."""
    best = sorted(scores.values(), reverse=True)[:_K]
    told = [score for _, score in found]
    return np.allclose(told, best, atol=1e-5) and np.allclose(
        told, [scores[passage] for passage, _ in found], atol=1e-5
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or "unknown processor")


if __name__ == "__main__":
    main()

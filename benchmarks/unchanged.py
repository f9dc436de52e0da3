"""What runs over unchanged and over slightly edited records cost, in time, vectors and memory.

Run as `python -m benchmarks.unchanged FILE --limit 80000` (with `--fake` for a model that costs
nothing, so that the rest is seen); prints JSON. FILE holds a JSON record on each line, gzipped or
not, with an abstract in each.
"""

import cProfile
import gzip
import hashlib
import json
import os
import platform
import pstats
import re
import resource
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import IO, Any

import click
import numpy as np

from index import (
    Embedder,
    ModelIdentity,
    SentenceTransformerEmbedder,
    Store,
    Vectors,
    split,
)
from ingest import ArxivApi, ArxivOai, Discourse, Given, Outside, PaperChain, ingest

_ONE_IN = 100  # of the records, one is edited
_WHOLE_ID = re.compile(r"(?:0[7-9]|1[0-4])\d{2}\.\d{4}|(?:1[5-9]|2\d)\d{2}\.\d{5}|[a-z.-]+/\d{7}")
_NOWHERE = "http://127.0.0.1:9/api/query"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of ingest in a process of its own."""

    seconds: float
    added: int
    changed: int
    unchanged: int
    embeddings: int
    peak_mib: int


class FakeEmbedder:
    """Costs next to nothing: a row is the text's hash, a token a word or sign."""

    identity = ModelIdentity("fake", "1", 384)
    max_tokens = 256

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a unit row for each text."""
        size = self.identity.dimension
        hashes = b"".join(hashlib.shake_128(text.encode()).digest(size) for text in texts)
        rows = np.frombuffer(hashes, np.int8).reshape(len(texts), size).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Return the spans of words and signs."""
        return [[match.span() for match in re.finditer(r"\w+|[^\w\s]", text)] for text in texts]


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--limit", type=int, default=80_000, help="Read only so many records.")
@click.option("--fake", is_flag=True, help="Embed with a model that costs nothing.")
@click.option("--profile", is_flag=True, help="Tell where the second run's time goes, on stderr.")
def main(file: Path, limit: int, fake: bool, profile: bool) -> None:
    """Ingest FILE, again unchanged, and again with one abstract in a hundred edited."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        records = _write(file, folder / "papers.jsonl", limit)
        _write(file, folder / "fewer.jsonl", limit // 10)
        runs = {"first": _alone(_run, folder, "papers", fake)}
        runs["unchanged"] = _alone(_run, folder, "papers", fake, profile)
        edited = _edit(folder / "papers.jsonl")
        passages = _alone(_passages_to_embed, folder, edited, fake)
        runs["edited"] = _alone(_run, folder, "papers", fake)
        fewer = {"first": _alone(_run, folder, "fewer", fake)}
        fewer["unchanged"] = _alone(_run, folder, "fewer", fake)
    edits = {"abstracts": len(edited), "passages_changed": passages}
    print(json.dumps(_figures(runs, fewer, edits | {"records": records}), indent=2))


def _figures(
    runs: Mapping[str, Run], fewer: Mapping[str, Run], counts: Mapping[str, int]
) -> dict[str, Any]:
    first = runs["first"].seconds
    return {
        "command": shlex.join(["python", "-m", "benchmarks.unchanged", *sys.argv[1:]]),
        "machine": f"{os.cpu_count()} cores, {_processor()}",
        "python": platform.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
        **counts,
        "runs": {name: asdict(run) for name, run in runs.items()},
        "percent_of_first": {
            name: round(100 * run.seconds / first, 2) for name, run in runs.items()
        },
        "a_tenth_of_the_records": {name: asdict(run) for name, run in fewer.items()},
    }


def _write(source: Path, target: Path, limit: int) -> int:
    """Write the first records to a file of their own; return how many there are."""
    with _opened(source) as lines, target.open("w", encoding="utf-8") as out:
        return sum(bool(out.write(line)) for line in islice(lines, limit))


def _opened(source: Path) -> IO[str]:
    if source.suffix == ".gz":
        return gzip.open(source, "rt", encoding="utf-8")
    return source.open(encoding="utf-8")


def _edit(file: Path) -> dict[str, str]:
    """Add a sentence to one abstract in a hundred, in place; return it by the paper's id.

    Records of a paper that came before, or whose id lost its zeros, are left alone: an ingest may
    rightly believe another record of the paper.
    """
    added: dict[str, str] = {}
    seen: set[str] = set()
    edited = file.with_suffix(".edited")
    with file.open(encoding="utf-8") as lines, edited.open("w", encoding="utf-8") as out:
        for line in lines:
            record = json.loads(line)
            paper_id = record["id"]
            if _WHOLE_ID.fullmatch(paper_id) and paper_id not in seen and record.get("abstract"):
                seen.add(paper_id)
                if len(seen) % _ONE_IN == 1:
                    added[paper_id] = f" This sentence number {len(seen)} was added later."
                    record["abstract"] += added[paper_id]
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
    edited.replace(file)
    return added


def _alone(work: Callable[..., Any], *given: Any) -> Any:
    """Return what a function gives in a new process, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def _run(folder: Path, name: str, fake: bool, profile: bool = False) -> Run:
    """Ingest the file of a name into the library of that name."""
    embedder: Embedder = FakeEmbedder() if fake else SentenceTransformerEmbedder()
    given = Given(files=(folder / f"{name}.jsonl",))
    profiler = cProfile.Profile()
    with closing(Store.create(folder / name)) as store, Discourse() as forum:
        arxiv = ArxivApi(_NOWHERE, delay_seconds=0, timeout_seconds=5)
        outside = Outside(PaperChain([arxiv]), forum, ArxivOai(_NOWHERE))
        began = time.perf_counter()
        if profile:
            profiler.enable()
        report = ingest(store, embedder, outside, given, lambda progress: None)
        profiler.disable()
        seconds = round(time.perf_counter() - began, 2)
    if profile:
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("cumulative").print_stats(45)
    counts = (report.added, report.changed, report.unchanged, report.embeddings)
    return Run(seconds, *counts, _peak_mib())


def _passages_to_embed(folder: Path, added: Mapping[str, str], fake: bool) -> int:
    """Return how many passages the edited abstracts have of which the library has no vector.

    They are counted from the stored texts and what was added to them, not by an ingest.
    """
    embedder: Embedder = FakeEmbedder() if fake else SentenceTransformerEmbedder()
    wanted: set[bytes] = set()
    with closing(Store.open(folder / "papers")) as store:
        for paper_id, more in added.items():
            document = store.fetch(f"arxiv:{paper_id}:abstract")
            if document is not None:
                edited = replace(document, text=document.text + more)
                wanted |= {piece.digest for piece in split([edited], embedder)[0] if piece.digest}
        return len(wanted - store.known_vectors(list(wanted)).keys())


def _peak_mib() -> int:
    """Return this process's peak memory; not what it took over from the one that began it."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or "unknown processor")


if __name__ == "__main__":
    main()

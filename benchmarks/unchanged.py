"""What runs over unchanged and over slightly edited records cost, in time, vectors and memory.

Run as `python -m benchmarks.unchanged FILE --limit 80000` (with `--fake` for a model that costs
nothing, so that the rest is seen). FILE holds a JSON record on each line, gzipped or
not, with an abstract in each.
"""

import cProfile
import gzip
import hashlib
import json
import pstats
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, Any

import click
import numpy as np

from benchmarks.libraries import embedder_for
from benchmarks.machine import JSON, Figures, conditions, publish
from benchmarks.spread import alone
from index import Embedder, ModelIdentity, Store, Vectors, split
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


@dataclass(frozen=True, slots=True)
class Row:
    """A run over so many records, by what was new for it."""

    records: int
    run: str
    seconds: float
    percent_of_first: float
    added: int
    changed: int
    unchanged: int
    embeddings: int
    peak_mib: int


@dataclass(frozen=True, slots=True)
class Edited:
    """What was edited, and how many passages of other words that gave."""

    abstracts: int
    passages_changed: int


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
@JSON
def main(file: Path, limit: int, fake: bool, profile: bool, out: Path | None) -> None:
    """Ingest FILE, again unchanged, and again with one abstract in a hundred edited."""
    under = conditions()
    tables = measure(file, limit, fake, profile)
    publish(Figures("unchanged", {"records": limit, "fake": fake}, tables), under, out)


def measure(
    file: Path,
    limit: int,
    fake: bool,
    profile: bool = False,
    apart: Callable[..., Any] = alone,
) -> dict[str, Sequence[Any]]:
    """Run ingest over the first records, again, and edited; and over a tenth of them.

    `apart` does a piece of work in a process of its own, so that its memory can be told.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        records = _write(file, folder / "papers.jsonl", limit)
        tenth = _write(file, folder / "fewer.jsonl", limit // 10)
        runs = {"first": apart(_run, folder, "papers", fake)}
        runs["unchanged"] = apart(_run, folder, "papers", fake, profile)
        edited = _edit(folder / "papers.jsonl")
        passages = apart(_passages_to_embed, folder, edited, fake)
        runs["edited"] = apart(_run, folder, "papers", fake)
        fewer = {"first": apart(_run, folder, "fewer", fake)}
        fewer["unchanged"] = apart(_run, folder, "fewer", fake)
    return {
        "runs": [*_rows(records, runs), *_rows(tenth, fewer)],
        "edits": [Edited(len(edited), passages)],
    }


def _rows(records: int, runs: Mapping[str, Run]) -> list[Row]:
    first = runs["first"].seconds or 0.01
    return [
        Row(records, name, percent_of_first=round(100 * run.seconds / first, 2), **asdict(run))
        for name, run in runs.items()
    ]


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


def _run(folder: Path, name: str, fake: bool, profile: bool = False) -> Run:
    """Ingest the file of a name into the library of that name."""
    embedder: Embedder = FakeEmbedder() if fake else embedder_for(folder)
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
    embedder: Embedder = FakeEmbedder() if fake else embedder_for(folder)
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


if __name__ == "__main__":
    main()

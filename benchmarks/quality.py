"""How good searches and answers are: SciFact, and our own questions, through the product's `eval`.

Run as `python -m benchmarks.quality --data ../shared`. The libraries it makes stay beside the
others, so that a second run embeds nothing.
"""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks.libraries import DATA, OFFLINE, PROGRAM, ROOT
from benchmarks.machine import JSON, Figures, conditions, publish

COLLECTION = Path("retrieval") / "scifact"
PAPERS = Path("seed") / "papers.json"
_QUESTIONS = Path(__file__).parent / "questions"
_SEARCHES = ("dense", "words", "fused")
_PATIENCE_S = 3600


@dataclass(frozen=True, slots=True)
class Searched:
    """How well one search finds what a collection's judgements call relevant."""

    collection: str
    split: str
    search: str
    queries: int
    ndcg_at_10: float
    recall_at_10: float
    recall_at_100: float
    mrr_at_10: float


@dataclass(frozen=True, slots=True)
class Answered:
    """How many questions of a file were met, and how many quotes were not the stored text."""

    file: str
    questions: int
    met: int
    share: float
    quotes: int
    quotes_false: int


@click.command()
@DATA
@ROOT
@click.option("--split", default="test", show_default=True, help="Which of SciFact's queries.")
@JSON
def main(data: Path, root: Path, split: str, out: Path | None) -> None:
    """Measure the search on SciFact and the answers to our questions."""
    under = conditions()
    searched = search_rows(data / COLLECTION, split, root / "scifact")
    files = sorted(_QUESTIONS.glob("*.jsonl"))
    answered = answer_rows(files, starter(root / "starter", data / PAPERS))
    tables: dict[str, Sequence[Any]] = {"searches": searched, "answers": answered}
    given = {"files of questions": len(files), "split": split}
    publish(Figures("quality", given, tables), under, out)


def search_rows(
    collection: Path, split: str, library: Path, program: Sequence[str] = PROGRAM
) -> list[Searched]:
    """Return the measures of each search on a collection in BEIR's layout."""
    asked = ["eval", "beir", str(collection), "--split", split, "--library", str(library)]
    found = _run([*program, *asked, "--json"])
    return [_searched(found, search) for search in _SEARCHES]


def answer_rows(
    files: Sequence[Path], library: Path, program: Sequence[str] = PROGRAM
) -> list[Answered]:
    """Return how many questions of each file the library in a folder meets."""
    rows = []
    for file in files:
        asked = ["--data", str(library), "eval", "questions", str(file), "--json"]
        found = _run([*program, *asked])
        names = ("questions", "met", "share", "quotes_checked", "quotes_false")
        rows.append(Answered(file.stem, *(found[name] for name in names)))
    return rows


def starter(folder: Path, papers: Path, program: Sequence[str] = PROGRAM) -> Path:
    """Return a starter library with the abstracts of a metadata file."""
    for given in ([], ["--file", str(papers)]):
        _run([*program, "--data", str(folder), "ingest", *given, "--json"])
    return folder


def _searched(found: dict[str, Any], search: str) -> Searched:
    names = ("ndcg@10", "recall@10", "recall@100", "mrr@10")
    measures = (found[search][name] for name in names)
    return Searched(found["collection"], found["split"], search, found["queries"], *measures)


def _run(command: Sequence[str]) -> dict[str, Any]:
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, env=OFFLINE, timeout=_PATIENCE_S
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()

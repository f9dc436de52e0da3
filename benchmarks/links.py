"""How many links between posts and papers are right, and how many are found, by set and rule.

Run as `python -m benchmarks.links`; `--library FILE` puts the papers of a metadata file around
those of each set, `--wrong` prints every link that is missing or too many.
"""

import json
import platform
import resource
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import click

from ingest.files.metadata_file import read_metadata
from ingest.files.reading_list import read_reading_list
from ingest.files.saved_thread import read_thread
from ingest.links.linker import Link, Linker
from ingest.paper import Paper
from ingest.post import Post, Quoted
from ingest.report import Tally

SETS = Path(__file__).parent / "links"
STARTER = "good-readings-2019"


@dataclass(frozen=True, slots=True)
class LabelledThread:
    """A thread, the papers of its library, and what each of its posts is about, by key."""

    name: str
    papers: tuple[Paper, ...]
    posts: tuple[Post, ...]
    about: dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Judged:
    """The links that were found in one thread, right and wrong, and the labels without a link."""

    thread: LabelledThread
    right: tuple[tuple[str, Link], ...]
    wrong: tuple[tuple[str, Link], ...]
    missing: tuple[tuple[str, str], ...]

    @property
    def precision(self) -> float:
        """Return the share of the links that are right."""
        return len(self.right) / max(1, len(self.right) + len(self.wrong))

    @property
    def recall(self) -> float:
        """Return the share of the labels that were found."""
        return len(self.right) / max(1, len(self.right) + len(self.missing))


def labelled_threads() -> tuple[LabelledThread, ...]:
    """Return the starter thread and those that were written for this measurement."""
    return (_starter(), *(_written(path) for path in sorted(SETS.glob("*.toml"))))


def judged(thread: LabelledThread, linker: Linker) -> Judged:
    """Compare what a linker finds in a thread with its labels."""
    links = linker.link(thread.posts)
    found = [(key, link) for key, some in links.items() for link in some]
    pairs = {(key, link.paper) for key, link in found}
    labels = [(key, paper) for key, papers in thread.about.items() for paper in sorted(papers)]
    return Judged(
        thread=thread,
        right=tuple(pair for pair in found if pair[1].paper in thread.about[pair[0]]),
        wrong=tuple(pair for pair in found if pair[1].paper not in thread.about[pair[0]]),
        missing=tuple(pair for pair in labels if pair not in pairs),
    )


def _starter() -> LabelledThread:
    folder = Path(str(resources.files("ingest.starter")))
    papers = read_reading_list(folder / f"{STARTER}.toml").papers
    posts = read_thread(folder / f"{STARTER}.txt")
    return LabelledThread(
        STARTER,
        tuple(entry.to_paper() for entry in papers),
        posts,
        {row["key"]: frozenset(row["about"]) for row in _rows(SETS / f"{STARTER}.jsonl")},
    )


def _written(path: Path) -> LabelledThread:
    rows = list(_rows(path.with_suffix(".jsonl")))
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["papers"]
    papers = tuple(Paper(**{name: _tupled(value) for name, value in e.items()}) for e in entries)
    posts = tuple(_post(row, place) for place, row in enumerate(rows))
    return LabelledThread(
        path.stem, papers, posts, {row["key"]: frozenset(row["about"]) for row in rows}
    )


def _post(row: dict[str, Any], place: int) -> Post:
    return Post(
        key=row["key"],
        thread_title=row["thread_title"],
        text=row["text"],
        url=None,
        position=place,
        author=row["author"],
        post_number=place + 1,
        reply_to=row.get("reply_to"),
        links=tuple(row.get("links", ())),
        quotes=tuple(Quoted(**quote) for quote in row.get("quotes", ())),
    )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _tupled(value: object) -> Any:
    return tuple(value) if isinstance(value, list) else value


@click.command()
@click.option("--library", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--only", help="Measure this thread alone.")
@click.option("--wrong", is_flag=True, help="Print each link that is missing or too many.")
def main(library: Path | None, only: str | None, wrong: bool) -> None:
    """Measure the links of every labelled thread, alone or within a large LIBRARY."""
    around = tuple(_papers(library)) if library else ()
    results = []
    for thread in labelled_threads():
        if only in (None, thread.name):
            linker, seconds, mib = _built((*_without(around, thread.papers), *thread.papers))
            results.append(judged(thread, linker))
            _print_thread(results[-1], wrong)
            if library:
                print(f"  linker built in {seconds:.1f} s; the process took {mib} MiB at most")
    _print_rules(results)
    print(f"\n{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, ", end="")
    print(f"{platform.machine()}, {' '.join(sys.argv[1:]) or 'no options'}")


def _papers(library: Path) -> Iterator[Paper]:
    for paper in read_metadata(library, Tally()):
        if isinstance(paper, Paper):
            yield paper


def _without(papers: Sequence[Paper], others: Sequence[Paper]) -> list[Paper]:
    ids = {paper.id for paper in others}
    return [paper for paper in papers if paper.id not in ids]


def _built(papers: Sequence[Paper]) -> tuple[Linker, float, int]:
    began = time.perf_counter()
    linker = Linker(papers)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return linker, time.perf_counter() - began, peak // 1024


def _print_thread(result: Judged, wrong: bool) -> None:
    links = len(result.right) + len(result.wrong)
    print(f"{result.thread.name}: {len(result.thread.posts)} posts, {links} links, ", end="")
    print(f"precision {result.precision:.3f}, recall {result.recall:.3f}")
    if wrong:
        for key, link in result.wrong:
            print(f"  too many: {key} {link.paper} ({link.rule} {link.confidence})")
        for key, paper in result.missing:
            print(f"  missing: {key} {paper}")


def _print_rules(results: Sequence[Judged]) -> None:
    right = Counter(link.rule for result in results for _, link in result.right)
    wrong = Counter(link.rule for result in results for _, link in result.wrong)
    print(f"\n{'rule':10} {'links':>5} {'right':>5} {'precision':>9}")
    for rule in sorted(right | wrong, key=lambda rule: -right[rule]):
        links = right[rule] + wrong[rule]
        print(f"{rule:10} {links:5} {right[rule]:5} {right[rule] / links:9.3f}")


if __name__ == "__main__":
    main()

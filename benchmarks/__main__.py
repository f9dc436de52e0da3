"""Run the benchmarks one after another, as `make bench` does; `--only NAME` runs one.

Each is a process of its own, prints its figures and writes them to build/bench/NAME.json. What
needs data that is not there is skipped, and says so.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.libraries import RECORDS, ROOT
from benchmarks.quality import COLLECTION, PAPERS

_EVERY_SIZE = "1000,10000,80000,250000"
_LONGEST_S = 3 * 3600


@dataclass(frozen=True, slots=True)
class Given:
    """What benchmarks are given: data, a library with vectors, sizes, where to keep and write."""

    data: Path
    library: Path | None
    root: Path
    out: Path
    sizes: str

    def option(self, name: str) -> list[str]:
        """Return an option of this name, nothing when it has no value."""
        value = getattr(self, name)
        return [] if value is None else [f"--{name}", str(value)]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A module of this package, what it needs of the data, and how it is run.

    `takes` are the options that it has of those in `Given`, `writes` the one for its figures;
    `FILE` among the arguments stands for the file of records.
    """

    name: str
    needs: tuple[Path, ...]
    takes: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    writes: str = "--json"

    def missing(self, data: Path) -> list[str]:
        """Return what it needs and the data lacks."""
        return [str(path) for path in self.needs if not (data / path).exists()]

    def command(self, given: Given) -> list[str]:
        """Return the command line that runs it."""
        records, out = str(given.data / RECORDS), str(given.out / f"{self.name}.json")
        told = [records if each == "FILE" else each for each in self.arguments]
        options = [part for name in self.takes for part in given.option(name)]
        module = f"benchmarks.{self.name}"
        return [sys.executable, "-m", module, *told, *options, self.writes, out]


_SIZED = ("sizes", "data", "library", "root")
BENCHMARKS = (
    Benchmark("quality", (COLLECTION, PAPERS), ("data", "root")),
    Benchmark("encode", (RECORDS,), ("data", "root")),
    Benchmark("throughput", (RECORDS,), (), ("FILE", "--limit", "600")),
    Benchmark("unchanged", (RECORDS,), (), ("FILE", "--limit", "20000", "--fake")),
    Benchmark("large_ingest", (RECORDS,), (), ("FILE", "--limit", "2000", "--stop-after", "20")),
    Benchmark("latency", (RECORDS,), _SIZED),
    Benchmark("memory", (RECORDS,), _SIZED),
    Benchmark("cold_start", (RECORDS,), _SIZED),
    Benchmark("load", (RECORDS,), _SIZED),
    Benchmark("peers", (RECORDS, COLLECTION), ("data", "library"), writes="--out"),
)
_NAMES = [benchmark.name for benchmark in BENCHMARKS]


@click.command()
@click.option("--only", multiple=True, type=click.Choice(_NAMES), help="Run this one alone.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default="../shared",
    envvar="JOURNALCLUB_TEST_DATA",
    help="The folder of real data, ../shared unless set.",
)
@click.option(
    "--library",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A library that has vectors of the records; else ten thousand are embedded.",
)
@click.option("--sizes", default=_EVERY_SIZE, show_default=True, help="Documents of each library.")
@ROOT
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default="build/bench",
    show_default=True,
    help="Where the figures are written.",
)
def main(only: Sequence[str], **paths: Path) -> None:
    """Run every benchmark, or only those that are named."""
    given = Given(**paths)  # type: ignore[arg-type] # click gives each its type
    chosen = [each for each in BENCHMARKS if not only or each.name in only]
    ended = {each.name: _run(each, given) for each in chosen}
    click.echo("\n# Benchmarks\n")
    for name, how in ended.items():
        click.echo(f"{name:14} {how}")
    if skipped := [name for name, how in ended.items() if how.startswith("skipped")]:
        click.echo(f"\nNot measured for want of data: {', '.join(skipped)}.")
    if any(how.startswith("failed") for how in ended.values()):
        sys.exit(1)


def _run(benchmark: Benchmark, given: Given) -> str:
    """Run one and tell how it ended."""
    if lacking := benchmark.missing(given.data):
        return (
            f"skipped: needs {' and '.join(lacking)}, not to be found in {given.data}. Set "
            "JOURNALCLUB_TEST_DATA to the folder that has it."
        )
    began = time.monotonic()
    try:
        code = subprocess.run(benchmark.command(given), check=False, timeout=_LONGEST_S).returncode
    except subprocess.TimeoutExpired:
        return f"failed: not done after {_LONGEST_S} s"
    click.echo()
    how = "done" if code == 0 else f"failed ({code}), see above,"
    return f"{how} in {time.monotonic() - began:.0f} s"


if __name__ == "__main__":
    main()

"""Measure Journal Club and five other libraries in one run; see benchmarks/peers/README.md.

Run as `python -m benchmarks.peers --data ../shared --out build/bench/peers.json`.
"""

from pathlib import Path

import click

from benchmarks.machine import conditions, publish
from benchmarks.peers.environments import NotInstalled, python_of
from benchmarks.peers.inputs import arxiv_inputs, embedder, scifact_inputs
from benchmarks.peers.registry import LIBRARIES, Library
from benchmarks.peers.report import Outcome, report
from benchmarks.peers.rounds import Trial, measure

_ROOT = Path("build") / "peers"
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--data", type=_FOLDER, default="../shared", envvar="JOURNALCLUB_TEST_DATA")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write JSON here.")
@click.option("--only", multiple=True, type=click.Choice([each.name for each in LIBRARIES]))
@click.option("--limit", type=click.IntRange(100), default=10_000, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--library", type=_FOLDER, help="A library that has vectors of the texts.")
def main(
    data: Path,
    out: Path | None,
    only: tuple[str, ...],
    limit: int,
    rounds: int,
    library: Path | None,
) -> None:
    """Give every library the same vectors and measure building, changing, asking, opening."""
    under = conditions()
    model = embedder(_ROOT, library)
    records = arxiv_inputs(data, limit, _ROOT / "inputs", model)
    judged = scifact_inputs(data, _ROOT / "inputs", model)
    trials, missing = _trials([each for each in LIBRARIES if not only or each.name in only])
    outcomes = [*measure(trials, records, judged, rounds), *missing]
    publish(report(outcomes, records, rounds), under, out)


def _trials(libraries: list[Library]) -> tuple[list[Trial], list[Outcome]]:
    """Return what can be measured, and for what could not be installed the reason."""
    trials: list[Trial] = []
    missing: list[Outcome] = []
    for library in libraries:
        click.echo(f"Making the environment of {library.name} ready.", err=True)
        try:
            python = python_of(library, _ROOT)
        except NotInstalled as error:
            missing += [Outcome(library, each, failed=str(error)) for each in library.settings]
        else:
            trials += [Trial(library, each, python, _ROOT / "work") for each in library.settings]
    return trials, missing


if __name__ == "__main__":
    main()

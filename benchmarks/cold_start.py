"""How long a user waits who has started nothing yet: one question, or a server.

Run as `python -m benchmarks.cold_start --sizes 1000,80000 --library FOLDER`. Files are in the
system's cache, as on a machine that has read them since it was started; the processes are new.
"""

import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.libraries import PROGRAM, Ingredients, Made, made, sized
from benchmarks.machine import JSON, Figures, conditions, publish
from benchmarks.serving import served
from benchmarks.workload import questions
from index import Store

_PATIENCE_S = 300
_NOTES = (
    "`ask` is a whole `journalclub ask QUESTION`, from the start of the process to its end. The "
    "others are of `journalclub serve`, since its start: until it accepts a connection, until "
    "/readyz is 200, until the first answer of /ask. A first start, which warms the system's "
    "cache, is not counted.",
)


@dataclass(frozen=True, slots=True)
class Started:
    """Milliseconds of one way to start, the middle one and the worst of all rounds."""

    documents: int
    what: str
    rounds: int
    median_ms: float
    worst_ms: float


@click.command()
@sized
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True)
@JSON
def main(
    ingredients: Ingredients, sizes: tuple[int, ...], data: Path, rounds: int, out: Path | None
) -> None:
    """Measure cold starts on libraries of several sizes."""
    under = conditions()
    rows = [row for each in made(sizes, ingredients) for row in measure(each, data, rounds)]
    given = {"documents": list(sizes), "rounds": rounds}
    publish(Figures("cold_start", given, {"starts": rows}, _NOTES), under, out)


def measure(
    library: Made, data: Path, rounds: int, program: Sequence[str] = PROGRAM
) -> list[Started]:
    """Ask and serve so many times, each time in new processes."""
    with closing(Store.open(library.folder)) as store:
        asked = questions(store, data, rounds + 1)
    taken: dict[str, list[float]] = {}
    for question in asked:
        taken.setdefault("ask", []).append(_asked(library.folder, question, program))
        for what, milliseconds in _served(library.folder, question, program).items():
            taken.setdefault(what, []).append(milliseconds)
    return [_row(library, what, each[1:]) for what, each in taken.items()]


def _row(library: Made, what: str, milliseconds: Sequence[float]) -> Started:
    ordered = sorted(milliseconds)
    median, worst = ordered[len(ordered) // 2], ordered[-1]
    documents = library.recipe.documents
    return Started(documents, what, len(ordered), round(median, 1), round(worst, 1))


def _asked(folder: Path, question: str, program: Sequence[str]) -> float:
    command = [*program, "--data", str(folder), "ask", "--", question]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=_PATIENCE_S)
    return (time.perf_counter() - began) * 1000


def _served(folder: Path, question: str, program: Sequence[str]) -> dict[str, float]:
    with served(folder, program) as server:
        listening, ready = server.until_listening(), server.until_ready()
        server.ask(question)
        first = (time.perf_counter() - server.began) * 1000
    return {"serve: listens": listening, "serve: ready": ready, "serve: first answer": first}


if __name__ == "__main__":
    main()

"""What serving a library keeps in memory, and what two servers over one library share.

Run as `python -m benchmarks.memory --sizes 1000,10000 --library FOLDER`; Linux only. Figures are of
the process that answers, from its smaps_rollup: `pss_mib` is what is its own plus its part of what
it shares, so that those of several processes add up to what they take together.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.libraries import PROGRAM, Ingredients, Made, made, sized
from benchmarks.machine import JSON, Figures, conditions, publish
from benchmarks.serving import Server, served
from benchmarks.workload import questions
from index import Store

_ASKED = 60
_INTERPRETER_AND_MODEL_MIB = 300
_FIELDS = {
    "rss": "Rss",
    "pss": "Pss",
    "anonymous": "Anonymous",
    "private_clean": "Private_Clean",
    "private_dirty": "Private_Dirty",
}
_NOTES = (
    f"`limit_mib` is {_INTERPRETER_AND_MODEL_MIB} MiB for interpreter and model, plus the size of "
    "the library's float32 vectors. `private_mib` is what no other process shares.",
)


@dataclass(frozen=True, slots=True)
class Held:
    """What one answering process holds, in MiB."""

    documents: int
    when: str
    process: str
    rss_mib: int
    pss_mib: int
    private_mib: int
    anonymous_mib: int
    vectors_mib: int
    limit_mib: int


@click.command()
@sized
@JSON
def main(ingredients: Ingredients, sizes: tuple[int, ...], data: Path, out: Path | None) -> None:
    """Measure the memory of one server, then of two, over libraries of several sizes."""
    under = conditions()
    rows = [row for each in made(sizes, ingredients) for row in measure(each, data)]
    given = {"documents": list(sizes), "questions": _ASKED}
    publish(Figures("memory", given, {"processes": rows}, _NOTES), under, out)


def measure(library: Made, data: Path, program: Sequence[str] = PROGRAM) -> Iterator[Held]:
    """Yield what one server holds before and after questions, and what each of two holds."""
    asked, vectors_mib = _about(library.folder, data)
    with ExitStack() as running:
        first = running.enter_context(served(library.folder, program))
        first.until_ready()
        yield _held(library, "ready", "one", first, vectors_mib)
        _ask(first, asked)
        yield _held(library, "after questions", "one", first, vectors_mib)
        second = running.enter_context(served(library.folder, program))
        second.until_ready()
        _ask(second, asked)
        for name, server in (("first of two", first), ("second of two", second)):
            yield _held(library, "after questions", name, server, vectors_mib)


def _about(folder: Path, data: Path) -> tuple[list[str], int]:
    with closing(Store.open(folder)) as store:
        model = store.model()
        size = store.counts()["vectors"] * (model.dimension if model else 0) * 4
        return questions(store, data, _ASKED), size >> 20


def _ask(server: Server, asked: Sequence[str]) -> None:
    for question in asked:
        server.ask(question)


def _held(library: Made, when: str, process: str, server: Server, vectors_mib: int) -> Held:
    workers = [_rollup(pid) for pid in server.workers()]
    most = max(workers, key=lambda worker: worker["rss"])
    return Held(
        documents=library.recipe.documents,
        when=when,
        process=process,
        rss_mib=most["rss"],
        pss_mib=most["pss"],
        private_mib=most["private_clean"] + most["private_dirty"],
        anonymous_mib=most["anonymous"],
        vectors_mib=vectors_mib,
        limit_mib=_INTERPRETER_AND_MODEL_MIB + vectors_mib,
    )


def _rollup(pid: int) -> dict[str, int]:
    """Return the process's sums over its memory, in MiB."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    found = dict(re.findall(r"^(\w+):\s+(\d+) kB", told, re.MULTILINE))
    return {name: int(found[field]) // 1024 for name, field in _FIELDS.items()}


if __name__ == "__main__":
    main()

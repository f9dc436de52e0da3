"""What a server answers when several ask at once: `/ask` over loopback, a bounded number of times.

Run as `python -m benchmarks.load --sizes 10000 --clients 1,4,16 --requests 200`. The clients are
threads of this process and take their share of the same cores. Each keeps its connection open and
asks again as soon as it has an answer.
"""

import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from benchmarks.libraries import PROGRAM, Ingredients, Made, made, numbers, sized
from benchmarks.machine import JSON, Figures, conditions, publish
from benchmarks.serving import Reply, Server, ask, served
from benchmarks.spread import spread
from benchmarks.workload import questions
from index import Store

_OK = 200
_WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Loaded:
    """So many requests by so many clients at once; an error is any status but 200."""

    documents: int
    clients: int
    requests: int
    errors: int
    requests_per_second: float
    p50: float
    p95: float
    p99: float


@click.command()
@sized
@click.option("--clients", callback=numbers, default="1,4,16", show_default=True)
@click.option("--requests", type=click.IntRange(min=1), default=300, show_default=True)
@JSON
def main(
    ingredients: Ingredients,
    sizes: tuple[int, ...],
    data: Path,
    clients: tuple[int, ...],
    requests: int,
    out: Path | None,
) -> None:
    """Measure `/ask` under load, on libraries of several sizes."""
    under = conditions()
    rows = [
        row for each in made(sizes, ingredients) for row in measure(each, data, clients, requests)
    ]
    given = {"documents": list(sizes), "clients": list(clients), "requests": requests}
    publish(Figures("load", given, {"load": rows}), under, out)


def measure(
    library: Made,
    data: Path,
    clients: Sequence[int],
    requests: int,
    program: Sequence[str] = PROGRAM,
) -> list[Loaded]:
    """Ask one server so many questions for each number of clients, no question twice."""
    with closing(Store.open(library.folder)) as store:
        asked = questions(store, data, _WARM_UP + requests * len(clients))
    rows = []
    with served(library.folder, program) as server:
        server.until_ready()
        for question in asked[:_WARM_UP]:
            server.ask(question)
        for place, number in enumerate(clients):
            at = _WARM_UP + place * requests
            rows.append(_row(library, number, server, asked[at : at + requests]))
    return rows


def _row(library: Made, clients: int, server: Server, asked: Sequence[str]) -> Loaded:
    began = time.perf_counter()
    replies = _replies(clients, server, asked)
    seconds = time.perf_counter() - began
    return Loaded(
        documents=library.recipe.documents,
        clients=clients,
        requests=len(replies),
        errors=sum(reply.status != _OK for reply in replies),
        requests_per_second=round(len(replies) / seconds, 1),
        **asdict(spread([reply.milliseconds for reply in replies])),
    )


def _replies(clients: int, server: Server, asked: Sequence[str]) -> list[Reply]:
    """Ask all the questions, each client every so-manieth of them."""
    replies: list[Reply] = []

    def client(mine: Sequence[str]) -> None:
        with closing(server.connect()) as connection:
            replies.extend([ask(connection, question) for question in mine])

    threads = [threading.Thread(target=client, args=(asked[i::clients],)) for i in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return replies


if __name__ == "__main__":
    main()

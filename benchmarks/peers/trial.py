"""What every peer is put through, with the same clocks, in a process of its own.

Run by the peer's own Python as `python -m benchmarks.peers.trial REQUEST`, REQUEST being the JSON
of a `Request`; the last line printed is the JSON of what was found. Only numpy and the standard
library are imported here: the adapter brings the peer.
"""

import importlib
import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.given import (
    Passage,
    Peer,
    Question,
    Vectors,
    document_of,
    read_given,
    read_questions,
)

K = 10
# How many passages are asked for so that a hundred documents come out of them.
DEPTH = 400
DOCUMENTS = 100
# A slow peer is asked fewer questions, at least these many; the report says how many.
FEWEST_QUESTIONS = 20
QUESTIONS_S = 10.0
_LOOKED_FOR = 5


class Wrong(Exception):
    """A peer does not do what was asked of it: its times would mean nothing."""


@dataclass(frozen=True, slots=True)
class Request:
    """Which step to take: "measure", "open" or "rank"; `began` is a reading of the same clock."""

    step: str
    adapter: str
    setting: str
    collection: str
    folder: str
    began: float


def main() -> None:
    """Take one step with one peer and print what was found."""
    reached = _watch_connections()
    request = Request(**json.loads(sys.argv[1]))
    found = _STEPS[request.step](request)
    found["peak_mib"] = round(_peak_mib(), 1)
    found["reached_out"] = reached
    print(json.dumps(found), flush=True)


def _peer(request: Request) -> tuple[Peer, dict[str, str]]:
    """Import the adapter; return its peer and the versions of the libraries it is made of."""
    adapter = importlib.import_module(request.adapter)
    versions = {name: version(name) for name in adapter.DISTRIBUTIONS}
    return adapter.make(Path(request.folder), request.setting), versions


def _measure(request: Request) -> dict[str, Any]:
    """Build, ask, add and remove; each change counts until a question has seen it."""
    given = read_given(Path(request.collection))
    _emptied(Path(request.folder))
    peer, versions = _peer(request)
    probe = given.questions[0]
    build_s = _seconds(lambda: _ask(peer, probe), lambda: peer.build(given.passages, given.vectors))
    disk_mib = _size_mib(Path(request.folder))
    took = _ask_all(peer, given.questions)
    add_s = _seconds(lambda: _ask(peer, probe), lambda: peer.add(given.more, given.more_vectors))
    check_there(peer, given.more, given.more_vectors, True)
    gone = _some(given.passages)
    ids = [given.passages[i].id for i in gone]
    remove_s = _seconds(lambda: _ask(peer, probe), lambda: peer.remove(ids))
    check_there(peer, [given.passages[i] for i in gone], given.vectors[gone], False)
    return {
        "build_s": build_s,
        "add_s": add_s,
        "remove_s": remove_s,
        "p50_ms": float(np.percentile(took, 50) * 1000),
        "p95_ms": float(np.percentile(took, 95) * 1000),
        "asked": len(took),
        "disk_mib": disk_mib,
        "versions": versions,
    }


def _open(request: Request) -> dict[str, Any]:
    """Open what was saved and answer once; counted from the start of the process."""
    question = read_questions(Path(request.collection))[0]
    peer, _ = _peer(request)
    peer.open()
    if not _ask(peer, question):
        raise Wrong("what was saved and opened again found nothing")
    return {"first_answer_s": time.monotonic() - request.began}


def _rank(request: Request) -> dict[str, Any]:
    """Return the best documents for every question of a collection with judgements."""
    given = read_given(Path(request.collection))
    _emptied(Path(request.folder))
    peer, _ = _peer(request)
    peer.build(given.passages, given.vectors)
    rankings = {q.id: folded(peer.search(q.text, q.vector, DEPTH)) for q in given.questions}
    return {"rankings": rankings}


_STEPS: dict[str, Callable[[Request], dict[str, Any]]] = {
    "measure": _measure,
    "open": _open,
    "rank": _rank,
}


def folded(passage_ids: Sequence[str]) -> list[str]:
    """Return the first hundred documents in the order of their best passages."""
    return list(dict.fromkeys(map(document_of, passage_ids)))[:DOCUMENTS]


def check_there(peer: Peer, passages: Sequence[Passage], vectors: Vectors, expected: bool) -> None:
    """Raise `Wrong` unless the first passages are found by text and vector, or are not."""
    for passage, vector in zip(passages[:_LOOKED_FOR], vectors, strict=False):
        found = peer.search(passage.text, vector, K)
        if (passage.id in found) != expected:
            state = "is not found after it was added" if expected else "is found after its removal"
            raise Wrong(f"{passage.id} {state}")


def _some(passages: Sequence[Passage]) -> list[int]:
    """Return the positions of the passages of every hundredth document."""
    documents = list(dict.fromkeys(passage.source.key for passage in passages))
    chosen = set(documents[::100])
    return [i for i, passage in enumerate(passages) if passage.source.key in chosen]


def _ask(peer: Peer, question: Question) -> list[str]:
    return peer.search(question.text, question.vector, K)


def _ask_all(peer: Peer, questions: Sequence[Question]) -> list[float]:
    """Return the seconds of each question, of fewer where they take long; the first is warm-up."""
    took: list[float] = []
    until = time.monotonic() + QUESTIONS_S
    for question in questions:
        if time.monotonic() > until and len(took) >= FEWEST_QUESTIONS:
            break
        start = time.perf_counter()
        _ask(peer, question)
        took.append(time.perf_counter() - start)
    return took


def _seconds(seen: Callable[[], object], change: Callable[[], None]) -> float:
    start = time.perf_counter()
    change()
    seen()
    return time.perf_counter() - start


def _emptied(folder: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def _size_mib(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20


def _peak_mib() -> float:
    """Return the most memory this process held at once; 0 where the system does not tell.

    `getrusage` would count what the starting process held as well.
    """
    status = Path("/proc/self/status")
    lines = status.read_text("utf-8").splitlines() if status.exists() else []
    peak = next((line for line in lines if line.startswith("VmHWM")), "VmHWM: 0 kB")
    return int(peak.split()[1]) / 1024


def _watch_connections() -> list[str]:
    """Refuse every connection and look-up beyond this machine; return the list of those tried."""
    reached: list[str] = []

    def refuse(event: str, args: tuple[Any, ...]) -> None:
        if event == "socket.connect" and isinstance(args[1], tuple):
            host = str(args[1][0])
        elif event == "socket.getaddrinfo":
            host = str(args[0])
        else:
            return
        if not host.startswith(("127.", "::1", "localhost")):
            reached.append(host)
            raise ConnectionRefusedError(f"{host}: nothing may be reached while measuring")

    sys.addaudithook(refuse)
    return reached


if __name__ == "__main__":
    main()

"""What every peer is given: passages with their vectors, more to add, and questions.

Read by the Python of each peer, so only numpy and the standard library are imported here.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Source:
    """A document as it was before it was split; only Journal Club, which keeps it, needs it."""

    key: str
    title: str
    text: str
    context: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document: `text` is what was embedded, `text[start:end]` of its source, titled.

    The id is the document's key and the start, with "#" between them.
    """

    id: str
    text: str
    source: Source
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its vector."""

    id: str
    text: str
    vector: Vectors


@dataclass(frozen=True, slots=True)
class Given:
    """A collection: row i of `vectors` belongs to passage i, and so with what is added later."""

    passages: tuple[Passage, ...]
    vectors: Vectors
    more: tuple[Passage, ...]
    more_vectors: Vectors
    questions: tuple[Question, ...]


class Peer(Protocol):
    """What a library is asked to do; each change is saved the way its documentation says."""

    def build(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Index all the passages in an empty folder."""

    def open(self) -> None:
        """Open what another process built and saved."""

    def add(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Add passages to what is there."""

    def remove(self, ids: Sequence[str]) -> None:
        """Remove the passages with these ids; all of a document's go together."""

    def search(self, question: str, vector: Vectors, k: int) -> list[str]:
        """Return the ids of up to k passages, best first."""


def document_of(passage_id: str) -> str:
    """Return the key of the document that a passage is of."""
    return passage_id.rpartition("#")[0]


def write_passages(path: Path, passages: Sequence[Passage], vectors: Vectors) -> None:
    """Write passages as JSON lines and their vectors beside them."""
    rows = (
        [p.source.key, p.source.title, p.source.text, p.source.context, p.start, p.end, p.text]
        for p in passages
    )
    path.with_suffix(".jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    np.save(path.with_suffix(".npy"), vectors)


def write_questions(path: Path, texts: Sequence[tuple[str, str]], vectors: Vectors) -> None:
    """Write questions, as (id, text), and their vectors beside them."""
    path.with_suffix(".jsonl").write_text("".join(json.dumps(row) + "\n" for row in texts), "utf-8")
    np.save(path.with_suffix(".npy"), vectors)


def read_given(folder: Path) -> Given:
    """Return the collection that was written to a folder."""
    return Given(
        *_passages(folder / "passages"), *_passages(folder / "more"), read_questions(folder)
    )


def _passages(path: Path) -> tuple[tuple[Passage, ...], Vectors]:
    passages = []
    for *told, start, end, text in _rows(path):
        source = Source(*told)
        passages.append(Passage(f"{source.key}#{start}", text, source, start, end))
    return tuple(passages), np.load(path.with_suffix(".npy"))


def read_questions(folder: Path) -> tuple[Question, ...]:
    """Return the questions of the collection that was written to a folder."""
    path = folder / "questions"
    vectors = np.load(path.with_suffix(".npy"))
    rows = zip(_rows(path), vectors, strict=True)
    return tuple(Question(name, text, vector) for (name, text), vector in rows)


def _rows(path: Path) -> list[list[Any]]:
    with path.with_suffix(".jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]

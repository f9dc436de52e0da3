"""Hits put in a new order by a cross-encoder, which reads question and passage together."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from index.documents import Hit
from index.errors import ModelUnusable

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

# How many hits are read. Two cores read some twenty passages in half a second with a small model.
READ = 24

_BATCH = 8
_HUB_TIMEOUT_S = 10


class Reranker:
    """A cross-encoder by its name or folder, loaded at first use, safe to share by threads."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()

    def load(self) -> None:
        """Load the model now rather than at first use. Raises `ModelUnusable`."""
        self._scores("ready", ["ready"])

    def reranked(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """Return the hits, the first `READ` of them by the model's own score in 0..1.

        Those that are not read stay behind them in their order, none with a higher score. Raises
        `ModelUnusable`.
        """
        read, rest = hits[:READ], hits[READ:]
        if not read:
            return []
        scores = self._scores(question, [_told(hit) for hit in read])
        scored = [replace(hit, score=score) for hit, score in zip(read, scores, strict=True)]
        best = sorted(scored, key=lambda hit: -hit.score)
        return best + [replace(hit, score=min(hit.score, best[-1].score)) for hit in rest]

    def _scores(self, question: str, texts: Sequence[str]) -> list[float]:
        from torch.nn import Sigmoid  # noqa: PLC0415 - takes seconds

        with self._lock:  # a tokenizer must not be used by two threads at once
            scores = self._model.predict(
                [(question, text) for text in texts],
                batch_size=_BATCH,
                show_progress_bar=False,
                activation_fn=Sigmoid(),
            )
        return [float(score) for score in scores]

    @cached_property
    def _model(self) -> "CrossEncoder":
        try:
            return _tried(_read_model(self._name))
        except Exception as error:  # whatever a library makes of files that anybody may have put
            raise ModelUnusable(
                f"The cross-encoder {self._name!r} cannot be used ({error}). Set "
                "JOURNALCLUB_RERANKER to a folder or to a model that can be downloaded, or leave "
                "it out: hits then stay as the search orders them."
            ) from error


def _told(hit: Hit) -> str:
    title = hit.passage.document.title
    return f"{title}\n{hit.passage.text}" if title else hit.passage.text


def _read_model(name: str) -> "CrossEncoder":
    """Return a model from its folder or the cache of downloads, else from the hub, asked first."""
    from huggingface_hub import model_info  # noqa: PLC0415 - with the two below, takes seconds
    from sentence_transformers import CrossEncoder  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model: CrossEncoder = CrossEncoder(name, device="cpu", local_files_only=True)
    except OSError:
        if Path(name).exists():
            raise
        model_info(name, timeout=_HUB_TIMEOUT_S)
        model = CrossEncoder(name, device="cpu")
    return model


def _tried(model: "CrossEncoder") -> "CrossEncoder":
    """Return the model if it gives a pair one score; otherwise raise an error of our own."""
    if model.num_labels != 1:
        raise ValueError(f"it gives a pair {model.num_labels} scores, not one")
    return model

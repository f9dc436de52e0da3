"""What a library needs of an embedding model, and how it tells one from another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

# How far the square of a length may be from one.
_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model made a library's vectors: two with the same identity give the same vectors."""

    name: str
    revision: str
    dimension: int

    def __str__(self) -> str:
        return f"{self.name} (revision {self.revision[:12]}, {self.dimension} dimensions)"


class Embedder(Protocol):
    """What a library needs of an embedding model; the model and its fake in tests satisfy it."""

    @property
    def identity(self) -> ModelIdentity:
        """The model's identity; may load the model."""

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text the model reads, its own special tokens not counted."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of unit length, float32, for each text, in their order."""

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Return the span in code points of each token of each text, special tokens left out."""


def is_unit(vector: Vectors) -> bool:
    """Tell whether a vector has unit length; one of other bits than numbers has not."""
    with np.errstate(all="ignore"):
        return bool(abs(float(vector @ vector) - 1) < _TOLERANCE)

"""How times are spread, and work that is measured in a process of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of times in milliseconds."""

    p50: float
    p95: float
    p99: float


def spread(milliseconds: Sequence[float]) -> Spread:
    """Return the percentiles of times, interpolated between neighbours as numpy does."""
    p50, p95, p99 = np.percentile(np.asarray(milliseconds), (50, 95, 99)).round(2).tolist()
    return Spread(p50, p95, p99)


def alone(work: Callable[..., Any], *given: Any) -> Any:
    """Return what a function gives in a new process: its memory and caches are its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()

"""Whether one setting is better than another, or whether it only looks so on these queries.

The test is Fisher's paired randomisation test: if the two settings were alike, each query's two
values could as well have been swapped, and p is the share of such swaps that give means at least as
far apart. Smucker, Allan and Carterette (A Comparison of Statistical Significance Tests for
Information Retrieval Evaluation, CIKM 2007) recommend it: it assumes no distribution, where the
sign and the Wilcoxon test tell real differences from chance less well.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.evaluation.errors import EvaluationError, needs_extra

Values = Mapping[str, float]
Pair = tuple[str, str]

ALIKE = 1e-9  # values that are apart by less are the same, added up in another order

_SWAPS = 99_999
_BATCH = 1000  # so many swaps at once, or 100,000 of them would fill the memory
_SEED = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """A measure under setting b held against that under a, over the queries that both have.

    `a` and `b` name the searches. `difference` is mean b - mean a, `low` and `high` its 95 %
    confidence interval (Student's t). `wins` counts queries on which b is better, `losses` those on
    which a is. `p` is two-sided; it is exact for few queries, else from 99,999 random swaps, the
    same ones each time. `left_out` counts queries that only one of the two has.
    """

    a: str
    b: str
    queries: int
    left_out: int
    mean_a: float
    mean_b: float
    difference: float
    low: float
    high: float
    wins: int
    losses: int
    ties: int
    p: float


def compared(a: Values, b: Values, names: Pair, files: Pair) -> Comparison:
    """Compare b with a, searches of these names in these files, query by query.

    Raises `EvaluationError`.
    """
    shared = _shared(a, b, names, files)
    before, after = (np.array([values[query] for query in shared]) for values in (a, b))
    change = after - before
    low, high = _interval(change)
    wins, losses = int((change > ALIKE).sum()), int((change < -ALIKE).sum())
    return Comparison(
        a=names[0],
        b=names[1],
        queries=len(shared),
        left_out=len(a.keys() ^ b.keys()),
        mean_a=float(before.mean()),
        mean_b=float(after.mean()),
        difference=float(change.mean()),
        low=low,
        high=high,
        wins=wins,
        losses=losses,
        ties=len(shared) - wins - losses,
        p=_randomised(before, after),
    )


def _shared(a: Values, b: Values, names: Pair, files: Pair) -> list[str]:
    """Return the queries that both have, at least two. Raises `EvaluationError`."""
    shared = sorted(a.keys() & b.keys())
    if len(shared) < 2:
        raise EvaluationError(
            f"{names[0]} in {files[0]} and {names[1]} in {files[1]} share {len(shared)} queries, "
            "and a test needs at least 2. Compare files about the same queries."
        )
    return shared


def _interval(change: NDArray[np.float64]) -> tuple[float, float]:
    with needs_extra("scipy"):
        from scipy import stats  # noqa: PLC0415 - of the extra "eval"
    error = float(change.std(ddof=1)) / len(change) ** 0.5
    half = float(stats.t.ppf(0.975, len(change) - 1)) * error
    return float(change.mean()) - half, float(change.mean()) + half


def _randomised(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    with needs_extra("scipy"):
        from scipy import stats  # noqa: PLC0415 - of the extra "eval"
    found = stats.permutation_test(
        (before, after),
        lambda x, y, axis: (y - x).mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=_SWAPS,
        batch=_BATCH,
        rng=np.random.default_rng(_SEED),
    )
    return float(found.pvalue)


def comparisons(
    a: Mapping[str, Values], b: Mapping[str, Values] | None, files: Pair
) -> list[Comparison]:
    """Compare each search of b with the same one of a; without b, each search of a with its last.

    The last search of a collection is the fused one. `files` are where a and b come from. Raises
    `EvaluationError`.
    """
    if b is None:
        *others, last = a
        if not others:
            raise EvaluationError(
                f"{files[0]} holds {last} alone, which leaves nothing to compare it with. Name a "
                "second file that holds it too, made under another setting."
            )
        return [compared(a[other], a[last], (other, last), files) for other in others]
    if not (both := [name for name in a if name in b]):
        raise EvaluationError(
            f"No search is in both files: {files[0]} holds {', '.join(a)}, and {files[1]} "
            f"{', '.join(b)}. Name two files of the same command."
        )
    return [compared(a[name], b[name], (name, name), files) for name in both]


def comparison_text(found: list[Comparison], measure: str) -> str:
    """Return a plain text table, a line for each comparison."""
    lines = [
        f"{measure}, b - a, with its 95 % interval; p of Fisher's paired randomisation test",
        "",
        "a       b           mean a  mean b  difference          interval"
        "  wins  losses  ties        p",
    ]
    for row in found:
        interval = f"{row.low:+.4f} … {row.high:+.4f}"
        lines.append(
            f"{row.a:<6}  {row.b:<10}  {row.mean_a:.4f}  {row.mean_b:.4f}  {row.difference:>+10.4f}"
            f"  {interval:>16}  {row.wins:>4}  {row.losses:>6}  {row.ties:>4}  {_p_text(row.p):>7}"
        )
    lines += ["", f"{found[0].queries} queries in both"]
    if left := max(row.left_out for row in found):
        lines.append(f"queries in one of the two only, left out: {left}")
    return "\n".join(lines)


def _p_text(p: float) -> str:
    return f"{p:.4f}" if p >= 0.0001 else "<0.0001"

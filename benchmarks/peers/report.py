"""What was found, as tables: medians of the rounds, and plainly what failed or is lacking."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.machine import Figures
from benchmarks.peers.inputs import QUESTIONS, Inputs
from benchmarks.peers.registry import Library

_NONE = "–"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found for a library in one setting, each round by itself; or why it failed."""

    library: Library
    setting: str
    rounds: tuple[dict[str, Any], ...] = ()
    quality: dict[str, float] = field(default_factory=dict)
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: seconds, milliseconds and MiB as the names say."""

    library: str
    setting: str
    build_s: float | str
    add_ms: float | str
    remove_ms: float | str
    query_p50_ms: float | str
    query_p95_ms: float | str
    cold_start_s: float | str
    build_peak_mib: float | str
    open_peak_mib: float | str
    disk_mib: float | str
    ndcg_10: float | str
    recall_100: float | str


@dataclass(frozen=True, slots=True)
class Versions:
    """What a row was measured with."""

    library: str
    versions: str


def report(outcomes: Sequence[Outcome], records: Inputs, rounds: int) -> Figures:
    """Return the tables with notes."""
    return Figures(
        benchmark="peers",
        sizes={
            "documents": records.documents,
            "passages": records.passages,
            "passages added": records.more,
            "questions": QUESTIONS,
            "rounds": rounds,
        },
        tables={
            "Given the same vectors": [_row(outcome) for outcome in outcomes],
            "Versions": _versions(outcomes),
        },
        notes=tuple(_notes(outcomes)),
    )


def _row(outcome: Outcome) -> Row:
    def middle(name: str, digits: int, times: float = 1) -> float | str:
        if outcome.failed:
            return "failed"
        values: list[float] = [each[name] for each in outcome.rounds]
        return round(median(values) * times, digits)

    def quality(name: str) -> float | str:
        if outcome.failed:
            return "failed"
        return round(outcome.quality[name], 4) if name in outcome.quality else _NONE

    return Row(
        library=outcome.library.name,
        setting=outcome.setting,
        build_s=middle("build_s", 2),
        add_ms=middle("add_s", 1, 1000),
        remove_ms=middle("remove_s", 1, 1000),
        query_p50_ms=middle("p50_ms", 2),
        query_p95_ms=middle("p95_ms", 2),
        cold_start_s=middle("first_answer_s", 2),
        build_peak_mib=middle("peak_mib", 0),
        open_peak_mib=middle("open_mib", 0),
        disk_mib=middle("disk_mib", 0),
        ndcg_10=quality("ndcg@10"),
        recall_100=quality("recall@100"),
    )


def _versions(outcomes: Sequence[Outcome]) -> list[Versions]:
    told = {
        outcome.library.name: ", ".join(
            f"{name} {number}" for name, number in outcome.rounds[0]["versions"].items()
        )
        for outcome in outcomes
        if outcome.rounds
    }
    return [Versions(name, versions) for name, versions in told.items()]


def _notes(outcomes: Sequence[Outcome]) -> list[str]:
    names = {outcome.library.name: outcome.library for outcome in outcomes}
    notes = [f"{name}: {library.note}" for name, library in names.items() if library.note]
    notes.append(
        "Splitting into passages and encoding are in no column. Build, add and remove last until "
        "the change is saved and a question has been answered after it."
    )
    for outcome in outcomes:
        who = f"{outcome.library.name} ({outcome.setting})"
        if outcome.failed:
            notes.append(f"{who} failed: {outcome.failed}")
        elif (asked := min(each["asked"] for each in outcome.rounds)) < QUESTIONS:
            notes.append(f"{who} was asked {asked} of {QUESTIONS} questions, so slow were they.")
        if hosts := {host for each in outcome.rounds for host in each["reached_out"]}:
            notes.append(f"{who} tried to reach {', '.join(sorted(hosts))} and was refused.")
    return notes

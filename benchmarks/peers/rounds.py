"""Every peer in its turn, round after round, so that a machine that changes harms all alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks.peers.inputs import Inputs
from benchmarks.peers.registry import Library
from benchmarks.peers.report import Outcome
from benchmarks.peers.steps import StepFailed, take
from service.evaluation.collection import Collection, corpus_id
from service.evaluation.measures import measured

Judged = tuple[Inputs, Collection]


@dataclass(frozen=True, slots=True)
class Trial:
    """A library in one setting, the Python that has it, and a folder for what it saves."""

    library: Library
    setting: str
    python: Path
    work: Path

    def take(self, step: str, inputs: Inputs) -> dict[str, Any]:
        """Take a step with a collection. Raises `StepFailed`."""
        name = f"{self.library.adapter.rpartition('.')[2]}-{self.setting}"
        given = {
            "adapter": self.library.adapter,
            "setting": self.setting,
            "collection": str(inputs.folder.resolve()),
            "folder": str((self.work / inputs.folder.name / name).resolve()),
        }
        return take(self.python, step, given)


def measure(
    trials: Sequence[Trial], records: Inputs, judged: Judged | None, rounds: int
) -> Iterator[Outcome]:
    """Yield what was found for each trial; one that fails in any round is told as failed."""
    found: dict[Trial, list[dict[str, Any]]] = {trial: [] for trial in trials}
    failed: dict[Trial, str] = {}
    for number in range(rounds):
        for trial in trials:
            if trial in failed:
                continue
            _say(f"round {number + 1}", trial)
            try:
                found[trial].append(trial.take("measure", records) | _opened(trial, records))
            except StepFailed as error:
                failed[trial] = str(error)
    for trial in trials:
        yield _outcome(trial, found[trial], failed.get(trial), judged)


def _opened(trial: Trial, records: Inputs) -> dict[str, Any]:
    """Return how long a new process takes until its first answer, and what memory it then has."""
    found = trial.take("open", records)
    return {"first_answer_s": found["first_answer_s"], "open_mib": found["peak_mib"]}


def _outcome(
    trial: Trial, rounds: Sequence[dict[str, Any]], failed: str | None, judged: Judged | None
) -> Outcome:
    quality: dict[str, float] = {}
    if judged and not failed:
        _say("quality", trial)
        try:
            quality = _quality(trial, *judged)
        except StepFailed as error:
            failed = str(error)
    return Outcome(trial.library, trial.setting, tuple(rounds), quality, failed)


def _quality(trial: Trial, inputs: Inputs, collection: Collection) -> dict[str, float]:
    """Return the mean of each measure; as in BEIR, a document is no answer to itself."""
    rankings = trial.take("rank", inputs)["rankings"]
    rows = []
    for query, keys in rankings.items():
        ranking = [found for found in map(corpus_id, keys) if found and found != query]
        rows.append(measured(ranking, collection.judgements[query]))
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}


def _say(what: str, trial: Trial) -> None:
    click.echo(f"{what}: {trial.library.name}, {trial.setting}", err=True)

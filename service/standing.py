"""How a library stands: what it holds and follows, what is missing, and what last happened."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from index import KINDS, Store
from ingest import Catalogue
from ingest.retries import Retries
from ingest.runs import PastRun
from service.terminal import next_try_text

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Trouble:
    """A host, source or paper that failed the last time, `failures` times on end, and why.

    `next_try` is the moment, ISO 8601 in UTC, before which it is not asked again.
    """

    name: str
    reason: str
    failures: int
    next_try: str


@dataclass(frozen=True, slots=True)
class Status:
    """What a library holds and follows; `pending` says why each abstract is missing, by id.

    `removed` are the things that somebody took out although a source holds them.
    `sources` are followed by name, each with what was wrong with it the last time. `last_run` is
    None before the first; its `finished` and `report` are None when it was cut off.
    """

    folder: str
    bytes_on_disk: int
    generation: int
    embedding_model: str | None
    counts: dict[str, int]
    papers: int
    sources: dict[str, str | None]
    pending: dict[str, str]
    troubles: tuple[Trouble, ...]
    removed: tuple[str, ...]
    last_run: PastRun | None

    def as_text(self) -> str:
        """Return the status as people read it."""
        troubles = {trouble.name: trouble for trouble in self.troubles}
        size = f"{self.bytes_on_disk / 1e6:.1f} MB"
        lines = [
            f"Library   {self.folder} ({size}, generation {self.generation})",
            f"Model     {self.embedding_model or 'none yet'}",
            f"Papers    {self.papers}",
            "Documents " + self._listed(*KINDS),
            "Searched  " + self._listed("passages", "vectors"),
            "Follows",
            *(
                _trouble_text(troubles[name]) if name in troubles else f"  {name}"
                for name in self.sources
            ),
        ]
        if self.pending:
            lines += ["Pending abstracts", *_grouped(self.pending)]
        if self.removed:
            lines += ["Kept out (remove --undo)", *(f"  {name}" for name in self.removed[:_SHOWN])]
        others = [trouble for trouble in self.troubles if trouble.name not in self.sources]
        if others:
            lines += ["Failed the last time", *map(_trouble_text, others[:_SHOWN])]
            if len(others) > _SHOWN:
                lines.append(f"  … and {len(others) - _SHOWN} more; --json lists all")
        return "\n".join([*lines, f"Last run  {self._last_run_text()}"])

    def _listed(self, *names: str) -> str:
        found = (f"{self.counts[name]} {name}" for name in names if self.counts.get(name))
        return ", ".join(found) or "none yet"

    def _last_run_text(self) -> str:
        if self.last_run is None:
            return "none yet"
        if self.last_run.finished is None or self.last_run.report is None:
            return f"began {self.last_run.started} and did not finish; run 'journalclub ingest'"
        done = self.last_run.report
        counts = f"{done.added} added, {done.changed} changed, {done.removed} removed"
        told = f"{self.last_run.finished}: {counts}, {len(done.failed)} failed"
        return f"{told}; stopped, so run 'journalclub ingest'" if done.stopped else told


def status_of(store: Store, catalogue: Catalogue) -> Status:
    """Return how a library stands now."""
    retries = Retries(store.connection).all()
    reasons = {retry.source: retry.reason for retry in retries}
    model = store.model()
    return Status(
        folder=str(store.folder.resolve()),
        bytes_on_disk=_bytes_in(store.folder),
        generation=store.generation(),
        embedding_model=str(model) if model else None,
        counts=store.counts(),
        papers=catalogue.papers.count(),
        sources={source: reasons.get(source) for source in catalogue.follows.children()},
        pending=catalogue.papers.pending(),
        troubles=tuple(
            Trouble(
                retry.source,
                retry.reason,
                retry.failures,
                retry.next_try.isoformat(timespec="seconds"),
            )
            for retry in retries
        ),
        removed=tuple(sorted(catalogue.follows.excluded())),
        last_run=catalogue.runs.last(),
    )


def _trouble_text(trouble: Trouble) -> str:
    times = "once" if trouble.failures == 1 else f"{trouble.failures} times on end"
    return f"  {trouble.name} — {trouble.reason} ({times}; {next_try_text(trouble.next_try)})"


def _bytes_in(folder: Path) -> int:
    """Return the size of a folder's files; one of an ingest under way may vanish meanwhile."""
    size = 0
    for file in folder.iterdir():
        with suppress(FileNotFoundError):
            size += file.stat().st_size if file.is_file() else 0
    return size


def _grouped(pending: dict[str, str]) -> list[str]:
    """Return a line for each reason, with the first ids that are pending for it."""
    lines = []
    for reason in dict.fromkeys(pending.values()):
        ids = [arxiv_id for arxiv_id, why in pending.items() if why == reason]
        more = f" and {len(ids) - 5} more" if len(ids) > 5 else ""
        lines.append(f"  {', '.join(ids[:5])}{more}: {reason}")
    return lines

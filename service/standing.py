"""How a library stands: what it holds and follows, what is missing, and what last happened."""

import json
from dataclasses import dataclass
from typing import Any

from index import KINDS, Store
from ingest import Catalogue


@dataclass(frozen=True, slots=True)
class Status:
    """What a library holds and follows; `pending` says why each abstract is missing, by id.

    `last_run` is None before the first; its `finished` and `report` are None when it was cut off.
    """

    folder: str
    bytes_on_disk: int
    generation: int
    embedding_model: str | None
    counts: dict[str, int]
    papers: int
    sources: dict[str, str | None]
    pending: dict[str, str]
    last_run: dict[str, Any] | None

    def as_text(self) -> str:
        """Return the status as people read it."""
        size = f"{self.bytes_on_disk / 1e6:.1f} MB"
        lines = [
            f"Library   {self.folder} ({size}, generation {self.generation})",
            f"Model     {self.embedding_model or 'none yet'}",
            f"Papers    {self.papers}",
            "Documents " + self._listed(*KINDS),
            "Searched  " + self._listed("passages", "vectors"),
            "Follows",
            *(f"  {source}{f' — {why}' if why else ''}" for source, why in self.sources.items()),
        ]
        if self.pending:
            lines += ["Pending abstracts", *_grouped(self.pending)]
        return "\n".join([*lines, f"Last run  {self._last_run_text()}"])

    def _listed(self, *names: str) -> str:
        found = (f"{self.counts[name]} {name}" for name in names if self.counts.get(name))
        return ", ".join(found) or "none yet"

    def _last_run_text(self) -> str:
        if self.last_run is None:
            return "none yet"
        if self.last_run["finished"] is None:
            return f"began {self.last_run['started']} and did not finish; run 'journalclub ingest'"
        done = self.last_run["report"] or {}
        counts = ", ".join(
            f"{done.get(name, 0)} {name}" for name in ("added", "changed", "removed")
        )
        return f"{self.last_run['finished']}: {counts}, {len(done.get('failed', []))} failed"


def status_of(store: Store, catalogue: Catalogue) -> Status:
    """Return how a library stands now."""
    troubles = catalogue.troubles()
    last = catalogue.last_run()
    sources = [*catalogue.children(), *(source for source in troubles)]
    model = store.model()
    return Status(
        folder=str(store.folder.resolve()),
        bytes_on_disk=sum(f.stat().st_size for f in store.folder.iterdir() if f.is_file()),
        generation=store.generation(),
        embedding_model=str(model) if model else None,
        counts=store.counts(),
        papers=catalogue.count_papers(),
        sources={source: troubles.get(source) for source in dict.fromkeys(sources)},
        pending=catalogue.pending(),
        last_run=last and _run(*last),
    )


def _run(started: str, finished: str | None, report: str | None) -> dict[str, Any]:
    return {
        "started": started,
        "finished": finished,
        "report": json.loads(report) if report else None,
    }


def _grouped(pending: dict[str, str]) -> list[str]:
    """Return a line for each reason, with the first ids that are pending for it."""
    lines = []
    for reason in dict.fromkeys(pending.values()):
        ids = [arxiv_id for arxiv_id, why in pending.items() if why == reason]
        more = f" and {len(ids) - 5} more" if len(ids) > 5 else ""
        lines.append(f"  {', '.join(ids[:5])}{more}: {reason}")
    return lines

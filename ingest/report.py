"""What one run of ingest did, and how far it is while it runs."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that was not brought in, and why.

    `next_try` is the moment, ISO 8601 in UTC, before which it is not asked for again; None where
    the next run asks.
    """

    source: str
    reason: str
    next_try: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What one run did to the library's documents, and what it could not do.

    `pending` is what the outside did not give this time and the next run asks for again; it is no
    failure. Of the records in metadata files, `repeated` told of a paper that came before and the
    ids of `restored` had lost zeros. `named` are the papers that were added because a post names
    them, `notes` what is good to know and no failure. After a `dry_run` the counts are what a run
    would have done.
    """

    added: int
    changed: int
    unchanged: int
    removed: int
    embeddings: int
    failed: tuple[Failure, ...]
    pending: tuple[Failure, ...]
    seconds: float
    stopped: bool = False
    repeated: int = 0
    restored: int = 0
    named: tuple[str, ...] = ()
    notes: tuple[Failure, ...] = ()
    dry_run: bool = False

    def as_dict(self) -> dict[str, object]:
        """Return the report for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Removed:
    """How many documents were taken out; `notes` are what is good to know and no failure."""

    documents: int
    notes: tuple[Failure, ...]


@dataclass(slots=True)
class Tally:
    """Counts of a run that is under way."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    embeddings: int = 0
    repeated: int = 0
    restored: int = 0
    failed: list[Failure] = field(default_factory=list)
    pending: list[Failure] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    notes: list[Failure] = field(default_factory=list)

    def report(self, seconds: float, stopped: bool) -> Report:
        """Return the counts as a report."""
        return Report(
            added=self.added,
            changed=self.changed,
            unchanged=self.unchanged,
            removed=self.removed,
            embeddings=self.embeddings,
            failed=tuple(self.failed),
            pending=tuple(self.pending),
            seconds=round(seconds, 2),
            stopped=stopped,
            repeated=self.repeated,
            restored=self.restored,
            named=tuple(self.named),
            notes=tuple(self.notes),
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one stage of a run is; `total` is None where it cannot be known."""

    stage: str
    done: int
    total: int | None


Watch = Callable[[Progress], None]

"""What failed, and when it is tried again: a memory that outlives the process."""

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

FREE = 2
SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Retry:
    """Something that failed `failures` times on end, why it did the last time, and what is next."""

    source: str
    reason: str
    failures: int
    failed: datetime
    next_try: datetime


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


class Retries:
    """The back-off of hosts, sources and single papers of one library, by their names.

    The first two failures on end put nothing off, for who runs it again means it. After the third a
    minute passes before the next try, after each further one twice as long, at most a day. What a
    host asks for itself counts instead where it is longer; a failure that is nobody's fault (no
    network) puts nothing off. Times are UTC; a clock that was set back makes everything due.
    """

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], datetime] = now) -> None:
        self._db = connection
        self._clock = clock

    def put_off(self, source: str) -> Retry | None:
        """Return why a source is not to be asked yet; None when it is due."""
        known = self.of(source)
        if known is None:
            return None
        moment = self._clock()
        return known if known.failed <= moment < known.next_try else None

    def failed(self, source: str, reason: str, wait: float | None = None) -> Retry:
        """Remember a failure; `wait` is for how many seconds the source asked to be left alone.

        A wait of 0 puts nothing off.
        """
        known, moment = self.of(source), self._clock()
        failures = known.failures + 1 if known else 1
        retry = Retry(source, reason, failures, moment, moment + _pause(failures, wait))
        self._db.execute(
            "insert or replace into retries values (?, ?, ?, ?, ?)",
            (source, reason, failures, moment.isoformat(), retry.next_try.isoformat()),
        )
        return retry

    def succeeded(self, source: str) -> None:
        """Forget what failed before."""
        self._db.execute("delete from retries where source = ?", (source,))

    def keep_only(self, kind: str, sources: Iterable[str]) -> None:
        """Forget all of a kind ("arXiv:") but these, for nobody asks for the others any more."""
        self._db.execute(
            "delete from retries where substr(source, 1, ?) = ?"
            " and source not in (select value from json_each(?))",
            (len(kind), kind, json.dumps(list(sources))),
        )

    def failures(self, source: str) -> int:
        """Return how often on end a source failed."""
        known = self.of(source)
        return known.failures if known else 0

    def of(self, source: str) -> Retry | None:
        """Return what is remembered of a source; None when it did not fail."""
        row = self._db.execute("select * from retries where source = ?", (source,)).fetchone()
        return _retry(row) if row else None

    def all(self) -> list[Retry]:
        """Return everything that failed the last time, the soonest to be tried again first."""
        rows = self._db.execute("select * from retries order by next_try, source")
        return [_retry(row) for row in rows]


def _pause(failures: int, wait: float | None) -> timedelta:
    if wait == 0 or (wait is None and failures <= FREE):
        return timedelta(0)
    asked = min(timedelta(seconds=wait or 0), LONGEST)
    own = min(SHORTEST * 2 ** min(failures - FREE - 1, 20), LONGEST) if failures > FREE else asked
    return max(asked, own)


def _retry(row: sqlite3.Row) -> Retry:
    failed, next_try = map(datetime.fromisoformat, (row["failed"], row["next_try"]))
    return Retry(row["source"], row["reason"], row["failures"], failed, next_try)

"""The history of runs: when each began and ended, and what it reported."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import TypeAdapter

from ingest.report import Report

_REPORT = TypeAdapter(Report)


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run of ingest, under its number; times are ISO 8601 in UTC.

    `finished` and `report` are None while it is under way, and for good if it was cut off.
    """

    number: int
    started: str
    finished: str | None
    report: Report | None


class Runs:
    """The runs of one library, numbered from 1."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def begin(self) -> int:
        """Note that a run begins; return its number."""
        began = self._db.execute("insert into runs (started) values (?)", (_now(),))
        return int(began.lastrowid or 0)

    def end(self, number: int, report: Report) -> None:
        """Note that a run ended, with its report."""
        self._db.execute(
            "update runs set finished = ?, report = ? where id = ?",
            (_now(), json.dumps(report.as_dict()), number),
        )

    def all(self) -> Iterator[PastRun]:
        """Yield all runs, the last one first."""
        for row in self._db.execute("select * from runs order by id desc"):
            report = _REPORT.validate_json(row["report"]) if row["report"] else None
            yield PastRun(row["id"], row["started"], row["finished"], report)

    def last(self) -> PastRun | None:
        """Return the last run, None before the first."""
        return next(self.all(), None)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

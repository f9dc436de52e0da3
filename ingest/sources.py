"""What ingest remembers of its sources, so that a run need not begin at the beginning."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ingest.files.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Harvest:
    """How far an arXiv set was harvested.

    `first` is the day from which all is here, None for all there is, and `since` the one from which
    the next harvest asks. While one is under way, `token` is where it goes on and `began` the day
    that the next one will start from.
    """

    first: date | None = None
    since: date | None = None
    token: str | None = None
    began: date | None = None


class Sources:
    """Stamps of files, topics of categories, harvests, and works that were found on arXiv."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    # -- files ----------------------------------------------------------------------------

    def stamp(self, source: str) -> Stamp | None:
        """Return how a file looked when all that it held had been written."""
        row = self._db.execute(
            "select stamp, digest from stamps where source = ?", (source,)
        ).fetchone()
        return Stamp(*row) if row else None

    def set_stamp(self, source: str, stamp: Stamp) -> None:
        """Remember how a file looks."""
        self._db.execute(
            "insert or replace into stamps values (?, ?, ?)", (source, stamp.cheap, stamp.digest)
        )

    # -- categories -----------------------------------------------------------------------

    def topics(self) -> dict[str, tuple[str, str]]:
        """Return of each topic of a category its stamp and when it was last read, by source."""
        rows = self._db.execute("select source, stamp, read from topics")
        return {source: (stamp, read) for source, stamp, read in rows}

    def topic_was_read(self, source: str, stamp: str) -> None:
        """Remember how the listing showed a topic that has just been read."""
        moment = datetime.now(UTC).isoformat()
        self._db.execute("insert or replace into topics values (?, ?, ?)", (source, stamp, moment))

    # -- harvests -------------------------------------------------------------------------

    def harvest(self, source: str) -> Harvest | None:
        """Return how far a set was harvested; None if it never was."""
        row = self._db.execute("select * from harvests where source = ?", (source,)).fetchone()
        if row is None:
            return None
        first, since, began = (_day(row[name]) for name in ("first", "since", "began"))
        return Harvest(first, since, row["token"], began)

    def set_harvest(self, source: str, harvest: Harvest) -> None:
        """Remember how far a set was harvested."""
        days = (harvest.first, harvest.since, harvest.began)
        first, since, began = (day and day.isoformat() for day in days)
        self._db.execute(
            "insert or replace into harvests values (?, ?, ?, ?, ?)",
            (source, first, since, harvest.token, began),
        )

    # -- works ----------------------------------------------------------------------------

    def resolved(self, work: str) -> str | None:
        """Return the arXiv id of a work that a list names otherwise, where it was found."""
        row = self._db.execute("select paper from resolved where work = ?", (work,)).fetchone()
        return row and str(row[0])

    def set_resolved(self, work: str, paper: str) -> None:
        """Remember which arXiv paper a work is."""
        self._db.execute("insert or replace into resolved values (?, ?)", (work, paper))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

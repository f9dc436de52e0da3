"""What is to be written: papers whose documents may be out of date, and links that may be."""

import sqlite3
from collections.abc import Sequence

from index import transaction
from ingest.paper_rows import paper_of_thing, thing_of


class Unwritten:
    """What changed in the catalogue and does not stand in documents yet, run after run."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def papers(self, most: int) -> list[str]:
        """Return some of the papers that are followed and whose documents may be out of date."""
        rows = self._db.execute(
            "select thing from unwritten where thing in (select child from follows)"
            " order by thing limit ?",
            (most,),
        )
        return [paper for row in rows if (paper := paper_of_thing(row[0]))]

    def count(self) -> int:
        """Return how many papers `papers` will give altogether."""
        row = self._db.execute(
            "select count(*) from unwritten where thing in (select child from follows)"
        ).fetchone()
        return int(row[0])

    def add(self, thing: str) -> None:
        """Note that a paper's documents may be out of date."""
        self._db.execute("insert or ignore into unwritten values (?)", (thing,))

    def written(self, papers: Sequence[str]) -> None:
        """Remember that the documents of these papers are stored."""
        with transaction(self._db):
            for paper in papers:
                self.forget(paper)

    def forget(self, paper: str) -> None:
        """Take a paper off the list."""
        self._db.execute("delete from unwritten where thing = ?", (thing_of(paper),))

    def links_are_stale(self) -> bool:
        """Tell whether papers changed since all comments were linked."""
        return self._mark("papers") != self._mark("linked")

    def linked(self) -> None:
        """Remember that all comments are linked to the papers as they are now."""
        self._set_mark("linked", self._mark("papers"))

    def touch(self) -> None:
        """Let all comments be linked anew."""
        self._set_mark("papers", self._mark("papers") + 1)

    def _mark(self, name: str) -> int:
        row = self._db.execute("select value from marks where name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def _set_mark(self, name: str, value: int) -> None:
        self._db.execute("insert or replace into marks values (?, ?)", (name, value))

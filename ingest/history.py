"""What came into a library when, and what is linked to what. It only reads."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from ingest.links.linker import Link
from ingest.paper import Paper
from ingest.paper_rows import paper_of


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper and when it came, ISO 8601 in UTC."""

    paper: Paper
    added: str


@dataclass(frozen=True, slots=True)
class NewComment:
    """The key of a comment and when it came, ISO 8601 in UTC."""

    key: str
    added: str


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link of the comment with this key, and when it was made, ISO 8601 in UTC."""

    key: str
    link: Link
    added: str


@dataclass(frozen=True, slots=True)
class Linked:
    """The key of a comment, the thread it came with, and its links, the surest first."""

    key: str
    thread: str
    links: tuple[Link, ...]


class History:
    """What the tables of one library tell of earlier runs.

    What came before moments were written down is in no answer to "since". Moments are compared
    as text, so a day begins at its midnight in UTC.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def papers_since(self, moment: str) -> list[NewPaper]:
        """Return the papers that came at this moment or later, in the order they came."""
        rows = self._db.execute(
            "select * from papers where added >= ? order by added, id", (moment,)
        )
        return [NewPaper(paper_of(row), row["added"]) for row in rows]

    def comments_since(self, moment: str) -> list[NewComment]:
        """Return the comments that came at this moment or later, in the order of their threads."""
        rows = self._db.execute(
            "select key, added from posts where added >= ? order by source, position, key",
            (moment,),
        )
        return [NewComment(row["key"], row["added"]) for row in rows]

    def links_since(self, moment: str) -> list[NewLink]:
        """Return the links that were made at this moment or later, in the order of the threads."""
        rows = self._db.execute(
            "select key, paper, rule, confidence, links.added as added"
            " from links join posts using (key) where links.added >= ?"
            " order by source, position, key, confidence desc, paper",
            (moment,),
        )
        return [NewLink(row["key"], _link(row), row["added"]) for row in rows]

    def linked(self) -> Iterator[Linked]:
        """Yield every comment, those about no paper too, thread by thread in order."""
        rows = self._db.execute(
            "select key, source, paper, rule, confidence from posts left join links using (key)"
            " order by source, position, key, confidence desc, paper"
        )
        for key, group in groupby(rows, key=lambda row: row["key"]):
            same = list(group)
            links = tuple(_link(row) for row in same if row["paper"] is not None)
            yield Linked(key, same[0]["source"], links)


def _link(row: sqlite3.Row) -> Link:
    return Link(row["paper"], row["rule"], row["confidence"])

"""What follows what: a thing stays in the library as long as something follows it."""

import json
import sqlite3
from collections.abc import Iterable

from index import transaction
from ingest.paper_rows import paper_of_thing, thing_of
from ingest.papers import Papers
from ingest.unwritten import Unwritten

ROOT = ""
STARTER = "list:starter"

_LISTS = ("list:", "bib:")
_AT_ONCE = 500
_WANTED = "delete from declined where paper = substr(?, 7)"  # of "arxiv:1905.02249"


class Following:
    """Which sources a library follows, and what they hold; names such as "arxiv:1905.02249"."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._papers = Papers(connection)

    def children(self, parent: str = ROOT) -> list[str]:
        """Return what a source follows, or what the library itself does."""
        rows = self._db.execute(
            "select child from follows where parent = ? order by child", (parent,)
        )
        return [row[0] for row in rows]

    def count_posts(self, child: str) -> int:
        """Return how many posts a topic holds, 1 for anything else and for a topic without any."""
        row = self._db.execute("select count(*) from follows where parent = ?", (child,))
        return max(1, int(row.fetchone()[0])) if child.startswith("topic:") else 1

    def follow(self, children: Iterable[str], parent: str = ROOT) -> None:
        """Remember further children; what is given to the library itself is no longer excluded."""
        with transaction(self._db):
            for child in children:
                self._db.execute("insert or ignore into follows values (?, ?)", (parent, child))
                self._db.execute(_WANTED, (child,))
                if (
                    parent == ROOT
                    and self._db.execute("delete from excluded where child = ?", (child,)).rowcount
                ):
                    self._db.execute("delete from stamps")  # a file may hold more of it

    def set_children(self, parent: str, children: Iterable[str]) -> None:
        """Make these the children of a source; what is no longer one leaves, see `leaving`."""
        with transaction(self._db):
            wanted = set(children) - self.excluded()
            gone = set(self.children(parent)) - wanted
            self._db.executemany(
                "insert or ignore into follows values (?, ?)", [(parent, child) for child in wanted]
            )
            self._unfollow(parent, gone)
            self._db.executemany(_WANTED, [(child,) for child in wanted])
            if parent.startswith(_LISTS):
                self._decline(gone)

    def follow_again(self, children: Iterable[str], parent: str, first: bool = False) -> None:
        """Follow some of the children of a source too large for one list; the first begins anew."""
        with transaction(self._db):
            self._db.execute("create temp table if not exists again (child text primary key)")
            if first:
                self._db.execute("delete from again")
            self._db.executemany(
                "insert or ignore into again values (?)", [(child,) for child in children]
            )
        self.follow(children, parent)

    def unfollow_others(self, parent: str) -> None:
        """Let a source follow only what `follow_again` was told since it began."""
        rows = self._db.execute(
            "select child from follows where parent = ? and child not in (select child from again)",
            (parent,),
        )
        with transaction(self._db):
            self._unfollow(parent, [row[0] for row in rows.fetchall()])

    def unfollow(self, child: str, parent: str = ROOT) -> None:
        """Take back that a source, or the library itself, follows a thing."""
        with transaction(self._db):
            self._unfollow(parent, {child})

    def exclude(self, child: str) -> None:
        """Take a thing out whoever follows it; it stays out as long as a source holds it.

        The starter stays out for good: the project itself holds it.
        """
        with transaction(self._db):
            parents = [
                row[0]
                for row in self._db.execute("select parent from follows where child = ?", (child,))
            ]
            named = self._db.execute("select 1 from named where 'arxiv:' || paper = ?", (child,))
            if child == STARTER or set(parents) - {ROOT} or named.fetchone():
                self._db.execute("insert or ignore into excluded values (?)", (child,))
            for parent in parents:
                self._unfollow(parent, {child})

    def admit(self, child: str) -> None:
        """Let a thing in again that was taken out, as soon as its source is read."""
        with transaction(self._db):
            self._db.execute("delete from excluded where child = ?", (child,))
            self._db.execute("delete from stamps")  # a file may hold it

    def leaving(self) -> list[str]:
        """Return what nothing follows any more, with all that only such things followed.

        It is returned until it is forgotten, by a later run if this one is stopped.
        """
        with transaction(self._db):
            gone: dict[str, None] = {}
            while new := [child for child in self._unfollowed() if child not in gone]:
                gone |= dict.fromkeys(new)
                for child in new:
                    self._unfollow(child, self.children(child))
            return list(gone)

    def is_followed(self, child: str) -> bool:
        """Say whether anything follows this."""
        row = self._db.execute("select 1 from follows where child = ?", (child,)).fetchone()
        return row is not None

    def parents(self, child: str) -> list[str]:
        """Return the sources that follow this and are followed themselves, by name."""
        rows = self._db.execute(
            "select parent from follows where child = ?"
            " and parent in (select child from follows) order by parent",
            (child,),
        )
        return [row[0] for row in rows]

    def excluded(self) -> set[str]:
        """Return what somebody took out although a source holds it."""
        return {row[0] for row in self._db.execute("select child from excluded")}

    def _unfollow(self, parent: str, children: Iterable[str]) -> None:
        rows = [(parent, child) for child in children if self._drop(parent, child)]
        self._db.executemany(
            "insert or ignore into leaving values (?)", [(child,) for _, child in rows]
        )
        papers = [paper for _, child in rows if (paper := paper_of_thing(child))]
        for at in range(0, len(papers), _AT_ONCE):
            some = papers[at : at + _AT_ONCE]
            self._papers.retract(parent, some)
            self._papers.retract_asked(*(p for p in some if not self._is_asked_for(p)))
        if any(not self.is_followed(thing_of(paper)) for paper in papers):
            Unwritten(self._db).touch()  # comments may be about one that leaves

    def _is_asked_for(self, paper: str) -> bool:
        """Tell whether arXiv is asked for a paper: for what only files hold, it is not."""
        row = self._db.execute(
            "select 1 from follows where child = ? and parent not like 'file:%'",
            (thing_of(paper),),
        )
        return row.fetchone() is not None

    def _drop(self, parent: str, child: str) -> bool:
        dropped = self._db.execute(
            "delete from follows where parent = ? and child = ?", (parent, child)
        )
        return dropped.rowcount > 0

    def named(self) -> list[str]:
        """Return the papers that are here only because posts name them, by id."""
        rows = self._db.execute(
            "select distinct child from follows where parent like 'comment:%' order by child"
        )
        return [paper for row in rows if (paper := paper_of_thing(row[0]))]

    def settle_named(self) -> None:
        """Let posts hold the papers that they name, as far as nothing else holds these.

        A paper that came because of one post is held by all that name it.
        """
        self.leaving()
        rows = self._db.execute(
            "select parent, child from follows f where parent like 'comment:%' and (exists"
            " (select 1 from follows where child = f.child and parent not like 'comment:%')"
            " or not exists (select 1 from named"
            " where parent = 'comment:' || post and child = 'arxiv:' || paper))"
        )
        with transaction(self._db):
            for parent, child in rows.fetchall():
                self._unfollow(parent, {child})
        self.leaving()
        self._db.execute(
            "insert or ignore into follows select 'comment:' || post, 'arxiv:' || paper from named"
            " where 'comment:' || post in (select child from follows) and exists (select 1"
            " from follows where child = 'arxiv:' || paper and parent like 'comment:%')"
        )

    def _decline(self, struck: Iterable[str]) -> None:
        """Let no post bring back the papers that were struck from a list, nor keep them."""
        papers = [(thing,) for thing in struck if paper_of_thing(thing)]
        for (thing,) in papers:
            self._db.execute("insert or ignore into declined values (?)", (paper_of_thing(thing),))
        for parent, child in self._db.execute(
            "select parent, child from follows where parent like 'comment:%'"
            " and child in (select value from json_each(?))",
            (json.dumps([thing for (thing,) in papers]),),
        ).fetchall():
            self._unfollow(parent, {child})

    def _unfollowed(self) -> list[str]:
        rows = self._db.execute(
            "select child from leaving where child not in (select child from follows)"
        )
        return [row[0] for row in rows]

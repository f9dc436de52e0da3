"""What ingest remembers beside the documents, in tables of its own in the library's database."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from index import Store, migrate, transaction
from index.database import DATABASE
from ingest.links.linker import Link
from ingest.paper import Paper
from ingest.paper_rows import SELECT, Origin, merged, paper_of, row_of
from ingest.post import Post
from ingest.retries import Retries

__all__ = ["ROOT", "STARTER", "Catalogue", "Origin", "Place"]

ROOT = ""
STARTER = "list:starter"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stored comment stands in its thread, and what it links to."""

    key: str
    position: int
    reply_to: str | None
    links: tuple[str, ...]


class Catalogue:
    """The papers, threads and sources of one library. Needs the writer's lock to write."""

    def __init__(self, store: Store) -> None:
        self._store = store
        migrate(store.connection, store.folder / DATABASE, "ingest.migrations")

    @property
    def _db(self) -> sqlite3.Connection:
        return self._store.connection

    # -- what follows what ----------------------------------------------------------------

    def children(self, parent: str = ROOT) -> list[str]:
        """Return what a source follows, or what the library itself does."""
        rows = self._db.execute(
            "select child from follows where parent = ? order by child", (parent,)
        )
        return [row[0] for row in rows]

    def follow(self, children: Iterable[str], parent: str = ROOT) -> None:
        """Remember further children; what is given to the library itself is no longer excluded."""
        with transaction(self._db):
            for child in children:
                self._db.execute("insert or ignore into follows values (?, ?)", (parent, child))
                if parent == ROOT:
                    self._db.execute("delete from excluded where child = ?", (child,))

    def set_children(self, parent: str, children: Iterable[str]) -> None:
        """Make these the children of a source; what is no longer one leaves, see `leaving`."""
        with transaction(self._db):
            wanted = set(children) - self.excluded()
            gone = set(self.children(parent)) - wanted
            self._db.executemany(
                "insert or ignore into follows values (?, ?)", [(parent, child) for child in wanted]
            )
            self._unfollow(parent, gone)

    def unfollow(self, child: str) -> None:
        """Take back that a thing was given to the library itself."""
        with transaction(self._db):
            self._unfollow(ROOT, {child})

    def exclude(self, child: str) -> None:
        """Take a thing out whoever follows it; it stays out as long as a source holds it.

        The starter stays out for good: the project itself holds it.
        """
        with transaction(self._db):
            parents = [
                row[0]
                for row in self._db.execute("select parent from follows where child = ?", (child,))
            ]
            if child == STARTER or set(parents) - {ROOT}:
                self._db.execute("insert or ignore into excluded values (?)", (child,))
            for parent in parents:
                self._unfollow(parent, {child})

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

    def forget(self, gone: Sequence[str]) -> None:
        """Forget things that left the library, once their documents are removed."""
        with transaction(self._db):
            for thing in gone:
                kind, _, name = thing.partition(":")
                if kind == "arxiv":
                    self._db.execute("delete from papers where id = ?", (name,))
                elif kind == "comment":
                    self._db.execute("delete from links where key = ?", (name,))
                    self._db.execute("delete from posts where key = ?", (name,))
                self._db.execute("delete from posts where source = ?", (thing,))
                self._db.execute("delete from retries where source = ?", (thing,))
            self._db.execute("delete from leaving")

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

    def is_stored(self, thread: str) -> bool:
        """Say whether a thread is followed, has posts, and all of them are stored documents."""
        keys = {child.removeprefix("comment:") for child in self.children(thread)}
        return (
            self.is_followed(thread) and bool(keys) and self._store.known_keys(list(keys)) == keys
        )

    def excluded(self) -> set[str]:
        """Return what somebody took out although a source holds it."""
        return {row[0] for row in self._db.execute("select child from excluded")}

    def _unfollow(self, parent: str, children: Iterable[str]) -> None:
        rows = [(parent, child) for child in children]
        self._db.executemany("delete from follows where parent = ? and child = ?", rows)
        self._db.executemany("delete from names where parent = ? and child = ?", rows)
        self._db.executemany(
            "insert or ignore into leaving values (?)", [(child,) for _, child in rows]
        )

    def _unfollowed(self) -> list[str]:
        rows = self._db.execute(
            "select child from leaving where child not in (select child from follows)"
        )
        return [row[0] for row in rows]

    # -- papers ---------------------------------------------------------------------------

    def merge(self, papers: Sequence[Paper], origin: Origin) -> None:
        """Take in what a source says of papers, in one transaction.

        The source that gave a paper's abstract, or one of higher authority, changes what is known;
        any other only fills what is missing. Nothing is ever replaced by nothing, but for names:
        each source gives its own, which last until it gives others or follows the paper no more.
        """
        with transaction(self._db):
            known = {
                row["id"]: (paper_of(row), Origin(row["source"], row["authority"]))
                for row in self._rows([paper.id for paper in papers])
            }
            for paper in papers:
                old = known.get(paper.id)
                new = merged(*old, paper, origin) if old else (paper, origin)
                if new != old:
                    self._write(*new)
                known[paper.id] = new
            self._set_names(papers, origin.source)

    def papers(self, ids: Sequence[str]) -> list[Paper]:
        """Return the papers with these ids that are known, by id."""
        return [paper_of(row) for row in self._rows(ids)]

    def all_papers(self) -> Iterator[Paper]:
        """Yield every known paper, by id."""
        for row in self._db.execute(f"{SELECT} order by id"):
            yield paper_of(row)

    def count_papers(self) -> int:
        """Return how many papers are known."""
        return int(self._db.execute("select count(*) from papers").fetchone()[0])

    def state(self) -> tuple[int, int]:
        """Return what differs once papers may have changed: their number and the last ended run."""
        ended = self._db.execute("select max(id) from runs where finished is not null").fetchone()
        return self.count_papers(), ended[0] or 0

    def pending(self) -> dict[str, str]:
        """Return why the abstract is missing, by id, of each paper that has none."""
        rows = self._db.execute(
            "select id, pending, exists (select 1 from follows"
            " where child = 'arxiv:' || id and parent not like 'file:%')"
            " from papers where abstract is null order by id"
        )
        return {row[0]: row[1] or _not_fetched(row[0], asked_for=row[2]) for row in rows}

    def set_pending(self, arxiv_id: str, reason: str) -> None:
        """Remember why a paper's abstract is still missing."""
        self._db.execute(
            "update papers set pending = ? where id = ? and abstract is null",
            (reason, arxiv_id),
        )

    def _rows(self, ids: Sequence[str]) -> list[sqlite3.Row]:
        given = json.dumps(list(ids))
        return self._db.execute(
            f"{SELECT} where id in (select value from json_each(?)) order by id",
            (given,),
        ).fetchall()

    def _write(self, paper: Paper, origin: Origin) -> None:
        row = row_of(paper, origin)
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        changes = ", ".join(f"{name} = excluded.{name}" for name in row)
        self._db.execute(
            f"insert into papers ({names}) values ({marks}) on conflict do update set {changes}",
            row,
        )

    def _set_names(self, papers: Sequence[Paper], source: str) -> None:
        told = [(source, f"arxiv:{paper.id}", paper.names) for paper in papers]
        self._db.executemany(
            "delete from names where parent = ? and child = ?", [row[:2] for row in told]
        )
        self._db.executemany(
            "insert or replace into names values (?, ?, ?)",
            [(parent, child, json.dumps(names)) for parent, child, names in told if names],
        )

    # -- posts and links ------------------------------------------------------------------

    def set_posts(self, source: str, posts: Sequence[Post], held: Sequence[str] = ()) -> None:
        """Remember what the documents of a thread's posts do not hold, and the held as they are."""
        with transaction(self._db):
            self._db.execute(
                "delete from posts where source = ?"
                " and 'comment:' || key not in (select value from json_each(?))",
                (source, json.dumps(held)),
            )
            self._db.executemany(
                "insert or replace into posts (key, source, position, reply_to, links, post_id)"
                " values (?, ?, ?, ?, ?, ?)",
                [
                    (p.key, source, p.position, p.reply_to, json.dumps(p.links), p.post_id)
                    for p in posts
                ],
            )

    def post_ids(self, source: str) -> dict[str, int | None]:
        """Return the forum's own id of each post of a topic, by key; None where it is not known."""
        rows = self._db.execute("select key, post_id from posts where source = ?", (source,))
        return dict(rows.fetchall())

    def places(self) -> dict[str, list[Place]]:
        """Return the places of all posts, in the order of their threads, by source."""
        threads: dict[str, list[Place]] = {}
        for row in self._db.execute("select * from posts order by source, position"):
            links = tuple(json.loads(row["links"]))
            place = Place(row["key"], row["position"], row["reply_to"], links)
            threads.setdefault(row["source"], []).append(place)
        return threads

    def set_links(self, links: dict[str, tuple[Link, ...]]) -> None:
        """Remember which papers each of these comments is about, and nothing else of them."""
        with transaction(self._db):
            for key, found in links.items():
                self._db.execute("delete from links where key = ?", (key,))
                self._db.executemany(
                    "insert into links (key, paper, rule, confidence) values (?, ?, ?, ?)",
                    [(key, link.paper, link.rule, link.confidence) for link in found],
                )

    def links(self, key: str) -> tuple[Link, ...]:
        """Return which papers a comment is about, surest first."""
        rows = self._db.execute(
            "select paper, rule, confidence from links where key = ? order by confidence desc",
            (key,),
        )
        return tuple(Link(*row) for row in rows)

    # -- troubles and runs ----------------------------------------------------------------

    def set_trouble(self, source: str, reason: str | None) -> None:
        """Remember why a source could not be read last time; None when it could."""
        if reason is None:
            Retries(self._db).succeeded(source)
        else:
            Retries(self._db).failed(source, reason)

    def troubles(self) -> dict[str, str]:
        """Return why each source that could not be read last time could not."""
        return {retry.source: retry.reason for retry in Retries(self._db).all()}

    def begin_run(self) -> int:
        """Note that a run begins; return its number."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return int(self._db.execute("insert into runs (started) values (?)", (now,)).lastrowid or 0)

    def end_run(self, run: int, report: str) -> None:
        """Note that a run ended, with its report as JSON."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._db.execute(
            "update runs set finished = ?, report = ? where id = ?", (now, report, run)
        )

    def last_run(self) -> tuple[str, str | None, str | None] | None:
        """Return (started, finished, report) of the last run; unfinished ones have None."""
        row = self._db.execute(
            "select started, finished, report from runs order by id desc"
        ).fetchone()
        return tuple(row) if row else None


def _not_fetched(arxiv_id: str, asked_for: bool) -> str:
    if asked_for:
        return "not fetched yet; run 'journalclub ingest'"
    return f"not in its file; run 'journalclub ingest --arxiv {arxiv_id}' to fetch it"

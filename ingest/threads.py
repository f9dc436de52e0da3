"""What ingest remembers of forum posts: the posts, the papers they name, and their links."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from pydantic import TypeAdapter

from index import transaction
from ingest.links.ids import named_ids
from ingest.links.rules import Link
from ingest.post import Post
from ingest.unwritten import Unwritten

_POST = TypeAdapter(Post)


class Threads:
    """The posts of one library, by the source that holds them. Writing needs the writer's lock."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    # -- posts ----------------------------------------------------------------------------

    def keep(self, source: str, posts: Sequence[Post], held: Sequence[str] = ()) -> list[Post]:
        """Make these the posts of a source, beside the held keys as they are.

        Returns those that were not there exactly so; they are unwritten until `written` is called.
        """
        with transaction(self._db):
            kept = json.dumps([*held, *(post.key for post in posts)])
            self._db.execute(
                "delete from posts where source = ?"
                " and key not in (select value from json_each(?))",
                (source, kept),
            )
            known = dict(
                self._db.execute("select key, post from posts where source = ?", (source,))
            )
            texts = {post.key: _POST.dump_json(post).decode() for post in posts}
            changed = [post for post in posts if known.get(post.key) != texts[post.key]]
            self._db.executemany(
                "insert into posts (key, source, position, post, post_id, accepted, added)"
                " values (?, ?, ?, ?, ?, ?, ?) on conflict do update set source = excluded.source,"
                " position = excluded.position, post = excluded.post, post_id = excluded.post_id,"
                " accepted = excluded.accepted, unwritten = 1",
                [
                    (p.key, source, p.position, texts[p.key], p.post_id, p.accepted, _now())
                    for p in changed
                ],
            )
            self._set_named([post.key for post in changed], named_ids(changed))
        return changed

    def of(self, source: str) -> list[Post]:
        """Return the posts of a source, in the order of its thread."""
        rows = self._db.execute(
            "select post from posts where source = ? order by position", (source,)
        )
        return [_POST.validate_json(row[0]) for row in rows]

    def hold(self, source: str, keys: set[str]) -> bool:
        """Tell whether all of these posts of a source were read."""
        rows = self._db.execute("select key from posts where source = ?", (source,))
        return keys <= {row[0] for row in rows}

    def sources(self, unwritten: bool = False) -> list[str]:
        """Return the sources that hold posts, or those of which some are unwritten."""
        test = " where unwritten" if unwritten else ""
        rows = self._db.execute(f"select distinct source from posts{test} order by source")
        return [row[0] for row in rows]

    def written(self, source: str) -> None:
        """Remember that the comments of a source are stored."""
        self._db.execute("update posts set unwritten = 0 where source = ? and unwritten", (source,))

    def unwrite(self, key: str) -> None:
        """Note that a post's comment may not be stored."""
        self._db.execute("update posts set unwritten = 1 where key = ?", (key,))

    def count(self, sources: Iterable[str]) -> int:
        """Return how many posts these sources hold."""
        row = self._db.execute(
            "select count(*) from posts where source in (select value from json_each(?))",
            (json.dumps(list(sources)),),
        )
        return int(row.fetchone()[0])

    def post_ids(self, source: str) -> dict[str, int | None]:
        """Return the forum's own id of each post of a topic, by key; None where it is not known."""
        rows = self._db.execute("select key, post_id from posts where source = ?", (source,))
        return dict(rows.fetchall())

    def known(self, keys: Iterable[str]) -> set[str]:
        """Return those of the posts that are here."""
        rows = self._db.execute(
            "select key from posts where key in (select value from json_each(?))",
            (json.dumps(list(keys)),),
        )
        return {row[0] for row in rows}

    def accepted(self, keys: Iterable[str]) -> set[str]:
        """Return those of the posts that were accepted as the answer of their topic."""
        rows = self._db.execute(
            "select key from posts where accepted and key in (select value from json_each(?))",
            (json.dumps(list(keys)),),
        )
        return {row[0] for row in rows}

    # -- papers that posts name -----------------------------------------------------------

    def named(self) -> dict[str, list[str]]:
        """Return the posts that name each paper that nothing follows and that nobody declined."""
        rows = self._db.execute(
            "select paper, post from named"
            " where 'comment:' || post in (select child from follows)"
            " and 'arxiv:' || paper not in (select child from follows)"
            " and 'arxiv:' || paper not in (select child from excluded)"
            " and paper not in (select paper from declined) order by paper, post"
        )
        found: dict[str, list[str]] = {}
        for paper, post in rows:
            found.setdefault(paper, []).append(post)
        return found

    def _set_named(self, posts: Sequence[str], named: Mapping[str, Sequence[str]]) -> None:
        """Remember which papers each of these posts names by id, and no others."""
        for post in posts:
            self._db.execute("delete from named where post = ?", (post,))
            self._db.executemany(
                "insert or ignore into named values (?, ?)",
                [(post, paper) for paper in named.get(post, ())],
            )

    # -- links ----------------------------------------------------------------------------

    def set_links(self, links: Mapping[str, Sequence[Link]]) -> None:
        """Remember which papers each of these comments is about, and nothing else of them."""
        with transaction(self._db):
            for key, found in links.items():
                known = set(self.links(key))
                self._db.execute(
                    "delete from links where key = ?"
                    " and paper not in (select value from json_each(?))",
                    (key, json.dumps([link.paper for link in found])),
                )
                self._db.executemany(
                    "insert into links values (?, ?, ?, ?, ?) on conflict do update set"
                    " rule = excluded.rule, confidence = excluded.confidence",
                    [(key, f.paper, f.rule, f.confidence, _now()) for f in found if f not in known],
                )

    def links(self, key: str) -> tuple[Link, ...]:
        """Return which papers a comment is about, surest first."""
        rows = self._db.execute(
            "select paper, rule, confidence from links where key = ?"
            " order by confidence desc, paper",
            (key,),
        )
        return tuple(Link(*row) for row in rows)

    def corrections(self) -> dict[str, tuple[str, ...]]:
        """Return which papers posts are about as reading lists say, by the posts' keys."""
        rows = self._db.execute("select post, papers from corrections order by parent desc")
        return {post: tuple(json.loads(papers)) for post, papers in rows}

    def set_corrections(self, source: str, said: Mapping[str, Sequence[str]]) -> None:
        """Remember what a reading list says of posts; if that is new, all are linked anew.

        Where lists differ, the one of the earlier name counts.
        """
        rows = self._db.execute("select post, papers from corrections where parent = ?", (source,))
        new = {post: json.dumps(list(papers)) for post, papers in said.items()}
        if dict(rows.fetchall()) == new:
            return
        with transaction(self._db):
            Unwritten(self._db).touch()
            self._db.execute("delete from corrections where parent = ?", (source,))
            self._db.executemany(
                "insert into corrections values (?, ?, ?)",
                [(source, post, papers) for post, papers in new.items()],
            )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

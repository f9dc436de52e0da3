"""The papers of a library: what each source claims of them, and what is known by all claims."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from index import transaction
from ingest.links.name_rows import NameRows
from ingest.paper import Paper
from ingest.paper_rows import (
    ARXIV,
    BY_ARXIV,
    DATACITE,
    NAME,
    SNAPSHOT,
    Claim,
    Origin,
    agreed,
    claim_of,
    facts_of,
    paper_of,
    renewed,
    row_of,
    thing_of,
)
from ingest.unwritten import Unwritten


class Papers:
    """The tables of papers and claims. Writing needs the writer's lock.

    What is known of a paper follows from the claims alone: a source that takes its word back leaves
    no trace of it.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._unwritten = Unwritten(connection)

    def claim(self, papers: Sequence[Paper], origin: Origin) -> None:
        """Take in what a source says of papers, in one transaction, in place of what it said.

        What arXiv said of earlier versions stays as history.
        """
        with transaction(self._db):
            known = {paper.id: paper for paper in self.get([paper.id for paper in papers])}
            claims = self._claims(known)
            for paper in papers:
                said = claims.setdefault(paper.id, {})
                before = said.get(origin.source)
                if before and origin.authority == BY_ARXIV:
                    paper = renewed(paper, before.paper)  # noqa: PLW2901 - the same paper, whole
                if before is None or before.paper != paper:
                    said[origin.source] = Claim(origin, paper)
                    known[paper.id] = self._settle(said, known.get(paper.id))
            NameRows(self._db).keep_up()

    def retract(self, source: str, papers: Iterable[str]) -> None:
        """Take back what a source said of papers; a paper of which nothing is said stays bare."""
        wanted = json.dumps(list(papers))
        if wanted == "[]":
            return
        said = "source = ? and paper in (select value from json_each(?))"
        ids = self._db.execute(f"select paper from claims where {said}", (source, wanted))
        known = {paper.id: paper for paper in self.get([row[0] for row in ids])}
        claims = self._claims(known)
        self._db.execute(f"delete from claims where {said}", (source, wanted))
        for paper, old in known.items():
            if not self._is_followed(paper):
                continue  # it is forgotten soon
            rest = {name: claim for name, claim in claims[paper].items() if name != source}
            bare = Claim(Origin("", 0), Paper(paper))
            self._settle(rest or {"": bare}, old)

    def take_back(self, *papers: str) -> None:
        """Take back what arXiv said of papers that it has no more, in one transaction."""
        with transaction(self._db):
            self.retract_asked(*papers)
            NameRows(self._db).keep_up()

    def retract_asked(self, *papers: str) -> None:
        """Take back what arXiv and DataCite said of papers, and that anybody wanted to know."""
        for origin in (ARXIV, DATACITE, SNAPSHOT, NAME):
            self.retract(origin.source, papers)

    def forget(self, paper: str) -> None:
        """Forget a paper and all that was said of it."""
        self._db.execute("delete from papers where id = ?", (paper,))
        self._db.execute("delete from claims where paper = ?", (paper,))
        self._unwritten.forget(paper)

    def get(self, ids: Sequence[str]) -> list[Paper]:
        """Return the papers with these ids that are known, by id."""
        rows = self._db.execute(
            "select * from papers where id in (select value from json_each(?)) order by id",
            (json.dumps(list(ids)),),
        )
        return [paper_of(row) for row in rows.fetchall()]

    def titled(self, title: str) -> list[Paper]:
        """Return the papers of arXiv that have this title, whatever its case."""
        rows = self._db.execute(
            "select * from papers where title = ? collate nocase and id not like '%:%'", (title,)
        )
        return [paper_of(row) for row in rows.fetchall()]

    def all(self) -> Iterator[Paper]:
        """Yield every known paper, by id."""
        for row in self._db.execute("select * from papers order by id"):
            yield paper_of(row)

    def count(self) -> int:
        """Return how many papers are known."""
        return int(self._db.execute("select count(*) from papers").fetchone()[0])

    def pending(self) -> dict[str, str]:
        """Return why the abstract is missing, by id, of each paper of arXiv that has none."""
        rows = self._db.execute(
            "select id, pending, exists (select 1 from follows"
            " where child = 'arxiv:' || id and parent not like 'file:%')"
            " from papers where abstract is null and id not like '%:%' order by id"
        )
        return {row[0]: row[1] or _not_fetched(row[0], asked_for=row[2]) for row in rows}

    def set_pending(self, paper: str, reason: str) -> None:
        """Remember why a paper's abstract is still missing."""
        self._db.execute(
            "update papers set pending = ? where id = ? and abstract is null", (reason, paper)
        )

    def _is_followed(self, paper: str) -> bool:
        row = self._db.execute("select 1 from follows where child = ?", (thing_of(paper),))
        return row.fetchone() is not None

    def _claims(self, known: dict[str, Paper]) -> dict[str, dict[str, Claim]]:
        """Return what is claimed of known papers, by id and source."""
        rows = self._db.execute(
            "select paper, source, authority, facts from claims"
            " where paper in (select value from json_each(?))",
            (json.dumps(list(known)),),
        )
        claims: dict[str, dict[str, Claim]] = {paper: {} for paper in known}
        for row in rows.fetchall():
            claims[row["paper"]][row["source"]] = claim_of(row, known[row["paper"]])
        return claims

    def _settle(self, claims: dict[str, Claim], old: Paper | None) -> Paper:
        """Write a paper as all claims together give it, and the claims beside it."""
        new = agreed(claims.values())
        if new != old:
            self._write(new)
            if old is None or _told(new) != _told(old):
                self._unwritten.touch()
        self._db.executemany(
            "insert or replace into claims values (?, ?, ?, ?)",
            [
                (new.id, source, claim.origin.authority, facts_of(claim.paper, new))
                for source, claim in claims.items()
                if source
            ],
        )
        return new

    def _write(self, paper: Paper) -> None:
        row = row_of(paper) | {"added": datetime.now(UTC).isoformat(timespec="seconds")}
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != "added")
        self._db.execute(
            f"insert into papers ({names}) values ({marks}) on conflict do update set {changes}",
            row,
        )
        self._unwritten.add(thing_of(paper.id))


def _told(paper: Paper) -> tuple[object, ...]:
    """Return what links depend on."""
    said = (paper.title, paper.abstract, paper.authors, paper.names, paper.doi)
    return (*said, paper.published, paper.year)


def _not_fetched(arxiv_id: str, asked_for: bool) -> str:
    if asked_for:
        return "not fetched yet; run 'journalclub ingest'"
    return f"not in its file; run 'journalclub ingest --arxiv {arxiv_id}' to fetch it"

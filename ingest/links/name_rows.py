"""Keep the tables by which texts find papers in step with the papers."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence

from index import transaction
from ingest.links.mentions import Words
from ingest.links.names import may_be_coined, month_of, used_words
from ingest.links.traces import NOTHING, Traces, told_of, traces_of

_MADE_AS = 1  # raise it when the same paper leaves other traces: the tables are then made again
_AT_ONCE = 2_000
_FEW = 50
_MANY = 10_000
_TOLD = "title, abstract, authors, names, doi, published, year"
_OLD = f"select paper, known, {_TOLD} from unnamed order by paper limit ?"
_NEW = f"select id as paper, {_TOLD} from papers where id in (select value from json_each(?))"
_EVERY = f"select id as paper, {_TOLD} from papers"
_COLUMNS = {
    "title_starts": ("start", "paper"),
    "abstract_runs": ("run", "paper"),
    "short_names": ("letters", "name", "given", "paper"),
    "surnames": ("name", "first", "paper"),
    "dois": ("doi", "paper"),
    "title_words": ("word", "paper"),
}
_COUNT = """
insert into vocabulary values (?, ?, ?) on conflict do update set
  titles = titles + excluded.titles, ordinary = ordinary + excluded.ordinary
"""
_DOUBT = "update first_uses set doubtful = 1 where word = ? and month = ?"
_USE = """
insert into first_uses (word, month) values (?, ?) on conflict do update set
  month = excluded.month, doubtful = 0
  where excluded.month < month or (excluded.month = month and doubtful)
"""
_DOUBTED = """
select distinct s.letters from first_uses f cross join short_names s on s.letters = f.word
cross join naming n on n.number = s.paper where f.doubtful and not s.given and f.month < n.month
"""

_Change = tuple[str, Traces, Traces]  # a paper, what it left before, and what it leaves now


class NameRows:
    """Writes the tables for what the table of papers notes as changed.

    Those notes are of the same transaction as the papers, and go with the rows they are for: a
    crash in between leaves them to the next writer. Any process may catch up.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def open(self) -> None:
        """Make all rows where none were made, or by rules that have changed since.

        Stopped in between, the next one who opens the library goes on with it.
        """
        if self._made_as() != _MADE_AS:
            with transaction(self._db):
                if abs(self._made_as()) != _MADE_AS:
                    self._begin_again()
            self.catch_up()
            self._mark(_MADE_AS)

    def catch_up(self) -> None:
        """Write the rows of all papers that changed, some thousands in a transaction."""
        while self._waiting(1):
            with transaction(self._db):
                self._write()

    def keep_up(self) -> None:
        """Write them within the caller's transaction, unless a better moment is sure to come.

        A batch out of many rewrites most of the tables' pages: it waits for more of its like.
        """
        if not _FEW < self._waiting(_MANY) < _MANY:
            self._write()

    def _waiting(self, most: int) -> int:
        row = self._db.execute("select count(*) from (select 1 from unnamed limit ?)", (most,))
        return int(row.fetchone()[0])

    def _made_as(self) -> int:
        row = self._db.execute("select value from marks where name = 'naming'").fetchone()
        return int(row[0]) if row else 0

    def _begin_again(self) -> None:
        for table in (*_COLUMNS, "vocabulary", "first_uses", "naming", "unnamed"):
            self._db.execute(f"delete from {table}")
        self._db.execute("insert into unnamed (paper, known) select id, 0 from papers")
        self._mark(-_MADE_AS)

    def _mark(self, made_as: int) -> None:
        """Remember by which rules the rows are made, or, below 0, are being made."""
        self._db.execute("insert or replace into marks values ('naming', ?)", (made_as,))

    def _write(self) -> None:
        """Write the rows of some of the papers that changed."""
        changes = self._changes()
        numbers = self._numbers(changes)
        for table, columns in _COLUMNS.items():
            self._write_rows(table, columns, changes, numbers)
        self._count(changes)
        self._note_uses(changes)
        gone = [(numbers[paper],) for paper, _, new in changes if new is NOTHING]
        self._db.executemany("delete from naming where number = ?", gone)
        self._db.executemany("delete from unnamed where paper = ?", [(c[0],) for c in changes])
        self._settle_doubts()

    def _changes(self) -> list[_Change]:
        noted = self._db.execute(_OLD, (_AT_ONCE,)).fetchall()
        papers = self._db.execute(_NEW, (json.dumps([row["paper"] for row in noted]),))
        new = {row["paper"]: traces_of(told_of(row)) for row in papers}
        return [
            (
                row["paper"],
                traces_of(told_of(row)) if row["known"] else NOTHING,
                new.get(row["paper"], NOTHING),
            )
            for row in noted
        ]

    def _numbers(self, changes: Sequence[_Change]) -> dict[str, int]:
        self._db.executemany(
            "insert into naming (paper, month) values (?, ?)"
            " on conflict do update set month = excluded.month",
            [(paper, new.month) for paper, _, new in changes],
        )
        rows = self._db.execute(
            "select paper, number from naming where paper in (select value from json_each(?))",
            (json.dumps([paper for paper, _, _ in changes]),),
        )
        return dict(rows.fetchall())

    def _write_rows(
        self,
        table: str,
        columns: Sequence[str],
        changes: Sequence[_Change],
        numbers: dict[str, int],
    ) -> None:
        """Write the rows that differ, in the order of the table: each page is then met once."""
        gone: list[tuple[object, ...]] = []
        come: list[tuple[object, ...]] = []
        for paper, old, new in changes:
            before, now = old.rows.get(table, frozenset()), new.rows.get(table, frozenset())
            gone += [(*row, numbers[paper]) for row in before - now]
            come += [(*row, numbers[paper]) for row in now - before]
        test = " and ".join(f"{column} = ?" for column in columns)
        marks = ", ".join("?" * len(columns))
        self._db.executemany(f"delete from {table} where {test}", sorted(gone))
        self._db.executemany(f"insert into {table} values ({marks})", sorted(come))

    def _count(self, changes: Sequence[_Change]) -> None:
        counts: Counter[tuple[str, str]] = Counter()
        for _, old, new in changes:
            counts.update(new.counts)
            counts.subtract(old.counts)
        changed = sorted({word for (_, word), count in counts.items() if count})
        self._db.executemany(
            _COUNT, [(w, counts["titles", w], counts["ordinary", w]) for w in changed]
        )
        self._db.executemany(
            "delete from vocabulary where word = ? and titles <= 0 and ordinary <= 0",
            [
                (word,)
                for word in changed
                if counts["titles", word] < 0 or counts["ordinary", word] < 0
            ],
        )

    def _note_uses(self, changes: Sequence[_Change]) -> None:
        gone: set[tuple[str, int]] = set()
        come: dict[str, int] = {}
        for _, old, new in sorted(changes, key=lambda change: -change[2].month):
            same = old.used & new.used if old.month == new.month else frozenset()
            gone.update((word, old.month) for word in old.used - same)
            come |= dict.fromkeys(new.used - same, new.month)
        self._db.executemany(_DOUBT, sorted(use for use in gone if may_be_coined(use[0])))
        self._db.executemany(_USE, sorted(use for use in come.items() if may_be_coined(use[0])))

    def _settle_doubts(self) -> None:
        """Look up who first used the coined names of which that is in doubt: all papers are read.

        This is rare: such a name's first user went, another paper coins it, and a third used it.
        """
        doubted = {row[0] for row in self._db.execute(_DOUBTED)}
        if doubted:
            self._db.executemany("delete from first_uses where word = ?", [(w,) for w in doubted])
            self._db.executemany(_USE, self._uses_of(doubted))

    def _uses_of(self, words: set[str]) -> Iterable[tuple[str, int]]:
        for row in self._db.execute(_EVERY).fetchall():
            paper = told_of(row)
            used = used_words(Words.of(paper.title or ""), Words.of(paper.abstract or ""))
            yield from ((word, month_of(paper)) for word in used & words)

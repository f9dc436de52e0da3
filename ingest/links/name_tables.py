"""The tables by which texts find the papers they name, as they are read."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from ingest.links.names import ShortName
from ingest.links.titles import COMMON_WORD
from ingest.links.traces import told_of
from ingest.paper import Paper

# Lists go in as JSON; `cross join` has SQLite look their items up rather than read a whole table.
_TITLED = """
select distinct n.paper, p.title from json_each(?) j cross join title_starts s on s.start = j.value
cross join naming n on n.number = s.paper cross join papers p on p.id = n.paper order by n.paper
"""
_CALLED = """
select n.paper, s.name, s.letters, s.given,
  coalesce((select ordinary from vocabulary where word = s.letters), 0) as ordinary,
  coalesce((select month from first_uses where word = s.letters), n.month) >= n.month as first
from json_each(?) j cross join short_names s on s.letters = j.value
cross join naming n on n.number = s.paper order by n.paper, s.given desc
"""
_SHARING = """
select n.paper, p.title, shared from (
  select t.paper as number, count(*) as shared from json_each(?) j
  cross join vocabulary v on v.word = j.value and v.titles <= ?
  cross join title_words t on t.word = v.word group by t.paper having shared >= ?
) cross join naming n using (number) cross join papers p on p.id = n.paper order by n.paper
"""
_QUOTED = """
select distinct n.paper, p.abstract from json_each(?) j
cross join abstract_runs r on r.run = j.value
cross join naming n on n.number = r.paper cross join papers p on p.id = n.paper order by n.paper
"""
_TOLD = "p.id as paper, title, null as abstract, authors, names, doi, published, year"
_BY_FIRST = f"""
select {_TOLD} from surnames s cross join naming n on n.number = s.paper
cross join papers p on p.id = n.paper
where s.name = ? and s.first and not exists (
  select 1 from json_each(?) j where not exists (
    select 1 from surnames o where o.name = j.value and o.first in (0, 1) and o.paper = s.paper))
and (? is null or n.month / 12 = ? or p.published like ? || '-%' or p.year = ?)
order by s.paper
"""
_OF_DOI = """
select n.paper from json_each(?) j cross join dois d on d.doi = j.value
cross join naming n on n.number = d.paper order by j.key, n.paper
"""
_GET = f"""
select {_TOLD} from json_each(?) j cross join papers p on p.id = j.value order by j.key
"""
_WITH_WORD = """
select distinct n.paper from json_each(?) j cross join title_words t on t.word = j.value
cross join naming n on n.number = t.paper
"""
_AND_WORD = """ exists (select 1 from json_each(?) j cross join title_words o
  on o.word = j.value and o.paper = t.paper)
"""
_TITLES = """
select sum(titles) from vocabulary where word in (select value from json_each(?))
"""


class NameTables:
    """Finds papers by what texts say of them; `without` are left out of every answer."""

    def __init__(self, connection: sqlite3.Connection, without: Collection[str] = ()) -> None:
        self._db = connection
        self._without = frozenset(without)

    def titled(self, starts: Iterable[int]) -> dict[str, str]:
        """Return the titles, by paper, that begin or have a part that begins in one of these ways.

        Each is given as a hash (`titles.start_of`); another title may have the same.
        """
        return {row["paper"]: row["title"] for row in self._rows(_TITLED, _json(starts))}

    def called(self, letters: Iterable[str]) -> list[ShortName]:
        """Return all names that have, or begin with, one of these letters."""
        rows = self._rows(_CALLED, _json(letters))
        return [
            ShortName(r["paper"], r["name"], r["letters"], r["given"], r["ordinary"], r["first"])
            for r in rows
        ]

    def sharing(self, words: Iterable[str], least: int) -> Iterator[tuple[str, str, int]]:
        """Yield the papers whose title has so many of these words, the title, and how many.

        Words that many titles have do not count.
        """
        for row in self._rows(_SHARING, _json(words), COMMON_WORD, least):
            yield row["paper"], row["title"], row["shared"]

    def quoted(self, runs: Iterable[int]) -> Iterator[tuple[str, str]]:
        """Yield the papers, with their abstracts, that may have one of these runs of words."""
        for row in self._rows(_QUOTED, _json(runs)):
            yield row["paper"], row["abstract"] or ""

    def by_first_author(
        self, surname: str, others: Iterable[str] = (), year: int | None = None
    ) -> Iterator[Paper]:
        """Yield the papers whose first author has a last name, with authors of the other names.

        They may be from any year, or are from the given one.
        """
        years = (year,) * 4
        return map(told_of, self._rows(_BY_FIRST, surname, _json(others), *years))

    def of_doi(self, forms: Iterable[str]) -> str | None:
        """Return the paper that has the first of these DOIs that is known."""
        return next((row["paper"] for row in self._rows(_OF_DOI, _json(forms))), None)

    def get(self, papers: Iterable[str]) -> list[Paper]:
        """Return those of the papers that are known, in their order, without their abstracts."""
        return [told_of(row) for row in self._rows(_GET, _json(papers))]

    def with_words(self, groups: Iterable[Sequence[str]], most: int) -> list[str]:
        """Return the papers that have a word of each group in their titles, at most so many."""
        wanted = sorted(map(_json, groups), key=self._titles)
        tests = " and ".join([_AND_WORD] * (len(wanted) - 1))
        statement = f"{_WITH_WORD} where {tests}" if tests else _WITH_WORD
        return [row["paper"] for row in islice(self._rows(statement, *wanted), most)]

    def _titles(self, words: str) -> int:
        return int(self._db.execute(_TITLES, (words,)).fetchone()[0] or 0)

    def words_beginning(self, letters: str) -> list[str]:
        """Return the words of titles that begin in a way."""
        return self._words("word >= ? and word < ?", letters, letters + chr(0x10FFFF))

    def words_as_long(self, least: int, most: int) -> list[str]:
        """Return the words of titles whose number of letters is between these."""
        return self._words("length(word) between ? and ?", least, most)

    def _words(self, test: str, *values: object) -> list[str]:
        rows = self._db.execute(
            f"select word from vocabulary where titles > 0 and {test} order by word", values
        )
        return [row[0] for row in rows]

    def _rows(self, statement: str, *values: object) -> Iterator[sqlite3.Row]:
        for row in self._db.execute(statement, values):
            if row["paper"] not in self._without:
                yield row


def _json(items: Iterable[object]) -> str:
    return json.dumps(list(items))

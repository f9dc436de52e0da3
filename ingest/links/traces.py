"""What a paper leaves in the tables by which texts find the papers they name."""

import json
import re
import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from index import fold
from ingest.links.citations import surname_of
from ingest.links.excerpts import kept_runs
from ingest.links.ids import doi_of
from ingest.links.mentions import Words
from ingest.links.names import coined_in, letters_of, month_of, ordinary_words, used_words
from ingest.links.titles import start_of, title_beginnings
from ingest.paper import Paper

_PARTS = re.compile(r"(?<=[a-z]{3})(?=\d)|(?<=\d)[x×](?=\d)")


@dataclass(frozen=True, slots=True)
class Traces:
    """The rows of one paper, without its number, by their tables, and what it adds to counts."""

    rows: dict[str, frozenset[tuple[object, ...]]]
    title_words: frozenset[str] = frozenset()
    ordinary: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()
    month: int = 0

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """Return what the paper adds to the counts of the vocabulary, by count and word."""
        counts = Counter(("titles", word) for word in self.title_words)
        counts.update(("ordinary", word) for word in self.ordinary)
        return counts


NOTHING = Traces({})


def traces_of(paper: Paper) -> Traces:
    """Return all that the tables keep of a paper."""
    title, abstract = Words.of(paper.title or ""), Words.of(paper.abstract or "")
    words = _title_words(title, paper)
    doi = doi_of(paper)
    return Traces(
        rows={
            "title_starts": frozenset(
                (start_of(letters),) for letters in title_beginnings(paper.title or "")
            ),
            "abstract_runs": frozenset((run,) for run in kept_runs(abstract)),
            "short_names": frozenset(_names(paper)),
            "surnames": frozenset(_surnames(paper)),
            "dois": frozenset([(doi,)] if doi else ()),
            "title_words": frozenset((word,) for word in words),
        },
        title_words=words,
        ordinary=ordinary_words(paper.title or ""),
        used=used_words(title, abstract),
        month=month_of(paper),
    )


def told_of(row: sqlite3.Row) -> Paper:
    """Return as much of a paper as its traces follow from."""
    return Paper(
        id=row["paper"],
        title=row["title"],
        abstract=row["abstract"],
        authors=tuple(json.loads(row["authors"])),
        names=tuple(json.loads(row["names"])),
        doi=row["doi"],
        published=date.fromisoformat(row["published"]) if row["published"] else None,
        year=row["year"],
    )


def _names(paper: Paper) -> list[tuple[object, ...]]:
    named = [(letters_of(name), name, 1) for name in paper.names]
    named += [(letters_of(name), name, 0) for name in coined_in(paper)]
    return [row for row in named if row[0]]


def _surnames(paper: Paper) -> list[tuple[object, ...]]:
    """Return the authors' last names, as citations and as questions compare them.

    The first author is the first that has such a name.
    """
    cited = [surname for author in paper.authors if (surname := surname_of(author))]
    asked = [_last_name(author) for author in paper.authors]
    names = {name: 0 for name in (*cited, *asked) if name}
    names |= {name: 1 for name in (*cited[:1], *asked[:1]) if name}
    return list(names.items())


def _last_name(author: str) -> str:
    return next(filter(None, map(_last_folded, reversed(author.split()))), "")


@lru_cache(maxsize=8192)
def _last_folded(word: str) -> str:
    return fold(word).rpartition(" ")[2]


def _title_words(title: Words, paper: Paper) -> frozenset[str]:
    """Return the words of a title as posts and as questions compare them, and parts of these."""
    words = {*title.lower, *fold(paper.title or "").split()}
    parts = {part for word in words if not word.isalpha() for part in _PARTS.split(word)}
    return frozenset(words | (parts - {""}))

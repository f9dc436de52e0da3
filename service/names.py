"""How questions name the papers of a library: by id, name, title, description or authors."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from math import ceil

from rapidfuzz import fuzz, process

from index import content_words, fold
from ingest import Catalogue, Paper
from ingest.links.name_tables import NameTables
from ingest.links.names import letters_of
from service import wording
from service.stems import word_stems

_REMEMBERED = 8192
_MOST_DESCRIBED = 3
_NUMBERS = frozenset(("two", "three", "four", "both"))
_SPELLING = 87  # of 100
_SHORTEST_SPELT = 5  # letters
_WORD = re.compile(r"\w+(?:[-.'’/]\w+)*")
_ENDING = re.compile(r"['’]s$|(?<=\d)v\d+$")  # a possessive, an id's version


class Names:
    """How questions name the papers of a library, as it is at the moment of asking."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def named_in(self, text: str) -> tuple[Paper, ...]:
        """Return the papers that a text names by id, title or short name, surest first."""
        naming = self._catalogue.naming
        named = [found.paper for found in naming.named_in(text)]
        described = [
            paper
            for groups in wording.DESCRIBED.findall(text)
            for words in groups
            for paper in _by_title(words, naming.tables)
        ]
        by_author = [
            paper
            for first, second in wording.BY_SURNAME.findall(text)
            for paper in _by_surnames(first, second, naming.tables)
        ]
        ids = list(
            dict.fromkeys([*named, *_by_called(text, naming.tables), *described, *by_author])
        )
        papers = {paper.id: paper for paper in self._catalogue.papers.get(ids)}
        return tuple(papers[paper] for paper in ids if paper in papers)

    def spelt(self, word: str) -> str:
        """Return the word of a title that a misspelt word is nearly, or the word itself."""
        apart = (200 - _SPELLING) / _SPELLING  # longer by this, or shorter, none is as like
        least, most = max(_SHORTEST_SPELT, ceil(len(word) / apart)), int(len(word) * apart)
        words = self._catalogue.naming.tables.words_as_long(least, most)
        near = process.extractOne(word, words, scorer=fuzz.ratio, score_cutoff=_SPELLING)
        return near[0] if near else word


def _by_called(text: str, tables: NameTables) -> list[str]:
    """Return the papers whose id or short name is a word of the text, in any case.

    Posts are read more strictly, but who asks for "uda" or for "math/0309136" means it.
    """
    words = list(dict.fromkeys(_ENDING.sub("", w) for w in _WORD.findall(text.casefold())))
    forms = {form: word for word in words for form in (f"doi:{word}", word)}
    found = {forms[paper.id]: paper.id for paper in tables.get(forms)}
    called = tables.called(letters_of(word) for word in words)
    names = {name.name.casefold(): name.paper for name in called if name.given}
    known = (found.get(word) or names.get(word) for word in words)
    return [paper for paper in known if paper]


def _by_surnames(first: str, second: str, tables: NameTables) -> list[str]:
    """Return the papers whose first author, and an author more, have these last names."""
    wanted = [fold(name) for name in (first, second) if name]
    found = (
        paper.id
        for paper in tables.by_first_author(wanted[0], wanted[1:])
        if _last_names(paper.authors[:1]) == {wanted[0]} and surnames(paper).issuperset(wanted)
    )
    few = list(islice(found, _MOST_DESCRIBED + 1))
    return few if len(few) <= _MOST_DESCRIBED else []


def _by_title(description: str, tables: NameTables) -> list[str]:
    """Return the papers whose titles hold all words of a description, unless these are many."""
    words = [w for w in content_words(fold(description)) if w not in _NUMBERS and not w.isdigit()]
    for at in range(len(words)):
        groups = [_words_like(stem, tables) for stem in word_stems(" ".join(words[at:]))]
        if at == len(words) - 1:  # "transformer" has the stem of "transforms"
            groups.append([w for w in groups[0] if w.rstrip("s") == words[at].rstrip("s")])
        if groups and (found := tables.with_words(groups, _MOST_DESCRIBED + 1)):
            return sorted(found) if len(found) <= _MOST_DESCRIBED else []
    return []


def _words_like(stem: str, tables: NameTables) -> list[str]:
    """Return the words of titles with this stem; "norm" also stands for "normalization"."""
    if len(stem) < 2:
        return [stem]
    words = tables.words_beginning(stem[:-1] if stem[-1] in "ei" else stem)  # "hoping", "studies"
    exact = [word for word in words if stem in _stems(word)]
    if exact or len(stem) < 4:
        return exact
    return [word for word in words if any(known.startswith(stem) for known in _stems(word))]


@lru_cache(maxsize=_REMEMBERED)
def _stems(word: str) -> tuple[str, ...]:
    return tuple(word_stems(word))


def surnames(paper: Paper) -> set[str]:
    """Return the folded last words of the authors' names."""
    return _last_names(paper.authors)


def _last_names(authors: Iterable[str]) -> set[str]:
    """Return the folded last words of names."""
    return {folded.split()[-1] for author in authors if (folded := fold(author))}

"""Find papers cited by authors and year: "Berthelot et al., 2019", "Frankle and Carbin (2018)"."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from ingest.links.mentions import Words
from ingest.links.names import month_of
from ingest.paper import Paper

_READ = 160  # letters before a year
_MOST_YEARS = 500
_READ_FOR_AUTHORS = 20_000
_YEAR = re.compile(r"(?<![\w.,/-])((?:19|20)\d\d)[a-z]?(?![\w/-]|[.,:]\d)")
_TOKEN = re.compile(r"[^\W\d_][\w'’.-]*|&|\S")
_OTHERS = frozenset(("colleagues", "coworkers", "coauthors", "others", "collaborators"))
_AWAY = frozenset(("in", "from", "of", "paper", "work", "article", "preprint"))
_PLACES = "in at since until during from of for before after"
_MONTHS = (
    "january february march april may june july august september october november december jan "
    "feb mar apr jun jul aug sep sept oct nov dec spring summer autumn fall winter"
)
_BEFORE_PLACES = frozenset(_PLACES.split())
_NO_NAMES = frozenset(_MONTHS.split())
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")


@dataclass(frozen=True, slots=True)
class _Authors:
    """The last names of a paper's authors."""

    paper: str
    surnames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Cited:
    """The last names before a year, and whether "et al." says that there are more."""

    surnames: tuple[str, ...]
    et_al: bool
    placed: bool  # "in Berlin 2019": a single word there is hardly an author

    @property
    def is_one_word(self) -> bool:
        """Tell whether this is a single name without "et al."."""
        return len(self.surnames) == 1 and not self.et_al


class Citations:
    """Finds the papers of a library that a text cites, where only one fits.

    `by_first` gives the papers whose first author has a last name, that have all others too, and
    that may be from a year if one is told.
    """

    def __init__(
        self, by_first: Callable[[str, tuple[str, ...], int | None], Iterable[Paper]]
    ) -> None:
        self._by_first = by_first

    def find(self, text: str) -> Iterator[tuple[str, int]]:
        """Yield the ids of cited papers, and where in the text their years stand.

        The first author is named first. Two or more names without "et al." are all that the paper
        has, and its year may then be the next one, that of a conference.
        """
        for match in islice(_YEAR.finditer(text), _MOST_YEARS):
            cited = _cited(text[max(0, match.start() - _READ) : match.start()])
            if cited and (paper := self._only(cited, int(match[1]))):
                yield paper, match.start()

    def _only(self, cited: _Cited, year: int) -> str | None:
        """Return the one paper that fits; names before the first author's are passed over."""
        names = cited.surnames
        while names and not any(self._authors(names[:1])):
            names = names[1:]
        if not names or (cited.is_one_word and cited.placed):
            return None
        found = self._some_of(year, names, cited)
        if not found and len(names) > 1 and not cited.et_al:
            found = self._some_of(year - 1, names, cited)
        return found[0] if len(found) == 1 else None

    def _some_of(self, year: int, names: tuple[str, ...], cited: _Cited) -> list[str]:
        """Return papers of a year that fit: two are as good as more."""
        fitting = (a for a in self._authors(names, year) if _fits(a, names, cited))
        return [authors.paper for authors in islice(fitting, 2)]

    def _authors(self, names: tuple[str, ...], year: int | None = None) -> Iterator[_Authors]:
        for paper in self._by_first(names[0], names[1:], year):
            surnames = _surnames(paper)
            if surnames[:1] == names[:1] and (year is None or year in _years(paper)):
                yield _Authors(paper.id, surnames)


def by_authors_in(text: str, papers: Iterable[Paper]) -> list[str]:
    """Return the ids of those papers of which a text names an author, whatever the year."""
    said = {_name(word) for word in re.findall(r"\w[\w'’-]{3,40}", text[:_READ_FOR_AUTHORS])}
    return [paper.id for paper in papers if not said.isdisjoint(_surnames(paper))]


def _surnames(paper: Paper) -> tuple[str, ...]:
    return tuple(filter(None, map(surname_of, paper.authors)))


def _fits(authors: _Authors, names: tuple[str, ...], cited: _Cited) -> bool:
    if cited.is_one_word:
        return True  # "Zhang 2019" may leave out the others
    if not set(names) <= set(authors.surnames):
        return False
    known = len(authors.surnames)
    return known > len(names) if cited.et_al else known == len(names)


def surname_of(author: str) -> str:
    """Return an author's last name as citations are compared; empty where there is none."""
    words = author.split()
    while len(words) > 1 and _SUFFIX.fullmatch(words[-1]):
        words.pop()
    last = words[-1] if words else ""
    return last.lower() if last.isascii() and last.isalpha() else Words.of(last).letters


def _years(paper: Paper) -> frozenset[int]:
    told = {month_of(paper) // 12, paper.published.year if paper.published else 0, paper.year or 0}
    return frozenset(told - {0})


def _cited(before: str) -> _Cited | None:
    """Return whom the words directly before a year name; None if these are no names."""
    tokens = _TOKEN.findall(before)
    in_brackets = bool(tokens) and tokens[-1] in ("(", "[", ",")
    while tokens and tokens[-1] in ("(", "[", ","):
        tokens.pop()
    et_al = _without_others(tokens)
    surnames: list[str] = []
    while tokens and (name := _name(tokens[-1])):
        surnames.insert(0, name)
        tokens.pop()
        _drop_given_names(tokens)
        if not _drop_separator(tokens):
            break
    if not surnames or (len(surnames) == 1 and surnames[0] in _NO_NAMES):
        return None
    placed = not in_brackets and bool(tokens) and tokens[-1].lower() in _BEFORE_PLACES
    return _Cited(tuple(surnames), et_al, placed)


def _without_others(tokens: list[str]) -> bool:
    """Take "et al." or "and colleagues" off the end, and a few words between it and the year."""
    lower = [token.lower().rstrip(".") for token in tokens]
    for back in range(1, 8):
        if len(lower) <= back:
            return False
        word, before = lower[-back], lower[-back - 1]
        if (word == "al" and before == "et") or (word in _OTHERS and before in ("and", "&")):
            if back > 1 and lower[-1] not in _AWAY:
                return False
            del tokens[-back - 1 :]
            if tokens and tokens[-1] == ",":
                tokens.pop()
            return True
    return False


def _name(token: str) -> str:
    """Return a capitalized word as last names are compared; empty for any other token."""
    token = re.sub(r"['’]s?$", "", token)
    if len(token) < 2 or not token[0].isupper() or token.endswith("."):
        return ""
    return Words.of(token).letters


def _drop_given_names(tokens: list[str]) -> None:
    for _ in range(3):
        is_name = tokens and tokens[-1][0].isupper()
        if not is_name or (tokens[-1].endswith(".") and len(tokens[-1].replace(".", "")) > 2):
            return
        tokens.pop()


def _drop_separator(tokens: list[str]) -> bool:
    dropped = False
    for words in (("and", "&"), (",",)):
        if tokens and tokens[-1] in words:
            tokens.pop()
            dropped = True
    return dropped

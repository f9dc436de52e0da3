"""Find the papers of a library that a text names, by which rule, and where."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.arxiv.ids import find_arxiv_ids
from ingest.links.citations import Citations
from ingest.links.excerpts import all_runs, quotes
from ingest.links.ids import dois_in, ids_in
from ingest.links.mentions import Mention, Phrases, Words, outermost
from ingest.links.name_tables import NameTables
from ingest.links.names import name_phrases
from ingest.links.rules import CONFIDENCE, LIKE_TITLE, Rule
from ingest.links.titles import (
    LEAST_SHARED,
    is_like,
    long_words,
    may_be_like,
    start_of,
    title_phrases,
)


@dataclass(frozen=True, slots=True)
class Named:
    """A paper that a text names; `at` is how far into the text, from 0 to 1."""

    paper: str
    rule: Rule
    confidence: float
    at: float


class Naming:
    """How the papers of one library are named; it reads each text without a loop over them."""

    def __init__(self, tables: NameTables) -> None:
        self.tables = tables
        self._citations = Citations(tables.by_first_author)

    def named_in(self, text: str, links: Iterable[str] = ()) -> tuple[Named, ...]:
        """Return the papers that a text and the addresses it links to name, the surest first.

        Those that are equally sure come in the text's order.
        """
        found: dict[str, Named] = {}
        for named in self._found(_plain(text), _plain("\n".join(links))):
            known = found.get(named.paper)
            if known is None or (-named.confidence, named.at) < (-known.confidence, known.at):
                found[named.paper] = named
        return tuple(sorted(found.values(), key=lambda named: (-named.confidence, named.at)))

    def _found(self, text: str, links: str) -> Iterator[Named]:
        yield from self._by_number(text, links)
        words = Words.of(text)
        letters = max(1, len(words.letters))
        for mention in self._mentions(words):
            yield _named(mention.phrase.paper, mention.phrase.rule, mention.start / letters)
        for paper in self._like_titles(words):
            yield Named(paper, "title", LIKE_TITLE, 0.5)
        for paper, abstract in self.tables.quoted(all_runs(words)):
            if quotes(words, abstract):
                yield _named(paper, "quote", 0.5)
        for paper, start in self._citations.find(text):
            yield _named(paper, "authors", start / len(text))

    def _mentions(self, words: Words) -> Iterator[Mention]:
        spans = words.spans
        titles = self.tables.titled(map(start_of, spans))
        singular = {letters[:-1] for letters in spans if letters.endswith("s")}
        names = self.tables.called(spans | singular)
        return outermost(Phrases([*title_phrases(titles), *name_phrases(names)]).find(words))

    def _like_titles(self, words: Words) -> Iterator[str]:
        for paper, title, shared in self.tables.sharing(long_words(words), LEAST_SHARED):
            if may_be_like(title, shared) and is_like(title, words):
                yield paper

    def _by_number(self, text: str, links: str) -> Iterator[Named]:
        whole = f"{text}\n{links}"
        for paper in self.tables.get(dict.fromkeys((*find_arxiv_ids(whole), *ids_in(whole)))):
            yield _named(paper.id, "id", max(0, whole.find(paper.id)) / len(whole))
        of_dois = ((self.tables.of_doi(forms), start) for forms, start in dois_in(whole))
        for doi_of, start in of_dois:
            if doi_of:
                yield _named(doi_of, "doi", start / len(whole))


def _named(paper: str, rule: Rule, at: float) -> Named:
    return Named(paper, rule, CONFIDENCE[rule], at)


def _plain(text: str) -> str:
    """Return a text, as long as it was, that a database takes: without halves of characters."""
    return text.encode("utf-8", "replace").decode()

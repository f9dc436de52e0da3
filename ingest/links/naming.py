"""Find the papers of a library that a text names, by which rule, and where."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ingest.arxiv.ids import find_arxiv_ids
from ingest.links.citations import Citations
from ingest.links.excerpts import Excerpts
from ingest.links.ids import Dois, ids_in
from ingest.links.mentions import Phrases, Words, outermost
from ingest.links.names import FirstUses, coined_in, name_phrases
from ingest.links.rules import CONFIDENCE, LIKE_TITLE, Rule
from ingest.links.titles import LikeTitles, title_phrases
from ingest.paper import Paper


@dataclass(frozen=True, slots=True)
class Named:
    """A paper that a text names; `at` is how far into the text, from 0 to 1."""

    paper: str
    rule: Rule
    confidence: float
    at: float


class Naming:
    """How the papers of one library are named; made once, it reads texts without a loop over it."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        known: list[Paper] = []
        coined: dict[str, tuple[str, ...]] = {}
        uses = FirstUses()

        def abstracts() -> Iterator[tuple[str, Words]]:
            # An abstract is let go at once: of a large library they are most of the memory.
            for paper in papers:
                abstract = Words.of(paper.abstract or "")
                uses.add(paper, abstract)
                if names := coined_in(paper):
                    coined[paper.id] = names
                known.append(replace(paper, abstract=None, comments=None))
                yield paper.id, abstract

        self._excerpts = Excerpts(abstracts())
        self.titles = {paper.id: paper.title or "" for paper in known}
        self._dois = Dois(known)
        self._citations = Citations(known)
        self._phrases = Phrases([*title_phrases(self.titles), *name_phrases(known, coined, uses)])
        self._like_titles = LikeTitles(self.titles)

    def __contains__(self, paper_id: str) -> bool:
        return paper_id in self.titles

    def by_authors_in(self, text: str, papers: Iterable[str]) -> list[str]:
        """Return those of some papers of which a text names an author."""
        return self._citations.by_authors_in(text, papers)

    def named_in(self, text: str, links: Iterable[str] = ()) -> tuple[Named, ...]:
        """Return the papers that a text and the addresses it links to name, the surest first.

        Those that are equally sure come in the text's order.
        """
        found: dict[str, Named] = {}
        for named in self._found(text, "\n".join(links)):
            known = found.get(named.paper)
            if known is None or (-named.confidence, named.at) < (-known.confidence, known.at):
                found[named.paper] = named
        return tuple(sorted(found.values(), key=lambda named: (-named.confidence, named.at)))

    def _found(self, text: str, links: str) -> Iterator[Named]:
        yield from self._by_number(text, links)
        words = Words.of(text)
        letters = max(1, len(words.letters))
        for mention in outermost(self._phrases.find(words)):
            yield _named(mention.phrase.paper, mention.phrase.rule, mention.start / letters)
        for paper in self._like_titles.find(words):
            yield Named(paper, "title", LIKE_TITLE, 0.5)
        for paper in self._excerpts.find(words):
            yield _named(paper, "quote", 0.5)
        for paper, start in self._citations.find(text):
            yield _named(paper, "authors", start / len(text))

    def _by_number(self, text: str, links: str) -> Iterator[Named]:
        whole = f"{text}\n{links}"
        for paper in dict.fromkeys((*find_arxiv_ids(whole), *ids_in(whole))):
            if paper in self:
                yield _named(paper, "id", max(0, whole.find(paper)) / len(whole))
        for paper, start in self._dois.find(whole).items():
            yield _named(paper, "doi", start / len(whole))


def _named(paper: str, rule: Rule, at: float) -> Named:
    return Named(paper, rule, CONFIDENCE[rule], at)

"""The library as the service uses it: documents, model and papers, put together once."""

import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from cachetools import LRUCache
from rapidfuzz import fuzz, process

from index import Embedder, Store, Vectors, content_words, fold
from ingest import Catalogue, Linker, Paper, Post
from service import wording
from service.stems import word_stems

_PATIENCE_S = 0.2
_REMEMBERED = 8192
_MOST_DESCRIBED = 3
_NUMBERS = frozenset(("two", "three", "four", "both"))
_SPELLING = 87
_WORD = re.compile(r"\w+(?:[-.'’/]\w+)*")
_ENDING = re.compile(r"['’]s$|(?<=\d)v\d+$")  # a possessive, an id's version


@dataclass(frozen=True, slots=True)
class Names:
    """The papers of one moment of the library, found by how people name them."""

    linker: Linker
    papers: dict[str, Paper]
    titles: dict[str, set[str]]
    spellings: tuple[str, ...]
    first_authors: dict[str, list[str]]
    called: dict[str, str]

    @classmethod
    def of(cls, papers: Iterable[Paper]) -> "Names":
        """Return how these papers are named."""
        known = {paper.id: paper for paper in papers}
        titles: dict[str, set[str]] = {}
        words: set[str] = set()
        first_authors: dict[str, list[str]] = {}
        for paper in known.values():
            for author in paper.authors[:1]:
                first_authors.setdefault(fold(author).split(" ")[-1], []).append(paper.id)
            title = fold(paper.title or "")
            words.update(word for word in title.split() if len(word) >= 5)
            for stem in word_stems(title):
                titles.setdefault(stem, set()).add(paper.id)
        called = {name.casefold(): p.id for p in known.values() for name in p.names}
        linker = Linker(known.values())
        return cls(linker, known, titles, tuple(sorted(words)), first_authors, called)

    def named_in(self, text: str) -> tuple[Paper, ...]:
        """Return the papers that a text names by id, title or short name, surest first."""
        links = self.linker.link([Post("question", "", text, None, 0)])["question"]
        named = [link.paper for link in links]
        described = [
            arxiv_id
            for groups in wording.DESCRIBED.findall(text)
            for words in groups
            for arxiv_id in self._by_title(words)
        ]
        by_author = [
            i for pair in wording.BY_SURNAME.findall(text) for i in self._by_surnames(*pair)
        ]
        ids = dict.fromkeys([*named, *self._by_called(text), *described, *by_author])
        return tuple(self.papers[arxiv_id] for arxiv_id in ids)

    def _by_called(self, text: str) -> list[str]:
        """Return the papers whose id or short name is a word of the text, in any case.

        Posts are read more strictly, but who asks for "uda" or for "math/0309136" means it.
        """
        words = (_ENDING.sub("", word) for word in _WORD.findall(text.casefold()))
        known = (
            next((i for i in (word, f"doi:{word}") if i in self.papers), self.called.get(word))
            for word in words
        )
        return [paper_id for paper_id in known if paper_id]

    def _by_surnames(self, first: str, second: str) -> list[str]:
        """Return the papers whose first author, and an author more, have these last names."""
        wanted = {fold(first), *([fold(second)] if second else [])}
        found = [
            arxiv_id
            for arxiv_id in self.first_authors.get(fold(first), ())
            if wanted <= surnames(self.papers[arxiv_id])
        ]
        return found if len(found) <= _MOST_DESCRIBED else []

    def spelt(self, word: str) -> str:
        """Return the word of a title that a misspelt word is nearly, or the word itself."""
        near = process.extractOne(word, self.spellings, scorer=fuzz.ratio, score_cutoff=_SPELLING)
        return near[0] if near else word

    def _by_title(self, description: str) -> list[str]:
        """Return the papers whose titles hold all words of a description, unless these are many."""
        words = [
            w for w in content_words(fold(description)) if w not in _NUMBERS and not w.isdigit()
        ]
        for at in range(len(words)):
            holders = [self._with_stem(stem) for stem in word_stems(" ".join(words[at:]))]
            found = set.intersection(*holders) if holders else set()
            if at == len(words) - 1:  # "transformer" has the stem of "transforms"
                found = {i for i in found if words[at].rstrip("s") in self._title_words(i)}
            if found:
                return sorted(found) if len(found) <= _MOST_DESCRIBED else []
        return []

    def _title_words(self, arxiv_id: str) -> set[str]:
        title = fold(self.papers[arxiv_id].title or "")
        return {word.rstrip("s") for word in _WORD.findall(title)}

    def _with_stem(self, stem: str) -> set[str]:
        """Return the papers with this stem in the title; "norm" also stands for "normalization"."""
        exact = self.titles.get(stem, set())
        if exact or len(stem) < 4:
            return exact
        return set().union(*(ids for known, ids in self.titles.items() if known.startswith(stem)))


class Library:
    """One open library with its embedding model; safe to share by threads."""

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self.store = store
        self.embedder = embedder
        self.catalogue = Catalogue(store)
        self._names: Names | None = None
        self._state: tuple[int, int] | None = None
        self._making = threading.Lock()
        self._sentences: LRUCache[str, Vectors] = LRUCache(_REMEMBERED)
        self._remembering = threading.Lock()

    def names(self) -> Names:
        """Return how papers are named.

        Made at the first call, and again in the background when papers have changed: a small
        library's are there at once, of a large one the earlier names serve for some seconds more.
        """
        if self._names is None:
            self._make_names()
        elif self._state != self.catalogue.state() and not self._making.locked():
            thread = threading.Thread(target=self._make_names, daemon=True)
            thread.start()
            thread.join(_PATIENCE_S)
        assert self._names is not None  # noqa: S101 - made above
        return self._names

    def spelt(self, text: str) -> str:
        """Return a question with words that stand nowhere here spelt as titles spell them."""

        def spelt_word(match: re.Match[str]) -> str:
            word = match[0]
            return word if self.store.count_matching(word, 1) else self.names().spelt(word)

        return re.sub(r"\b[a-z]{5,}\b", spelt_word, text)

    def sentence_vectors(self, sentences: Sequence[str]) -> Vectors:
        """Return a row of unit length for each sentence; recent ones are not embedded again."""
        with self._remembering:
            known = {s: self._sentences[s] for s in sentences if s in self._sentences}
        missing = [s for s in dict.fromkeys(sentences) if s not in known]
        if missing:
            known |= dict(zip(missing, self.embedder.encode(missing), strict=True))
        with self._remembering:
            self._sentences.update(known)
        return np.array([known[sentence] for sentence in sentences], np.float32)

    def _make_names(self) -> None:
        with self._making:
            state = self.catalogue.state()
            if state != self._state:
                self._names, self._state = Names.of(self.catalogue.papers.all()), state


def short_name(paper: Paper) -> str:
    """Return the name by which people call a paper: its short name, else its title."""
    unnamed = f"arXiv:{paper.id}" if paper.is_on_arxiv else paper.id
    return next(iter(paper.names), paper.title or unnamed)


def called(paper: Paper) -> str:
    """Return what a lead calls a paper: its short name, and what a reader has to know of it."""
    name = short_name(paper)
    if paper.withdrawn:
        return f"{name}, which has been withdrawn,"
    return name if paper.is_on_arxiv else f"{name} (not on arXiv: its abstract is not here)"


def surnames(paper: Paper) -> set[str]:
    """Return the folded last words of the authors' names."""
    return {fold(author).split()[-1] for author in paper.authors if fold(author)}

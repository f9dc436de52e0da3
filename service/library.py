"""The library as the service uses it: documents, model and papers, put together once."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from cachetools import LRUCache

from index import Embedder, Store, Vectors, fold
from ingest import Catalogue, Linker, Paper, Post

_PATIENCE_S = 0.2
_REMEMBERED = 8192


@dataclass(frozen=True, slots=True)
class Names:
    """The papers of one moment of the library, found by how people name them."""

    linker: Linker
    papers: dict[str, Paper]

    def named_in(self, text: str) -> tuple[Paper, ...]:
        """Return the papers that a text names by id, title or short name, surest first."""
        links = self.linker.link([Post("question", "", text, None, 0)])["question"]
        return tuple(self.papers[link.arxiv_id] for link in links)


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
                papers = {paper.arxiv_id: paper for paper in self.catalogue.all_papers()}
                self._names, self._state = Names(Linker(papers.values()), papers), state


def short_name(paper: Paper) -> str:
    """Return the name by which people call a paper: its short name, else its title."""
    return next(iter(paper.names), paper.title or f"arXiv:{paper.arxiv_id}")


def surnames(paper: Paper) -> set[str]:
    """Return the folded last words of the authors' names."""
    return {fold(author).split()[-1] for author in paper.authors if fold(author)}

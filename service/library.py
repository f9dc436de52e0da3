"""The library as the service uses it: documents, model and papers, put together once."""

import re
import threading
from collections.abc import Sequence

import numpy as np
from cachetools import LRUCache

from index import Embedder, Reranker, Store, Vectors
from ingest import Catalogue, Paper
from service.names import Names

_REMEMBERED = 8192


class Library:
    """One open library with its embedding model; safe to share by threads."""

    def __init__(self, store: Store, embedder: Embedder, reranker: Reranker | None = None) -> None:
        self.store = store
        self.embedder = embedder
        self.reranker = reranker
        self.catalogue = Catalogue(store)
        self._names = Names(self.catalogue)
        self._sentences: LRUCache[str, Vectors] = LRUCache(_REMEMBERED)
        self._remembering = threading.Lock()

    def names(self) -> Names:
        """Return how papers are named: what others change is seen by the next question."""
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

"""LangChain: FAISS beside BM25Retriever in an EnsembleRetriever, as its hybrid search is shown."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langchain_classic.retrievers import EnsembleRetriever  # type: ignore[import-not-found]
from langchain_community.retrievers import BM25Retriever  # type: ignore[import-not-found]
from langchain_community.vectorstores import FAISS  # type: ignore[import-not-found]
from langchain_core.embeddings import Embeddings  # type: ignore[import-not-found]

from benchmarks.peers.given import Passage, Vectors

DISTRIBUTIONS = ("langchain-classic", "langchain-community", "faiss-cpu", "rank-bm25", "numpy")


def make(folder: Path, setting: str) -> "LangChain":
    """Return the peer with or without words."""
    return LangChain(folder, setting == "hybrid")


class Given(Embeddings):  # type: ignore[misc]
    """Vectors that are at hand instead of a model."""

    def __init__(self) -> None:
        self.question: list[float] = []

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of the question that is being asked."""
        return self.question

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Refuse: every document comes with its vector."""
        raise NotImplementedError


class LangChain:
    """A FAISS store and, for the hybrid setting, a BM25 retriever over its documents."""

    def __init__(self, folder: Path, hybrid: bool) -> None:
        self._folder = str(folder)
        self._hybrid = hybrid
        self._given = Given()
        self._store: Any = None
        self._words: Any = None

    def build(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Index given vectors and save."""
        self._store = FAISS.from_embeddings(
            _pairs(passages, vectors), self._given, ids=[p.id for p in passages]
        )
        self._saved()

    def open(self) -> None:
        """Load the store; words are indexed anew, for the retriever cannot be saved."""
        self._store = FAISS.load_local(
            self._folder, self._given, allow_dangerous_deserialization=True
        )
        self._index_words()

    def add(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Add given vectors and save."""
        self._store.add_embeddings(_pairs(passages, vectors), ids=[p.id for p in passages])
        self._saved()

    def remove(self, ids: Sequence[str]) -> None:
        """Delete by id and save."""
        self._store.delete(list(ids))
        self._saved()

    def search(self, question: str, vector: Vectors, k: int) -> list[str]:
        """Ask the store's retriever, or both."""
        self._given.question = vector.tolist()
        retriever = self._store.as_retriever(search_kwargs={"k": k})
        if self._hybrid:
            self._words.k = k
            retriever = EnsembleRetriever(retrievers=[self._words, retriever], weights=[0.5, 0.5])
        return [document.id for document in retriever.invoke(question)[:k]]

    def _saved(self) -> None:
        self._store.save_local(self._folder)
        self._index_words()

    def _index_words(self) -> None:
        """Index the words of every document: the retriever takes none in and lets none go."""
        if self._hybrid:
            ids = list(self._store.index_to_docstore_id.values())
            self._words = BM25Retriever.from_documents(self._store.get_by_ids(ids))


def _pairs(passages: Sequence[Passage], vectors: Vectors) -> list[tuple[str, list[float]]]:
    return [(p.text, row) for p, row in zip(passages, vectors.tolist(), strict=True)]

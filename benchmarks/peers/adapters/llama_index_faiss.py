"""LlamaIndex: VectorStoreIndex over FAISS and BM25Retriever in a QueryFusionRetriever."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
from llama_index.core import (  # type: ignore[import-not-found]
    MockEmbedding,
    StorageContext,
    VectorStoreIndex,
    load_index_from_storage,
)
from llama_index.core.llms import MockLLM  # type: ignore[import-not-found]
from llama_index.core.retrievers import QueryFusionRetriever  # type: ignore[import-not-found]
from llama_index.core.schema import QueryBundle, TextNode  # type: ignore[import-not-found]
from llama_index.retrievers.bm25 import BM25Retriever  # type: ignore[import-not-found]
from llama_index.vector_stores.faiss import FaissMapVectorStore  # type: ignore[import-not-found]

from benchmarks.peers.given import Passage, Vectors

DISTRIBUTIONS = (
    "llama-index-core",
    "llama-index-vector-stores-faiss",
    "llama-index-retrievers-bm25",
    "faiss-cpu",
    "bm25s",
    "numpy",
)
_DIMENSION = 384


def make(folder: Path, setting: str) -> "LlamaIndex":
    """Return the peer with or without words."""
    return LlamaIndex(folder, setting == "hybrid")


class LlamaIndex:
    """An index of nodes whose vectors are given, and a BM25 retriever over the same nodes."""

    def __init__(self, folder: Path, hybrid: bool) -> None:
        self._folder = str(folder)
        self._words_folder = str(folder / "bm25")
        self._hybrid = hybrid
        self._no_model = MockEmbedding(_DIMENSION)
        self._index: Any = None
        self._words: Any = None

    def build(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Index nodes that carry their vectors, and persist."""
        flat = faiss.IndexIDMap2(faiss.IndexFlatIP(_DIMENSION))
        context = StorageContext.from_defaults(vector_store=FaissMapVectorStore(flat))
        self._index = VectorStoreIndex(
            _nodes(passages, vectors), storage_context=context, embed_model=self._no_model
        )
        self._saved()

    def open(self) -> None:
        """Load what was persisted."""
        context = StorageContext.from_defaults(
            vector_store=FaissMapVectorStore.from_persist_dir(self._folder),
            persist_dir=self._folder,
        )
        self._index = load_index_from_storage(context, embed_model=self._no_model)
        if self._hybrid:
            self._words = BM25Retriever.from_persist_dir(self._words_folder)

    def add(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Insert nodes and persist."""
        self._index.insert_nodes(_nodes(passages, vectors))
        self._saved()

    def remove(self, ids: Sequence[str]) -> None:
        """Delete nodes, from the store of texts as well, and persist."""
        self._index.delete_nodes(list(ids), delete_from_docstore=True)
        self._saved()

    def search(self, question: str, vector: Vectors, k: int) -> list[str]:
        """Ask the index's retriever, or both fused by reciprocal ranks, no query generated."""
        retriever = self._index.as_retriever(similarity_top_k=k)
        if self._hybrid:
            self._words.similarity_top_k = k
            retriever = QueryFusionRetriever(
                [retriever, self._words],
                llm=MockLLM(),
                mode="reciprocal_rerank",
                similarity_top_k=k,
                num_queries=1,
                use_async=False,
            )
        bundle = QueryBundle(question, embedding=vector.tolist())
        return [found.node.node_id for found in retriever.retrieve(bundle)]

    def _saved(self) -> None:
        """Persist; the words are indexed anew, for the retriever takes none in and lets none go."""
        self._index.storage_context.persist(self._folder)
        if self._hybrid:
            self._words = BM25Retriever.from_defaults(docstore=self._index.docstore)
            self._words.persist(self._words_folder)


def _nodes(passages: Sequence[Passage], vectors: Vectors) -> list[Any]:
    rows = zip(passages, vectors.tolist(), strict=True)
    return [TextNode(id_=p.id, text=p.text, embedding=row) for p, row in rows]

"""The libraries compared: how each is made, in which settings it is measured, and what it lacks."""

from dataclasses import dataclass

_ADAPTERS = "benchmarks.peers.adapters"


@dataclass(frozen=True, slots=True)
class Library:
    """One library; `requirements` names its pinned file, None where our own environment does."""

    name: str
    adapter: str
    settings: tuple[str, ...]
    requirements: str | None
    note: str = ""


LIBRARIES = (
    Library("Journal Club", f"{_ADAPTERS}.journal_club", ("hybrid", "dense"), None),
    Library(
        "LangChain",
        f"{_ADAPTERS}.langchain_faiss",
        ("hybrid", "dense"),
        "langchain",
        "BM25Retriever takes no additions and no removals and is not saved: it is made anew each "
        "time, also at opening. FAISS is written whole at each change.",
    ),
    Library(
        "LlamaIndex",
        f"{_ADAPTERS}.llama_index_faiss",
        ("hybrid", "dense"),
        "llamaindex",
        "BM25Retriever takes no additions and no removals: it is made anew at each change. "
        "All is written whole at each change.",
    ),
    Library(
        "txtai",
        f"{_ADAPTERS}.txtai_hybrid",
        ("hybrid", "dense"),
        "txtai",
        "Beyond 5,000 passages its vectors are searched approximately (its default).",
    ),
    Library(
        "Haystack",
        f"{_ADAPTERS}.haystack_in_memory",
        ("hybrid",),
        "haystack",
        "The store is in memory and is written whole, as JSON, at each change. Vectors alone, its "
        "search is as exact as LangChain's; left out of the run because it is slow.",
    ),
    Library(
        "Chroma",
        f"{_ADAPTERS}.chroma_persistent",
        ("dense",),
        "chroma",
        "It ranks by vectors alone where it runs locally; they are searched approximately (HNSW).",
    ),
)

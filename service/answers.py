"""The records of a question and its answer, as the HTTP contract names them."""

from dataclasses import dataclass, field
from typing import Literal

from index import Filters, Kind

Voice = Literal["paper", "discussion", "curator"]


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question and, where the client kept it, its answer."""

    question: str
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks: the words, the earlier turns (oldest first), limits and depth."""

    question: str
    history: tuple[Turn, ...] = ()
    filters: Filters = field(default_factory=Filters)
    top_k: int = 8


@dataclass(frozen=True, slots=True)
class Source:
    """A span of a stored document, with what a reader needs to find it again.

    `quote` equals `document.text[start:end]` of that revision, counted in Unicode code points.
    `about` are arXiv ids, `works` the ids of works that are not on arXiv; `withdrawn` says that the
    paper whose abstract or record this is was withdrawn.
    """

    document: str
    kind: Kind
    title: str
    authors: tuple[str, ...]
    date: str | None
    url: str | None
    arxiv_id: str | None
    version: int | None
    topic_id: int | None
    post_number: int | None
    about: tuple[str, ...]
    works: tuple[str, ...]
    withdrawn: bool
    revision: int
    quote: str
    start: int
    end: int
    score: float

    @property
    def notice(self) -> str | None:
        """Return what a reader has to know of the paper beside its words."""
        if self.withdrawn:
            return "withdrawn"
        return "not on arXiv; no abstract" if self.kind == "record" and self.works else None


@dataclass(frozen=True, slots=True)
class Citation(Source):
    """A source under the number by which sentences point at it, counted from 1."""

    number: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One quoted sentence of an answer; `start` and `end` are offsets into `Answer.answer`.

    `lead` is our own few words before the quote; it claims nothing. None goes on under the last.
    """

    lead: str | None
    text: str
    start: int
    end: int
    citations: tuple[int, ...]
    voice: Voice


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds spent in each stage of one answer."""

    embed: float
    search: float
    answer: float
    gate: float
    total: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that has passed the gate, or an honest "not in this library".

    When `abstained` is true `citations` and `sentences` are empty, `abstain_reason` says why and
    `sources` holds the nearest passages.
    """

    id: str
    conversation_id: str | None
    question: str
    standalone_question: str
    answer: str
    abstained: bool
    abstain_reason: str | None
    confidence: float
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    sources: tuple[Source, ...]
    suggestions: tuple[str, ...]
    mode: Literal["extractive"]
    model: str | None
    embedding_model: str
    generation: int
    timings_ms: Timings

"""The records that cross the border of this package: documents, passages, hits and filters."""

import datetime
from dataclasses import dataclass
from typing import Literal

Kind = Literal["abstract", "record", "comment", "note"]
KINDS: tuple[Kind, ...] = ("abstract", "record", "comment", "note")


@dataclass(frozen=True, slots=True)
class Document:
    """One text with a key, a kind and a source; the rest is there to filter by or to show.

    `context` is what goes before the text when it is embedded (title and author), never part of
    it. `words` are further words under which the document is found, such as the titles of the
    papers a comment speaks of; they are neither embedded nor quoted. A document with
    `embedded=False` is found by words and by filters alone. `revision` is assigned by the store:
    1 at first, one more whenever the text changes.
    """

    key: str
    kind: Kind
    title: str
    text: str
    url: str | None = None
    authors: tuple[str, ...] = ()
    date: datetime.date | None = None
    categories: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    topic_id: int | None = None
    post_number: int | None = None
    version: int | None = None
    likes: int | None = None
    context: str = ""
    words: str = ""
    embedded: bool = True
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Passage:
    """A span `[start, end)` of a document's text, in Unicode code points, that is indexed."""

    id: int
    document: Document
    start: int
    end: int

    @property
    def text(self) -> str:
        """Return the words of the span, exactly as they stand in the document."""
        return self.document.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its scores for a question.

    `score` is the fused score in 0..1 by which hits are ordered, `cosine` the likeness of the
    vectors in -1..1 (0 for a passage without a vector), `words` the BM25 score (0 or more).
    """

    passage: Passage
    score: float
    cosine: float
    words: float


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is limited to; an empty field limits nothing.

    Fields are joined by "and", the values of one field by "or". `arxiv_ids` also matches comments
    and notes about a paper. `authors` matches whole words of a name whatever their case and
    accents ("bottou" finds "Léon Bottou"). Undated documents fail both date filters.
    """

    kinds: tuple[Kind, ...] = ()
    arxiv_ids: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    topic_ids: tuple[int, ...] = ()
    date_from: datetime.date | None = None
    date_to: datetime.date | None = None

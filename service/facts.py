"""What a library holds, as plain records to show: documents, papers, and how it stands."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any, Literal

from index import (
    KINDS,
    Document,
    Filters,
    Hit,
    Kind,
    LibraryBusy,
    LibraryError,
    writer_lock,
)
from ingest import Paper
from ingest.arxiv.ids import abstract_url
from service.answers import Source
from service.composition import Opening
from service.library import Library


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document as a citation points into it; `about` are the arXiv ids of its papers."""

    key: str
    kind: Kind
    title: str
    text: str
    url: str | None
    revision: int
    authors: tuple[str, ...]
    date: str | None
    arxiv_id: str | None
    about: tuple[str, ...]
    topic_id: int | None
    post_number: int | None
    version: int | None
    likes: int | None


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """What is known of a paper; `pending` says why its abstract is still missing."""

    arxiv_id: str
    title: str | None
    authors: tuple[str, ...]
    published: str | None
    updated: str | None
    version: int | None
    categories: tuple[str, ...]
    names: tuple[str, ...]
    pending: str | None
    url: str


@dataclass(frozen=True, slots=True)
class ListedPaper(PaperFacts):
    """A paper in a list, with the number of comments about it."""

    comments: int


@dataclass(frozen=True, slots=True)
class CommentFacts(DocumentFacts):
    """A comment about a paper, with the rule that found it and how sure that is, in 0..1."""

    rule: str | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class PaperPage(PaperFacts):
    """A paper with all that the library holds on it; comments come in their threads' order."""

    doi: str | None
    abstract: str | None
    note: str | None
    comments: tuple[CommentFacts, ...]


@dataclass(frozen=True, slots=True)
class PaperList:
    """A part of the papers, by id, and how many there are in all."""

    total: int
    papers: tuple[ListedPaper, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether questions can be answered, what is there, and what is still to come.

    `pending` counts the abstracts that are missing; `pending_note` says why, in one line.
    """

    status: Literal["ready", "starting", "unavailable"]
    detail: str
    model: bool
    library: bool
    documents: int = 0
    papers: int = 0
    comments: int = 0
    pending: int = 0
    pending_note: str | None = None
    ingesting: bool = False


def document_facts(document: Document) -> DocumentFacts:
    """Return a document as it is shown."""
    return DocumentFacts(**_document(document))


def source_of(hit: Hit) -> Source:
    """Return a hit as a source to show."""
    passage = hit.passage
    return span_source(passage.document, passage.start, passage.end, hit.score)


def span_source(document: Document, start: int, end: int, score: float) -> Source:
    """Return a span of a document as a source to show."""
    return Source(
        **_shared(document),
        document=document.key,
        quote=document.text[start:end],
        start=start,
        end=end,
        score=round(score, 4),
    )


def paper_list(library: Library, limit: int, offset: int) -> PaperList:
    """Return up to `limit` papers, by id, after the first `offset`."""
    papers = list(islice(library.catalogue.all_papers(), offset, offset + limit))
    counts = Counter(
        arxiv_id
        for comment in _comments([paper.id for paper in papers], library)
        for arxiv_id in comment.papers
    )
    pending = library.catalogue.pending()
    listed = (ListedPaper(**_paper(paper, pending), comments=counts[paper.id]) for paper in papers)
    return PaperList(library.catalogue.count_papers(), tuple(listed))


def paper_page(library: Library, arxiv_id: str) -> PaperPage | None:
    """Return all there is on a paper, None when the library does not know it."""
    papers = library.catalogue.papers([arxiv_id])
    if not papers:
        return None
    note = library.store.fetch(f"note:{arxiv_id}")
    return PaperPage(
        **_paper(papers[0], library.catalogue.pending()),
        doi=papers[0].doi,
        abstract=papers[0].abstract,
        note=note.text if note else None,
        comments=tuple(
            _comment(arxiv_id, comment, library) for comment in _comments([arxiv_id], library)
        ),
    )


def standing(opening: Opening) -> Standing:
    """Say how the library stands, whether it can answer or not."""
    state = opening.readiness()
    status: Literal["starting", "unavailable"] = "starting" if state.loading else "unavailable"
    told = Standing("ready" if state.ready else status, state.detail, state.model, state.library)
    if not state.library:
        return told
    library = opening.open_library()
    counts, pending = library.store.counts(), library.catalogue.pending()
    return replace(
        told,
        documents=sum(counts.get(kind, 0) for kind in KINDS),
        papers=library.catalogue.count_papers(),
        comments=counts.get("comment", 0),
        pending=len(pending),
        pending_note=next((reason for reason, _ in Counter(pending.values()).most_common(1)), None),
        ingesting=_is_ingesting(library),
    )


def _shared(document: Document) -> dict[str, Any]:
    """Return the fields that documents and sources are both shown with."""
    same = ("kind", "title", "url", "revision", "authors", "topic_id", "post_number", "version")
    own = document.papers[:1] if document.kind != "comment" else ()
    return {name: getattr(document, name) for name in same} | {
        "date": _day(document.date),
        "arxiv_id": next(iter(own), None),
        "about": document.papers,
    }


def _document(document: Document) -> dict[str, Any]:
    facts = {"key": document.key, "text": document.text, "likes": document.likes}
    return _shared(document) | facts


def _paper(paper: Paper, pending: Mapping[str, str]) -> dict[str, Any]:
    same = ("arxiv_id", "title", "authors", "version", "categories", "names")
    return {name: getattr(paper, name) for name in same} | {
        "published": _day(paper.published),
        "updated": _day(paper.updated),
        "pending": pending.get(paper.id),
        "url": abstract_url(paper.id),
    }


def _comments(arxiv_ids: Sequence[str], library: Library) -> list[Document]:
    """Return the comments about any of the papers, in the order they were stored."""
    if not arxiv_ids:
        return []
    about = Filters(kinds=("comment",), arxiv_ids=tuple(arxiv_ids))
    return library.store.documents(about)


def _comment(arxiv_id: str, comment: Document, library: Library) -> CommentFacts:
    links = {link.paper: link for link in library.catalogue.links(comment.key)}
    link = links.get(arxiv_id)  # None for a moment while an ingest links anew
    return CommentFacts(
        **_document(comment),
        rule=link.rule if link else None,
        confidence=link.confidence if link else None,
    )


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _is_ingesting(library: Library) -> bool:
    """Tell whether a run is under way: one that was killed never ended, but holds no lock."""
    run = library.catalogue.last_run()
    if run is None or run[1] is not None:
        return False
    try:
        with writer_lock(library.store.folder):
            return False
    except LibraryBusy:
        return True
    except LibraryError:
        return False

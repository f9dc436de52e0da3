"""What a library holds, as plain records to show: documents, papers, and how it stands."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
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
    is_being_written,
)
from ingest import Catalogue, Paper
from ingest.making import paper_keys, paper_url
from service.answers import Source
from service.composition import Opening
from service.library import Library
from service.paper_ids import on_arxiv


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document as a citation points into it.

    `about` are the arXiv ids of its papers, `works` the ids of those that are not on arXiv.
    """

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
    works: tuple[str, ...]
    topic_id: int | None
    post_number: int | None
    version: int | None
    likes: int | None


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """What is known of a paper; `pending` says why its abstract is still missing.

    A work that is not on arXiv has no `arxiv_id`, no abstract and often only a `year`.
    """

    id: str
    arxiv_id: str | None
    title: str | None
    authors: tuple[str, ...]
    year: int | None
    published: str | None
    updated: str | None
    withdrawn: bool
    version: int | None
    categories: tuple[str, ...]
    names: tuple[str, ...]
    pending: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class ListedPaper(PaperFacts):
    """A paper in a list, with the number of comments about it."""

    comments: int


@dataclass(frozen=True, slots=True)
class CommentFacts(DocumentFacts):
    """A comment about a paper, with the rule that found it and how sure that is, in 0..1.

    `accepted` says that the topic's asker took it as the answer.
    """

    rule: str | None
    confidence: float | None
    accepted: bool


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


def sources_of(hits: Sequence[Hit], catalogue: Catalogue) -> tuple[Source, ...]:
    """Return hits as sources to show."""
    withdrawn = withdrawn_of((hit.passage.document for hit in hits), catalogue)
    return tuple(
        span_source(passage.document, passage.start, passage.end, hit.score, withdrawn)
        for hit in hits
        for passage in (hit.passage,)
    )


def withdrawn_of(documents: Iterable[Document], catalogue: Catalogue) -> set[str]:
    """Return the ids of the papers of these documents that were withdrawn."""
    ids = {paper_id for document in documents for paper_id in document.papers}
    return {paper.id for paper in catalogue.papers.get(sorted(ids)) if paper.withdrawn}


def span_source(
    document: Document, start: int, end: int, score: float, withdrawn: Collection[str]
) -> Source:
    """Return a span of a document as a source to show; `withdrawn` are ids of papers."""
    of_paper = document.kind in ("abstract", "record")
    return Source(
        **_shared(document),
        document=document.key,
        withdrawn=of_paper and any(paper_id in withdrawn for paper_id in document.papers),
        quote=document.text[start:end],
        start=start,
        end=end,
        score=round(score, 4),
    )


def paper_list(library: Library, limit: int, offset: int) -> PaperList:
    """Return up to `limit` papers, by id, after the first `offset`."""
    papers = list(islice(library.catalogue.papers.all(), offset, offset + limit))
    counts = Counter(
        paper_id
        for comment in _comments([paper.id for paper in papers], library)
        for paper_id in comment.papers
    )
    pending = library.catalogue.papers.pending()
    listed = (ListedPaper(**_paper(paper, pending), comments=counts[paper.id]) for paper in papers)
    return PaperList(library.catalogue.papers.count(), tuple(listed))


def paper_page(library: Library, paper_id: str) -> PaperPage | None:
    """Return all there is on a paper, None when the library does not know it."""
    papers = library.catalogue.papers.get([paper_id])
    if not papers:
        return None
    notes = (library.store.fetch(key) for key in paper_keys(paper_id) if key.startswith("note:"))
    comments = _comments([paper_id], library)
    accepted = library.catalogue.threads.accepted(comment.key for comment in comments)
    return PaperPage(
        **_paper(papers[0], library.catalogue.papers.pending()),
        doi=papers[0].doi,
        abstract=papers[0].abstract,
        note=next((note.text for note in notes if note), None),
        comments=tuple(_comment(paper_id, each, accepted, library) for each in comments),
    )


def standing(opening: Opening) -> Standing:
    """Say how the library stands, whether it can answer or not."""
    state = opening.readiness()
    status: Literal["starting", "unavailable"] = "starting" if state.loading else "unavailable"
    told = Standing("ready" if state.ready else status, state.detail, state.model, state.library)
    if not state.library:
        return told
    library = opening.open_library()
    counts, pending = library.store.counts(), library.catalogue.papers.pending()
    return replace(
        told,
        documents=sum(counts.get(kind, 0) for kind in KINDS),
        papers=library.catalogue.papers.count(),
        comments=counts.get("comment", 0),
        pending=len(pending),
        pending_note=next((reason for reason, _ in Counter(pending.values()).most_common(1)), None),
        ingesting=_is_ingesting(library),
    )


def _shared(document: Document) -> dict[str, Any]:
    """Return the fields that documents and sources are both shown with."""
    same = ("kind", "title", "url", "revision", "authors", "topic_id", "post_number", "version")
    about = on_arxiv(document.papers)
    own = about[:1] if document.kind != "comment" else ()
    return {name: getattr(document, name) for name in same} | {
        "date": _day(document.date),
        "arxiv_id": next(iter(own), None),
        "about": about,
        "works": tuple(i for i in document.papers if i not in about),
    }


def _document(document: Document) -> dict[str, Any]:
    facts = {"key": document.key, "text": document.text, "likes": document.likes}
    return _shared(document) | facts


def _paper(paper: Paper, pending: Mapping[str, str]) -> dict[str, Any]:
    same = ("id", "title", "authors", "year", "withdrawn", "version", "categories", "names")
    return {name: getattr(paper, name) for name in same} | {
        "arxiv_id": paper.id if paper.is_on_arxiv else None,
        "published": _day(paper.published),
        "updated": _day(paper.updated),
        "pending": pending.get(paper.id) if paper.is_on_arxiv else None,
        "url": paper_url(paper),
    }


def _comments(paper_ids: Sequence[str], library: Library) -> list[Document]:
    """Return the comments about any of the papers, in the order they were stored."""
    if not paper_ids:
        return []
    about = Filters(kinds=("comment",), arxiv_ids=tuple(paper_ids))
    return library.store.documents(about)


def _comment(
    paper_id: str, comment: Document, accepted: Collection[str], library: Library
) -> CommentFacts:
    links = {link.paper: link for link in library.catalogue.threads.links(comment.key)}
    link = links.get(paper_id)  # None for a moment while an ingest links anew
    return CommentFacts(
        **_document(comment),
        rule=link.rule if link else None,
        confidence=link.confidence if link else None,
        accepted=comment.key in accepted,
    )


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _is_ingesting(library: Library) -> bool:
    """Tell whether a run is under way: one that was killed never ended, but holds no lock."""
    run = library.catalogue.runs.last()
    return run is not None and run.finished is None and is_being_written(library.store.folder)

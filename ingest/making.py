"""Papers, posts and notes become documents: keys and texts are put together here alone."""

from collections.abc import Sequence
from datetime import date

from index import Document
from ingest.arxiv.ids import abstract_url
from ingest.paper import Paper
from ingest.post import Post


def paper_documents(paper: Paper) -> list[Document]:
    """Return a paper's record and, where it is at hand, its abstract."""
    record = _document(paper, "record", record_text(paper))
    abstract = _document(paper, "abstract", paper.abstract) if paper.abstract else None
    return [abstract, record] if abstract else [record]


def paper_keys(arxiv_id: str) -> list[str]:
    """Return the keys of the documents that are made of a paper and of the note on it."""
    return [f"arxiv:{arxiv_id}:abstract", f"arxiv:{arxiv_id}:record", f"note:{arxiv_id}"]


def record_text(paper: Paper) -> str:
    """Return a paper's metadata as lines that can be read and quoted one by one."""
    lines = {
        "Title": paper.title,
        "Authors": _listed(paper.authors),
        "Submitted": _day(paper.published),
        "Last revised": _day(paper.updated) if paper.updated != paper.published else None,
        "Categories": ", ".join(_categories(paper)),
        "Comments": paper.comments,
        "DOI": paper.doi,
        "arXiv": paper.id + (f" (version {paper.version})" if paper.version else ""),
    }
    return "\n".join(f"{name}: {value}" for name, value in lines.items() if value)


def note_document(paper: Paper, text: str) -> Document:
    """Return the curator's note on a paper."""
    return Document(
        key=f"note:{paper.id}",
        kind="note",
        title=_title(paper),
        text=text,
        url=abstract_url(paper.id),
        papers=(paper.id,),
        context=_title(paper),
        words=" ".join(paper.names),
    )


def comment_document(post: Post, about: Sequence[Paper]) -> Document:
    """Return a post as a document, about these papers; their titles become words to find it by."""
    return Document(
        key=post.key,
        kind="comment",
        title=post.thread_title,
        text=post.text,
        url=post.url,
        authors=(post.author,) if post.author else (),
        date=post.date,
        papers=tuple(paper.id for paper in about),
        topic_id=post.topic_id,
        post_number=post.post_number,
        likes=post.likes,
        context=". ".join(filter(None, (post.thread_title, post.author))),
        words=" ".join(word for paper in about for word in (_title(paper), *paper.names)),
    )


def _document(paper: Paper, kind: str, text: str) -> Document:
    return Document(
        key=f"arxiv:{paper.id}:{kind}",
        kind="abstract" if kind == "abstract" else "record",
        title=_title(paper),
        text=text,
        url=abstract_url(paper.id),
        authors=paper.authors,
        date=paper.published,
        categories=_categories(paper),
        papers=(paper.id,),
        version=paper.version,
        context=". ".join((_title(paper), *paper.authors[:1])),
        words=" ".join(paper.names),
        embedded=kind == "abstract",
    )


def _title(paper: Paper) -> str:
    return paper.title or f"arXiv:{paper.id}"


def _categories(paper: Paper) -> tuple[str, ...]:
    primary = (paper.primary_category,) if paper.primary_category else ()
    return tuple(dict.fromkeys((*primary, *paper.categories)))


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _day(day: date | None) -> str | None:
    return f"{day.day} {day:%B %Y} ({day.isoformat()})" if day else None

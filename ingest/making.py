"""Papers, posts and notes become documents: keys and texts are put together here alone."""

from collections.abc import Sequence
from datetime import date

from index import Document, Kind
from ingest.arxiv.ids import abstract_url
from ingest.paper import Paper
from ingest.paper_rows import thing_of
from ingest.post import Post

WITHDRAWN = "withdrawn by its authors"


def paper_documents(paper: Paper) -> list[Document]:
    """Return a paper's record and, where it is at hand, its abstract."""
    record = _document(paper, "record", record_text(paper))
    abstract = _document(paper, "abstract", paper.abstract) if paper.abstract else None
    return [abstract, record] if abstract else [record]


def paper_keys(paper_id: str) -> list[str]:
    """Return the keys of the documents that are made of a paper and of the note on it."""
    thing = thing_of(paper_id)
    return [f"{thing}:abstract", f"{thing}:record", f"note:{paper_id}"]


def record_text(paper: Paper) -> str:
    """Return a paper's metadata as lines that can be read and quoted one by one."""
    lines = {
        "Title": paper.title,
        "Authors": _listed(paper.authors),
        "Submitted": _day(paper.published),
        "Last revised": _day(paper.updated) if paper.updated != paper.published else None,
        "Year": str(paper.year) if paper.year and not paper.published else None,
        "Categories": ", ".join(_categories(paper)),
        "Status": WITHDRAWN if paper.withdrawn else None,
        "Comments": paper.comments,
        "DOI": paper.doi,
        "arXiv": _arxiv_line(paper),
    }
    return "\n".join(f"{name}: {value}" for name, value in lines.items() if value)


def paper_url(paper: Paper) -> str | None:
    """Return where a paper is to be read: arXiv's page, else its own address or its DOI's."""
    if paper.is_on_arxiv:
        return abstract_url(paper.id)
    return paper.url or (f"https://doi.org/{paper.doi}" if paper.doi else None)


def note_document(paper: Paper, text: str) -> Document:
    """Return the curator's note on a paper."""
    return Document(
        key=f"note:{paper.id}",
        kind="note",
        title=_title(paper),
        text=text,
        url=paper_url(paper),
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


def _document(paper: Paper, kind: Kind, text: str) -> Document:
    return Document(
        key=f"{thing_of(paper.id)}:{kind}",
        kind=kind,
        title=_title(paper),
        text=text,
        url=paper_url(paper),
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
    return paper.title or (f"arXiv:{paper.id}" if paper.is_on_arxiv else paper.id)


def _arxiv_line(paper: Paper) -> str:
    if not paper.is_on_arxiv:
        return "not there; this record without an abstract is all that is known of the work"
    return paper.id + (f" (version {paper.version})" if paper.version else "")


def _categories(paper: Paper) -> tuple[str, ...]:
    primary = (paper.primary_category,) if paper.primary_category else ()
    return tuple(dict.fromkeys((*primary, *paper.categories)))


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _day(day: date | None) -> str | None:
    return f"{day.day} {day:%B %Y} ({day.isoformat()})" if day else None

"""What happened in a library, to show: its runs, what is new, and what was linked and why."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from index import Document, Store
from ingest import Catalogue, Link, Paper
from ingest import history as past
from ingest.making import paper_url
from ingest.runs import PastRun, Runs
from service.library import short_name
from service.progress import duration
from service.terminal import first_words, moment_text

_SHOWN = 50
_HEAD = " Run  Started               Added  Changed  Removed  Failed  Pending  Embedded  Took"
_CURE = """
A wrong link is put right in a reading list, and stays so. For each post name all its papers:
  [[links]]
  post = "KEY"
  papers = ["1905.02249"]   # [] for none"""


# -- runs -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunList:
    """The runs of a library, the last one first."""

    runs: tuple[PastRun, ...]

    def as_text(self) -> str:
        """Return a line for each of the last runs."""
        if not self.runs:
            return "No run yet. Start one: journalclub ingest"
        return "\n".join([_HEAD, *_first(self.runs, _run_text, "runs")])


def runs_of(store: Store) -> RunList:
    """Return the runs of a library."""
    return RunList(tuple(Runs(store.connection).all()))


def _run_text(run: PastRun) -> str:
    began = f"{run.number:>4}  {moment_text(run.started, dated=True)}"
    if run.finished is None or run.report is None:
        return f"{began}  is under way, or was cut off"
    done = run.report
    counts = (
        f"{done.added:>7}  {done.changed:>7}  {done.removed:>7}  {len(done.failed):>6}"
        f"  {len(done.pending):>7}  {done.embeddings:>8}"
    )
    notes = (" (stopped)" if done.stopped else "") + (" (dry run)" if done.dry_run else "")
    return f"{began}{counts}  {duration(done.seconds)}{notes}"


# -- what is new ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper that came; times are ISO 8601 in UTC."""

    id: str
    title: str | None
    url: str | None
    added: str


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment that came, with its first words."""

    key: str
    thread: str
    author: str | None
    url: str | None
    words: str
    added: str


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link of a comment to a paper that was made, by which rule and how sure it is, in 0..1."""

    key: str
    url: str | None
    paper: str
    title: str
    rule: str
    confidence: float
    added: str


@dataclass(frozen=True, slots=True)
class News:
    """What came into a library since a moment: papers in that order, the rest by threads."""

    since: str
    papers: tuple[NewPaper, ...]
    comments: tuple[NewComment, ...]
    links: tuple[NewLink, ...]

    def as_text(self) -> str:
        """Return the first of each kind as people read them."""
        kinds = (("paper", self.papers), ("comment", self.comments), ("link", self.links))
        counts = ", ".join(f"{len(some)} {name}{'s' * (len(some) != 1)}" for name, some in kinds)
        lines = [f"Since {moment_text(self.since, dated=True)}: {counts}"]
        for name, shown in (
            ("Papers", _first(self.papers, _paper_text, "papers")),
            ("Comments", _first(self.comments, _comment_text, "comments")),
            ("Links", _first(self.links, _link_text, "links")),
        ):
            lines += [name, *shown] if shown else []
        return "\n".join(lines)


def news_since(moment: datetime, store: Store, catalogue: Catalogue) -> News:
    """Return what came into a library at this moment or later."""
    history, since = past.History(store.connection), moment.isoformat(timespec="seconds")
    links = history.links_since(since)
    papers = {p.id: p for p in catalogue.papers.get(sorted({new.link.paper for new in links}))}
    return News(
        since,
        tuple(
            NewPaper(new.paper.id, new.paper.title, paper_url(new.paper), new.added)
            for new in history.papers_since(since)
        ),
        tuple(
            _new_comment(document, new.added)
            for new in history.comments_since(since)
            if (document := store.fetch(new.key))
        ),
        tuple(
            _new_link(document, new, papers.get(new.link.paper))
            for new in links
            if (document := store.fetch(new.key))
        ),
    )


def _new_comment(document: Document, added: str) -> NewComment:
    author = next(iter(document.authors), None)
    words = first_words(document.text)
    return NewComment(document.key, document.title, author, document.url, words, added)


def _new_link(document: Document, new: past.NewLink, paper: Paper | None) -> NewLink:
    link = _linked_paper(new.link, paper)
    return NewLink(**asdict(link), key=new.key, url=document.url, added=new.added)


def _paper_text(new: NewPaper) -> str:
    return f"  {new.id}  {new.title or 'title not known yet'}"


def _comment_text(new: NewComment) -> str:
    return f"  {new.author or 'a member'}: “{new.words}” {new.url or new.key}"


def _link_text(new: NewLink) -> str:
    return f"  {new.key}: {new.title} ({new.paper}), by {_why(new.rule, new.confidence)}"


# -- what was linked ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinkedPaper:
    """A paper that a comment is about, by which rule, and how sure that is, in 0..1."""

    paper: str
    title: str
    rule: str
    confidence: float


@dataclass(frozen=True, slots=True)
class LinkedComment:
    """A comment with its first words and what it is about, the surest first."""

    key: str
    source: str
    thread: str
    url: str | None
    words: str
    papers: tuple[LinkedPaper, ...]


@dataclass(frozen=True, slots=True)
class LinkList:
    """All comments of a library in the order of their threads, those about no paper too."""

    comments: tuple[LinkedComment, ...]

    def as_text(self) -> str:
        """Return what was linked, thread by thread, and how to put a link right."""
        lines = []
        for source, group in groupby(self.comments, key=lambda comment: comment.source):
            comments = list(group)
            lines.append(f"{comments[0].thread} ({source})")
            for comment in comments:
                lines += _linked_text(comment)
        without = sum(not comment.papers for comment in self.comments)
        total = len(self.comments)
        return "\n".join([*lines, f"{total} comments, {without} of them about no paper.", _CURE])


def links_of(store: Store, catalogue: Catalogue) -> LinkList:
    """Return what every comment of a library is linked to."""
    papers = {paper.id: paper for paper in catalogue.papers.all()}
    return LinkList(
        tuple(
            LinkedComment(
                document.key,
                linked.thread,
                document.title,
                document.url,
                first_words(document.text),
                tuple(_linked_paper(link, papers.get(link.paper)) for link in linked.links),
            )
            for linked in past.History(store.connection).linked()
            if (document := store.fetch(linked.key))
        )
    )


def _linked_paper(link: Link, paper: Paper | None) -> LinkedPaper:
    title = short_name(paper) if paper else link.paper
    return LinkedPaper(link.paper, title, link.rule, link.confidence)


def _linked_text(comment: LinkedComment) -> list[str]:
    return [
        f"  {comment.key}  “{comment.words}”",
        *(
            f"    {link.paper}  {link.title}, by {_why(link.rule, link.confidence)}"
            for link in comment.papers
        ),
    ]


# -- all of them ----------------------------------------------------------------------------

_T = TypeVar("_T")


def _first(some: Sequence[_T], text: Callable[[_T], str], what: str) -> list[str]:
    lines = [text(one) for one in some[:_SHOWN]]
    rest = len(some) - _SHOWN
    return [*lines, f"  … and {rest} more {what}; --json lists all"] if rest > 0 else lines


def _why(rule: str, confidence: float) -> str:
    return f"{rule} ({confidence:.2f})"

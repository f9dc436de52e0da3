"""Read every source into the catalogue: what a run learns before a document is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ingest.arxiv_api import ArxivApi
from ingest.arxiv_id import parse_arxiv_id
from ingest.catalogue import STARTER, Catalogue, Origin
from ingest.discourse import Discourse
from ingest.errors import BadSource, SourceError, Unreachable
from ingest.metadata_file import count_records, read_metadata
from ingest.paper import Paper
from ingest.post import Post
from ingest.reading_list import PaperEntry, ReadingList, read_reading_list
from ingest.report import Failure, Progress, Tally, Watch
from ingest.saved_thread import read_thread

_STARTER_FILE = Path(__file__).parent / "starter" / "good-readings-2019.toml"
_AT_ONCE = 500

_BY_API, _BY_FILE, _BY_LIST, _BY_NAME = 3, 2, 1, 0


@dataclass(frozen=True, slots=True)
class Outside:
    """The clients that ask the network."""

    arxiv: ArxivApi
    forum: Discourse


@dataclass(slots=True)
class Gathered:
    """What the sources of one run hold beside what went into the catalogue."""

    papers: dict[str, None] = field(default_factory=dict)
    posts: dict[str, list[Post]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


class Gathering:
    """Reads sources one after the other; what is wrong with one is tallied and stops no other."""

    def __init__(
        self,
        catalogue: Catalogue,
        outside: Outside,
        tally: Tally,
        watch: Watch,
        limit: int | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._outside = outside
        self._tally = tally
        self._watch = watch
        self._limit = limit
        self._wanted: dict[str, None] = {}
        self.found = Gathered()

    def read(self, source: str) -> bool:
        """Read a source, its name being what the catalogue follows; say whether it is sound.

        A source that could not be reached now is sound. Its trouble is remembered either way.
        """
        kind, _, name = source.partition(":")
        readers: dict[str, Callable[[str, str], None]] = {
            "list": self._read_list,
            "file": self._read_file,
            "topic": self._read_topic,
            "thread": self._read_thread,
            "arxiv": self._want,
        }
        try:
            readers[kind](source, name)
        except BadSource as error:
            self._fail(error)
            self._catalogue.set_trouble(source, error.reason)
            return False
        except Unreachable as error:
            self._tally.pending.append(Failure(error.source, error.reason))
            self._catalogue.set_trouble(source, error.reason)
            return True
        self._catalogue.set_trouble(source, None)
        return True

    def fetch_papers(self) -> None:
        """Ask arXiv for the papers that reading lists and command lines name."""
        fetched: list[Paper] = []
        unreachable: list[SourceError] = []
        for done, result in enumerate(self._outside.arxiv.fetch(list(self._wanted)), 1):
            self._watch(Progress("asking arXiv", done, len(self._wanted)))
            if isinstance(result, Paper):
                fetched.append(result)
            elif isinstance(result, Unreachable):
                unreachable.append(result)
            else:
                self._fail(result)
        self._catalogue.merge(fetched, Origin("arxiv", _BY_API))
        self._note_pending(unreachable)
        known = {paper.arxiv_id for paper in self._catalogue.papers(list(self._wanted))}
        self.found.papers |= dict.fromkeys(i for i in self._wanted if i in known)

    def _want(self, source: str, name: str) -> None:
        self._wanted[parse_arxiv_id(name).id] = None

    def _fail(self, error: SourceError) -> None:
        self._tally.failed.append(Failure(error.source, error.reason))

    def _note_pending(self, unreachable: Sequence[SourceError]) -> None:
        """Remember which abstracts are missing because arXiv could not be asked."""
        reasons = {parse_arxiv_id(error.source).id: error.reason for error in unreachable}
        self._catalogue.merge([Paper(i) for i in reasons], Origin("name", _BY_NAME))
        missing = self._catalogue.pending().keys() & reasons.keys()
        for arxiv_id in sorted(missing):
            self._catalogue.set_pending(arxiv_id, reasons[arxiv_id])
            self._tally.pending.append(Failure(f"arXiv:{arxiv_id}", reasons[arxiv_id]))
        stale = len(reasons) - len(missing)
        if stale:
            reason = next(iter(reasons.values()))
            what = f"{stale} known papers could not be looked up again: {reason}"
            self._tally.pending.append(Failure("arXiv", what))

    # -- reading lists --------------------------------------------------------------------

    def _read_list(self, source: str, name: str) -> None:
        reading = read_reading_list(_STARTER_FILE if source == STARTER else Path(name))
        excluded = self._catalogue.excluded()
        entries = [entry for entry in reading.papers if f"arxiv:{entry.id}" not in excluded]
        self._catalogue.set_children(source, _children(reading, entries))
        kept = set(self._catalogue.children(source))
        self._catalogue.merge([entry.to_paper() for entry in entries], Origin(source, _BY_LIST))
        self._wanted |= dict.fromkeys(entry.id for entry in entries)
        self.found.notes |= {
            entry.id: entry.note for entry in entries if entry.note and f"note:{entry.id}" in kept
        }
        for topic in reading.topics:
            if f"topic:{topic.url}" in kept:
                self.read(f"topic:{topic.url}")
        for thread in reading.threads:
            if f"thread:{thread.file}" in kept:
                self._read_fallback(thread.file, thread.title, thread.topic)

    def _read_fallback(self, file: Path, title: str | None, topic: str | None) -> None:
        """Read a saved thread, unless the live topic's posts are here: then its own retire."""
        source = f"thread:{file}"
        live = f"topic:{topic}"
        if self._catalogue.is_followed(live) and self._catalogue.children(live):
            self._keep_posts(source, ())
            return
        try:
            self._keep_posts(source, read_thread(file, title, topic))
        except BadSource as error:
            self._fail(error)

    # -- files ----------------------------------------------------------------------------

    def _read_file(self, source: str, name: str) -> None:
        path = Path(name)
        total = min(filter(None, (count_records(path), self._limit)), default=None)
        excluded = self._catalogue.excluded()
        records = islice(read_metadata(path), self._limit)
        given: dict[str, None] = {}
        whole = self._limit is None
        while group := list(islice(records, _AT_ONCE)):
            given_papers = (record for record in group if isinstance(record, Paper))
            papers = [p for p in given_papers if f"arxiv:{p.arxiv_id}" not in excluded]
            wrong = [record for record in group if isinstance(record, SourceError)]
            for error in wrong:
                self._fail(error)
            whole = whole and not wrong
            self._catalogue.merge(papers, Origin(source, _BY_FILE))
            self._catalogue.follow([f"arxiv:{paper.arxiv_id}" for paper in papers], source)
            given |= dict.fromkeys(paper.arxiv_id for paper in papers)
            self.found.papers |= given
            self._watch(Progress("reading", len(given), total))
        if whole:
            self._catalogue.set_children(source, [f"arxiv:{arxiv_id}" for arxiv_id in given])

    # -- threads --------------------------------------------------------------------------

    def _read_topic(self, source: str, name: str) -> None:
        topic = self._outside.forum.fetch(name)
        for error in topic.skipped:
            self._fail(error)
        came = {post.url for post in topic.posts}  # a post that was cut came, and is complained of
        whole = all(error.source in came for error in topic.skipped)
        self._keep_posts(source, topic.posts, () if whole else self._catalogue.children(source))

    def _read_thread(self, source: str, name: str) -> None:
        self._keep_posts(source, read_thread(Path(name)))

    def _keep_posts(self, source: str, posts: Sequence[Post], held: Sequence[str] = ()) -> None:
        """Make these posts the source's, beside those held because they may still be there."""
        children = [f"comment:{post.key}" for post in posts]
        self._catalogue.set_children(source, [*held, *children])
        kept = set(self._catalogue.children(source))
        self.found.posts[source] = [post for post in posts if f"comment:{post.key}" in kept]
        self._catalogue.set_posts(source, self.found.posts[source])


def _children(reading: ReadingList, entries: Sequence[PaperEntry]) -> list[str]:
    return [
        *(f"arxiv:{entry.id}" for entry in entries),
        *(f"note:{entry.id}" for entry in entries if entry.note),
        *(f"topic:{topic.url}" for topic in reading.topics),
        *(f"thread:{thread.file}" for thread in reading.threads),
    ]

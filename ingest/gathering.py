"""Read every source into the catalogue: what a run learns before a document is written."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ingest.arxiv.atom import ArxivApi
from ingest.arxiv.ids import parse_arxiv_id
from ingest.catalogue import STARTER, Catalogue
from ingest.errors import BadSource, Gone, SourceError, Unreachable
from ingest.files.metadata_file import count_records, read_metadata
from ingest.files.reading_list import PaperEntry, ReadingList, read_reading_list
from ingest.files.saved_thread import read_thread
from ingest.forum.topics import Discourse
from ingest.naming import topic_name
from ingest.paper import Paper
from ingest.paper_rows import Origin
from ingest.post import Post
from ingest.report import Failure, Progress, Tally, Watch

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
    """What the sources of one run hold beside what went into the catalogue.

    `retiring` are saved threads whose live topics came: they go once the live posts are stored.
    """

    papers: dict[str, None] = field(default_factory=dict)
    posts: dict[str, list[Post]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    retiring: list[str] = field(default_factory=list)


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
        refused: list[SourceError] = []
        for done, result in enumerate(self._outside.arxiv.fetch(list(self._wanted)), 1):
            self._watch(Progress("asking arXiv", done, len(self._wanted)))
            if isinstance(result, Paper):
                fetched.append(result)
            elif isinstance(result, Unreachable):
                unreachable.append(result)
            else:
                refused.append(result)
        self._catalogue.merge(fetched, Origin("arxiv", _BY_API))
        self._note_pending(unreachable)
        self._give_up(refused)
        known = {paper.id for paper in self._catalogue.papers(list(self._wanted))}
        self.found.papers |= dict.fromkeys(i for i in self._wanted if i in known)

    def _want(self, source: str, name: str) -> None:
        self._wanted[parse_arxiv_id(name).id] = None

    def _fail(self, error: SourceError) -> None:
        self._tally.failed.append(Failure(error.source, error.reason))

    def _give_up(self, refused: Sequence[SourceError]) -> None:
        """Tell which ids arXiv does not know; unfollow those of which it never gave an abstract.

        What a reading list or a file holds stays theirs.
        """
        for error in refused:
            self._fail(error)
            arxiv_id = parse_arxiv_id(error.source).id
            if not any(paper.abstract for paper in self._catalogue.papers([arxiv_id])):
                self._catalogue.unfollow(f"arxiv:{arxiv_id}")
                if not self._catalogue.is_followed(f"arxiv:{arxiv_id}"):
                    del self._wanted[arxiv_id]

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
        self._keep_notes(source, entries)
        for topic in (topic_name(topic.url) for topic in reading.topics):
            if topic in kept:
                self.read(topic)
        for thread in reading.threads:
            if f"thread:{thread.file}" in kept:
                self._read_fallback(thread.file, thread.title, thread.topic)

    def _keep_notes(self, source: str, entries: Sequence[PaperEntry]) -> None:
        """Keep a list's notes, but for those on papers on which a list of an earlier name has one.

        These are told: taking whichever comes last, two lists would change the note in each run.
        """
        for entry in entries:
            owner = next(iter(self._catalogue.parents(f"note:{entry.id}")), None)
            if entry.note and owner == source:
                self.found.notes[entry.id] = entry.note
            elif entry.note and owner:
                reason = f"it is left out, for {_path(owner)} has one as well: take one of them out"
                self._fail(BadSource(f"{_path(source)}, note on {entry.id}", reason))

    def _read_fallback(self, file: Path, title: str | None, topic: str | None) -> None:
        """Read a saved thread, unless the live topic's posts are here: then its own retire."""
        source = f"thread:{file}"
        if topic and self._is_here(topic_name(topic)):
            self.found.posts[source] = []
            self.found.retiring.append(source)
            return
        try:
            self._keep_saved(source, read_thread(file, title, topic))
        except BadSource as error:
            self._fail(error)

    def _is_here(self, live: str) -> bool:
        """Tell whether a topic's posts came in this run or are all stored by an earlier one."""
        return bool(self.found.posts.get(live)) or self._catalogue.is_stored(live)

    # -- files ----------------------------------------------------------------------------

    def _read_file(self, source: str, name: str) -> None:
        path = Path(name)
        total = min(filter(None, (count_records(path), self._limit)), default=None)
        excluded = self._catalogue.excluded()
        records = islice(read_metadata(path, self._tally), self._limit)
        given: dict[str, None] = {}
        whole = self._limit is None
        while group := list(islice(records, _AT_ONCE)):
            given_papers = (record for record in group if isinstance(record, Paper))
            papers = [p for p in given_papers if f"arxiv:{p.id}" not in excluded]
            wrong = [record for record in group if isinstance(record, SourceError)]
            for error in wrong:
                self._fail(error)
            whole = whole and not wrong
            self._catalogue.merge(papers, Origin(source, _BY_FILE))
            self._catalogue.follow([f"arxiv:{paper.id}" for paper in papers], source)
            came = dict.fromkeys(paper.id for paper in papers)
            given |= came
            self.found.papers |= came
            self._watch(Progress("reading", len(given), total))
        if whole:
            self._catalogue.set_children(source, [f"arxiv:{arxiv_id}" for arxiv_id in given])

    # -- threads --------------------------------------------------------------------------

    def _read_topic(self, source: str, name: str) -> None:
        """Bring in a topic. One that was deleted (410) loses its posts.

        One that is not found (404) may have become private, or its forum be in repair: it keeps
        them.
        """
        try:
            topic = self._outside.forum.fetch(name)
        except Gone:
            self._keep_posts(source, ())
            raise
        for error in topic.skipped:
            self._fail(error)
        self._keep_posts(source, topic.posts, self._held(source, topic.unread))

    def _held(self, source: str, unread: Collection[int]) -> list[str]:
        """Return the posts of a topic that are still in it, but could not be read this time."""
        ids = self._catalogue.post_ids(source) if unread else {}
        return [f"comment:{key}" for key, post_id in ids.items() if post_id in {None, *unread}]

    def _read_thread(self, source: str, name: str) -> None:
        self._keep_saved(source, read_thread(Path(name)))

    def _keep_saved(self, source: str, posts: Sequence[Post]) -> None:
        """Keep a saved thread's posts, unless another one of the same name has their keys."""
        for post in posts:
            for other in self._catalogue.parents(f"comment:{post.key}"):
                if other != source:
                    reason = f"{_path(other)} has this name as well: rename one of the two files"
                    raise BadSource(_path(source), reason)
        self._keep_posts(source, posts)

    def _keep_posts(self, source: str, posts: Sequence[Post], held: Sequence[str] = ()) -> None:
        """Make these posts the source's, beside those held because they may still be there."""
        children = [f"comment:{post.key}" for post in posts]
        self._catalogue.set_children(source, [*held, *children])
        kept = set(self._catalogue.children(source))
        self.found.posts[source] = [post for post in posts if f"comment:{post.key}" in kept]
        self._catalogue.set_posts(source, self.found.posts[source], held)


def _path(source: str) -> str:
    return source.partition(":")[2]


def _children(reading: ReadingList, entries: Sequence[PaperEntry]) -> list[str]:
    return [
        *(f"arxiv:{entry.id}" for entry in entries),
        *(f"note:{entry.id}" for entry in entries if entry.note),
        *(topic_name(topic.url) for topic in reading.topics),
        *(f"thread:{thread.file}" for thread in reading.threads),
    ]

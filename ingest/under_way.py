"""What the parts of one run share: the library's memory, the outside, and the account of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from ingest.arxiv.chain import PaperChain
from ingest.arxiv.oai import ArxivOai
from ingest.catalogue import Catalogue
from ingest.errors import NoNetwork, SourceError, Unreachable
from ingest.files.reading_list import ThreadEntry
from ingest.files.stamp import Stamp
from ingest.forum.topics import Discourse
from ingest.given import Given
from ingest.paper import Paper
from ingest.report import Failure, Tally, Watch
from ingest.retries import Retries, Retry, now

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Outside:
    """The clients that ask the network, and the clock.

    `named_papers` is how many papers that posts name are fetched in one run, at most 20.
    """

    papers: PaperChain
    forum: Discourse
    harvester: ArxivOai
    named_papers: int = MOST_NAMED
    clock: Callable[[], datetime] = now


@dataclass(frozen=True, slots=True)
class Unfound:
    """A work that a list names without an arXiv id: its title is to be looked up."""

    source: str
    place: str
    paper: Paper
    note: str | None = None


@dataclass(slots=True)
class Gathered:
    """What the sources of one run hold beside what went into the catalogue.

    `wanted` are arXiv ids to ask for, `listed` the stamps of
    topics that categories list, `fallbacks` saved threads
    that stand in for topics, by the lists that name them. `retiring` are those whose live topics
    came: they go once the live posts are stored. `stamps` are of files that were read as a whole.
    """

    wanted: dict[str, None] = field(default_factory=dict)
    unfound: list[Unfound] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    listed: dict[str, str] = field(default_factory=dict)
    fallbacks: list[ThreadEntry] = field(default_factory=list)
    retiring: list[str] = field(default_factory=list)
    stamps: dict[str, Stamp] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One run that is under way."""

    given: Given
    catalogue: Catalogue
    outside: Outside
    tally: Tally
    watch: Watch
    found: Gathered = field(default_factory=Gathered)

    @property
    def is_whole(self) -> bool:
        """Tell whether all that the library follows is read."""
        return not self.given.sources() and not self.given.only

    @property
    def retries(self) -> Retries:
        """Return what failed before, by this run's clock."""
        return Retries(self.catalogue.connection, self.outside.clock)

    def put_off(self, *names: str) -> Retry | None:
        """Return why one of these is not to be asked yet."""
        found = (self.retries.put_off(name) for name in names)
        return next((retry for retry in found if retry), None)

    def note(self, source: str, reason: str) -> None:
        """Tell something that is no failure."""
        self.tally.notes.append(Failure(source, reason))

    def fail(
        self, error: SourceError, retried: str | None = None, wait: float | None = None
    ) -> None:
        """Tally what is wrong with a source, remembered under its name if it is asked again."""
        self.tally.failed.append(self._failure(error, retried, wait))

    def postpone(self, error: Unreachable, retried: str) -> None:
        """Tally what could not be reached now."""
        wait = 0.0 if isinstance(error, NoNetwork) else error.wait
        self.tally.pending.append(self._failure(error, retried, wait))

    def wait_for(self, source: str, retry: Retry) -> None:
        """Tally that a source is not asked, because it failed before and is not due."""
        when = retry.next_try.isoformat(timespec="seconds")
        self.tally.pending.append(Failure(source, retry.reason, when))

    def _failure(self, error: SourceError, retried: str | None, wait: float | None) -> Failure:
        if retried is None:
            return Failure(error.source, error.reason)
        retry = self.retries.failed(retried, error.reason, wait)
        when = retry.next_try.isoformat(timespec="seconds")
        return Failure(error.source, error.reason, when if retry.next_try > retry.failed else None)

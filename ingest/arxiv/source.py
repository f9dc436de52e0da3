"""What every source of papers is: something that answers for each id that it is asked for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import requests

from ingest.arxiv.ids import ArxivId, MalformedArxivId, abstract_url, parse_arxiv_id
from ingest.arxiv.polite import NoConnection, Trouble
from ingest.errors import BadSource, NoNetwork, SourceError, Unreachable
from ingest.paper import Paper
from ingest.paper_rows import Origin

AGAIN = " The next ingest asks again."


class NotHere(Unreachable):
    """The source has nothing of this paper, which says nothing of arXiv or of the source."""


class PaperSource(Protocol):
    """Somewhere that papers come from; `name` is what the settings and the reports call it.

    `origin` says how far its word goes.

    `fetch` gives one answer for each distinct id, in their order: the paper, a `BadSource` if arXiv
    itself says that there is none, `NotHere` if only this source has none, another `Unreachable`
    if the source did not answer.
    """

    name: str
    origin: Origin

    def fetch(self, ids: Iterable[str]) -> Iterator[Paper | SourceError]:
        """Yield for each distinct id, in any form, its paper or why there is none."""
        ...


@runtime_checkable
class TitleSource(Protocol):
    """A source that can look for a title."""

    def search_title(self, title: str) -> list[Paper]:
        """Return papers whose titles hold these words, the likeliest first."""
        ...


def wanted_ids(ids: Iterable[str]) -> tuple[list[ArxivId], list[MalformedArxivId]]:
    """Return the distinct ids, in their order, and what is wrong with those that are none."""
    wanted: dict[ArxivId, None] = {}
    malformed: list[MalformedArxivId] = []
    for text in ids:
        try:
            wanted[parse_arxiv_id(text)] = None
        except MalformedArxivId as error:
            malformed.append(error)
    return list(wanted), malformed


@dataclass(frozen=True, slots=True)
class Silence:
    """Why a host gives no useful answer, remembered for all that was to be asked of it."""

    reason: str
    wait: float | None = None
    no_network: bool = False

    def of(self, source: str) -> Unreachable:
        """Return this as what happened to one thing that was asked for."""
        if self.no_network:
            return NoNetwork(source, self.reason, self.wait)
        return Unreachable(source, self.reason, self.wait)


def silence(host: str, error: Exception, what: str | None = None) -> Silence:
    """Return why a host is silent; `what` says what happened where the error does not."""
    wait = error.wait if isinstance(error, Trouble) else None
    if isinstance(error, requests.TooManyRedirects):
        what = "redirects in a circle"
    elif isinstance(error, requests.RequestException):
        what = str(error)
    reason = f"{host} {what or f'sent a reply that cannot be read ({error})'}.{AGAIN}"
    return Silence(reason, wait, isinstance(error, NoConnection))


def unknown_to_arxiv(wanted: ArxivId) -> BadSource:
    """Return the error for an id under which arXiv itself says that there is no paper."""
    reason = f"arXiv has no such paper. Look it up at {abstract_url(str(wanted))} and correct it."
    return BadSource(f"arXiv:{wanted}", reason)

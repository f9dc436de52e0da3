"""Ask the arXiv API for papers by id, in batches, slowly, and without hanging on a dead host."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from urllib.parse import urlsplit

import arxiv
import requests

from ingest.arxiv.feed_adapter import EmptyFeed, FeedAdapter, RejectedRequest
from ingest.arxiv.ids import ArxivId, MalformedArxivId, abstract_url, parse_arxiv_id
from ingest.errors import BadSource, SourceError, Unreachable
from ingest.one_line import one_line
from ingest.paper import Paper

ARXIV_API_URL = "https://export.arxiv.org/api/query"

_BATCH = 100
_RETRIES = 2


class ArxivApi:
    """The arXiv API during one run.

    At most one request is made every `delay_seconds`. Once the host has proved unreachable it is
    not asked again: what remains is `Unreachable` at once, for the same reason. `contact` (a mail
    or web address) goes into the User-Agent, so that arXiv knows whom to write to.
    """

    def __init__(
        self,
        url: str = ARXIV_API_URL,
        contact: str = "",
        delay_seconds: float = 3.0,
        timeout_seconds: float = 20.0,
    ) -> None:
        self._host = urlsplit(url).netloc or url
        self._down: str | None = None
        # The package counts its delay from replies it accepts; the adapter from every request.
        self._client = arxiv.Client(page_size=_BATCH, delay_seconds=0.0, num_retries=_RETRIES)
        self._client.query_url_format = url.rstrip("?") + "?{}"
        adapter = FeedAdapter(contact, delay_seconds, timeout_seconds)
        for scheme in ("http://", "https://"):  # the package has no public way to set these
            self._client._session.mount(scheme, adapter)

    def fetch(self, ids: Iterable[str]) -> Iterator[Paper | SourceError]:
        """Yield for each distinct id, in any form, its paper or why there is none.

        With a version that version is fetched, without one the newest. `BadSource` is an id that
        is malformed or unknown to arXiv, `Unreachable` one that arXiv gave no useful answer for.
        """
        wanted: dict[ArxivId, None] = {}
        for text in ids:
            try:
                wanted[parse_arxiv_id(text)] = None
            except MalformedArxivId as error:
                yield error
        remaining = iter(wanted)
        while batch := list(islice(remaining, _BATCH)):
            yield from self._batch(batch)

    def _batch(self, batch: list[ArxivId]) -> Iterator[Paper | SourceError]:
        try:
            papers, failure = self._ask(batch)
        except RejectedRequest:
            yield from self._without_the_rejected(batch)
            return
        found = _by_id(papers)
        for wanted in batch:
            if wanted in found:
                yield found[wanted]
            elif failure:
                yield Unreachable(f"arXiv:{wanted}", failure)
            else:
                yield _unknown(wanted)

    def _without_the_rejected(self, batch: list[ArxivId]) -> Iterator[Paper | SourceError]:
        """Ask for each half alone: one id that arXiv rejects must not lose the others."""
        if len(batch) == 1:
            yield BadSource(f"arXiv:{batch[0]}", "arXiv does not accept this id. Correct it.")
            return
        middle = len(batch) // 2
        yield from self._batch(batch[:middle])
        yield from self._batch(batch[middle:])

    def _ask(self, batch: list[ArxivId]) -> tuple[list[Paper], str | None]:
        """Return the papers that came, and why no more came where that is a failure."""
        papers: list[Paper] = []
        if self._down:
            return papers, self._down
        search = arxiv.Search(id_list=[str(wanted) for wanted in batch], max_results=_BATCH)
        try:
            for result in self._client.results(search):
                with suppress(MalformedArxivId):
                    papers.append(_paper(result))
        except RejectedRequest:
            raise
        except (arxiv.ArxivError, requests.RequestException, ValueError) as error:
            failure = f"{self._host} {_what_happened(error)}. The next ingest asks again."
            if not isinstance(error, EmptyFeed):
                self._down = failure
            return papers, failure
        return papers, None


def _by_id(papers: list[Paper]) -> dict[ArxivId, Paper]:
    """Return each paper under its id with its version, the newest also under the id alone."""
    found: dict[ArxivId, Paper] = {}
    for paper in sorted(papers, key=lambda paper: paper.version or 0):
        found[ArxivId(paper.id)] = paper
        found[ArxivId(paper.id, paper.version)] = paper
    return found


def _paper(result: arxiv.Result) -> Paper:
    found = parse_arxiv_id(result.entry_id)
    return Paper(
        id=found.id,
        title=one_line(result.title) or None,
        abstract=one_line(result.summary) or None,
        authors=tuple(filter(None, (one_line(author.name) for author in result.authors))),
        categories=tuple(result.categories),
        primary_category=result.primary_category or next(iter(result.categories), None),
        published=result.published.date(),
        updated=result.updated.date(),
        version=found.version,
        comments=one_line(result.comment or "") or None,
        doi=one_line(result.doi or "") or None,
    )


def _unknown(wanted: ArxivId) -> BadSource:
    reason = f"arXiv has no such paper. Look it up at {abstract_url(str(wanted))} and correct it."
    return BadSource(f"arXiv:{wanted}", reason)


def _what_happened(error: Exception) -> str:
    match error:
        case arxiv.HTTPError(status=429):
            return "answered that there were too many requests (429)"
        case arxiv.HTTPError(status=status):
            return f"answered with status {status}"
        case requests.RequestException():
            return str(error)
        case _:
            return f"sent a reply that cannot be read ({error})"

"""Ask the arXiv API for papers by id, in batches, slowly, and without hanging on a dead host."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from urllib.parse import urlsplit

import arxiv
import requests

from ingest.arxiv.addresses import ARXIV_API_URL
from ingest.arxiv.ids import ArxivId, MalformedArxivId, parse_arxiv_id
from ingest.arxiv.normal_form import normal, normal_text
from ingest.arxiv.polite import PoliteAdapter
from ingest.arxiv.replies import EmptyFeed, check_feed
from ingest.arxiv.source import Silence, silence, unknown_to_arxiv, wanted_ids
from ingest.errors import BadSource, SourceError
from ingest.paper import Paper, Version
from ingest.paper_rows import ARXIV

CANDIDATES = 10

_BATCH = 100
_LONGEST_QUERY = 40  # words
_NO_WORD = re.compile(r"\\[A-Za-z]+|[^\w]|_")


class ArxivApi:
    """The arXiv API during one run.

    At most one request is made every `delay_seconds`. Once the host has proved unreachable it is
    not asked again: what remains is `Unreachable` at once, for the same reason. `contact` (a mail
    or web address) goes into the User-Agent, so that arXiv knows whom to write to.
    """

    name = "atom"
    origin = ARXIV

    def __init__(
        self,
        url: str = ARXIV_API_URL,
        contact: str = "",
        delay_seconds: float = 3.0,
        timeout_seconds: float = 20.0,
    ) -> None:
        self._host = urlsplit(url).netloc or url
        self._down: Silence | None = None
        adapter = PoliteAdapter(contact, delay_seconds, timeout_seconds, check_feed)
        self._asks_ids = _client(url, _BATCH, adapter)
        self._asks_titles = _client(url, CANDIDATES, adapter)

    def fetch(self, ids: Iterable[str]) -> Iterator[Paper | SourceError]:
        """Yield for each distinct id, in any form, its paper or why there is none.

        With a version that version is fetched, without one the newest. `BadSource` is an id that
        is malformed or unknown to arXiv, `Unreachable` one that arXiv gave no useful answer for.
        """
        wanted, malformed = wanted_ids(ids)
        yield from malformed
        remaining = iter(wanted)
        while batch := list(islice(remaining, _BATCH)):
            yield from self._batch(batch)

    def search_title(self, title: str) -> list[Paper]:
        """Return up to ten papers whose titles hold these words in this order, the likeliest first.

        Raises `Unreachable` where arXiv gave no useful answer. What it cannot search for has none.
        """
        words = _NO_WORD.sub(" ", normal_text(title)).split()[:_LONGEST_QUERY]
        if not words:
            return []
        search = arxiv.Search(query=f'ti:"{" ".join(words)}"', max_results=CANDIDATES)
        try:
            papers, failure = self._ask(self._asks_titles, search)
        except _Rejected:
            return []
        if failure:
            raise failure.of(f'title "{title}"')
        return papers

    def _batch(self, batch: list[ArxivId]) -> Iterator[Paper | SourceError]:
        search = arxiv.Search(id_list=[str(wanted) for wanted in batch], max_results=_BATCH)
        try:
            papers, failure = self._ask(self._asks_ids, search)
        except _Rejected:
            yield from self._without_the_rejected(batch)
            return
        found = _by_id(papers)
        for wanted in batch:
            if wanted in found:
                yield found[wanted]
            elif failure:
                yield failure.of(f"arXiv:{wanted}")
            else:
                yield unknown_to_arxiv(wanted)

    def _without_the_rejected(self, batch: list[ArxivId]) -> Iterator[Paper | SourceError]:
        """Ask for each half alone: one id that arXiv rejects must not lose the others."""
        if len(batch) == 1:
            yield BadSource(f"arXiv:{batch[0]}", "arXiv does not accept this id. Correct it.")
            return
        middle = len(batch) // 2
        yield from self._batch(batch[:middle])
        yield from self._batch(batch[middle:])

    def _ask(
        self, client: arxiv.Client, search: arxiv.Search
    ) -> tuple[list[Paper], Silence | None]:
        """Return the papers that came, and why no more came where that is a failure."""
        papers: list[Paper] = []
        if self._down:
            return papers, self._down
        try:
            for result in client.results(search):
                with suppress(MalformedArxivId):
                    papers.append(_paper(result))
        except arxiv.HTTPError as error:
            if error.status == requests.codes.bad_request:
                raise _Rejected from error
            self._down = silence(self._host, error, f"answered with status {error.status}")
            return papers, self._down
        except (arxiv.ArxivError, requests.RequestException, ValueError) as error:
            failure = silence(self._host, error)
            if not isinstance(error, EmptyFeed):
                self._down = failure
            return papers, failure
        return papers, None


class _Rejected(Exception):
    """arXiv says that the request itself is wrong (400)."""


def _client(url: str, page_size: int, adapter: PoliteAdapter) -> arxiv.Client:
    # The adapter paces and repeats requests; the package counts only replies it accepts.
    client = arxiv.Client(page_size=page_size, delay_seconds=0.0, num_retries=0)
    client.query_url_format = url.rstrip("?") + "?{}"
    adapter.mount(client._session)  # the package has no public way to set these
    return client


def _by_id(papers: list[Paper]) -> dict[ArxivId, Paper]:
    """Return each paper under its id with its version, the newest also under the id alone."""
    found: dict[ArxivId, Paper] = {}
    for paper in sorted(papers, key=lambda paper: paper.version or 0):
        found[ArxivId(paper.id)] = paper
        found[ArxivId(paper.id, paper.version)] = paper
    return found


def _paper(result: arxiv.Result) -> Paper:
    found = parse_arxiv_id(result.entry_id)
    published, updated = result.published.date(), result.updated.date()
    known = {1: Version(1, published)}
    if found.version and found.version > 1:
        known[found.version] = Version(found.version, updated)
    return normal(
        Paper(
            id=found.id,
            title=result.title,
            abstract=result.summary,
            authors=tuple(author.name for author in result.authors),
            categories=tuple(result.categories),
            primary_category=result.primary_category or None,
            published=published,
            updated=updated,
            version=found.version,
            comments=result.comment,
            doi=result.doi,
            versions=tuple(known.values()),
        )
    )

"""Ask arXiv by OAI-PMH: for single papers, and for all that changed in a set since a day."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from urllib.parse import urlsplit

import httpx2
import requests
from oaipmh_scythe import Scythe, exceptions
from oaipmh_scythe.response import OAIResponse

from ingest.arxiv.addresses import OAI_URL
from ingest.arxiv.ids import ArxivId
from ingest.arxiv.oai_records import Deleted, read_records, resumption
from ingest.arxiv.polite import Passing, PoliteAdapter, Trouble
from ingest.arxiv.replies import check_oai
from ingest.arxiv.source import AGAIN, NotHere, Silence, silence, unknown_to_arxiv, wanted_ids
from ingest.errors import BadSource, Gone, SourceError, Unreachable
from ingest.paper import Paper
from ingest.paper_rows import ARXIV

# arXivRaw lists all versions with their days; arXiv does not even tell which one is current.
_FORMATS = ("arXivRaw", "arXiv")


class StaleToken(Unreachable):
    """The token to go on with is no longer good: the harvest has to begin again."""


@dataclass(frozen=True, slots=True)
class HarvestPage:
    """One page of a harvest: what changed, and how to go on.

    `deleted` are the ids of papers that arXiv took out, `malformed` are records that cannot be
    read. `token` is None on the last page, `total` the number of records of all pages where arXiv
    tells it. Whatever changes from the day `answered` (UTC) on is for a later harvest.
    """

    papers: tuple[Paper, ...]
    deleted: tuple[str, ...]
    malformed: tuple[SourceError, ...]
    token: str | None
    total: int | None
    answered: date


class ArxivOai:
    """arXiv's OAI-PMH during one run, asked politely and not again once it proved unreachable."""

    name = "oai"
    origin = ARXIV

    def __init__(
        self,
        url: str = OAI_URL,
        contact: str = "",
        delay_seconds: float = 3.0,
        timeout_seconds: float = 60.0,
    ) -> None:
        self._host = urlsplit(url).netloc or url
        self._down: Silence | None = None
        self._format = _FORMATS[0]
        adapter = PoliteAdapter(contact, delay_seconds, timeout_seconds, check_oai)
        self._oai = _Scythe(url, adapter.mount(requests.Session()))

    def fetch(self, ids: Iterable[str]) -> Iterator[Paper | SourceError]:
        """Yield for each distinct id, in any form, its newest version or why there is none.

        One request is made for each. `BadSource` is an id that is malformed or unknown to arXiv,
        `Gone` a paper that it took out, `NotHere` an older version than the newest.
        """
        wanted, malformed = wanted_ids(ids)
        yield from malformed
        for arxiv_id in wanted:
            yield self._paper(arxiv_id)

    def harvest(
        self, set_spec: str, since: date | None = None, token: str | None = None
    ) -> Iterator[HarvestPage]:
        """Yield page after page of what changed in a set ("cs:cs:LG") since a day, or from a token.

        Whoever keeps each page with its token can go on from there later. Raises `StaleToken` for a
        token that is no longer good, another `Unreachable` where arXiv does not answer usefully,
        `BadSource` for a set that it does not have.
        """
        source = f"arXiv's set {set_spec}"
        while True:
            page = self._page(source, set_spec, since, token)
            yield page
            if page.token is None:
                return
            if page.token == token:
                reason = f"{self._host} does not go on: it sent the same token again.{AGAIN}"
                raise Unreachable(source, reason)
            token = page.token

    def _paper(self, wanted: ArxivId) -> Paper | SourceError:
        source = f"arXiv:{wanted}"
        identifier = {"verb": "GetRecord", "identifier": f"oai:arXiv.org:{wanted.id}"}
        try:
            reply = self._answer(source, lambda form: {**identifier, "metadataPrefix": form})
        except exceptions.IdDoesNotExist:
            return unknown_to_arxiv(wanted)
        except exceptions.OAIPMHException as error:
            return NotHere(source, f"{self._host} refuses to answer ({error})")
        except Unreachable as error:
            return error
        return self._newest(wanted, next(read_records(reply.xml), None))

    def _newest(
        self, wanted: ArxivId, found: Paper | Deleted | BadSource | None
    ) -> Paper | SourceError:
        source = f"arXiv:{wanted}"
        if isinstance(found, Deleted):
            return Gone(source, "arXiv has taken this paper out. Take it off the list.")
        if not isinstance(found, Paper) or found.id != wanted.id:
            return NotHere(source, f"{self._host} sent no record of it that can be read")
        if wanted.version not in (None, found.version):
            return NotHere(source, f"{self._host} has only the newest version")
        return found

    def _page(
        self, source: str, set_spec: str, since: date | None, token: str | None
    ) -> HarvestPage:
        query = {"verb": "ListRecords", "set": set_spec}
        if since:
            query["from"] = since.isoformat()
        going_on = {"verb": "ListRecords", "resumptionToken": token} if token else None
        try:
            reply = self._answer(source, lambda form: going_on or {**query, "metadataPrefix": form})
        except exceptions.NoRecordsMatch:
            return HarvestPage((), (), (), None, 0, since or datetime.now(UTC).date())
        except exceptions.BadResumptionToken as error:
            reason = f"{self._host} no longer goes on from where the harvest stopped. Begin again."
            raise StaleToken(source, reason) from error
        except exceptions.OAIPMHException as error:
            reason = f"{self._host} refuses the request ({error}). Name a set such as cs:cs:LG."
            raise BadSource(source, reason) from error
        return _harvest_page(reply)

    def _answer(self, source: str, query: Callable[[str], dict[str, str]]) -> OAIResponse:
        """Return the reply to a query, which is made of the format that is asked for.

        Raises `Unreachable`, and what OAI-PMH calls error conditions as the library names them.
        """
        if self._down:
            raise self._down.of(source)
        try:
            return self._oai.harvest(query(self._format))
        except exceptions.CannotDisseminateFormat:
            if self._format == _FORMATS[-1]:
                raise
            self._format = _FORMATS[-1]
            return self._answer(source, query)
        except (requests.RequestException, httpx2.HTTPError, httpx2.InvalidURL) as error:
            self._down = silence(self._host, error, f"cannot be asked ({error})")
        raise self._down.of(source)


class _Scythe(Scythe):
    """The library's client, whose requests go through a session of ours."""

    def __init__(self, url: str, session: requests.Session) -> None:
        super().__init__(url)
        self._session = session

    @cached_property
    def client(self) -> httpx2.Client:
        """Return a client that asks politely; the library's own has no limit of time or size."""
        return httpx2.Client(transport=_Transport(self._session), trust_env=False)


class _Transport(httpx2.BaseTransport):
    """Hands requests to a session and its replies back, if they are replies of OAI-PMH.

    Raises what the session raises.
    """

    def __init__(self, session: requests.Session) -> None:
        self._session = session

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the session's reply, redirects followed."""
        reply = self._session.get(str(request.url))
        if reply.status_code != requests.codes.ok:
            _check_refusal(reply)
        return httpx2.Response(reply.status_code, content=reply.content)


def _check_refusal(reply: requests.Response) -> None:
    """Raise `Trouble` for a status that comes without the words of OAI-PMH for it."""
    try:
        check_oai(reply.content)
    except Passing as error:
        raise Trouble(f"answered with status {reply.status_code}") from error


def _harvest_page(reply: OAIResponse) -> HarvestPage:
    root = reply.xml
    found = list(read_records(root))
    token, total = resumption(root)
    return HarvestPage(
        papers=tuple(item for item in found if isinstance(item, Paper)),
        deleted=tuple(item.id for item in found if isinstance(item, Deleted)),
        malformed=tuple(item for item in found if isinstance(item, BadSource)),
        token=token,
        total=total,
        answered=_day_of(root.findtext("{*}responseDate")),
    )


def _day_of(moment: str | None) -> date:
    try:
        return datetime.fromisoformat(moment or "").astimezone(UTC).date()
    except ValueError:
        return datetime.now(UTC).date()

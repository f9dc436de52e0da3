"""arXiv's OAI-PMH 2.0: single records, and sets in pages with resumption tokens."""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from xml.sax.saxutils import escape, quoteattr

from tests.outside.clock import stamp
from tests.outside.papers import ArxivPaper, Papers
from tests.outside.reply import Query, Reply

_PREFIX = "oai:arXiv.org:"
_XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_OAI = "http://www.openarchives.org/OAI/2.0"
_FORMATS = ("arXiv", "arXivRaw")
_ARGUMENTS = ("verb", "metadataPrefix", "identifier", "from", "until", "set", "resumptionToken")


class OaiError(Exception):
    """What OAI-PMH calls an error condition: its code and what to tell."""

    def __init__(self, code: str, told: str) -> None:
        super().__init__(told)
        self.code = code


@dataclass(frozen=True, slots=True)
class Harvest:
    """What a list was asked for, and after which record it goes on; a resumption token holds it."""

    epoch: int
    form: str
    since: str
    until: str
    of_set: str
    after: tuple[str, str] = ("", "")
    cursor: int = 0

    def wants(self, paper: ArxivPaper) -> bool:
        """Tell whether a paper's set and datestamp are asked for."""
        day = paper.changed.date().isoformat()
        in_time = (self.since or day) <= day <= (self.until or day)
        in_set = any(f"{name}:".startswith(f"{self.of_set}:") for name in paper.sets)
        return in_time and (in_set or not self.of_set)

    def token(self) -> str:
        told = [self.epoch, self.form, self.since, self.until, self.of_set, self.after, self.cursor]
        return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()

    @classmethod
    def of(cls, token: str, epoch: int) -> "Harvest":
        """Read a token; one of an earlier epoch has expired."""
        try:
            issued, form, since, until, of_set, after, cursor = json.loads(
                base64.urlsafe_b64decode(token)
            )
        except (binascii.Error, ValueError) as error:
            raise OaiError("badResumptionToken", "the token is malformed") from error
        if issued != epoch:
            raise OaiError("badResumptionToken", "the token has expired")
        return cls(issued, form, since, until, of_set, (after[0], after[1]), cursor)


class Oai:
    """Answers from the papers, `page` records at a time."""

    def __init__(self, papers: Papers, page: int = 1000) -> None:
        self._papers = papers
        self.page = page
        self._epoch = 0

    def expire_tokens(self) -> None:
        """Let no token that was given be good any more."""
        self._epoch += 1

    def reply(self, query: Query, base: str, now: datetime) -> Reply:
        """Answer a request to `base`."""
        told = {name: query.one(name) for name in _ARGUMENTS if name in query.parameters}
        try:
            body = "".join(self._answer(query))
        except OaiError as error:
            told = {} if error.code in ("badVerb", "badArgument") else told
            body = f"<error code={quoteattr(error.code)}>{escape(str(error))}</error>\n"
        asked = " ".join(f"{name}={quoteattr(value)}" for name, value in told.items())
        return Reply(
            (
                '<?xml version="1.0" encoding="UTF-8"?>\n'
                f'<OAI-PMH xmlns="{_OAI}/" {_XSI} '
                f'xsi:schemaLocation="{_OAI}/ {_OAI}/OAI-PMH.xsd">\n'
                f"<responseDate>{stamp(now)}</responseDate>\n"
                f"<request {asked}>{escape(base)}</request>\n{body}</OAI-PMH>\n"
            ).encode(),
            "text/xml; charset=utf-8",
        )

    def _answer(self, query: Query) -> Iterator[str]:
        verb = query.one("verb")
        if unknown := query.parameters.keys() - set(_ARGUMENTS):
            raise OaiError("badArgument", f"unknown argument {min(unknown)}")
        if verb == "GetRecord":
            yield f"<GetRecord>\n{self._record(query)}</GetRecord>\n"
        elif verb in ("ListRecords", "ListIdentifiers"):
            yield from self._list(verb, query)
        elif verb == "Identify":
            yield _IDENTITY
        else:
            raise OaiError("badVerb", f"the verb {verb!r} is not known here")

    def _record(self, query: Query) -> str:
        form = _form(query)
        identifier = query.one("identifier")
        paper = self._papers.by_id.get(identifier.removeprefix(_PREFIX))
        if paper is None or not identifier.startswith(_PREFIX):
            raise OaiError("idDoesNotExist", f"{identifier} is not known")
        return _record(paper, form)

    def _list(self, verb: str, query: Query) -> Iterator[str]:
        if token := query.one("resumptionToken"):
            if query.parameters.keys() - {"verb", "resumptionToken"}:
                raise OaiError("badArgument", "a resumptionToken goes with nothing else")
            harvest = Harvest.of(token, self._epoch)
        else:
            since, until = (_day(query.one(name)) for name in ("from", "until"))
            harvest = Harvest(self._epoch, _form(query), since, until, query.one("set"))
        asked = sorted(filter(harvest.wants, self._papers.by_id.values()), key=_place)
        rest = [paper for paper in asked if _place(paper) > harvest.after]
        if not rest:
            raise OaiError("noRecordsMatch", "nothing matches from, until, set and metadataPrefix")
        page = rest[: self.page]
        yield f"<{verb}>\n"
        for paper in page:
            yield _record(paper, harvest.form) if verb == "ListRecords" else _header(paper)
        yield from self._next(harvest, page, rest)
        yield f"</{verb}>\n"

    def _next(
        self, harvest: Harvest, page: list[ArxivPaper], rest: list[ArxivPaper]
    ) -> Iterator[str]:
        """Yield the token for what is left; the last page of several has an empty one."""
        done = harvest.cursor + len(page)
        size = f'completeListSize="{harvest.cursor + len(rest)}" cursor="{harvest.cursor}"'
        if len(rest) > len(page):
            told = (harvest.form, harvest.since, harvest.until, harvest.of_set)
            token = Harvest(self._epoch, *told, _place(page[-1]), done).token()
            yield f"<resumptionToken {size}>{token}</resumptionToken>\n"
        elif harvest.cursor:
            yield f"<resumptionToken {size}/>\n"


def _place(paper: ArxivPaper) -> tuple[str, str]:
    return paper.changed.isoformat(), paper.id


def _form(query: Query) -> str:
    form = query.one("metadataPrefix")
    if not form:
        raise OaiError("badArgument", "metadataPrefix is missing")
    if form not in _FORMATS:
        raise OaiError("cannotDisseminateFormat", f"{form} is not one of {', '.join(_FORMATS)}")
    return form


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise OaiError("badArgument", f"{text} is no day such as 2026-01-31") from error


def _header(paper: ArxivPaper) -> str:
    status = ' status="deleted"' if paper.deleted else ""
    sets = "".join(f"<setSpec>{name}</setSpec>\n" for name in paper.sets)
    return (
        f"<header{status}>\n<identifier>{_PREFIX}{paper.id}</identifier>\n"
        f"<datestamp>{paper.changed.date().isoformat()}</datestamp>\n{sets}</header>\n"
    )


def _record(paper: ArxivPaper, form: str) -> str:
    if paper.deleted:
        return f"<record>\n{_header(paper)}</record>\n"
    told = _arxiv(paper) if form == "arXiv" else _raw(paper)
    place = f"http://arxiv.org/OAI/{form}"
    return (
        f"<record>\n{_header(paper)}<metadata>\n"
        f'<{form} xmlns="{place}/" {_XSI} xsi:schemaLocation="{place}/ {place}.xsd">\n'
        f"{told}</{form}>\n</metadata>\n</record>\n"
    )


def _arxiv(paper: ArxivPaper) -> str:
    first, newest = paper.versions[0], paper.newest
    updated = newest.submitted.date().isoformat() if len(paper.versions) > 1 else None
    days = _elements(created=first.submitted.date().isoformat(), updated=updated)
    authors = "".join(_author(author) for author in paper.authors)
    return f"{_elements(id=paper.id)}{days}<authors>{authors}</authors>{_common(paper)}\n"


def _author(author: str) -> str:
    given, _, family = author.rpartition(" ")
    return f"<author>{_elements(keyname=family, forenames=given or None)}</author>"


def _raw(paper: ArxivPaper) -> str:
    versions = "".join(
        f'<version version="v{number}"><date>{version.submitted:%a, %d %b %Y %H:%M:%S} GMT</date>'
        f"<size>{0 if version.withdrawn else 37}kb</size>"
        f"{'<source_type>I</source_type>' if version.withdrawn else ''}</version>"
        for number, version in enumerate(paper.versions, 1)
    )
    named = _elements(id=paper.id, submitter=paper.authors[0])
    return f"{named}{versions}{_common(paper, authors=_listed(paper.authors))}\n"


def _listed(authors: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(authors[:-1]), authors[-1])))


def _common(paper: ArxivPaper, authors: str | None = None) -> str:
    """Return what both formats tell; arXiv breaks the lines of long texts."""
    told = _elements(
        title=paper.newest.title.replace(": ", ":\n  "),
        authors=authors,
        categories=" ".join(paper.categories),
        comments=paper.newest.comments,
        doi=paper.doi,
        license="http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
    )
    journal = _elements(journal=paper.journal).replace("journal>", "journal-ref>")
    broken = paper.newest.abstract.replace(". ", ".\n")
    return f"{told}{journal}{_elements(abstract=f'  {broken}{chr(10)}')}"


def _elements(**told: str | None) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in told.items() if text)


_IDENTITY = (
    "<Identify><repositoryName>arXiv</repositoryName><baseURL>http://127.0.0.1/oai</baseURL>"
    "<protocolVersion>2.0</protocolVersion><adminEmail>help@example.org</adminEmail>"
    "<earliestDatestamp>2005-09-16</earliestDatestamp>"
    "<deletedRecord>persistent</deletedRecord><granularity>YYYY-MM-DD</granularity></Identify>\n"
)

"""OAI-PMH gives single papers and whole sets, page by page, with what was deleted."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.arxiv.ids import MalformedArxivId
from ingest.arxiv.oai import ArxivOai, HarvestPage, StaleToken
from ingest.arxiv.source import NotHere
from ingest.errors import BadSource, Gone, SourceError, Unreachable
from ingest.paper import Paper, Version
from tests.outside.faults import Fault
from tests.outside.server import OutsideServer, standing_in

LAST_YEAR = datetime(2025, 3, 4, 23, 30, tzinfo=UTC)


@pytest.fixture
def outside() -> Iterator[OutsideServer]:
    with standing_in() as server:
        yield server


def _oai(outside: OutsideServer) -> ArxivOai:
    return ArxivOai(outside.oai_url, delay_seconds=0, timeout_seconds=5)


def _fill(outside: OutsideServer, count: int, page: int) -> list[str]:
    outside.oai.page = page
    ids = [f"2601.{number:05}" for number in range(1, count + 1)]
    for arxiv_id in ids:
        outside.papers.add(arxiv_id, f"On Kettle {arxiv_id}", "Kettles whistle.")
    return ids


def _ids(pages: list[HarvestPage]) -> list[str]:
    return [paper.id for page in pages for paper in page.papers]


def _only(given: Iterator[Paper | SourceError]) -> Paper | SourceError:
    (answer,) = given
    return answer


# -- single papers ------------------------------------------------------------------------


def test_a_paper_comes_with_all_its_versions(outside: OutsideServer) -> None:
    outside.papers.add("2601.00001", "Kettles: a survey", "One. Two.", submitted=LAST_YEAR)
    outside.papers.resubmit(
        "2601.00001", submitted=datetime(2025, 6, 1, tzinfo=UTC), comments="9 pages"
    )
    outside.papers.edit("2601.00001", doi="10.1000/1", categories=("cs.LG", "stat.ML"))

    paper = _only(_oai(outside).fetch(["arXiv:2601.00001"]))

    assert paper == Paper(
        id="2601.00001",
        title="Kettles: a survey",
        abstract="One. Two.",
        authors=("Ann Boil", "Björn von Lid"),
        categories=("cs.LG", "stat.ML"),
        primary_category="cs.LG",
        published=date(2025, 3, 4),
        updated=date(2025, 6, 1),
        version=2,
        comments="9 pages",
        doi="10.1000/1",
        versions=(Version(1, date(2025, 3, 4)), Version(2, date(2025, 6, 1))),
    )


def test_where_raw_records_are_not_given_the_others_are_taken(outside: OutsideServer) -> None:
    (first, second) = _fill(outside, 2, page=10)
    refusal = b'<error code="cannotDisseminateFormat">no</error>'
    outside.script.plan(Fault(body=_reply(refusal)), "arXivRaw")
    oai = _oai(outside)

    paper, other = oai.fetch([first, second])

    assert isinstance(paper, Paper)
    assert isinstance(other, Paper)
    assert (paper.version, paper.versions, paper.authors[1]) == (None, (), "Björn von Lid")
    assert paper.published == paper.updated
    assert len(outside.paths("metadataPrefix=arXivRaw")) == 1


def test_each_id_gets_its_own_answer(outside: OutsideServer) -> None:
    known, gone = _fill(outside, 2, page=10)
    outside.papers.delete(gone)

    malformed, paper, unknown, deleted, older = _oai(outside).fetch(
        ["abc", known, known, "2601.99999", gone, f"{known}v7"]
    )

    assert isinstance(malformed, MalformedArxivId)
    assert isinstance(paper, Paper)
    assert type(unknown) is BadSource
    assert "arXiv has no such paper" in unknown.reason
    assert isinstance(deleted, Gone)
    assert isinstance(older, NotHere)
    assert older.source == f"arXiv:{known}v7"
    assert older.reason == f"{outside.host} has only the newest version"


def test_the_newest_version_is_given_by_its_number(outside: OutsideServer) -> None:
    (known,) = _fill(outside, 1, page=10)

    paper = _only(_oai(outside).fetch([f"{known}v1"]))

    assert isinstance(paper, Paper)
    assert paper.version == 1


def test_a_withdrawn_paper_is_told(outside: OutsideServer) -> None:
    (known,) = _fill(outside, 1, page=10)
    outside.papers.withdraw(known)

    paper = _only(_oai(outside).fetch([known]))

    assert isinstance(paper, Paper)
    assert paper.withdrawn
    assert paper.version == 2


@pytest.mark.parametrize(
    "body",
    [
        b"<GetRecord/>",
        b"<GetRecord><record><metadata/></record></GetRecord>",
        b"<GetRecord><record><header><identifier>oai:arXiv.org:2601.00002</identifier></header>"
        b"<metadata><arXiv><id>2601.00002</id><title>Another</title></arXiv></metadata></record>"
        b"</GetRecord>",
        b'<error code="badArgument">what?</error>',
        b'<error code="cannotDisseminateFormat">no</error>',
        b'<error code="">?</error>',
    ],
)
def test_a_reply_without_the_paper_says_nothing_of_arxiv(
    outside: OutsideServer, body: bytes
) -> None:
    outside.script.plan(Fault(body=_reply(body)))

    given = _only(_oai(outside).fetch(["2601.00001"]))

    assert isinstance(given, NotHere)
    assert given.reason.startswith(outside.host)


# -- sets ---------------------------------------------------------------------------------


def test_a_set_is_harvested_page_by_page(outside: OutsideServer) -> None:
    ids = _fill(outside, 7, page=3)
    outside.papers.add("2601.00100", "On Maps", "Maps fold.", categories=("math.CO",))

    pages = list(_oai(outside).harvest("cs:cs:LG"))

    assert _ids(pages) == ids
    assert [len(page.papers) for page in pages] == [3, 3, 1]
    assert [page.token is None for page in pages] == [False, False, True]
    assert {page.total for page in pages} == {7}
    assert pages[0].answered == outside.clock().date()


def test_a_harvest_goes_on_from_a_token(outside: OutsideServer) -> None:
    ids = _fill(outside, 7, page=3)
    first = next(_oai(outside).harvest("cs:cs:LG"))

    rest = list(_oai(outside).harvest("cs:cs:LG", token=first.token))

    assert _ids([first, *rest]) == ids


def test_only_what_changed_since_a_day_is_asked_for(outside: OutsideServer) -> None:
    _fill(outside, 2, page=10)
    today = outside.clock().date()

    nothing = list(_oai(outside).harvest("cs:cs:LG", since=date(today.year + 1, 1, 1)))
    some = list(_oai(outside).harvest("cs:cs:LG", since=today))

    assert nothing == [HarvestPage((), (), (), None, 0, date(today.year + 1, 1, 1))]
    assert len(_ids(some)) == 2
    assert f"from={today}" in outside.paths()[1]


def test_deletions_are_told_by_id(outside: OutsideServer) -> None:
    ids = _fill(outside, 3, page=10)
    outside.papers.delete(ids[1])

    (page,) = _oai(outside).harvest("cs:cs:LG")

    assert page.deleted == (ids[1],)
    assert sorted(_ids([page])) == [ids[0], ids[2]]


def test_a_token_that_expired_is_told_from_other_trouble(outside: OutsideServer) -> None:
    _fill(outside, 7, page=3)
    pages = _oai(outside).harvest("cs:cs:LG")
    next(pages)
    outside.oai.expire_tokens()

    with pytest.raises(StaleToken, match="Begin again"):
        next(pages)


def test_a_set_that_arxiv_refuses_is_a_bad_source(outside: OutsideServer) -> None:
    outside.script.plan(Fault(body=_reply(b'<error code="badArgument">no such set</error>')))

    with pytest.raises(BadSource, match=r"refuses the request \(no such set\). Name a set"):
        list(_oai(outside).harvest("cs:cs:XX"))


def test_a_host_that_gives_the_same_token_again_is_not_asked_for_ever(
    outside: OutsideServer,
) -> None:
    body = b"<ListRecords><resumptionToken>again</resumptionToken></ListRecords>"
    outside.script.plan(Fault(body=_reply(body)))
    pages = _oai(outside).harvest("cs:cs:LG", token="again")

    assert next(pages).token == "again"
    with pytest.raises(Unreachable, match="the same token again"):
        next(pages)


def test_an_empty_page_in_the_middle_ends_nothing(outside: OutsideServer) -> None:
    ids = _fill(outside, 4, page=2)
    pages = _oai(outside).harvest("cs:cs:LG")
    token = next(pages).token
    body = f"<ListRecords><resumptionToken>{token}x</resumptionToken></ListRecords>"
    outside.script.plan(Fault(body=_reply(body.encode())), times=1)

    empty = next(pages)
    outside.script.plan(Fault(body=_reply(b"<ListRecords></ListRecords>")), times=1)

    assert (empty.papers, empty.token) == ((), f"{token}x")
    assert [page.token for page in pages] == [None]
    assert _ids(list(_oai(outside).harvest("cs:cs:LG", token=token))) == ids[2:]


def test_pages_before_trouble_are_kept_and_the_rest_is_had_later(outside: OutsideServer) -> None:
    ids = _fill(outside, 6, page=2)
    outside.script.plan(Fault(503, {"Retry-After": "600"}), first=3, times=1)
    pages = _oai(outside).harvest("cs:cs:LG")
    kept = [next(pages), next(pages)]
    with pytest.raises(Unreachable) as error:
        next(pages)

    rest = list(_oai(outside).harvest("cs:cs:LG", token=kept[-1].token))

    assert error.value.wait == 600
    assert error.value.source == "arXiv's set cs:cs:LG"
    assert _ids([*kept, *rest]) == ids


def test_a_record_that_cannot_be_read_loses_no_other(outside: OutsideServer) -> None:
    records = (
        _record("2601.00001", "<title>On Kettles</title><abstract>They whistle.</abstract>"),
        _record("2601.00002", "<title>On Pots</title><created>yesterday</created>"),
        _record("kettles", "<title>On Lids</title>"),
        _record("2601.00003", ""),
        "<record><header><identifier>oai:arXiv.org:2601.00004</identifier></header></record>",
        "<record/>",
    )
    body = f"<ListRecords>{''.join(records)}</ListRecords>".encode()
    outside.script.plan(Fault(body=_reply(body)))

    (page,) = _oai(outside).harvest("cs:cs:LG")

    assert _ids([page]) == ["2601.00001"]
    assert [error.source for error in page.malformed] == [
        "arXiv:2601.00002",
        "arXiv:kettles",
        "arXiv:2601.00003",
        "arXiv:2601.00004",
        "arXiv",
    ]
    assert all(error.reason.endswith("left out.") for error in page.malformed)


def _reply(body: bytes) -> bytes:
    return b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">' + body + b"</OAI-PMH>"


def _record(name: str, told: str) -> str:
    return (
        f"<record><header><identifier>oai:arXiv.org:{name}</identifier></header>"
        f"<metadata><arXiv>{told}</arXiv></metadata></record>"
    )


# -- recorded replies -----------------------------------------------------------------------


@pytest.fixture
def recorded(shared: Path, outside: OutsideServer) -> dict[str, HarvestPage]:
    """Read all recorded replies as pages."""
    pages = {}
    for path in sorted((shared / "arxiv" / "api_samples" / "oai_pmh").glob("*.xml")):
        outside.script.clear()
        outside.script.plan(Fault(body=path.read_bytes(), kind="text/xml"))
        (pages[path.stem],) = _oai(outside).harvest("physics")
    return pages


def test_every_recorded_reply_is_read_whole(recorded: dict[str, HarvestPage]) -> None:
    papers = [paper for page in recorded.values() for paper in page.papers]

    assert len(recorded) == 15
    assert {name: len(page.papers) for name, page in recorded.items() if len(page.papers) > 1} == {
        "arxiv-physics-hep-ex": 3,
        "arxiv-physics-hep-th": 3,
        "sample_arxiv_record": 12,
    }
    assert len(papers) == 30
    assert not any(page.malformed or page.deleted or page.token for page in recorded.values())
    assert all(p.title and p.abstract and p.authors and p.published for p in papers)
    assert all("\n" not in f"{p.title}{p.abstract}{p.comments}" for p in papers)
    assert recorded["arxiv-single"].answered == date(2018, 1, 26)


def test_every_field_of_a_recorded_record_is_right(recorded: dict[str, HarvestPage]) -> None:
    (paper,) = recorded["arxiv-single"].papers

    assert paper.abstract is not None
    assert paper.abstract.startswith("We introduce a novel systematic construction for integrable")
    assert paper.abstract.endswith("polynomial and rational in the spectral parameter.")
    assert replace(paper, abstract=None) == Paper(
        id="1401.2122",
        title="New integrable (3+1)-dimensional systems and contact geometry",
        authors=("A. Sergyeyev",),
        categories=("math.AP", "hep-th", "math-ph", "math.DG", "nlin.SI"),
        primary_category="math.AP",
        published=date(2014, 1, 9),
        updated=date(2017, 10, 23),
        comments="16 pages, LaTeX, no figures, revised and abridged, in this version (v5) the "
        "typos were fixed (including some that have unfortunately crept into the published "
        "version too), Letters in Mathematical Physics (2017)",
        doi="10.1007/s11005-017-1013-4",
    )


def test_recorded_names_dois_and_days_are_right(recorded: dict[str, HarvestPage]) -> None:
    by_file = {name: page.papers[0] for name, page in recorded.items()}
    mixed = {paper.id: paper for paper in recorded["sample_arxiv_record"].papers}

    assert by_file["sample_arxiv_record4"].authors[:2] == ("Keck Array", "BICEP2 Collaborations")
    assert any(name.endswith(" IV") for name in by_file["sample_arxiv_record4"].authors)
    assert by_file["sample_arxiv_record5"].authors[0] == "Günter Burigana"
    assert by_file["sample_arxiv_record8"].authors[:2] == (
        "Super-Kamiokande Collaboration",
        "K. Abe",
    )
    assert by_file["sample_arxiv_record0"].doi == (
        "10.1103/PhysRevD.93.016005, 10.1103/PhysRevD.98.079901, 10.1103/PhysRevD.98.079903"
    )
    assert mixed["1808.04927"].title == (
        r"Measurements of $π^{\pm}$, $K^{\pm}$ and proton yields from the surface of the T2K "
        "replica target for incoming 31 GeV/c protons with the NA61/SHINE spectrometer at the "
        "CERN SPS"
    )
    assert mixed["1601.03238"].updated == mixed["1601.03238"].published == date(2016, 1, 13)
    evaluated = recorded["arxiv-physics-hep-ex"].papers[0]
    assert (evaluated.published, evaluated.updated) == (date(2017, 6, 16), date(2017, 12, 12))
    assert evaluated.authors[-1] == "Mani Tripathi"

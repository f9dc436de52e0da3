"""Every reply of the arXiv API that others recorded is read, with every field right."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.arxiv.atom import ArxivApi
from ingest.arxiv.ids import MalformedArxivId
from ingest.errors import BadSource, SourceError
from ingest.paper import Paper, Version
from tests.outside.faults import Fault
from tests.outside.server import OutsideServer, standing_in

_IDS = re.compile(rb"<id>http://arxiv.org/abs/([^<]+)</id>")
_TOTAL = re.compile(rb"(<opensearch:totalResults[^>]*>)[0-9]+")


@pytest.fixture
def outside() -> Iterator[OutsideServer]:
    with standing_in() as server:
        yield server


def _api(outside: OutsideServer) -> ArxivApi:
    return ArxivApi(outside.arxiv_url, delay_seconds=0, timeout_seconds=5)


def _replayed(outside: OutsideServer, body: bytes) -> dict[str, Paper]:
    """Return the papers of a page as if they had been asked for by id."""
    ids = [found.decode() for found in _IDS.findall(body)]
    whole = _TOTAL.sub(rb"\g<1>%d" % len(ids), body)
    outside.script.clear()
    outside.script.plan(Fault(body=whole, kind="application/atom+xml"))
    given = list(_api(outside).fetch(ids))
    papers = {item.id: item for item in given if isinstance(item, Paper)}
    assert len(papers) == len(given) == len(ids)
    return papers


def _asked_by_id(outside: OutsideServer, folder: Path) -> dict[str, list[Paper | SourceError]]:
    """Replay the replies to lists of ids, each under the address that it was recorded from."""
    given = {}
    for item in json.loads((folder / "index.json").read_text()):
        query = urlsplit(item["url"]).query
        if ids := parse_qs(query).get("id_list"):
            outside.clear()
            outside.script.plan(
                Fault(item["status_code"], body=(folder / item["file"]).read_bytes())
            )
            given[ids[0]] = list(_api(outside).fetch(ids[0].split(",")))
            if not any(isinstance(answer, MalformedArxivId) for answer in given[ids[0]]):
                assert outside.paths() == [f"/api/query?{query}"]
    return given


@pytest.fixture
def recorded(shared: Path) -> Path:
    return shared / "arxiv" / "api_samples" / "atom_2026_recorded"


def test_ids_are_answered_as_recorded(outside: OutsideServer, recorded: Path) -> None:
    given = _asked_by_id(outside, recorded)

    assert len(given) == 9
    assert isinstance(given["abc"][0], BadSource)
    papers = {
        asked: [(item.id, item.version) for item in items if isinstance(item, Paper)]
        for asked, items in given.items()
    }
    assert {asked: found for asked, found in papers.items() if found} == {
        "0808.05394,1707.08567": [("1707.08567", 1)],
        "1605.08386": [("1605.08386", 1)],
        "1707.08567": [("1707.08567", 1)],
        "2104.12255v1": [("2104.12255", 1)],
        "astro-ph/0601001": [("astro-ph/0601001", 1)],
        "quant-ph/0201082v1": [("quant-ph/0201082", 1)],
    }


@pytest.mark.parametrize(
    ("file", "status", "reason"),
    [
        ("id_0000.0000_s0_m100_8b51d9633a68.xml", 200, "arXiv has no such paper"),
        ("id_0808.05394_s0_m100_7b0c7d0a7cdd.xml", 200, "arXiv has no such paper"),
        ("id_abc_s0_m100_b79c8dcf6bc3.xml", 400, "arXiv does not accept this id"),
    ],
)
def test_unknown_and_malformed_ids_are_bad_sources(
    outside: OutsideServer, recorded: Path, file: str, status: int, reason: str
) -> None:
    outside.script.plan(Fault(status, body=(recorded / file).read_bytes()))

    (given,) = _api(outside).fetch(["1901.99999"])

    assert isinstance(given, BadSource)
    assert reason in given.reason
    assert len(outside.asked) == 1


def test_every_field_of_an_old_paper_is_right(outside: OutsideServer, recorded: Path) -> None:
    (paper,) = _asked_by_id(outside, recorded)["astro-ph/0601001"]

    assert isinstance(paper, Paper)
    assert paper.abstract is not None
    assert paper.abstract.startswith("We derive the frequencies of hot Jupiters (HJs) with 3--5")
    assert paper.abstract.endswith("in the sample to map this distribution in detail.")
    assert replace(paper, abstract=None) == Paper(
        id="astro-ph/0601001",
        title="Frequency of Hot Jupiters and Very Hot Jupiters from the OGLE-III Transit Surveys "
        "Toward the Galactic Bulge and Carina",
        authors=("Andrew Gould", "Susan Dorsher", "B. Scott Gaudi", "Andrzej Udalski"),
        categories=("astro-ph",),
        primary_category="astro-ph",
        published=date(2006, 1, 2),
        updated=date(2006, 1, 2),
        version=1,
        comments="62 pages including 16 figures and 9 tables. Submitted to Acta Astronomica. Full "
        "resolution version at http://www.astronomy.ohio-state.edu/~gould/ogle_hot_jupiters.ps.gz",
        versions=(Version(1, date(2006, 1, 2)),),
    )


def test_every_page_of_a_search_is_read_whole(outside: OutsideServer, recorded: Path) -> None:
    pages = {path.name: path.read_bytes() for path in sorted(recorded.glob("q_*.xml"))}

    read = {name: _replayed(outside, body) for name, body in pages.items()}

    assert [len(papers) for papers in read.values()] == [
        100,
        10,
        15,
        10,
        10,
        10,
        10,
        10,
        10,
        15,
        15,
    ]
    every = {arxiv_id: paper for papers in read.values() for arxiv_id, paper in papers.items()}
    assert all(p.title and p.abstract and p.authors and p.published for p in every.values())
    assert all(p.categories[0] == p.primary_category for p in every.values())
    tests = every["2306.03845"]
    assert tests.title == "$ω$Test: WebView-Oriented Testing for Android Applications"
    assert (tests.doi, tests.version) == ("10.1145/3597926.3598112", 1)
    gradients = every["2405.11454"]
    assert gradients.categories == ("cs.LG", "cs.DS", "math.OC")
    assert gradients.versions == (Version(1, date(2024, 5, 19)), Version(2, date(2026, 2, 19)))
    assert every["2202.09076"].authors[1] == "Mika V. Mäntylä"
    assert every["gr-qc/0103067"].published == date(2001, 3, 17)
    assert not any(paper.withdrawn for paper in every.values())


def test_the_older_form_of_the_feed_is_read(outside: OutsideServer, shared: Path) -> None:
    folder = shared / "arxiv" / "api_samples" / "atom_2019_2025"
    papers = {
        arxiv_id: paper
        for path in folder.glob("*.xml")
        for arxiv_id, paper in _replayed(outside, path.read_bytes()).items()
    }

    assert len(papers) == 12
    assert all("\n" not in (paper.abstract or "\n") for paper in papers.values())
    assert papers["1503.01162"].title == (
        "Report on a Boston University Conference December 7-8, 2012 on 'How Can the History "
        "and Philosophy of Science Contribute to Contemporary U.S. Science Teaching?'"
    )
    robots = papers["2510.14968"]
    assert robots.title == (
        "RDD: Retrieval-Based Demonstration Decomposer for Planner Alignment in Long-Horizon Tasks"
    )
    assert robots.authors[:2] == ("Mingxuan Yan", "Yuping Wang")
    assert robots.published == date(2025, 10, 16)


def test_classes_of_other_schemes_are_no_categories(outside: OutsideServer, shared: Path) -> None:
    folder = shared / "arxiv" / "api_samples" / "atom_2019_2025"
    body = (folder / "all_science_2019-08-10.xml").read_bytes()

    papers = _replayed(outside, body)

    assert b'term="03B70, 68Q99"' in body
    assert not any(" " in category for p in papers.values() for category in p.categories)

"""DataCite gives papers by the DOI that arXiv registers for each, as far as it knows them."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ingest.arxiv.datacite import DataCite
from ingest.arxiv.ids import MalformedArxivId
from ingest.arxiv.source import NotHere
from ingest.paper import Paper, Version
from tests.outside.faults import Fault
from tests.outside.server import OutsideServer, standing_in

ATTRIBUTES: dict[str, Any] = {
    "titles": [{"title": "On Kettles:\n  a &lt;short&gt; tale", "titleType": None}],
    "creators": [
        {"name": "Boil, Ann", "givenName": "Ann", "familyName": "Boil", "nameType": "Personal"},
        {"name": "Lid, Björn, Jr.", "nameType": "Personal"},
        {"name": "Kettle Collaboration", "nameType": "Organizational"},
        {"name": None},
    ],
    "descriptions": [
        {"description": "Kettles whistle &amp;\nboil.", "descriptionType": "Abstract"},
        {"description": "9 pages", "descriptionType": "Other"},
    ],
    "dates": [
        {"date": "2019-05-06T23:59:59Z", "dateType": "Submitted", "dateInformation": "v1"},
        {"date": "2019-05-08T00:10:00Z", "dateType": "Updated", "dateInformation": "v1"},
        {"date": "2019-07-01T12:00:00+02:00", "dateType": "Submitted", "dateInformation": "v2"},
        {"date": "2021-01-01T00:00:00Z", "dateType": "Updated", "dateInformation": "v2"},
        {"date": "2019-05", "dateType": "Available", "dateInformation": "v1"},
        {"date": "2019", "dateType": "Issued"},
    ],
    "subjects": [
        {"subject": "Machine Learning (stat.ML)", "subjectScheme": "arXiv"},
        {"subject": "Machine Learning (cs.LG)", "subjectScheme": "arXiv"},
        {"subject": "FOS: Computer and information sciences (FOS)", "subjectScheme": "FOS"},
    ],
    "relatedIdentifiers": [
        {
            "relationType": "IsVersionOf",
            "relatedIdentifier": "10.1000/kettles",
            "relatedIdentifierType": "DOI",
        },
        {
            "relationType": "IsCitedBy",
            "relatedIdentifier": "10.1/x",
            "relatedIdentifierType": "DOI",
        },
    ],
    "version": "2",
    "publisher": "arXiv",
}


@pytest.fixture
def outside() -> Iterator[OutsideServer]:
    with standing_in() as server:
        yield server


def _datacite(outside: OutsideServer) -> DataCite:
    return DataCite(outside.datacite_url, delay_seconds=0, timeout_seconds=5)


def _answering(outside: OutsideServer, attributes: object, arxiv_id: str = "1905.02249") -> None:
    data = {"id": f"10.48550/arxiv.{arxiv_id}", "type": "dois", "attributes": attributes}
    outside.script.plan(Fault(200, body=json.dumps({"data": data}).encode()))


def test_every_field_of_a_record_is_read(outside: OutsideServer) -> None:
    _answering(outside, ATTRIBUTES)

    (paper,) = _datacite(outside).fetch(["https://arxiv.org/abs/1905.02249"])

    assert outside.paths() == ["/dois/10.48550/arXiv.1905.02249"]
    assert paper == Paper(
        id="1905.02249",
        title="On Kettles: a <short> tale",
        abstract="Kettles whistle & boil.",
        authors=("Ann Boil", "Björn Lid Jr.", "Kettle Collaboration"),
        categories=("stat.ML", "cs.LG"),
        primary_category="stat.ML",
        published=date(2019, 5, 6),
        updated=date(2019, 7, 1),
        version=2,
        comments="9 pages",
        doi="10.1000/kettles",
        versions=(Version(1, date(2019, 5, 6)), Version(2, date(2019, 7, 1))),
    )


def test_a_record_that_says_little_is_read_as_far_as_it_goes(outside: OutsideServer) -> None:
    _answering(outside, {"titles": None, "creators": None, "dates": None, "version": 3})

    (paper,) = _datacite(outside).fetch(["1905.02249"])

    assert paper == Paper(id="1905.02249", version=3)


def test_an_old_id_with_a_slash_is_asked_for(outside: OutsideServer) -> None:
    outside.papers.add("math/0309136", "On Maps", "Maps fold.")

    (paper,) = _datacite(outside).fetch(["math/0309136"])

    assert isinstance(paper, Paper)
    assert paper.title == "On Maps"
    assert outside.paths() == ["/dois/10.48550/arXiv.math/0309136"]


def test_a_paper_that_is_not_registered_says_nothing_of_arxiv(outside: OutsideServer) -> None:
    outside.papers.add("1905.02249", "On Kettles", "Kettles whistle.")

    malformed, unknown, known, older = _datacite(outside).fetch(
        ["abc", "1905.99999", "1905.02249", "1905.02249v4"]
    )

    assert isinstance(malformed, MalformedArxivId)
    assert isinstance(unknown, NotHere)
    assert unknown.reason == f"{outside.host} does not know it yet"
    assert isinstance(known, Paper)
    assert isinstance(older, NotHere)
    assert older.source == "arXiv:1905.02249v4"


@pytest.mark.parametrize(
    ("attributes", "arxiv_id", "reason"),
    [
        (ATTRIBUTES, "1905.99999", "sent the record of 10.48550/arxiv.1905.99999"),
        ("none", "1905.02249", "sent a record that cannot be read"),
        ({"titles": "On Kettles"}, "1905.02249", "sent a record that cannot be read (titles)"),
        ({"creators": [3]}, "1905.02249", "sent a record that cannot be read (creators.0)"),
    ],
)
def test_a_record_that_cannot_be_the_papers_is_not_taken(
    outside: OutsideServer, attributes: object, arxiv_id: str, reason: str
) -> None:
    _answering(outside, attributes, arxiv_id)

    (given,) = _datacite(outside).fetch(["1905.02249"])

    assert isinstance(given, NotHere)
    assert reason in given.reason


def test_a_withdrawn_paper_is_told(outside: OutsideServer) -> None:
    outside.papers.add(
        "1905.02249", "On Kettles", "Kettles.", submitted=datetime(2019, 5, 6, tzinfo=UTC)
    )
    outside.papers.withdraw("1905.02249")

    (paper,) = _datacite(outside).fetch(["1905.02249"])

    assert isinstance(paper, Paper)
    assert paper.withdrawn
    assert paper.version == 2
    assert paper.published == date(2019, 5, 6)

"""DataCite's API: the DOI of each paper, as JSON:API."""

import re
from typing import Any

from tests.outside.clock import stamp
from tests.outside.papers import ArxivPaper, Papers, PaperVersion
from tests.outside.reply import Query, Reply, json_reply

_DOI = re.compile(r"/dois/(10\.48550/arxiv\.)(.+)", re.IGNORECASE)


def datacite_reply(papers: Papers, query: Query) -> Reply:
    """Answer `/dois/10.48550/arXiv.X`."""
    asked = _DOI.fullmatch(query.path)
    by_letters = {paper.id.lower(): paper for paper in papers.by_id.values()}
    paper = by_letters.get(asked[2].lower()) if asked else None
    if paper is None or paper.deleted:
        title = "The resource you are looking for doesn't exist."
        return json_reply({"errors": [{"status": "404", "title": title}]}, 404)
    doi = f"10.48550/arxiv.{paper.id.lower()}"
    return json_reply({"data": {"id": doi, "type": "dois", "attributes": _attributes(paper, doi)}})


def _attributes(paper: ArxivPaper, doi: str) -> dict[str, Any]:
    first, newest = paper.versions[0], paper.newest
    told = [("Abstract", newest.abstract), ("Other", newest.comments)]
    license_url = "arXiv.org perpetual, non-exclusive license"
    return {
        "doi": doi,
        "prefix": "10.48550",
        "suffix": doi.partition("/")[2],
        "creators": [_creator(author) for author in paper.authors],
        "titles": [{"title": newest.title}],
        "publisher": "arXiv",
        "publicationYear": first.submitted.year,
        "subjects": [
            {"lang": "en", "subject": f"Some Field ({category})", "subjectScheme": "arXiv"}
            for category in paper.categories
        ],
        "dates": [
            date
            for number, version in enumerate(paper.versions, 1)
            for date in _dates(number, version)
        ],
        "types": {"resourceType": "Article", "resourceTypeGeneral": "Preprint"},
        "relatedIdentifiers": _published_as(paper),
        "version": str(len(paper.versions)),
        "rightsList": [{"rights": license_url}],
        "descriptions": [
            {"description": text, "descriptionType": kind} for kind, text in told if text
        ],
        "url": f"https://arxiv.org/abs/{paper.id}",
        "state": "findable",
    }


def _dates(number: int, version: PaperVersion) -> list[dict[str, str]]:
    moment = stamp(version.submitted)
    told = {"Submitted": moment, "Updated": moment, "Available": moment[:7]}
    return [
        {"date": date, "dateType": kind, "dateInformation": f"v{number}"}
        for kind, date in told.items()
    ]


def _creator(author: str) -> dict[str, Any]:
    given, _, family = author.rpartition(" ")
    name = ", ".join(filter(None, (family, given)))
    parts = {"givenName": given, "familyName": family} if given else {}
    return {"name": name, "nameType": "Personal", **parts, "affiliation": []}


def _published_as(paper: ArxivPaper) -> list[dict[str, str]]:
    if paper.doi is None:
        return []
    return [
        {
            "relationType": "IsVersionOf",
            "relatedIdentifier": paper.doi,
            "relatedIdentifierType": "DOI",
        }
    ]

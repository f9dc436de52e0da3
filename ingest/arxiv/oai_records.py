"""Read the records of an OAI-PMH reply, in arXiv's two formats: arXivRaw and arXiv."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree
from oaipmh_scythe.models import Header

from ingest.arxiv.ids import MalformedArxivId, parse_arxiv_id
from ingest.errors import BadSource
from ingest.files.metadata_file import read_record
from ingest.paper import Paper

_PLAIN = ("title", "abstract", "authors", "categories", "comments", "doi")


@dataclass(frozen=True, slots=True)
class Deleted:
    """A paper that arXiv took out."""

    id: str


def read_records(root: etree._Element) -> Iterator[Paper | Deleted | BadSource]:
    """Yield each record's paper, or that it was deleted, or why it cannot be read."""
    for record in root.iterfind("{*}*/{*}record"):
        element = record.find("{*}header")
        if element is None:
            yield BadSource("arXiv", "a record without a header. It was left out.")
            continue
        header = Header(element)
        yield _read(record, str(header.identifier).rpartition(":")[2], header.deleted)


def resumption(root: etree._Element) -> tuple[str | None, int | None]:
    """Return the token that the next page is had with, and how many records there are in all."""
    element = root.find("{*}*/{*}resumptionToken")
    if element is None:
        return None, None
    size = element.get("completeListSize", "")
    token = (element.text or "").strip()
    return token or None, int(size) if size.isascii() and size.isdigit() else None


def _read(record: etree._Element, name: str, deleted: bool) -> Paper | Deleted | BadSource:
    source = f"arXiv:{name}"
    told = record.find("{*}metadata/*")
    try:
        arxiv_id = parse_arxiv_id(name).id
    except MalformedArxivId as error:
        return BadSource(source, f"{error.reason} The record was left out.")
    if deleted:
        return Deleted(arxiv_id)
    if told is None:
        return BadSource(source, "a record without metadata. It was left out.")
    values = {**_values(told), "id": arxiv_id}
    if not (values["title"] or values["abstract"]):
        return BadSource(source, "a record without title and abstract. It was left out.")
    return read_record(values, source)


def _values(told: etree._Element) -> dict[str, Any]:
    """Return the metadata under the names that arXiv's snapshot has for them."""
    values: dict[str, Any] = {name: told.findtext(f"{{*}}{name}") for name in _PLAIN}
    if etree.QName(told).localname == "arXivRaw":
        values["versions"] = [
            {"version": version.get("version"), "created": version.findtext("{*}date")}
            for version in told.iterfind("{*}version")
        ]
    else:
        created = told.findtext("{*}created")
        values["published"] = created
        values["updated"] = told.findtext("{*}updated") or created
        values["authors"] = None
        values["authors_parsed"] = [
            [author.findtext(f"{{*}}{part}") or "" for part in ("keyname", "forenames", "suffix")]
            for author in told.iterfind("{*}authors/{*}author")
        ]
    return values

"""What a reply of arXiv or DataCite must be to be read at all."""

import json

from lxml import etree

from ingest.arxiv.polite import Passing

_ATOM = "{http://www.w3.org/2005/Atom}"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
_OAI = "{http://www.openarchives.org/OAI/2.0/}OAI-PMH"


class EmptyFeed(Passing):
    """The feed promises results and has none."""


def check_feed(content: bytes) -> None:
    """Raise `Passing` for what is no complete Atom feed, `EmptyFeed` where its results lack."""
    root = _root(content, f"{_ATOM}feed", "feed")
    if root.find(f"{_ATOM}entry") is None and (root.findtext(_TOTAL) or "").strip() != "0":
        raise EmptyFeed("sent an empty page where papers were due")


def check_oai(content: bytes) -> None:
    """Raise `Passing` for what is no complete OAI-PMH reply."""
    _root(content, _OAI, "OAI-PMH reply")


def check_json(content: bytes) -> None:
    """Raise `Passing` for what is no complete JSON object."""
    try:
        complete = isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        complete = False
    if not complete:
        raise Passing("sent a page that is no JSON")


def _root(content: bytes, tag: str, what: str) -> etree._Element:
    """Return the root of a document that is whole and declares no entities of its own."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Passing(f"sent a page that is no complete {what}") from error
    if root.tag != tag or root.getroottree().docinfo.doctype:
        raise Passing(f"sent a page that is no {what}")
    return root

"""What people call a thing of the library, and under which name the library follows it."""

from pathlib import Path

from ingest.arxiv_id import MalformedArxivId, parse_arxiv_id
from ingest.catalogue import Catalogue
from ingest.errors import BadSource

_SOURCES = ("list", "file", "thread")


def followed_name(thing: str, catalogue: Catalogue) -> str:
    """Return the name under which the library follows a thing.

    A thing is given as an arXiv id or address, a topic's URL, a path, a document's key, or the
    name itself as `journalclub status` shows it. Raises `BadSource` when nothing follows it.
    """
    for name in _names(thing):
        if catalogue.is_followed(name):
            return name
    reason = "is not in this library; 'journalclub status' lists what it follows"
    raise BadSource(thing, reason)


def _names(thing: str) -> list[str]:
    path = Path(thing).resolve()
    names = [thing, f"topic:{thing}", f"comment:{thing}", *(f"{kind}:{path}" for kind in _SOURCES)]
    try:
        return [*names, f"arxiv:{parse_arxiv_id(thing.removesuffix(':abstract')).id}"]
    except MalformedArxivId:
        return names

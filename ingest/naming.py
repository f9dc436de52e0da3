"""What people call a thing of the library, and under which name the library follows it."""

import re
from contextlib import suppress
from pathlib import Path

from ingest.arxiv.ids import MalformedArxivId, parse_arxiv_id
from ingest.catalogue import Catalogue
from ingest.errors import BadSource
from ingest.forum.listing import parse_listing_url
from ingest.forum.topics import parse_topic_url

_SOURCES = ("list", "bib", "file", "thread")


def paper_name(text: str) -> str:
    """Return the name of a paper without its version; a malformed one fails when it is read."""
    with suppress(MalformedArxivId):
        return f"arxiv:{parse_arxiv_id(text).id}"
    return f"arxiv:{text}"


def topic_name(url: str) -> str:
    """Return the one name of a topic, however its URL is spelt; none fails when it is read."""
    with suppress(BadSource):
        return f"topic:{parse_topic_url(url).url}"
    return f"topic:{url}"


def listing_name(url: str) -> str:
    """Return the one name of a category or tag, however its URL is spelt."""
    with suppress(BadSource):
        return f"category:{parse_listing_url(url).url}"
    return f"category:{url}"


def thing_of_key(key: str) -> str:
    """Return the name of what a document is made of: a paper, a note or a comment."""
    thing = re.sub(r":(abstract|record)$", "", key)
    return key if key.startswith("note:") else thing if thing != key else f"comment:{key}"


def followed_name(thing: str, catalogue: Catalogue) -> str:
    """Return the name under which the library follows a thing.

    A thing is given as an arXiv id or address, a topic's URL, a path, a document's key, or the
    name itself as `journalclub status` shows it. Raises `BadSource` when nothing follows it.
    """
    for name in _names(thing):
        if catalogue.follows.is_followed(name):
            return name
    reason = "is not in this library; 'journalclub status' lists what it follows"
    raise BadSource(thing, reason)


def removed_name(thing: str, catalogue: Catalogue) -> str:
    """Return the name under which a thing is kept out. Raises `BadSource` if it is not."""
    excluded = catalogue.follows.excluded()
    for name in _names(thing):
        if name in excluded:
            return name
    raise BadSource(thing, "is not kept out; 'journalclub status' lists what is")


def _names(thing: str) -> list[str]:
    path = Path(thing).resolve()
    return [
        thing,
        topic_name(thing.removeprefix("topic:")),
        listing_name(thing.removeprefix("category:")),
        f"comment:{thing}",
        *(f"{kind}:{path}" for kind in _SOURCES),
        paper_name(re.sub(r":(abstract|record)$", "", thing)),
    ]

"""Bring documents in and keep them true: papers, threads, notes, and the links between them.

Knows `index`, not `service`.

What is named here is imported when it is first asked for: the clients that ask the network and
the parsers take longer to import than a question takes to be answered, and answering needs none.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.arxiv.addresses import ARXIV_API_URL, DATACITE_URL, OAI_URL
    from ingest.arxiv.atom import ArxivApi
    from ingest.arxiv.chain import PaperChain
    from ingest.arxiv.datacite import DataCite
    from ingest.arxiv.ids import find_arxiv_ids, parse_arxiv_id
    from ingest.arxiv.oai import ArxivOai
    from ingest.arxiv.snapshot import Snapshot
    from ingest.arxiv.source import PaperSource
    from ingest.catalogue import Catalogue
    from ingest.errors import BadSource, SourceError, Unreachable
    from ingest.following import STARTER
    from ingest.forum.refs import parse_topic_url
    from ingest.forum.topics import Credentials, Discourse
    from ingest.given import Given
    from ingest.links.linker import Link, Linker
    from ingest.paper import Paper
    from ingest.post import Post
    from ingest.rehearsal import rehearse
    from ingest.report import Failure, Progress, Report, Watch
    from ingest.retries import Retry
    from ingest.run import ingest, remove, restore
    from ingest.runs import PastRun
    from ingest.under_way import Outside

__all__ = [
    "ARXIV_API_URL",
    "DATACITE_URL",
    "OAI_URL",
    "STARTER",
    "ArxivApi",
    "ArxivOai",
    "BadSource",
    "Catalogue",
    "Credentials",
    "DataCite",
    "Discourse",
    "Failure",
    "Given",
    "Link",
    "Linker",
    "Outside",
    "Paper",
    "PaperChain",
    "PaperSource",
    "PastRun",
    "Post",
    "Progress",
    "Report",
    "Retry",
    "Snapshot",
    "SourceError",
    "Unreachable",
    "Watch",
    "find_arxiv_ids",
    "ingest",
    "parse_arxiv_id",
    "parse_topic_url",
    "rehearse",
    "remove",
    "restore",
]

_HOMES = {
    "ingest.arxiv.addresses": ("ARXIV_API_URL", "DATACITE_URL", "OAI_URL"),
    "ingest.arxiv.atom": ("ArxivApi",),
    "ingest.arxiv.chain": ("PaperChain",),
    "ingest.arxiv.datacite": ("DataCite",),
    "ingest.arxiv.ids": ("find_arxiv_ids", "parse_arxiv_id"),
    "ingest.arxiv.oai": ("ArxivOai",),
    "ingest.arxiv.snapshot": ("Snapshot",),
    "ingest.arxiv.source": ("PaperSource",),
    "ingest.catalogue": ("Catalogue",),
    "ingest.errors": ("BadSource", "SourceError", "Unreachable"),
    "ingest.following": ("STARTER",),
    "ingest.forum.refs": ("parse_topic_url",),
    "ingest.forum.topics": ("Credentials", "Discourse"),
    "ingest.given": ("Given",),
    "ingest.links.linker": ("Link", "Linker"),
    "ingest.paper": ("Paper",),
    "ingest.post": ("Post",),
    "ingest.rehearsal": ("rehearse",),
    "ingest.report": ("Failure", "Progress", "Report", "Watch"),
    "ingest.retries": ("Retry",),
    "ingest.run": ("ingest", "remove", "restore"),
    "ingest.runs": ("PastRun",),
    "ingest.under_way": ("Outside",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Return what is named in `__all__`, its module imported now."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
    return found

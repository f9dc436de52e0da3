"""Bring documents in and keep them true: papers, threads, notes, and the links between them.

Knows `index`, not `service`.
"""

from ingest.arxiv.atom import ARXIV_API_URL, ArxivApi
from ingest.arxiv.ids import find_arxiv_ids, parse_arxiv_id
from ingest.catalogue import STARTER, Catalogue
from ingest.errors import BadSource, SourceError, Unreachable
from ingest.forum.topics import Credentials, Discourse, parse_topic_url
from ingest.gathering import Outside
from ingest.links.linker import Link, Linker
from ingest.paper import Paper
from ingest.post import Post
from ingest.report import Failure, Progress, Report, Watch
from ingest.run import Given, ingest, remove

__all__ = [
    "ARXIV_API_URL",
    "STARTER",
    "ArxivApi",
    "BadSource",
    "Catalogue",
    "Credentials",
    "Discourse",
    "Failure",
    "Given",
    "Link",
    "Linker",
    "Outside",
    "Paper",
    "Post",
    "Progress",
    "Report",
    "SourceError",
    "Unreachable",
    "Watch",
    "find_arxiv_ids",
    "ingest",
    "parse_arxiv_id",
    "parse_topic_url",
    "remove",
]

"""Bring documents in and keep them true: papers, threads, notes, and the links between them.

Knows `index`, not `service`.
"""

from ingest.arxiv.atom import ARXIV_API_URL, ArxivApi
from ingest.arxiv.chain import PaperChain
from ingest.arxiv.datacite import DataCite
from ingest.arxiv.ids import find_arxiv_ids, parse_arxiv_id
from ingest.arxiv.oai import ArxivOai
from ingest.arxiv.snapshot import Snapshot
from ingest.arxiv.source import PaperSource
from ingest.catalogue import Catalogue
from ingest.errors import BadSource, SourceError, Unreachable
from ingest.following import STARTER
from ingest.forum.topics import Credentials, Discourse, parse_topic_url
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

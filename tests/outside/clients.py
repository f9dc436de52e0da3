"""Clients that ask the stand-in and nobody else, without pauses."""

from collections.abc import Callable
from datetime import datetime

from ingest import ArxivApi, ArxivOai, DataCite, Discourse, Outside, PaperChain, PaperSource


def clients_of(address: str, forum: Discourse, clock: Callable[[], datetime]) -> Outside:
    """Return what a run needs to ask for papers by any of the ways that there are."""
    oai = ArxivOai(f"{address}/oai", delay_seconds=0, timeout_seconds=5)
    chain: list[PaperSource] = [
        ArxivApi(f"{address}/api/query", delay_seconds=0, timeout_seconds=5),
        oai,
        DataCite(f"{address}/dois", delay_seconds=0, timeout_seconds=5),
    ]
    return Outside(PaperChain(chain), forum, oai, clock=clock)

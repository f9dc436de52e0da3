"""Harvest sets of arXiv through OAI-PMH, page by page."""

from dataclasses import replace

from ingest.arxiv.oai import HarvestPage, StaleToken
from ingest.paper_rows import ARXIV, thing_of
from ingest.report import Progress
from ingest.sources import Harvest
from ingest.under_way import Run


def read_set(source: str, name: str, run: Run) -> list[str]:
    """Take in what changed in a set since the last harvest, or go on with one that was stopped.

    Each page is kept with the token of the next one, so nothing is asked for twice. A token that
    arXiv forgot begins the harvest again from its day, and so does an earlier day than was asked
    for at first.
    """
    memory = run.catalogue.sources
    day = run.given.oai_from if name in run.given.oai_sets else None
    harvest = memory.harvest(source)
    if harvest is None or (day and harvest.first and day < harvest.first):
        harvest = Harvest(day, day)
    try:
        _harvest(source, name, harvest, run)
    except StaleToken:
        harvest = replace(memory.harvest(source) or harvest, token=None)
        memory.set_harvest(source, harvest)
        _harvest(source, name, harvest, run)
    return []


def _harvest(source: str, name: str, harvest: Harvest, run: Run) -> None:
    done = 0
    began = harvest.began if harvest.token else None
    for page in run.outside.harvester.harvest(name, harvest.since, harvest.token):
        _take(page, source, run)
        began = began or page.answered
        ended = replace(harvest, since=began, token=None, began=None)
        harvest = replace(harvest, token=page.token, began=began) if page.token else ended
        run.catalogue.sources.set_harvest(source, harvest)
        done += len(page.papers)
        run.watch(Progress("harvesting arXiv", done, page.total))


def _take(page: HarvestPage, source: str, run: Run) -> None:
    excluded = run.catalogue.follows.excluded()
    papers = [paper for paper in page.papers if thing_of(paper.id) not in excluded]
    run.catalogue.follows.follow([thing_of(paper.id) for paper in papers], source)
    run.catalogue.papers.claim(papers, ARXIV)
    for paper in page.deleted:
        run.catalogue.papers.take_back(paper)
        run.catalogue.follows.unfollow(thing_of(paper), source)
    for error in page.malformed:
        run.fail(error)

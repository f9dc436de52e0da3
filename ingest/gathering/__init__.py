"""Read every source into the catalogue: what a run learns before a document is written."""

from collections import deque

from ingest.errors import BadSource, Unreachable
from ingest.following import STARTER
from ingest.gathering.files import read_file, read_thread_file
from ingest.gathering.forum import read_category, read_topic
from ingest.gathering.harvest import read_set
from ingest.gathering.lists import check_corrections, read_bib, read_fallbacks, read_list
from ingest.gathering.papers import fetch_named, fetch_papers, look_up, want
from ingest.under_way import Run

_READERS = {
    "list": read_list,
    "bib": read_bib,
    "file": read_file,
    "topic": read_topic,
    "category": read_category,
    "thread": read_thread_file,
    "arxiv": want,
    "oai": read_set,
}
_ASKED = ("topic", "category", "oai")  # over the network, so not again and again


def readable(name: str) -> str:
    """Return the name of a source as it is. Raises `BadSource` for what only sources hold."""
    if name.partition(":")[0] in _READERS:
        return name
    reason = "is no source but held by one: 'journalclub status' lists the sources"
    raise BadSource(name, reason)


def gather(run: Run) -> None:
    """Follow what is given and read it, or all that is followed.

    What is wrong with one source is tallied and stops no other. A source that could not be reached
    now stays followed; one that is wrong and never held anything does not.
    """
    given = run.given.sources()
    run.catalogue.follows.follow(given)
    if not run.catalogue.follows.children() and STARTER not in run.catalogue.follows.excluded():
        run.catalogue.follows.follow([STARTER])
    chosen = sorted({*given, *run.given.only}) or run.catalogue.follows.children()
    queue, seen = deque(chosen), set[str]()
    while queue:
        source = queue.popleft()
        if source not in seen:
            seen.add(source)
            queue.extendleft(reversed(_read(source, run, source in given)))
    read_fallbacks(run)
    look_up(run)
    fetch_papers(run)
    fetch_named(run)
    check_corrections(run)


def _read(source: str, run: Run, is_given: bool) -> list[str]:
    """Read a source; return the further ones that it names."""
    kind, _, name = source.partition(":")
    insists = is_given and not run.given.patient
    if kind in _ASKED and not insists and (retry := run.put_off(source)):
        run.wait_for(name, retry)
        return []
    try:
        further = _READERS[kind](source, name, run)
    except BadSource as error:
        run.fail(error, source, None if kind in _ASKED else 0.0)
        if is_given and not run.catalogue.follows.children(source):
            run.catalogue.follows.unfollow(source)
        return []
    except Unreachable as error:
        run.postpone(error, source)
        return []
    run.retries.succeeded(source)
    return further

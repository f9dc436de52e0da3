"""Read metadata files and saved threads."""

from itertools import islice
from pathlib import Path

from ingest.errors import SourceError
from ingest.files.metadata_file import read_metadata
from ingest.files.saved_thread import read_thread
from ingest.files.stamp import Stamp
from ingest.gathering.posts import keep_saved
from ingest.paper import Paper
from ingest.paper_rows import BY_FILE, Origin, thing_of
from ingest.report import Progress
from ingest.under_way import Run

_AT_ONCE = 500


def read_file(source: str, name: str, run: Run) -> list[str]:
    """Take in the papers of a metadata file, unless it is as it was when all of it was written."""
    path = Path(name)
    known = run.catalogue.sources.stamp(source)
    if known and run.given.limit is None and path.is_file() and known.fits(path):
        run.catalogue.sources.set_stamp(source, known.renewed(path))
        return []
    stamp = Stamp.of(path) if path.is_file() else None
    sound = _take_records(source, path, run)
    if run.given.limit is None and (sound or run.given.allow_removals):
        run.catalogue.follows.unfollow_others(source)
        if sound and stamp:
            run.found.stamps[source] = stamp
    return []


def _take_records(source: str, path: Path, run: Run) -> bool:
    """Take in what the file holds; tell whether all of it is sound."""
    excluded, origin = run.catalogue.follows.excluded(), Origin(source, BY_FILE)
    records = islice(read_metadata(path, run.tally), run.given.limit)
    done, sound = 0, True
    run.catalogue.follows.follow_again([], source, first=True)
    while group := list(islice(records, _AT_ONCE)):
        papers = [
            record
            for record in group
            if isinstance(record, Paper) and thing_of(record.id) not in excluded
        ]
        for record in group:
            if isinstance(record, SourceError):
                run.fail(record)
                sound = False
        run.catalogue.follows.follow_again([thing_of(paper.id) for paper in papers], source)
        run.catalogue.papers.claim(papers, origin)
        done += len(papers)
        run.watch(Progress("reading", done, run.given.limit))
    return sound


def read_thread_file(source: str, name: str, run: Run) -> list[str]:
    """Take in the posts of a thread that was saved as text."""
    keep_saved(source, read_thread(Path(name)), run)
    return []

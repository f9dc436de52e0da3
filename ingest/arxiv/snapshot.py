"""Take papers from a local file of arXiv metadata where arXiv itself is not to be had."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.arxiv.ids import ArxivId
from ingest.arxiv.source import NotHere, wanted_ids
from ingest.errors import BadSource, SourceError, Unreachable
from ingest.files.metadata_file import read_metadata
from ingest.paper import Paper
from ingest.paper_rows import SNAPSHOT
from ingest.report import Tally


class Snapshot:
    """A metadata file as a source of single papers; it is read anew each time."""

    name = "file"
    origin = SNAPSHOT

    def __init__(self, path: Path) -> None:
        self._path = path

    def fetch(self, ids: Iterable[str]) -> Iterator[Paper | SourceError]:
        """Yield for each distinct id, in any form, its paper or why there is none.

        The file is read as far as the last of them. `NotHere` is a paper that it lacks, or has in
        another version; a file that cannot be read is `Unreachable`.
        """
        wanted, malformed = wanted_ids(ids)
        yield from malformed
        try:
            found = self._papers({arxiv_id.id for arxiv_id in wanted})
        except BadSource as error:
            yield from (Unreachable(f"arXiv:{arxiv_id}", str(error)) for arxiv_id in wanted)
            return
        for arxiv_id in wanted:
            yield self._answer(arxiv_id, found.get(arxiv_id.id))

    def _papers(self, wanted: set[str]) -> dict[str, Paper]:
        found: dict[str, Paper] = {}
        if not wanted:
            return found
        for paper in read_metadata(self._path, Tally()):
            if isinstance(paper, Paper) and paper.id in wanted:
                found[paper.id] = paper
                if len(found) == len(wanted):
                    break
        return found

    def _answer(self, wanted: ArxivId, paper: Paper | None) -> Paper | SourceError:
        if paper is None:
            return NotHere(f"arXiv:{wanted}", f"{self._path.name} does not have it")
        if wanted.version not in (None, paper.version):
            return NotHere(f"arXiv:{wanted}", f"{self._path.name} has another version")
        return paper

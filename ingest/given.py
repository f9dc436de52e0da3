"""What a run is asked to do."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.following import STARTER
from ingest.naming import listing_name, paper_name, topic_name


@dataclass(frozen=True, slots=True)
class Given:
    """What a run is asked to bring in and remember; nothing means all that is followed.

    `oai_sets` are arXiv's, harvested from the day `oai_from`. `only` limits a run to sources that
    are followed already, by the names they are followed under. `limit` is how many records are read
    of each file. A source that lost more than a fifth of its documents loses them here only with
    `allow_removals`. With `patient`, what is given waits as long as what is followed does.
    """

    lists: tuple[Path, ...] = ()
    bibs: tuple[Path, ...] = ()
    arxiv_ids: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    threads: tuple[Path, ...] = ()
    oai_sets: tuple[str, ...] = ()
    oai_from: date | None = None
    starter: bool = False
    only: tuple[str, ...] = ()
    limit: int | None = None
    allow_removals: bool = False
    patient: bool = False

    def sources(self) -> list[str]:
        """Return the names under which the library follows them."""
        return [
            *([STARTER] if self.starter else ()),
            *(f"list:{path.resolve()}" for path in self.lists),
            *(f"bib:{path.resolve()}" for path in self.bibs),
            *(paper_name(arxiv_id) for arxiv_id in self.arxiv_ids),
            *(topic_name(url) for url in self.topics),
            *(listing_name(url) for url in self.categories),
            *(f"file:{path.resolve()}" for path in self.files),
            *(f"thread:{path.resolve()}" for path in self.threads),
            *(f"oai:{name}" for name in self.oai_sets),
        ]

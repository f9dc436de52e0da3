"""A paper as every source gives it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an arXiv paper: its number, 1 at first, and when it was submitted."""

    number: int
    submitted: date | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A work, whoever told us of it; what a source does not say is None or empty.

    `id` is an arXiv id without version. A work that is not on arXiv has its DOI in small letters
    after "doi:", or "work:" and words of its title with the year. Texts are on one line with single
    spaces. `names` are the short names under which people speak of it ("MixMatch", "UDA").
    `versions` are all that a source lists, in order; `version` is the one that the rest is of.
    `year` and `url` are of works that are not on arXiv.
    """

    id: str
    title: str | None = None
    abstract: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    primary_category: str | None = None
    published: date | None = None
    updated: date | None = None
    version: int | None = None
    comments: str | None = None
    doi: str | None = None
    names: tuple[str, ...] = ()
    versions: tuple[Version, ...] = ()
    withdrawn: bool = False
    year: int | None = None
    url: str | None = None

    @property
    def is_on_arxiv(self) -> bool:
        """Tell whether the id is one of arXiv's."""
        return not self.id.startswith(("doi:", "work:"))

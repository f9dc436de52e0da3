"""A paper as every source gives it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Paper:
    """An arXiv work, whoever told us of it; what a source does not say is None or empty.

    `arxiv_id` has no version. Texts are on one line with single spaces. `names` are the short
    names under which people speak of it ("MixMatch", "UDA").
    """

    arxiv_id: str
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

"""Ids of papers as people write them: arXiv's in any form, and those of other works."""

import re

from ingest import BadSource, Paper, parse_arxiv_id

_DOI = re.compile(
    r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*)?(10\.[0-9]{4,9}/\S+)", re.IGNORECASE
)
_WORK = re.compile(r"work:\S+", re.IGNORECASE)


def read_paper_id(text: str) -> str:
    """Return the id of a paper: arXiv's without its version, or "doi:…" or "work:…".

    Raises `BadSource` for what is none of these.
    """
    try:
        return parse_arxiv_id(text).id
    except BadSource:
        if doi := _DOI.fullmatch(text.strip()):
            return f"doi:{doi[1].lower()}"
        if work := _WORK.fullmatch(text.strip()):
            return work[0].lower()
        raise


def on_arxiv(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the ids that are arXiv's."""
    return tuple(paper_id for paper_id in ids if Paper(paper_id).is_on_arxiv)

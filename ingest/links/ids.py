"""The arXiv ids and DOIs by which posts name papers."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from urllib.parse import unquote

from ingest.arxiv.ids import MalformedArxivId, parse_arxiv_id
from ingest.paper import Paper
from ingest.post import Post

_FLAGS = re.IGNORECASE | re.ASCII
_MIRRORS = (
    r"(?:[a-z-]+\.)?arxiv\.org/(?:abs|pdf|html|format|src|e-print|ps)"
    r"|(?:www\.)?alphaxiv\.org/(?:abs|pdf|html|overview)"
    r"|(?:www\.)?ar5iv\.(?:labs\.arxiv\.org|org)/(?:abs|html|pdf)"
    r"|(?:www\.)?arxiv-vanity\.com/papers"
    r"|huggingface\.co/papers"
    r"|api\.semanticscholar\.org/arxiv"
)
_SURELY_ARXIV = re.compile(
    rf"(?:(?<![\w.-])(?:{_MIRRORS})/(?:arxiv:)?"
    r"|(?<![\w./-])arxiv:[ \t]{0,3}"
    r"|(?<![\w.])10\.48550/arxiv\.)"
    r"(?P<id>\d{4}\.\d{4,5}|[a-z]{1,8}(?:-[a-z]{2,5})?(?:\.[a-z]{2})?/\d{7})(?!\d)",
    _FLAGS,
)
_DOI = re.compile(r"(?<![\w.])10\.\d{4,9}/[^\s\"<>]{1,300}", re.ASCII)
_AFTER_DOI = re.compile(
    r"(?:[.,;:!?'’”*_]+|\.pdf|/(?:full|abstract|pdf|epdf|html)|[#?].*)$", _FLAGS
)


def named_ids(posts: Sequence[Post]) -> dict[str, tuple[str, ...]]:
    """Return for each post, by key, the arXiv ids that it names itself, in order, without versions.

    Only what is surely arXiv's counts: an address of arxiv.org or of a well-known mirror, an id
    after "arXiv:", an arXiv DOI. Words quoted from others do not. Posts without ids are left out.
    """
    found = {post.key: ids_in("\n".join((post.text, *post.links))) for post in posts}
    return {key: ids for key, ids in found.items() if ids}


def ids_in(text: str) -> tuple[str, ...]:
    """Return the ids of which a text leaves no doubt that they are arXiv's, in order, each once."""
    ids: dict[str, None] = {}
    for match in _SURELY_ARXIV.finditer(text):
        with suppress(MalformedArxivId):
            ids.setdefault(parse_arxiv_id(match["id"]).id)
    return tuple(ids)


class Dois:
    """Finds the papers of a library by their DOIs."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self._papers: dict[str, str] = {}
        for paper in papers:
            doi = paper.id.removeprefix("doi:") if paper.id.startswith("doi:") else paper.doi
            if doi:
                self._papers.setdefault(_bare(doi), paper.id)

    def find(self, text: str) -> dict[str, int]:
        """Return the papers whose DOI a text holds, and where it stands first."""
        found: dict[str, int] = {}
        for match in _DOI.finditer(text if self._papers else ""):
            if paper := self._paper(unquote(match[0]).lower()):
                found.setdefault(paper, match.start())
        return found

    def _paper(self, doi: str) -> str | None:
        """Return the paper of a DOI that may have something at its end that is none of it."""
        for _ in range(4):
            if doi in self._papers:
                return self._papers[doi]
            shorter = _AFTER_DOI.sub("", doi)
            if doi.endswith((")", "]", "}")):
                shorter = doi[:-1]
            if shorter == doi:
                return None
            doi = shorter
        return None


def _bare(doi: str) -> str:
    return re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", doi.strip().lower())

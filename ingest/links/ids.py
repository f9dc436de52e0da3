"""The arXiv ids and DOIs by which posts name papers."""

import re
from collections.abc import Iterator, Sequence
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


def doi_of(paper: Paper) -> str | None:
    """Return a paper's DOI as DOIs are compared."""
    doi = paper.id.removeprefix("doi:") if paper.id.startswith("doi:") else paper.doi
    return _bare(doi) if doi else None


def dois_in(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield what may be DOIs and where they stand: each whole, then with less at its end.

    Punctuation, brackets or a part of an address may follow a DOI.
    """
    for match in _DOI.finditer(text):
        yield _shortened(unquote(match[0]).lower()), match.start()


def _shortened(doi: str) -> tuple[str, ...]:
    forms = [doi]
    for _ in range(3):
        shorter = _AFTER_DOI.sub("", doi)
        if doi.endswith((")", "]", "}")):
            shorter = doi[:-1]
        if shorter == doi:
            break
        forms.append(doi := shorter)
    return tuple(forms)


def _bare(doi: str) -> str:
    return re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", doi.strip().lower())

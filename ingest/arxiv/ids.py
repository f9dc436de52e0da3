"""arXiv ids: read in every form people write them, found in running text, turned into addresses."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from ingest.errors import BadSource

ACCEPTED_FORMS = (
    "1905.02249, 1905.02249v2, arXiv:1905.02249, math/0309136, "
    "https://arxiv.org/abs/1905.02249 (or /pdf/, /html/), 10.48550/arXiv.1905.02249"
)

_FLAGS = re.IGNORECASE | re.ASCII
_HOST = r"arxiv\.org(?::\d+)?/(?:abs|pdf|html|format|src|e-print|ps)/"
_DOI = r"10\.48550/arxiv\."
_ID = (
    r"(?:(?P<month>[0-9]{4})\.(?P<number>[0-9]{4,5})"
    r"|(?P<archive>[a-z]{1,8}(?:-[a-z]{2,5})?)(?:\.[a-z-]{2,9})?/(?P<serial>[0-9]{7}))"
    r"(?:v(?P<version>[1-9][0-9]{0,3}))?"
)
_ADDRESS = re.compile(rf"(?:https?://)?(?:[a-z0-9-]+\.)*{_HOST}(?P<path>[^?#]*)", _FLAGS)
_DOI_ADDRESS = re.compile(rf"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*)?{_DOI}", _FLAGS)
_PREFIX = re.compile(r"arxiv:\s*", _FLAGS)
_CATEGORY_AFTER = re.compile(r"\s+\[[a-z-]+(?:\.[a-z-]+)?\]$", _FLAGS)
_WHOLE = re.compile(_ID, _FLAGS)
_NAMED_IN_TEXT = re.compile(
    rf"(?:(?<![a-z0-9-]){_HOST}(?:arxiv:)?|(?<![a-z0-9])arxiv:[ \t]{{0,3}}|{_DOI}){_ID}(?![0-9])",
    _FLAGS,
)
_BARE_IN_TEXT = re.compile(
    r"(?<![^\s(\[{<\"'“‘,;])[0-9]{4}\.[0-9]{5}(?:v[1-9][0-9]{0,3})?"
    r"(?![^\s)\]}>\"'”’,.;:!?])(?![.,:][0-9])"
)


class MalformedArxivId(BadSource, ValueError):
    """What should have been an arXiv id is none; the message shows the accepted forms."""


@dataclass(frozen=True, slots=True)
class ArxivId:
    """An id as arXiv writes it, and the version that was asked for, None for the newest."""

    id: str
    version: int | None = None

    def __str__(self) -> str:
        return self.id if self.version is None else f"{self.id}v{self.version}"


def parse_arxiv_id(text: str) -> ArxivId:
    """Return the id that the text is, or raise `MalformedArxivId`."""
    match = _WHOLE.fullmatch(_bare(text.strip()))
    if not match:
        raise _malformed(text, "this is not an arXiv id")
    if complaint := _complaint(match):
        raise _malformed(text, complaint)
    return _canonical(match)


def find_arxiv_ids(text: str) -> tuple[str, ...]:
    """Return the ids that running text names, without versions, in order, each once.

    Found are arxiv.org addresses, arXiv DOIs, `arXiv:` before an id, and a new id with five
    digits that stands as a token of its own.
    """
    found = {match.start(): match for match in _NAMED_IN_TEXT.finditer(text)}
    for bare in _BARE_IN_TEXT.finditer(text):
        if match := _WHOLE.fullmatch(bare.group()):
            found.setdefault(bare.start(), match)
    matches = (found[start] for start in sorted(found))
    return tuple(dict.fromkeys(_canonical(match).id for match in matches if not _complaint(match)))


def abstract_url(arxiv_id: str) -> str:
    """Return the address of the paper's abstract page."""
    return f"https://arxiv.org/abs/{arxiv_id}"


def _bare(text: str) -> str:
    if address := _ADDRESS.match(text):
        path = unquote(address["path"]).rstrip("/")
        text = re.sub(r"\.pdf$", "", path, flags=re.IGNORECASE)
    elif doi := _DOI_ADDRESS.match(text):
        return unquote(text[doi.end() :])
    if prefix := _PREFIX.match(text):
        text = _CATEGORY_AFTER.sub("", text[prefix.end() :])
    return text


def _complaint(match: re.Match[str]) -> str | None:
    month = match["month"] or match["serial"]
    if not 1 <= int(month[2:4]) <= 12:
        return f"it has no month {month[2:4]}"
    if match["archive"]:
        return None
    if not "0704" <= month < "9100":
        return "ids of this form begin with April 2007 (0704)"
    digits = 4 if month < "1501" else 5
    if len(match["number"]) != digits:
        return f"an id of {month} has {digits} digits after the dot"
    return None


def _canonical(match: re.Match[str]) -> ArxivId:
    new = f"{match['month']}.{match['number']}"
    old = f"{(match['archive'] or '').lower()}/{match['serial']}"
    version = int(match["version"]) if match["version"] else None
    return ArxivId(old if match["archive"] else new, version)


def _malformed(text: str, complaint: str) -> MalformedArxivId:
    shown = repr(text if len(text) <= 80 else text[:79] + "…")
    return MalformedArxivId(shown, f"{complaint}. Accepted forms: {ACCEPTED_FORMS}.")

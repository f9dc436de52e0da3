"""Read the lists people already have: BibTeX, RIS and CSL-JSON, as Zotero exports them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import BadSource, SourceError
from ingest.files.bibtex import BIBTEX, read_bibtex
from ingest.files.csl_json import read_csl_json
from ingest.files.reference import Reference
from ingest.files.ris import RIS, read_ris
from ingest.paper import Paper

LARGEST_FILE = 50_000_000

_EXPECTED = "Expected BibTeX, RIS or CSL-JSON: export the list as one of these."

_Reader = Callable[[str, str], Iterator[Reference | BadSource]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One work of a bibliography; `place` says where it stands: file, line or number, and key.

    `paper.id` is the arXiv id where the entry tells one. Otherwise it is the id of a work that is
    not on arXiv (`ingest.titles.work_id`), though arXiv may have it under its title.
    """

    place: str
    paper: Paper


def read_bibliography(path: Path) -> Iterator[Entry | SourceError]:
    """Yield the works of a file, each once, and a `SourceError` for each entry that is left out.

    The format is told from the content. Abstracts are not read: those of arXiv are to be trusted.
    Raises BadSource for a file that cannot be read or holds no entry at all.
    """
    text, source = _text(path), str(path)
    seen: set[str] = set()
    empty = True
    for told in _reader(text, source)(text, source):
        empty = False
        entry = _entry(told) if isinstance(told, Reference) else told
        if isinstance(entry, BadSource):
            yield entry
        elif entry.paper.id not in seen:
            seen.add(entry.paper.id)
            yield entry
    if empty:
        raise BadSource(source, f"no entry was found in this file. {_EXPECTED}")


def _entry(reference: Reference) -> Entry | BadSource:
    try:
        return Entry(reference.place, reference.to_paper())
    except BadSource as error:
        return error


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadSource(str(path), "the file is over 50 MB: split it, and give the parts.")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        reason = f"line {line} is not UTF-8. Save or export the file as UTF-8. {_EXPECTED}"
        raise BadSource(str(path), reason) from error
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        reason = f"the file cannot be read ({cause}). Check its name and rights."
        raise BadSource(str(path), reason) from error
    if "\0" in text:
        raise BadSource(str(path), f"this is no text file. {_EXPECTED}")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _reader(text: str, source: str) -> _Reader:
    """Return what reads the format that the text begins with."""
    if text.lstrip()[:1] in ("[", "{"):
        return read_csl_json
    bibtex, ris = BIBTEX.search(text), RIS.search(text)
    if ris and (not bibtex or ris.start() < bibtex.start()):
        return read_ris
    if bibtex:
        return read_bibtex
    raise BadSource(source, f"this is none of the formats that can be read. {_EXPECTED}")

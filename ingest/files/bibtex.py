"""Read the entries of BibTeX and BibLaTeX, each by itself: what breaks one leaves the others."""

import re
from collections.abc import Iterator, Mapping, MutableMapping

from pybtex.bibtex.utils import split_name_list
from pybtex.database import Person
from pybtex.database.input.bibtex import LowLevelParser, UndefinedMacro, month_names
from pybtex.exceptions import PybtexError
from pybtex.utils import CaseInsensitiveDict

from ingest.errors import BadSource
from ingest.files.reference import LONGEST_ENTRY, TOO_LONG, Reference, of_archive, year_in
from ingest.one_line import one_line
from ingest.tex import plain_address, plain_tex

BIBTEX = re.compile(r"^[^\S\n]*@[^\S\n]*[A-Za-z]\w*\s*[{(]", re.MULTILINE)

_LONGEST_MACRO = 1000  # letters; macros are made of macros, each of which may double the last
_NO_WORKS = ("preamble", "comment")
_NUMBERS = ("journal", "journaltitle", "booktitle", "number", "howpublished", "publisher", "series")
_LINKS = ("url", "pdf", "link", "ee")
_NOTES = ("note", "annote", "annotation", "addendum")


def read_bibtex(text: str, source: str) -> Iterator[Reference | BadSource]:
    """Yield each entry, and a BadSource for each that cannot be read."""
    macros = CaseInsensitiveDict(month_names)
    starts = [found.start() for found in BIBTEX.finditer(text)]
    line, before = 1, 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line += text.count("\n", before, start)
        before = start
        yield from _entries(text[start:end], f"{source}, line {line}", macros)


def _entries(
    text: str, place: str, macros: MutableMapping[str, str]
) -> Iterator[Reference | BadSource]:
    """Yield what stands between the begin of one entry and that of the next."""
    if len(text) > LONGEST_ENTRY:
        yield BadSource(place, TOO_LONG)
        return
    faults: list[PybtexError] = []
    for command, body in LowLevelParser(text, handle_error=faults.append, macros=macros):
        if command.lower() == "string":
            _forget_long_macro(macros, body[0])
        elif not _broken(faults) and command.lower() not in _NO_WORKS:
            key, values = body
            yield _reference(f"{place} ({one_line(key)[:80]})", _fields(values))
    for fault in _broken(faults)[:1]:
        reason = re.sub(r"^.* in line \d+: ", "", str(fault))
        yield BadSource(place, f"not BibTeX ({reason}). This entry was left out: correct it.")


def _forget_long_macro(macros: MutableMapping[str, str], name: str) -> None:
    if len(macros.get(name, "")) > _LONGEST_MACRO:
        del macros[name]


def _broken(faults: list[PybtexError]) -> list[PybtexError]:
    return [fault for fault in faults if not isinstance(fault, UndefinedMacro)]


def _fields(values: list[tuple[str, list[str]]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, parts in values:
        fields.setdefault(name.lower(), "".join(parts))
    return fields


def _reference(place: str, fields: Mapping[str, str]) -> Reference:
    title, subtitle = (plain_tex(fields.get(name, "")) for name in ("title", "subtitle"))
    return Reference(
        place,
        title=": ".join(filter(None, (title, subtitle))) or None,
        authors=_authors(fields.get("author") or fields.get("editor") or ""),
        year=year_in(fields.get("year"), fields.get("date")),
        numbers=(*_eprints(fields), *_plain(fields, ("doi", *_NUMBERS))),
        links=_plain(fields, _LINKS),
        notes=tuple(
            fields[name].replace("{", "").replace("}", "") for name in _NOTES if name in fields
        ),
    )


def _plain(fields: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(plain_address(fields[name]) for name in names if name in fields)


def _eprints(fields: Mapping[str, str]) -> Iterator[str]:
    """Yield the ids of fields that hold nothing else, as "arXiv:1905.02249"."""
    eprint = plain_address(fields.get("eprint", ""))
    archive = fields.get("archiveprefix") or fields.get("eprinttype") or "arXiv"
    area = fields.get("primaryclass") or fields.get("eprintclass")
    yield from of_archive(eprint, archive)
    yield from of_archive(f"{area}/{eprint}" if area else None, archive)
    for name in ("arxivid", "arxiv"):
        yield from of_archive(plain_address(fields.get(name, "")), "arXiv")
    yield from of_archive(_after_abs(fields.get("volume", "")), "arXiv")


def _after_abs(volume: str) -> str | None:
    """Return the id of "abs/1905.02249", which is how DBLP numbers CoRR."""
    found = re.fullmatch(r"abs/(\S+)", volume.strip())
    return found[1] if found else None


def _authors(names: str) -> tuple[str, ...]:
    told = (_name(name) for name in split_name_list(" ".join(names.split())))
    return tuple(name for name in told if name and name != "others")


def _name(text: str) -> str:
    """Return "von Last, Jr, First" as "First von Last Jr"; what is no such name as it stands."""
    try:
        person = Person(text)
    except (PybtexError, ValueError, IndexError):
        return plain_tex(text)
    parts = (
        *person.bibtex_first_names,
        *person.prelast_names,
        *person.last_names,
        *person.lineage_names,
    )
    return plain_tex(" ".join(parts))

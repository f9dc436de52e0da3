"""Read the entries of RIS, each by itself: what breaks one leaves the others."""

import re
from collections.abc import Iterator, Mapping

import rispy
from rispy.config import TAG_KEY_MAPPING

from ingest.errors import BadSource
from ingest.files.reference import (
    LONGEST_ENTRY,
    TOO_LONG,
    Reference,
    full_name,
    marked_line,
    of_archive,
    year_in,
)

RIS = re.compile(r"^[^\S\n]*TY[^\S\n]{1,2}-", re.MULTILINE)

_BY_TAG = {tag: tag for tag in TAG_KEY_MAPPING}
_NUMBERS = ("DO", "M1", "IS", "T2", "JO", "JF", "J2", "JA", "PB", "AN")
_LINKS = ("UR", "L1", "L2", "L4")
_NOTES = ("N1", "RN")


def read_ris(text: str, source: str) -> Iterator[Reference | BadSource]:
    """Yield each entry, and a BadSource for each that cannot be read."""
    starts = [found.start() for found in RIS.finditer(text)]
    line, before = 1, 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line += text.count("\n", before, start)
        before = start
        yield _entry(text[start:end], f"{source}, line {line}")


def _entry(text: str, place: str) -> Reference | BadSource:
    if len(text) > LONGEST_ENTRY:
        return BadSource(place, TOO_LONG)
    lines = "\n".join((*map(str.strip, text.splitlines()), "ER  - "))
    try:
        fields, *_ = rispy.loads(lines, mapping=_BY_TAG, enforce_list_tags=False)
    except (ValueError, KeyError, TypeError, AttributeError):
        return BadSource(place, "not RIS. This entry was left out: correct it.")
    return _reference(place, fields)


def _reference(place: str, fields: Mapping[str, object]) -> Reference:
    def told(*tags: str) -> tuple[str, ...]:
        return tuple(text for tag in tags for text in _texts(fields.get(tag)) if text)

    archives = told("DB", "DP", "PB")
    numbers = (number for text in told("AN") for number in of_archive(text, *archives))
    return Reference(
        place,
        title=next(filter(None, map(marked_line, told("TI", "T1"))), None),
        authors=tuple(map(full_name, told("AU", "A1") or told("A2"))),
        year=year_in(*told("PY", "Y1", "DA")),
        numbers=(*numbers, *told(*_NUMBERS)),
        links=told(*_LINKS),
        notes=told(*_NOTES),
    )


def _texts(value: object) -> list[str]:
    """Return the values of a tag, which rispy gives as one text or as a list of them."""
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]

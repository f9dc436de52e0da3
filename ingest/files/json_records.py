"""Read the records of a JSON file, one object a line or one array, plain or gzip, one by one."""

import codecs
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.errors import BadSource

PATIENCE = 100  # lines without one JSON object before a file counts as something else

_BOM = b"\xef\xbb\xbf"
_EXPECTED = "Expected one JSON object a line, or one JSON array of objects; plain or gzip."
_CHUNK = 1 << 16
_DECODER = json.JSONDecoder()
_BETWEEN_ITEMS = re.compile(r"[\s,]*")


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON object of a file, and the line on which it begins."""

    line: int
    values: dict[str, Any]


def read_records(path: Path) -> Iterator[Record | BadSource]:
    """Yield each object of the file as it is read, and a `BadSource` for each part that is broken.

    Raise `BadSource` for a file that cannot be read or that holds no JSON object at all.
    """
    try:
        with _opened(path) as stream:
            items = _array_items if _is_array(stream) else _lines
            yield from _at_least_one(path, items(path, stream))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = f"the compressed data break off or are damaged ({error}). Get the file again."
        yield BadSource(str(path), reason)


@contextmanager
def _opened(path: Path) -> Iterator["io.BufferedReader[Any]"]:
    try:
        with path.open("rb") as file:
            magic = file.peek(4)[:4]
            if magic == b"PK\x03\x04":
                raise BadSource(
                    str(path), "this is a zip archive. Unpack it and name the file in it."
                )
            if not magic:
                raise BadSource(str(path), f"the file is empty. {_EXPECTED}")
            if magic[:2] != b"\x1f\x8b":
                yield file
                return
            with gzip.open(file) as unpacked, io.BufferedReader(unpacked) as stream:
                yield stream
    except gzip.BadGzipFile:
        raise
    except OSError as error:
        reason = f"the file cannot be read ({error.strerror or error}). Check its name and rights."
        raise BadSource(str(path), reason) from error


def _is_array(stream: "io.BufferedReader[Any]") -> bool:
    return stream.peek(1).removeprefix(_BOM).lstrip()[:1] == b"["


def _at_least_one(path: Path, items: Iterator[Record | BadSource]) -> Iterator[Record | BadSource]:
    """Hold complaints back until one record came: a file without any is something else."""
    complaints: list[BadSource] = []
    for item in items:
        if isinstance(item, Record):
            yield from complaints
            yield item
            break
        complaints.append(item)
        if len(complaints) == PATIENCE:
            raise _not_json(path, complaints)
    else:
        raise _not_json(path, complaints)
    yield from items


def _not_json(path: Path, complaints: list[BadSource]) -> BadSource:
    first = f" First: {complaints[0].source}: {complaints[0].reason}" if complaints else ""
    return BadSource(str(path), f"no JSON object was found in this file. {_EXPECTED}{first}")


def _lines(path: Path, stream: "io.BufferedReader[Any]") -> Iterator[Record | BadSource]:
    for number, line in enumerate(stream, start=1):
        if line.strip():
            yield _record(path, number, line.removeprefix(_BOM) if number == 1 else line)


def _record(path: Path, number: int, line: bytes) -> Record | BadSource:
    place = f"{path}, line {number}"
    try:
        value = json.loads(line.decode())
    except UnicodeDecodeError:
        return BadSource(place, "not UTF-8. Save the file as UTF-8; this line was left out.")
    except json.JSONDecodeError as error:
        where = f"column {error.colno}"
        return BadSource(place, f"not JSON ({error.msg}, {where}). This line was left out.")
    except (ValueError, RecursionError) as error:
        return BadSource(place, f"not usable JSON ({error}). This line was left out.")
    if not isinstance(value, dict):
        return BadSource(place, "not a JSON object. This line was left out.")
    return Record(number, value)


def _array_items(path: Path, stream: "io.BufferedReader[Any]") -> Iterator[Record | BadSource]:
    """Yield the objects of an array, holding little more of it than the longest of them."""
    array = _ArrayText(stream)
    try:
        while array.has_item():
            line, value = array.line, array.item()
            if isinstance(value, dict):
                yield Record(line, value)
            else:
                yield BadSource(f"{path}, line {line}", "not a JSON object. It was left out.")
    except (ValueError, RecursionError) as error:
        reason = f"not JSON ({error}). What follows was left out: correct it and read it again."
        yield BadSource(f"{path}, line {array.line}", reason)


class _ArrayText:
    """The text of a JSON array, read on as it is needed; `line` is where the next item begins."""

    def __init__(self, stream: "io.BufferedReader[Any]") -> None:
        self._reader = codecs.getreader("utf-8-sig")(stream)
        self._text = self._reader.read(_CHUNK)
        self._at = 0
        self.line = 1
        self._pass_over(self._text.index("[") + 1)

    def has_item(self) -> bool:
        """Go to the next item and tell whether there is one."""
        while True:
            between = _BETWEEN_ITEMS.match(self._text, self._at)
            self._pass_over(between.end() if between else self._at)
            if self._at < len(self._text) or not self._read_on():
                break
        if self._at == len(self._text):
            raise ValueError("the array is not closed")
        if self._text[self._at] != "]":
            return True
        if (self._text[self._at + 1 :] + self._reader.read()).strip():
            raise ValueError("more text after the array")
        return False

    def item(self) -> object:
        """Return the item that begins here and go behind it."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._read_on():
                    raise ValueError(error.msg) from error
            else:
                self._pass_over(end)
                return value

    def _pass_over(self, end: int) -> None:
        self.line += self._text.count("\n", self._at, end)
        self._at = end

    def _read_on(self) -> bool:
        """Add what follows, at least as much as is held, so that long items cost linear time."""
        rest = self._text[self._at :]
        more = self._reader.read(max(_CHUNK, len(rest)))
        self._text, self._at = rest + more, 0
        return bool(more)

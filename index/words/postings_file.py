"""Postings in a file: written whole under another name, then renamed; mapped by its readers."""

import json
import mmap
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.words.postings import Postings, key_of
from index.words.terms import indexed, terms

FILE = "words.postings"

_MAGIC = b"journal club words 1\n"
_HEAD = 4096
_ALIGNED = 64
_ARRAYS: dict[str, type[np.generic]] = {
    "ids": np.int64,
    "lengths": np.int32,
    "keys": np.uint64,
    "starts": np.int64,
    "rows": np.int32,
    "counts": np.uint8,
}
_LARGE = ("rows", "counts")
# What the terms of these words are says which version of `terms` and of the stemmer made a file.
_SAMPLE = "Generously skiing, CIFAR-10's naïve U.S. p53 sky_dyed 3.5; Müller’s ﬁne generalizations"


@dataclass(frozen=True, slots=True)
class Saved:
    """Postings of the passages of a library as of one generation, which has this stamp."""

    generation: int
    stamp: bytes
    postings: Postings


def write(folder: Path, saved: Saved) -> None:
    """Put the postings into the folder, in the place of earlier ones. Raises `OSError`.

    Whoever has the earlier ones open keeps them. The caller holds the writer's lock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrays = _arrays(saved.postings)
    head = {
        "generation": saved.generation,
        "stamp": saved.stamp.hex(),
        "terms": _terms(),
        "sizes": {name: len(values) for name, values in arrays.items()},
        "sums": {name: zlib.crc32(values.data) for name, values in arrays.items()},
    }
    temporary = folder / f".{FILE}"
    try:
        with temporary.open("wb") as file:
            file.write(_head(head))
            for values in arrays.values():
                file.write(values.data)
                file.write(b"\0" * (-values.nbytes % _ALIGNED))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / FILE)
    finally:
        temporary.unlink(missing_ok=True)


def read(folder: Path | None) -> Saved | None:
    """Return what is saved in the folder, mapped; None where nothing is or it cannot be trusted.

    Checked are its form, its length, that rows are there and the sums of the small arrays;
    `is_damaged` checks the sums of all.
    """
    try:
        return _read(folder / FILE, _LARGE) if folder else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def version(folder: Path | None) -> tuple[int, int] | None:
    """Return what changes when the file in the folder is replaced; None where there is none."""
    try:
        found = (folder / FILE).stat() if folder else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ino) if found else None


def is_damaged(folder: Path) -> bool:
    """Tell whether the folder has a file of this version whose bytes are not as written."""
    path = folder / FILE
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                return False
        _read(path, ())
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError, KeyError, TypeError):
        return True
    return False


def _read(path: Path, unchecked: tuple[str, ...]) -> Saved | None:
    """Return the postings in a file; None where other words were made other terms."""
    with path.open("rb") as file:
        whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if whole[: len(_MAGIC)] != _MAGIC:
        raise ValueError("no postings of this version")
    head = json.loads(whole[len(_MAGIC) : _HEAD].rstrip(b"\0"))
    if head["terms"] != _terms():
        return None
    arrays = _mapped(whole, head, unchecked)
    postings = Postings(**arrays)
    _check_form(postings)
    return Saved(int(head["generation"]), bytes.fromhex(head["stamp"]), postings)


def _mapped(
    whole: mmap.mmap, head: dict[str, Any], unchecked: tuple[str, ...]
) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file. Raises `ValueError` where they are not as they were written."""
    arrays: dict[str, NDArray[Any]] = {}
    at = _HEAD
    for name, kind in _ARRAYS.items():
        arrays[name] = np.frombuffer(whole, kind, int(head["sizes"][name]), at)
        at += arrays[name].nbytes + -arrays[name].nbytes % _ALIGNED
        if name not in unchecked and zlib.crc32(arrays[name].data) != head["sums"][name]:
            raise ValueError(f"{name} are not as they were written")
    if at != len(whole):
        raise ValueError("another length than it was written with")
    return arrays


def _check_form(p: Postings) -> None:
    fits = (
        len(p.ids) == len(p.lengths)
        and len(p.starts) == len(p.keys) + 1
        and p.starts[0] == 0
        and p.starts[-1] == len(p.rows) == len(p.counts)
        and (not len(p.rows) or int(p.rows.view(np.uint32).max()) < len(p.ids))
        and bool((np.diff(p.starts) > 0).all())
    )
    if not fits:
        raise ValueError("arrays that do not fit each other")


def _arrays(postings: Postings) -> dict[str, NDArray[Any]]:
    return {
        name: np.ascontiguousarray(getattr(postings, name), kind) for name, kind in _ARRAYS.items()
    }


def _head(head: dict[str, Any]) -> bytes:
    written = _MAGIC + json.dumps(head).encode()
    if len(written) > _HEAD:
        raise ValueError(f"The head of {FILE} has {len(written)} bytes, more than {_HEAD}.")
    return written.ljust(_HEAD, b"\0")


def _terms() -> str:
    made = terms(indexed(_SAMPLE, _SAMPLE, _SAMPLE))
    return f"{sum(key_of(term) for term in made) & (1 << 64) - 1:x}"

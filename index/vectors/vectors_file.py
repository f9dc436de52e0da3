"""Coded vectors in a file: written whole under another name, then renamed."""

import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.encoding.embedding import ModelIdentity
from index.vectors.approximate import Codebook, Codes, points_in
from index.vectors.exact import Ids

FILE = "vectors.npz"

_FORMAT = 1
# `RuntimeError` too: a zip file's directory may name what `zipfile` cannot do.
_ERRORS = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Saved:
    """Codes of a library's vectors as of one generation, which has this stamp.

    Row i of the codes is of the passage `ids[i]`, ids ascend. `learned_at` is how many vectors
    there were when the codebook was learned.
    """

    generation: int
    stamp: bytes
    model: ModelIdentity
    learned_at: int
    codebook: Codebook
    ids: Ids
    codes: Codes


def write(folder: Path, saved: Saved) -> None:
    """Put the codes into the folder, in the place of earlier ones. Raises `OSError`.

    One process at a time may; what it leaves when it is killed, the next one writes over.
    """
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{FILE}"
    try:
        with temporary.open("wb") as file:
            np.savez(
                file,
                numbers=np.array([_FORMAT, saved.generation, saved.learned_at], np.int64),
                stamp=np.array(saved.stamp.hex()),
                model=np.array([saved.model.name, saved.model.revision]),
                points=saved.codebook.points.reshape(-1, saved.model.dimension),
                ids=saved.ids,
                codes=saved.codes,
            )
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / FILE)
    finally:
        temporary.unlink(missing_ok=True)


def read(folder: Path) -> Saved | None:
    """Return what is saved in the folder; None where nothing is or it cannot be trusted.

    All of it is read and checked against the sums that the file holds.
    """
    try:
        return _read(folder / FILE)
    except _ERRORS:
        return None


def remove(folder: Path) -> None:
    """Remove what is saved in the folder, if anything is. Raises `OSError`."""
    (folder / FILE).unlink(missing_ok=True)


def version(folder: Path) -> tuple[int, int] | None:
    """Return what changes when the file in the folder is replaced; None where there is none."""
    try:
        found = (folder / FILE).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _read(path: Path) -> Saved:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
        number, generation, learned_at = (int(each) for each in found["numbers"])
        if number != _FORMAT:
            raise ValueError("another version's file")
        points = found["points"]
        codebook = Codebook(points.shape[1], points.ravel())
        name, revision = (str(each) for each in found["model"])
        model = ModelIdentity(name, revision, codebook.dimension)
        stamp = bytes.fromhex(str(found["stamp"]))
        saved = Saved(generation, stamp, model, learned_at, codebook, found["ids"], found["codes"])
    _check_form(saved)
    return saved


def _check_form(saved: Saved) -> None:
    points, ids, codes = saved.codebook.points, saved.ids, saved.codes
    fits = (
        [array.dtype.name for array in (points, ids, codes)] == ["float32", "int64", "uint8"]
        and len(points) == points_in(saved.codebook.dimension)
        and ids.ndim == 1
        and len(ids) > 0
        and codes.shape == (len(ids), saved.codebook.code_size)
        and bool((np.diff(ids, prepend=0) > 0).all())
    )
    if not fits:
        raise ValueError("arrays that do not fit each other")

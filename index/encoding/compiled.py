"""An embedding model compiled for this processor by OpenVINO, from files saved once from torch.

Neither torch nor anything built on it is imported here: opening takes a fraction of a second.
"""

import json
import mmap
import sys
import threading
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from tokenizers import Encoding, Tokenizer

from index.encoding.embedding import ModelIdentity, Vectors

MODEL, WEIGHTS, TOKENIZER, NOTE = "model.xml", "model.bin", "tokenizer.json", "export.json"
SAVED = (MODEL, WEIGHTS, TOKENIZER)
FORMAT = 1
# How far a vector may be from torch's, in any coordinate; what is seen is under 1e-6.
TOLERANCE = 1e-4
PROBE = "ready"

_BATCH = 8
_READ = 1 << 20
_COLUMNS = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
_importing = threading.Lock()
_ABSENT: Any = None  # what stands for a module makes importing it fail
_PROPERTIES = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}


class NotExported(Exception):
    """No usable export of the wanted model lies in the folder; the message says why."""


@dataclass(frozen=True, slots=True)
class ExportNote:
    """What lies beside an export: of which model it is, and what its files and vectors must be."""

    format: int
    name: str
    revision: str
    dimension: int
    settings: str
    longest: int
    inputs: list[str]
    checksums: dict[str, int]
    probe: list[float]

    @classmethod
    def read(cls, folder: Path) -> "ExportNote":
        """Return the note of the export in a folder. Raises `NotExported`."""
        try:
            told = json.loads((folder / NOTE).read_text("utf-8"))
            if told["format"] != FORMAT:
                raise NotExported(f"{folder} is of another version")
            return cls(**told)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise NotExported(f"{folder} holds no export ({error})") from error

    def check(self, folder: Path, name: str, revision: str, settings: str) -> None:
        """Raise `NotExported` unless the note is of this model and its files are there, unread."""
        if (self.name, self.revision, self.settings) != (name, revision, settings):
            raise NotExported(f"{folder} is of another model")
        if lacking := [saved for saved in SAVED if not (folder / saved).is_file()]:
            raise NotExported(f"{folder} lacks {' and '.join(lacking)}")

    def write(self, folder: Path) -> None:
        """Put the note beside the files it tells of."""
        (folder / NOTE).write_text(json.dumps(asdict(self)), "utf-8")


class CompiledModel:
    """An export, opened; an `Embedder`, safe to share by threads.

    The weights are mapped from the file, so processes share what they read of them. A text of more
    tokens than the model reads is cut, as torch cuts it.
    """

    def __init__(self, folder: Path, note: ExportNote) -> None:
        self.identity = ModelIdentity(note.name, note.revision, note.dimension)
        self.max_tokens = note.longest - 2
        self._folder = folder
        self._columns = [_COLUMNS[name] for name in note.inputs]
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._weights = _mapped(folder / WEIGHTS)
        runtime = openvino()
        core = runtime.Core()
        weights = runtime.Tensor(np.frombuffer(self._weights, np.uint8), shared_memory=True)
        model = core.read_model((folder / MODEL).read_text("utf-8"), weights)
        self._model = core.compile_model(model, "CPU", _PROPERTIES)
        self._of_thread = threading.local()
        self.give_back()

    @classmethod
    def open(cls, folder: Path, name: str, revision: str, settings: str) -> "CompiledModel":
        """Open the export of this model. Raises `NotExported` for a missing or unusable one.

        The checksums are against damage, not against forgers: who can write here can write the
        library as well.
        """
        note = ExportNote.read(folder)
        note.check(folder, name, revision, settings)
        try:
            if note.checksums != {saved: checksum(folder / saved) for saved in SAVED}:
                raise NotExported(f"{folder} is damaged")
            made = cls(folder, note)
            off = distance(made.encode([PROBE])[0], np.array(note.probe, np.float32))
            made.give_back()
        except NotExported:
            raise
        except Exception as error:  # whatever OpenVINO makes of a file or a processor
            raise NotExported(f"{folder} cannot be opened ({error})") from error
        if not off <= TOLERANCE:
            raise NotExported(f"{folder} gives other vectors than torch, by {off:.1e}")
        return made

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one float32 row of unit length for each text, in their order."""
        made = np.empty((len(texts), self.identity.dimension), np.float32)
        by_length = sorted(range(len(texts)), key=lambda at: -len(texts[at]))
        for start in range(0, len(texts), _BATCH):
            batch = by_length[start : start + _BATCH]
            made[batch] = self._infer(self._tokenizer.encode_batch([texts[at] for at in batch]))
        return made

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Return the span in code points of each token of each text, special tokens left out."""
        encoded = self._splitter.encode_batch(list(texts), add_special_tokens=False)
        return [row.offsets for row in encoded]

    def give_back(self) -> None:
        """Let go of the pages of the file that have been read.

        Compiling and the first text copy most weights into the order that the processor likes. Of
        the file little but the rows of words is read from then on, and comes back by itself.
        """
        self._weights.madvise(mmap.MADV_DONTNEED)

    def _infer(self, encoded: Sequence[Encoding]) -> Vectors:
        request = getattr(self._of_thread, "request", None)
        if request is None:  # the model can be shared by threads, a request cannot
            request = self._of_thread.request = self._model.create_infer_request()
        columns = [
            np.array([getattr(row, name) for row in encoded], np.int64) for name in self._columns
        ]
        vectors: Vectors = request.infer(columns)[0]
        return vectors

    @cached_property
    def _splitter(self) -> Tokenizer:
        tokenizer = Tokenizer.from_file(str(self._folder / TOKENIZER))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer


def openvino() -> ModuleType:
    """Return OpenVINO, imported so that it tells nobody.

    On import, `openvino` loads its conversion tools, and these report to an analytics service by
    `openvino_telemetry` wherever that is installed, without asking. Where it is not they take a
    stub of their own that sends nothing; so it is made to look as if it were not.
    """
    with _importing:
        sys.modules.setdefault("openvino_telemetry", _ABSENT)
        is_first = "openvino" not in sys.modules
        if is_first:  # the tools take as long to import as the rest, and only exporting needs them
            sys.modules["openvino.tools.ovc"] = _ABSENT
        try:
            return import_module("openvino")
        finally:
            if is_first:
                del sys.modules["openvino.tools.ovc"]


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:  # as a copy, for OpenVINO refuses what cannot be written to
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def checksum(path: Path) -> int:
    """Return a checksum of a file."""
    found = 0
    with path.open("rb") as file:
        while part := file.read(_READ):
            found = zlib.crc32(part, found)
    return found


def distance(vectors: Vectors, others: Vectors) -> float:
    """Return the largest difference of any coordinate; no number where the shapes differ."""
    if vectors.shape != others.shape:
        return float("nan")
    return float(np.abs(vectors - others).max(initial=0))

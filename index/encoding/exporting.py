"""Save a model from torch in OpenVINO's form, once, and only if its vectors are torch's."""

import fcntl
import os
import re
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from tokenizers import Tokenizer

from index.encoding.compiled import (
    FORMAT,
    MODEL,
    PROBE,
    SAVED,
    TOKENIZER,
    TOLERANCE,
    CompiledModel,
    ExportNote,
    checksum,
    distance,
    openvino,
)
from index.encoding.torch_model import TorchModel

if TYPE_CHECKING:
    from torch.nn import Module

# Of several lengths, so that one batch of them is padded, and with what tokenizers trip over.
_TEXTS = (
    "",
    "Dropout",
    " How do I stop overfitting? ",
    "MixMatch (Berthelot et al., 2019) GUESSES labels:\n\tx̂ = ½·ŷ² — naïve, 深度学习 😀",
    "A much longer text, which the model has to cut where it stops reading. " * 60,
)
# What `mkdtemp` makes of an export's name.
_BESIDE = re.compile(r"model-[^.]+\.[a-z0-9_]{8}")
_EXAMPLE = ("two short texts", "and one of a few more words than that")


class CannotExport(Exception):
    """The model cannot be exported, or gives other vectors once it is; the message says why."""


def export(model: TorchModel, settings: str, folder: Path) -> None:
    """Save a model in a folder of its own, which takes the place of what is there.

    It is written beside it first and tried, so that a reader finds a whole export or none; what
    an export that was killed left there is removed. Raises `CannotExport`, or `OSError` where
    nothing can be written.
    """
    folder.parent.mkdir(exist_ok=True)
    _remove_left_behind(folder.parent)
    beside, lock = _folder_beside(folder)
    try:
        _save(model, settings, beside)
        _check(model, settings, beside)
        if folder.exists():
            shutil.move(folder, beside / "replaced")
        beside.chmod(folder.parent.stat().st_mode & 0o777)  # `mkdtemp` lets nobody else read
        beside.replace(folder)
        shutil.rmtree(folder / "replaced", ignore_errors=True)
    except OSError:
        raise
    except Exception as error:  # whatever torch and OpenVINO make of somebody's model
        raise CannotExport(str(error) or repr(error)) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        os.close(lock)


def _folder_beside(folder: Path) -> tuple[Path, int]:
    """Return a new folder beside this one, and the descriptor of it that holds its lock."""
    while True:
        beside = Path(mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
        with suppress(FileNotFoundError):  # another process took it for left behind
            return beside, _locked(beside)


def _locked(folder: Path) -> int:
    """Return a descriptor of a folder, locked. Raises `FileNotFoundError` once it is gone."""
    lock = os.open(folder, os.O_RDONLY)
    with suppress(OSError):  # not every file system has locks; there it is never removed
        fcntl.flock(lock, fcntl.LOCK_EX)
    if not folder.exists():
        os.close(lock)
        raise FileNotFoundError(folder)
    return lock


def _remove_left_behind(parent: Path) -> None:
    """Remove the folders of exports that were killed: those that no process has locked."""
    for left in parent.iterdir():
        if _BESIDE.fullmatch(left.name) and left.is_dir() and not left.is_symlink():
            with suppress(OSError):
                _remove_if_unlocked(left)


def _remove_if_unlocked(folder: Path) -> None:
    """Remove a folder. Raises `BlockingIOError` when a process has locked it."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _save(model: TorchModel, settings: str, folder: Path) -> None:
    if model.loaded.default_prompt_name is not None:
        raise CannotExport("it puts a prompt before texts")
    tokenizer = model.tokenizer()
    _as_the_model_reads(tokenizer, model)
    tokenizer.save(str(folder / TOKENIZER))
    inputs = list(model.loaded.tokenizer.model_input_names)
    openvino().save_model(_converted(model, inputs), folder / MODEL, compress_to_fp16=False)
    identity = model.identity
    note = ExportNote(
        FORMAT,
        identity.name,
        identity.revision,
        identity.dimension,
        settings,
        model.longest,
        inputs,
        {saved: checksum(folder / saved) for saved in SAVED},
        model.encode([PROBE])[0].tolist(),
    )
    note.write(folder)


def _as_the_model_reads(tokenizer: Tokenizer, model: TorchModel) -> None:
    """Have a tokenizer cut and pad texts as sentence-transformers does."""
    own = model.loaded.tokenizer
    tokenizer.enable_truncation(model.longest, direction=own.truncation_side)
    tokenizer.enable_padding(
        direction=own.padding_side,
        pad_id=own.pad_token_id,
        pad_type_id=own.pad_token_type_id,
        pad_token=own.pad_token,
    )


def _converted(model: TorchModel, inputs: list[str]) -> Any:
    """Return the model in OpenVINO's form, for any number of texts of any length.

    Tracing's own check, which traces twice more, is left out: the vectors are checked.
    """
    runtime = openvino()
    from openvino.tools.ovc import convert_model  # noqa: PLC0415 - told nothing of who uses it
    from torch import jit, no_grad  # noqa: PLC0415 - loaded with the model

    example = model.loaded.tokenizer(list(_EXAMPLE), padding=True, return_tensors="pt")
    columns = tuple(example[name] for name in inputs)
    with _quiet(), no_grad():
        traced = jit.trace(  # type: ignore[no-untyped-call]
            _traceable(model, inputs), columns, strict=False, check_trace=False
        )
        return convert_model(traced, input=[runtime.PartialShape([-1, -1])] * len(inputs))


def _traceable(model: TorchModel, inputs: list[str]) -> "Module":
    """Return the model as one module from token numbers to unit vectors, all its parts in it."""
    from torch.nn import Module, Sequential  # noqa: PLC0415 - loaded with the model
    from torch.nn.functional import normalize  # noqa: PLC0415

    class Whole(Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = Sequential(*model.loaded)

        def forward(self, *columns: Any) -> Any:
            told = self.parts(dict(zip(inputs, columns, strict=True)))
            return normalize(told["sentence_embedding"], dim=1)

    return Whole().eval()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what tracing says of the libraries' own code from the terminal."""
    from transformers.utils import logging  # noqa: PLC0415 - loaded with the model

    level = logging.get_verbosity()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)


def _check(model: TorchModel, settings: str, folder: Path) -> None:
    """Raise `CannotExport` unless the saved model gives torch's vectors."""
    identity = model.identity
    saved = CompiledModel.open(folder, identity.name, identity.revision, settings)
    off = distance(saved.encode(_TEXTS), model.encode(_TEXTS))
    if not off <= TOLERANCE:
        raise CannotExport(f"its vectors differ from torch's by {off:.1e}")

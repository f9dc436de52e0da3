"""The embedding model that a library uses: compiled where it can be, in torch where it must be."""

import logging
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from cachetools import LRUCache

from index.encoding.compiled import CompiledModel, NotExported
from index.encoding.embedding import Embedder, ModelIdentity, Vectors
from index.encoding.model_files import PACKAGED, PACKAGED_SHA256, ModelFiles
from index.encoding.torch_model import TorchModel

_REMEMBERED = 1024
_logger = logging.getLogger(__name__)


class SentenceTransformerEmbedder:
    """A sentence-transformers model on the CPU, loaded at first use, safe to share by threads.

    With a `folder`, the model is saved there in OpenVINO's form by whoever loads torch first and
    may write, and from then on read from it: that takes a fraction of torch's seconds and memory,
    encodes twice as fast, and gives torch's vectors to 1e-4 in each coordinate, which is checked.
    Without one, or for a model that cannot be saved so, torch encodes.

    The vector of a text that is encoded by itself, as questions are, is remembered.
    """

    def __init__(self, model: str = PACKAGED, folder: Path | None = None) -> None:
        self._files = ModelFiles(model)
        self._folder = folder
        self._loading = threading.Lock()
        self._remembering = threading.Lock()
        self._questions: LRUCache[str, Vectors] = LRUCache(_REMEMBERED)

    @property
    def identity(self) -> ModelIdentity:
        """Return the identity; the packaged model's is known without loading it."""
        if self._files.name == PACKAGED:
            return ModelIdentity(PACKAGED, PACKAGED_SHA256, 384)
        return self._model.identity

    @property
    def max_tokens(self) -> int:
        """Return how many tokens the model reads, without the two it adds itself."""
        return self._model.max_tokens

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one float32 row of unit length for each text, in their order."""
        return self._question(texts[0]) if len(texts) == 1 else self._model.encode(texts)

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Return the span in code points of each token of each text, special tokens left out."""
        return self._model.token_spans(texts)

    def load(self) -> None:
        """Load the model now rather than at first use. Raises `ModelUnusable`."""
        self.encode(["ready"])

    def _question(self, text: str) -> Vectors:
        with self._remembering:
            known = self._questions.get(text)
        if known is None:
            known = self._model.encode([text])
            with self._remembering:
                self._questions[text] = known
        return known.copy()

    @property
    def _model(self) -> Embedder:
        with self._loading:
            return self._loaded

    @cached_property
    def _loaded(self) -> Embedder:
        return self._compiled() or self._from_torch()

    def _compiled(self) -> Embedder | None:
        """Return the model from its export, if there is a good one."""
        folder, revision = self._place(), self._files.revision
        if folder is None or revision is None:
            return None
        try:
            return CompiledModel.open(folder, self._files.name, revision, self._files.settings())
        except NotExported as error:
            _logger.info("%s; torch is loaded", error)
            return None

    def _from_torch(self) -> Embedder:
        """Return the model from torch, exported first if that can be done."""
        model = TorchModel(self._files)
        self._files = ModelFiles(self._files.name)  # it may have been downloaded just now
        folder = self._place()
        if folder is None:
            return model
        from index.encoding.exporting import CannotExport, export  # noqa: PLC0415 - only after torch

        try:
            export(model, self._files.settings(), folder)
        except OSError as error:
            _logger.info("the model is not saved in %s (%s); torch encodes", folder, error)
        except CannotExport as error:
            name = self._files.name
            _logger.warning("%s is encoded by torch, which is slower: %s", name, error)
        return self._compiled() or model

    def _place(self) -> Path | None:
        """Return where the export of this revision belongs, if it is to be saved at all."""
        revision = self._files.revision
        return self._folder / f"model-{revision[:12]}" if self._folder and revision else None

"""The embedding model that a library uses: compiled where it can be, in torch where it must be."""

import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from cachetools import LRUCache

from index.encoding.compiled import CompiledModel, ExportNote, NotExported
from index.encoding.embedding import ModelIdentity, Vectors
from index.encoding.model_files import PACKAGED, PACKAGED_SHA256, ModelFiles
from index.encoding.torch_model import TorchModel

_REMEMBERED = 1024
_logger = logging.getLogger(__name__)


class SentenceTransformerEmbedder:
    """A sentence-transformers model on the CPU, loaded at first use, safe to share by threads.

    With a `folder`, the model is saved there in OpenVINO's form by whoever encodes first and may
    write, and from then on read from it: that takes a fraction of torch's seconds and memory,
    encodes twice as fast, and gives torch's vectors to 1e-4 in each coordinate, which is checked.
    Without one, or for a model that cannot be saved so, torch encodes. Who only splits texts, as a
    dry run does, writes nothing.

    The folder's own folder must be there, so that no library comes of looking for one; what lacks
    above it is made `with_parents`.

    The vector of a text that is encoded by itself, as questions are, is remembered.
    """

    def __init__(
        self, model: str = PACKAGED, folder: Path | None = None, *, with_parents: bool = False
    ) -> None:
        self._files = ModelFiles(model)
        self._folder = folder
        self._with_parents = with_parents
        self._loaded: CompiledModel | TorchModel | None = None
        self._is_saving_tried = False
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
        if len(texts) == 1:
            return self._question(texts[0])
        return self._saved_model().encode(texts)

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Return the span in code points of each token of each text, special tokens left out."""
        return self._model.token_spans(texts)

    def load(self) -> None:
        """Load the model now rather than at first use. Raises `ModelUnusable`."""
        self.encode(["ready"])

    def save(self) -> None:
        """Have the model lie in the folder in the form that loads fast, if it can and may.

        That takes milliseconds when it is there; whether it is damaged, who opens it finds out.
        Raises `ModelUnusable`.
        """
        if self._may_write() and not self._is_saved():
            self._saved_model()

    def why_unsaved(self) -> str | None:
        """Return why the folder holds no export that can be used; None when it does."""
        try:
            self._opened()
        except NotExported as error:
            return str(error)
        return None

    def _question(self, text: str) -> Vectors:
        with self._remembering:
            known = self._questions.get(text)
        if known is None:
            known = self._saved_model().encode([text])
            with self._remembering:
                self._questions[text] = known
        return known.copy()

    @property
    def _model(self) -> CompiledModel | TorchModel:
        """The model from its export, or from torch."""
        with self._loading:
            return self._load()

    def _saved_model(self) -> CompiledModel | TorchModel:
        """Return the model from its export, which is made first if that can be done."""
        with self._loading:
            model = self._load()
            if isinstance(model, TorchModel) and not self._is_saving_tried:
                self._is_saving_tried = True
                self._loaded = model = self._export(model)
            return model

    def _load(self) -> CompiledModel | TorchModel:
        if self._loaded is None:
            self._loaded = self._compiled() or self._from_torch()
        return self._loaded

    def _from_torch(self) -> TorchModel:
        model = TorchModel(self._files)
        self._files = ModelFiles(self._files.name)  # it may have been downloaded just now
        return model

    def _compiled(self) -> CompiledModel | None:
        """Return the model from its export, if there is a good one."""
        try:
            return self._opened()
        except NotExported as error:
            _logger.info("%s; torch is loaded", error)
            return None

    def _opened(self) -> CompiledModel:
        """Return the model from its export. Raises `NotExported`."""
        files = self._files
        return CompiledModel.open(self._place(), files.name, str(files.revision), files.settings())

    def _export(self, model: TorchModel) -> CompiledModel | TorchModel:
        """Save the model; return it from its export, or as it is where that cannot be done."""
        try:
            folder = self._place()
        except NotExported:
            return model
        from index.encoding.exporting import CannotExport, export  # noqa: PLC0415 - only after torch

        try:
            if self._with_parents:
                folder.parent.mkdir(parents=True, exist_ok=True)
            export(model, self._files.settings(), folder)
        except OSError as error:
            _logger.info("the model is not saved in %s (%s); torch encodes", folder, error)
        except CannotExport as error:
            name = self._files.name
            _logger.warning("%s is encoded by torch, which is slower: %s", name, error)
        return self._compiled() or model

    def _place(self) -> Path:
        """Return where the export of this revision belongs. Raises `NotExported` for nowhere."""
        revision = self._files.revision
        if self._folder is None or revision is None:
            raise NotExported("The model is to be saved nowhere, or is not here yet")
        return self._folder / f"model-{revision[:12]}"

    def _is_saved(self) -> bool:
        """Tell whether an export lies where it belongs, by its note."""
        files = self._files
        try:
            folder = self._place()
            note = ExportNote.read(folder)
            note.check(folder, files.name, str(files.revision), files.settings())
        except NotExported:
            return False
        return True

    def _may_write(self) -> bool:
        """Tell whether the folder can be written, or made in the nearest one that is there."""
        if self._folder is None:
            return False
        above = self._folder.parents if self._with_parents else [self._folder.parent]
        there = next((each for each in (self._folder, *above) if os.access(each, os.F_OK)), None)
        return there is not None and there.is_dir() and os.access(there, os.W_OK)

"""The one place where real things are put together: settings in, an open library out."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from index import (
    DERIVED,
    Embedder,
    LibraryError,
    LibraryMissing,
    ModelIdentity,
    ModelUnusable,
    Reranker,
    SentenceTransformerEmbedder,
    Store,
    WrongModel,
)
from service.library import Library
from service.settings import Settings

_FILLING = (
    "The library is being filled for the first time, which takes some seconds. If this stays, run "
    "'journalclub ingest' and read what it says."
)


_NOT_FOLLOWED = (
    "The library was embedded with {model}, which this service cannot load: {error} Put that model "
    "where the service finds it under this name and start it again, or run 'journalclub ingest "
    "--re-embed' with a model that it has."
)


class NotReady(Exception):
    """The library or its model cannot answer yet; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether questions can be answered, and why not; `loading` means that it will pass."""

    library: bool
    model: bool
    detail: str
    loading: bool = False

    @property
    def ready(self) -> bool:
        """Return whether everything is there."""
        return self.library and self.model and not self.loading


class Opening:
    """A library that gets ready behind a server that listens already.

    The model is loaded once, by `start` in the background; the library is opened as soon as there
    is one, so that a first ingest may make it while the server runs: `filling` says that one was
    started. When the library has been embedded with another model, that one is loaded in the
    background (`named` makes it) and takes over. Safe to share by threads.
    """

    def __init__(
        self,
        settings: Settings,
        embedder: Embedder | None = None,
        filling: bool = False,
        named: Callable[[str], Embedder] | None = None,
    ) -> None:
        self.settings = settings
        self._embedder = embedder or embedder_of(settings)
        self._reranker = reranker_of(settings)
        self._filling = filling
        self._named = named or partial(_model_named, settings)
        self._library: Library | None = None
        self._model_ready = False
        self._trouble: str | None = None
        self._following: ModelIdentity | None = None
        self._not_followed: str | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Load the model and open the library in the background."""
        threading.Thread(target=self.load, name="opening", daemon=True).start()

    def load(self) -> None:
        """Load the model and read the library; what fails is told by `readiness`."""
        try:
            self._embedder.encode(["ready"])
            if self._reranker is not None:
                self._reranker.load()
        except ModelUnusable as error:
            self._trouble = str(error)
            return
        with suppress(LibraryError, sqlite3.DatabaseError):  # each reader is told anew
            _read(self.open_library())
        self._model_ready = True

    def open_library(self) -> Library:
        """Return the library, with or without its model. Raises `LibraryError`."""
        with self._lock:
            if self._library is None:
                store = Store.open(self.settings.data)
                self._library = Library(store, self._embedder, self._reranker)
            return self._library

    def library(self) -> Library:
        """Return the library, ready to answer. Raises `NotReady`."""
        state = self.readiness()
        if not state.ready:
            raise NotReady(state.detail)
        return self.open_library()

    def readiness(self) -> Readiness:
        """Say whether the library and the model are ready, and if not, why."""
        try:
            library = self.open_library()
            if self._model_ready:
                library.store.check_model(library.embedder.identity)
                self._following = None
            return self._state_of(library)
        except LibraryMissing as error:
            detail = _FILLING if self._filling else str(error)
            return Readiness(False, self._model_ready, detail, loading=self._filling)
        except WrongModel:
            return self._other_model(library)
        except LibraryError as error:
            return Readiness(False, self._model_ready, str(error))

    def _state_of(self, library: Library) -> Readiness:
        if self._trouble:
            return Readiness(True, False, self._trouble)
        if self._model_ready and _is_begun(library):
            return Readiness(True, True, _FILLING, loading=True)
        if self._model_ready:
            return Readiness(True, True, "Ready.")
        detail = "The model and the library are loading; try again soon."
        return Readiness(True, False, detail, loading=True)

    def _other_model(self, library: Library) -> Readiness:
        """Have the model loaded that the library was embedded with; say how far that is."""
        wanted = library.store.model()
        with self._lock:
            if wanted and wanted != self._following:
                self._following, self._not_followed = wanted, None
                follow = threading.Thread(
                    target=self._follow, args=(wanted, library.store), name="following", daemon=True
                )
                follow.start()
            trouble = self._not_followed
        detail = f"The library was embedded anew with {wanted}, which is loading; try again soon."
        return Readiness(True, False, trouble or detail, loading=trouble is None)

    def _follow(self, wanted: ModelIdentity, store: Store) -> None:
        """Load this model and let it take over; what fails is told by `readiness`."""
        trouble = None
        library = Library(store, self._named(wanted.name), self._reranker)
        try:
            library.embedder.encode(["ready"])
            _read(library)
        except (ModelUnusable, LibraryError, sqlite3.DatabaseError) as error:
            trouble = _NOT_FOLLOWED.format(model=wanted, error=error)
        with self._lock:
            if self._following != wanted:  # the library has gone on to yet another one
                return
            if trouble is None:
                self._library = library
            self._not_followed = trouble

    def close(self) -> None:
        """Close the library."""
        if self._library is not None:
            self._library.store.close()


def _read(library: Library) -> None:
    """Read what answers need of a library. Raises `WrongModel` when it is of another model."""
    library.store.check_model(library.embedder.identity)
    library.store.vectors_derived(library.embedder.identity.dimension)


def _is_begun(library: Library) -> bool:
    """Tell whether a first run is still bringing in the first documents."""
    run = library.catalogue.runs.last()
    return library.store.generation() == 0 and run is not None and run.finished is None


def library_of(settings: Settings) -> Library:
    """Return the library that is set, open. Raises `LibraryError`."""
    return Library(Store.open(settings.data), embedder_of(settings), reranker_of(settings))


def reranker_of(settings: Settings) -> Reranker | None:
    """Return the cross-encoder that is set, if one is; it loads at first use."""
    return Reranker(settings.reranker) if settings.reranker else None


def embedder_of(settings: Settings) -> Embedder:
    """Return the embedding model that is set; it loads at first use.

    Unless another folder is set, it is saved in the library's in the form that loads fast: the one
    place that may be written in every set-up.
    """
    return _model_named(settings, settings.model)


def _model_named(settings: Settings, name: str) -> Embedder:
    if settings.models:  # a folder that is named is made, a library's is not
        return SentenceTransformerEmbedder(name, settings.models, with_parents=True)
    return SentenceTransformerEmbedder(name, settings.data / DERIVED)

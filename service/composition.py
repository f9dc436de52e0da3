"""The one place where real things are put together: settings in, an open library out."""

import sqlite3
import threading
from contextlib import suppress
from dataclasses import dataclass

from index import (
    Embedder,
    LibraryError,
    LibraryMissing,
    ModelUnusable,
    SentenceTransformerEmbedder,
    Store,
)
from ingest import ArxivApi, Credentials, Discourse, Outside
from service.library import Library
from service.settings import Settings

_FILLING = (
    "The library is being filled for the first time, which takes some seconds. If this stays, run "
    "'journalclub ingest' and read what it says."
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
    started. Safe to share by threads.
    """

    def __init__(
        self, settings: Settings, embedder: Embedder | None = None, filling: bool = False
    ) -> None:
        self.settings = settings
        self._embedder = embedder or embedder_of(settings)
        self._filling = filling
        self._library: Library | None = None
        self._model_ready = False
        self._trouble: str | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Load the model and open the library in the background."""
        threading.Thread(target=self.load, name="opening", daemon=True).start()

    def load(self) -> None:
        """Load the model and read the library; what fails is told by `readiness`."""
        try:
            self._embedder.encode(["ready"])
            identity = self._embedder.identity
        except ModelUnusable as error:
            self._trouble = str(error)
            return
        with suppress(LibraryError, sqlite3.DatabaseError):  # each reader is told anew
            library = self.open_library()
            library.store.check_model(identity)
            library.names()
            library.store.vectors_derived(identity.dimension)
        self._model_ready = True

    def open_library(self) -> Library:
        """Return the library, with or without its model. Raises `LibraryError`."""
        with self._lock:
            if self._library is None:
                store = Store.open(self.settings.data)
                self._library = Library(store, self._embedder)
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
                library.store.check_model(self._embedder.identity)
        except LibraryMissing as error:
            detail = _FILLING if self._filling else str(error)
            return Readiness(False, self._model_ready, detail, loading=self._filling)
        except LibraryError as error:
            return Readiness(False, self._model_ready, str(error))
        if self._trouble:
            return Readiness(True, False, self._trouble)
        if self._model_ready and _is_begun(library):
            return Readiness(True, True, _FILLING, loading=True)
        if self._model_ready:
            return Readiness(True, True, "Ready.")
        detail = "The model and the library are loading; try again soon."
        return Readiness(True, False, detail, loading=True)

    def close(self) -> None:
        """Close the library."""
        if self._library is not None:
            self._library.store.close()


def _is_begun(library: Library) -> bool:
    """Tell whether a first run is still bringing in the first documents."""
    run = library.catalogue.last_run()
    return library.store.generation() == 0 and run is not None and run[1] is None


def embedder_of(settings: Settings) -> Embedder:
    """Return the embedding model that is set; it loads at first use."""
    return SentenceTransformerEmbedder(settings.model)


def outside_of(settings: Settings) -> Outside:
    """Return the clients that ask the network."""
    host, key = settings.discourse_host, settings.discourse_api_key
    user = settings.discourse_api_username or "system"
    credentials = Credentials(host, key.get_secret_value(), user) if host and key else None
    return Outside(
        ArxivApi(settings.arxiv_url, settings.contact),
        Discourse(
            contact=settings.contact,
            credentials=credentials,
            allow_private_hosts=settings.allow_private_hosts,
        ),
    )

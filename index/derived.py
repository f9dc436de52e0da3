"""Save what is derived from a library beside it, where making it anew would take a reader long."""

import sqlite3
from contextlib import suppress

from index.encoding.embedder import SentenceTransformerEmbedder
from index.encoding.embedding import Embedder
from index.errors import LibraryUnusable, ModelUnusable, NotSaved
from index.store import DERIVED, Store
from index.vectors.coding import save_vectors

# So many passages are read and counted in a tenth of a second.
_WORTH_IT = 2_000
_ONE_IN = 100


def save_derived(store: Store, embedder: Embedder | None = None) -> None:
    """Bring the saved indexes up to date with the library, each when that is worth it.

    The model of an `embedder` is left in the form that loads fast, for those who will ask: that
    takes milliseconds when it is there, torch's seconds when it is not. Losing any of it loses
    nothing but a reader's time at opening. The caller holds the writer's lock and is in no
    transaction. Raises `NotSaved` when it cannot be saved, `LibraryUnusable` when SQLite fails.
    """
    folder = store.folder / DERIVED
    try:
        save_vectors(store.connection, folder)
        words = store.words()
        if words.unsaved > max(_WORTH_IT, len(words) // _ONE_IN):
            words.save(folder, store.connection)
    except OSError as error:
        raise NotSaved(error, folder) from error
    except sqlite3.DatabaseError as error:
        raise LibraryUnusable.because_of(error, store.folder) from error
    if isinstance(embedder, SentenceTransformerEmbedder):  # no other has such a form
        with suppress(ModelUnusable):  # nothing was embedded; who asks is told
            embedder.save()

"""Save what is derived from a library beside it, where making it anew would take a reader long."""

from index.errors import LibraryUnusable
from index.store import DERIVED, Store
from index.vectors.coding import save_vectors

# So many passages are read and counted in a tenth of a second.
_WORTH_IT = 2_000
_ONE_IN = 100


def save_derived(store: Store) -> None:
    """Bring the saved indexes up to date with the library, each when that is worth it.

    Losing them loses nothing but a reader's time at opening. The caller holds the writer's lock
    and is in no transaction. Raises `LibraryUnusable` when the folder cannot be written.
    """
    folder = store.folder / DERIVED
    try:
        save_vectors(store.connection, folder)
        words = store.words()
        if words.unsaved > max(_WORTH_IT, len(words) // _ONE_IN):
            words.save(folder)
    except OSError as error:
        raise LibraryUnusable.because_of(error, store.folder) from error

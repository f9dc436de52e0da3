"""Which passages pass the filters: read from the library once for each generation."""

import sqlite3
import threading

import numpy as np
from cachetools import LRUCache

from index import rows
from index.documents import Filters
from index.generations import moment_of
from index.vectors.exact import Ids

# Bytes of ids that are remembered.
_MOST = 32 * 2**20


class Allowed:
    """The passages that pass the filters of late. Every call is safe from any thread."""

    def __init__(self) -> None:
        self._known: LRUCache[tuple[tuple[int, bytes], Filters], Ids] = LRUCache(
            _MOST, lambda ids: ids.nbytes
        )
        self._lock = threading.Lock()

    def ids(self, connection: sqlite3.Connection, filters: Filters | None) -> Ids | None:
        """Return the ids of all passages whose documents pass, ascending; None: no filter is set.

        The array must not be changed.
        """
        if filters is None or filters == Filters():
            return None
        key = moment_of(connection), filters
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = _read(connection, filters)
            with self._lock:
                if known.nbytes <= _MOST:
                    self._known[key] = known
        return known


def _read(connection: sqlite3.Connection, filters: Filters) -> Ids:
    test, given = rows.condition(filters)
    found = connection.execute(
        f"select p.id from documents d join passages p on p.document_id = d.id where {test}",
        given,
    )
    ids: Ids = np.fromiter((row[0] for row in found), np.int64)
    ids.sort()
    return ids

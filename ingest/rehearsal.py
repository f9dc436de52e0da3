"""What a run would do, found out by doing it in a copy that is thrown away."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from index import Embedder, ModelIdentity, Store, Vectors
from index.database import DATABASE
from ingest.given import Given
from ingest.report import Report, Watch
from ingest.run import carry_out
from ingest.under_way import Outside


class _Unembedding:
    """A model that splits as the real one does and gives every text the same vector at no cost.

    The real one is asked for no vector, so it saves nothing of itself in the library's folder.
    """

    def __init__(self, model: Embedder) -> None:
        self._model = model

    @property
    def identity(self) -> ModelIdentity:
        return self._model.identity

    @property
    def max_tokens(self) -> int:
        return self._model.max_tokens

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        return self._model.token_spans(texts)

    def encode(self, texts: Sequence[str]) -> Vectors:
        row = np.zeros((1, self.identity.dimension), np.float32)
        row[0, 0] = 1.0
        return np.repeat(row, len(texts), axis=0)


def rehearse(
    store: Store, embedder: Embedder, outside: Outside, given: Given, watch: Watch
) -> Report:
    """Return the report that `ingest` would give now; the library stays as it is.

    Sources are asked as in a real run. The copy takes as much room in the system's temporary folder
    as the library takes, and no vector is made. Raises what `ingest` raises.
    """
    with TemporaryDirectory(prefix="journalclub-") as folder:
        with closing(sqlite3.connect(Path(folder) / DATABASE)) as copied:
            store.connection.backup(copied)
        with closing(Store.open(Path(folder))) as copy:
            report = carry_out(copy, _Unembedding(embedder), outside, given, watch)
    return replace(report, dry_run=True)

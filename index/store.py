"""A library on disk: documents, passages, words and vectors, changed together or not at all."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from index import rows, writing
from index.allowed import Allowed
from index.database import DATABASE, Connections, migrate, transaction
from index.documents import Document, Filters, Passage
from index.encoding.embedding import ModelIdentity, Vectors, is_unit
from index.entries import Entry
from index.errors import LibraryMissing, LibraryUnusable, WrongModel
from index.generations import generation_of, moment_of, next_generation
from index.vectors.changes import check_dimension
from index.vectors.exact import Ids
from index.vectors.vector_index import VectorIndex
from index.words import phrases
from index.words.terms import content_parts
from index.words.word_index import WordIndex

# Where derived indexes are saved within a library.
DERIVED = "derived"


class Store:
    """One library. SQLite is the truth; the indexes of words and vectors are derived from it.

    A change of a document writes its text, passages and vectors in one transaction and moves the
    generation by one, so every state that a crash can leave is a committed one. Readers in any
    thread or process never wait for the writer and see its changes at their next call.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / DATABASE
        self._connections = Connections(self._path)
        self._vectors: VectorIndex | None = None
        self._opening = threading.Lock()
        self._words = WordIndex(folder / DERIVED)
        self._allowed = Allowed()
        self._counted: tuple[tuple[int, bytes], dict[str, int]] = (-1, b""), {}
        try:
            migrate(self.connection, self._path, "index.migrations")
        except BaseException:
            self.close()
            raise

    @classmethod
    def open(cls, folder: Path) -> "Store":
        """Open the library in a folder. Raises `LibraryMissing` when there is none."""
        try:
            is_there = (folder / DATABASE).is_file()
        except OSError as error:
            raise LibraryUnusable.because_of(error, folder) from error
        if not is_there:
            raise LibraryMissing(folder)
        return cls(folder)

    @classmethod
    def create(cls, folder: Path) -> "Store":
        """Open the library in a folder, made with the folder when it is not there yet.

        Raises `LibraryUnusable` when the folder cannot be made or written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryUnusable.because_of(error, folder) from error
        return cls(folder)

    @property
    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection, for packages with tables of their own in it."""
        return self._connections.of_this_thread()

    def close(self) -> None:
        """Close every thread's connection; the store cannot be used afterwards."""
        self._connections.close()

    def generation(self) -> int:
        """Return the number that grows with each committed change."""
        return generation_of(self.connection)

    # -- the model ------------------------------------------------------------------------

    def model(self) -> ModelIdentity | None:
        """Return the model of the library's vectors; None before the first one."""
        row = self.connection.execute(
            "select model, model_revision, dimension from library where model is not null"
        ).fetchone()
        return ModelIdentity(*row) if row else None

    def check_model(self, identity: ModelIdentity) -> None:
        """Raise `WrongModel` unless the library's vectors, if any, are of this model."""
        known = self.model()
        if known and known != identity:
            raise WrongModel(str(known), str(identity))

    # -- writing --------------------------------------------------------------------------

    def changed(self, documents: Sequence[Document]) -> list[Document]:
        """Return those of the documents that are not stored exactly as they are."""
        known = {
            row["key"]: row["fingerprint"]
            for row in rows.in_chunks(
                self.connection,
                "select key, fingerprint from documents where key in ({})",
                [document.key for document in documents],
            )
        }
        return [d for d in documents if known.get(d.key) != rows.fingerprint(d)]

    def forgotten(self) -> list[str]:
        """Return the keys of documents that were marked and not stored again since then."""
        found = self.connection.execute(
            "select key from documents where fingerprint = x'' order by id"
        )
        return [row["key"] for row in found]

    def known_keys(self, keys: Sequence[str]) -> set[str]:
        """Return those of the keys under which a document is stored."""
        found = rows.in_chunks(self.connection, "select key from documents where key in ({})", keys)
        return {row["key"] for row in found}

    def known_vectors(self, digests: Sequence[bytes]) -> dict[bytes, Vectors]:
        """Return the stored vectors of pieces with these digests, so that none is made twice.

        One that was damaged is left out.
        """
        found = rows.in_chunks(
            self.connection,
            "select digest, vector from passages where digest in ({})"
            " and length(vector) = 4 * (select dimension from library)",
            digests,
        )
        vectors = {row["digest"]: np.frombuffer(row["vector"], np.float32) for row in found}
        return {digest: vector for digest, vector in vectors.items() if is_unit(vector)}

    def unchanged_texts(self, documents: Sequence[Document]) -> set[str]:
        """Return the keys of those whose passages and vectors stay as they are stored."""
        return writing.unchanged_texts(self.connection, documents)

    def replace(self, entries: Sequence[Entry], identity: ModelIdentity) -> None:
        """Store the documents in one transaction, each in the place of what had its key.

        A document whose text changed keeps the earlier one as a revision. Raises `WrongModel`.
        """
        with self._change() as generation:
            self.check_model(identity)
            writing.write_model(self.connection, identity)
            for entry in entries:
                writing.write(self.connection, entry.document, generation, entry)

    def update(self, documents: Sequence[Document]) -> None:
        """Store what is new about documents whose keys `unchanged_texts` returns."""
        with self._change() as generation:
            for document in documents:
                writing.write(self.connection, document, generation)

    def remove(self, keys: Sequence[str]) -> int:
        """Remove documents with all they had, revisions included; return how many there were."""
        with self._change() as generation:
            return sum(writing.remove(self.connection, key, generation) for key in keys)

    @contextmanager
    def _change(self) -> Iterator[int]:
        with transaction(self.connection):
            yield next_generation(self.connection)

    # -- reading --------------------------------------------------------------------------

    def fetch(self, key: str, revision: int | None = None) -> Document | None:
        """Return the document with this key, as it is or as an earlier revision had it."""
        found = self._documents("d.key = ?", [key])
        if not found or revision in (None, found[0].revision):
            return found[0] if found else None
        earlier = self.connection.execute(
            "select title, text from revisions where key = ? and revision = ?", (key, revision)
        ).fetchone()
        return earlier and replace(found[0], revision=revision, **earlier)

    def documents(self, filters: Filters) -> list[Document]:
        """Return the documents that pass the filters, in the order they were first stored."""
        return self._documents(*rows.condition(filters))

    def records_by(self, name: str) -> list[Document]:
        """Return the records whose text and authors hold the words of a folded name in a row.

        The word index says which may: asking all authors takes long in a large library.
        """
        words = content_parts(name)
        records = self.allowed(Filters(kinds=("record",)))
        if not words or records is None:  # "Will" is no word to look for, and may be a surname
            return self.documents(Filters(kinds=("record",), authors=(name,)))
        may = np.intersect1d(self.words().holding(words), records, assume_unique=True)
        return self._documents(
            "d.id in (select document_id from passages"
            " where id in (select value from json_each(?)))"
            " and exists (select 1 from facets where document_id = d.id and name = 'author'"
            " and instr(' ' || folded || ' ', ?))",
            [json.dumps(may.tolist()), f" {name} "],
        )

    def _documents(self, test: str, given: Sequence[object]) -> list[Document]:
        found = self.connection.execute(
            f"select d.id, {rows.COLUMNS} from documents d where {test} order by d.id",
            given,
        ).fetchall()
        return list(rows.documents(self.connection, found).values())

    def passing(self, keys: Sequence[str], filters: Filters) -> set[str]:
        """Return those of the keys whose documents pass the filters."""
        test, given = rows.condition(filters)
        found = self.connection.execute(
            "select key from documents d where d.key in (select value from json_each(?))"
            f" and {test}",
            [json.dumps(list(keys)), *given],
        )
        return {row["key"] for row in found}

    def counts(self) -> dict[str, int]:
        """Return how many documents of each kind there are, and how many passages and vectors."""
        if (now := moment_of(self.connection)) != self._counted[0]:
            self._counted = now, rows.counts(self.connection)
        return dict(self._counted[1])

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Return the passages with these ids that are still there."""
        found = list(
            rows.in_chunks(
                self.connection,
                'select id, document_id, start, "end" from passages where id in ({})',
                ids,
            )
        )
        documents = rows.in_chunks(
            self.connection,
            f"select id, {rows.COLUMNS} from documents where id in ({{}})",
            {row["document_id"] for row in found},
        )
        known = rows.documents(self.connection, list(documents))
        return {
            r["id"]: rows.passage(r, known[r["document_id"]])
            for r in found
            if r["document_id"] in known
        }

    def nearest(
        self, vector: Vectors, k: int, filters: Filters | None = None
    ) -> list[tuple[int, float]]:
        """Return up to k (passage id, cosine) among those that pass the filters, best first."""
        index = self._caught_up(len(vector))
        return index.nearest(self.connection, vector, k, self.allowed(filters))

    def cosines(self, vector: Vectors, ids: Sequence[int]) -> dict[int, float]:
        """Return the cosine to each of the passages that has a vector."""
        return self._caught_up(len(vector)).cosines(self.connection, vector, ids)

    def matching(
        self, text: str, k: int, filters: Filters | None = None
    ) -> list[tuple[int, float]]:
        """Return up to k (passage id, BM25 score) for any of the text's words, best first."""
        return self.words().matching(text, k, self.allowed(filters))

    def word_scores(self, text: str, ids: Sequence[int]) -> dict[int, float]:
        """Return the BM25 scores of those of the passages that hold any of the text's words."""
        return self.words().scores(text, ids)

    def count_matching(self, text: str, most: int = 1000) -> int:
        """Return how many passages hold any of the text's words, `most` standing for more too."""
        return phrases.count_matching(self.words(), self.connection, text, most)

    def holds_phrase(self, text: str) -> bool:
        """Tell whether the words of the text stand side by side in a title or passage."""
        return phrases.holds_phrase(self.words(), self.connection, text)

    def words(self) -> WordIndex:
        """Return the word index, caught up with the library."""
        self._words.follow(self.connection)
        return self._words

    def allowed(self, filters: Filters | None) -> Ids | None:
        """Return the ids of all passages that pass, ascending; None when no filter is set."""
        return self._allowed.ids(self.connection, filters)

    def vectors_derived(self, dimension: int) -> int:
        """Return how many vectors the derived index holds once it has caught up."""
        return len(self._caught_up(dimension))

    def _caught_up(self, dimension: int) -> VectorIndex:
        check_dimension(self.connection, dimension)
        with self._opening:
            if self._vectors is None or self._vectors.dimension != dimension:
                self._vectors = VectorIndex(dimension, self.folder / DERIVED)
            index = self._vectors
        index.follow(self.connection)
        return index

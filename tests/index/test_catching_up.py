"""After any changes, what is in memory is what a fresh start and plain arithmetic would say."""

import random
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from index import Document, Filters, Kind, Store, Vectors, problems, re_embed, search
from tests.fakes import FakeEmbedder
from tests.index.filling import a_document, fill, keys_of

WORDS = [f"word{number}" for number in range(60)]
KINDS: list[Kind] = ["abstract", "comment", "note"]


def _random_document(chance: random.Random) -> Document:
    text = ". ".join(
        " ".join(chance.choices(WORDS, k=chance.randrange(1, 50)))
        for _ in range(chance.randrange(1, 5))
    )
    document = a_document(f"k{chance.randrange(40)}", text, kind=chance.choice(KINDS))
    return replace(document, embedded=chance.random() < 0.9)


def _change(store: Store, embedder: FakeEmbedder, chance: random.Random) -> None:
    documents = {d.key: d for d in (_random_document(chance) for _ in range(chance.randrange(5)))}
    action = chance.random()
    if action < 0.6:
        fill(store, embedder, *documents.values())
    elif action < 0.9:
        store.remove(list(documents))
    elif action < 0.97:
        store.update([replace(d, likes=chance.randrange(9)) for d in store.documents(Filters())])
    else:
        re_embed(store, embedder, lambda done, total: None)


def _exact(store: Store, vector: Vectors, kind: Kind | None = None) -> list[float]:
    """Return the cosines of the ten nearest passages, by numpy from what the database holds."""
    rows = store.connection.execute(
        "select vector from passages p join documents d on d.id = p.document_id"
        " where vector is not null and (? is null or kind = ?)",
        (kind, kind),
    )
    stored = [np.frombuffer(row["vector"], np.float32) for row in rows]
    return sorted((float(row @ vector) for row in stored), reverse=True)[:10]


def _nearest(store: Store, vector: Vectors, kind: Kind | None = None) -> list[float]:
    filters = Filters(kinds=(kind,)) if kind else None
    return [cosine for _, cosine in store.nearest(vector, 10, filters)]


@pytest.mark.parametrize("seed", range(6))
def test_after_many_changes_search_equals_exact_search_and_a_fresh_start(
    store: Store, embedder: FakeEmbedder, seed: int
) -> None:
    chance = random.Random(seed)
    with closing(Store.open(store.folder)) as reader:
        for step in range(60):
            _change(store, embedder, chance)
            if step % 7:  # some changes are caught up with together
                continue
            question = " ".join(chance.sample(WORDS, 3))
            vector = embedder.encode([question])[0]
            assert _nearest(reader, vector) == pytest.approx(_exact(store, vector), abs=1e-6)
            kind = chance.choice(KINDS)
            exact = _exact(store, vector, kind)
            assert _nearest(reader, vector, kind) == pytest.approx(exact, abs=1e-6)
            with closing(Store.open(store.folder)) as fresh:
                assert search(question, reader, embedder) == search(question, fresh, embedder)
    assert problems(store) == []


def test_a_reader_follows_a_library_that_was_restored_from_a_backup_in_its_place(
    store: Store, embedder: FakeEmbedder
) -> None:
    def found(word: str, library: Store) -> tuple[list[str], list[str]]:
        near = library.nearest(embedder.encode([word])[0], 1)
        return keys_of(library, library.matching(word, 5)), keys_of(library, near)

    fill(store, embedder, a_document("a", "Alpha."))
    with (
        closing(sqlite3.connect(":memory:")) as backup,
        closing(Store.open(store.folder)) as reader,
    ):
        store.connection.backup(backup)
        fill(store, embedder, a_document("b", "Beta."))
        assert found("beta", reader) == (["b"], ["b"])

        backup.backup(store.connection)
        assert found("beta", reader) == ([], ["a"])

        fill(store, embedder, a_document("c", "Gamma."))
        assert found("gamma", reader) == (["c"], ["c"])
        assert reader.counts()["abstract"] == 2
        allowed = reader.allowed(Filters(kinds=("abstract",)))
        assert allowed is not None
        assert len(allowed) == 2


def test_of_many_that_find_the_index_late_one_reads_the_vectors(
    store: Store, embedder: FakeEmbedder
) -> None:
    fill(store, embedder, *(a_document(f"k{n}", f"word{n} same.") for n in range(20)))
    read: list[str] = []
    found: list[int] = []
    ready = threading.Barrier(8)

    def note(statement: str) -> None:
        if statement.startswith("select id, vector from passages"):
            read.append(statement)
            time.sleep(0.1)  # as if there were many

    def ask() -> None:
        store.connection.set_trace_callback(note)
        ready.wait()
        found.append(len(store.nearest(embedder.encode(["same"])[0], 50)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [20] * 8
    assert len(read) == 1


def test_many_threads_read_right_while_one_writes(store: Store, embedder: FakeEmbedder) -> None:
    fill(store, embedder, *(a_document(f"k{n}", f"word{n} same.") for n in range(20)))
    wrong: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            hits = search("same", store, embedder, 50)
            keys = [hit.passage.document.key for hit in hits]
            if len(keys) != len(set(keys)) or not {f"k{n}" for n in range(20)} <= set(keys):
                wrong.append(keys)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(40):
        fill(store, embedder, a_document(f"new{number % 5}", f"word{number} same."))
    done.set()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert len(search("same", store, embedder, 50)) == 25

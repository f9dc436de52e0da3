"""What a library holds, without what only tells how it came there, so that two can be compared."""

import hashlib
from dataclasses import asdict
from typing import Any

from index import Filters, Store, problems, search
from index.search import DEPTH
from ingest import Catalogue
from tests.fakes import FakeEmbedder

QUESTIONS = (
    "Who made KettleNet whistle?",
    "wombat teapot lunch number",
    "Deep Wombats and how they dig",
    "technique that somebody tried",
)


def contents(store: Store) -> dict[str, Any]:
    """Return all that two libraries of the same sources have in common.

    Documents, passages, vectors to the bit, links, what follows what, and what searches find.
    Left out are ids, revisions, moments, and earlier versions of papers, which are history.
    Asserts that the library is sound.
    """
    assert problems(store) == []
    catalogue = Catalogue(store)
    return {
        "documents": {d.key: asdict(d) | {"revision": 0} for d in store.documents(Filters())},
        "passages": _rows(
            store,
            'select d.key, p.start, p."end", hex(p.digest), p.vector from passages p'
            " join documents d on d.id = p.document_id",
        ),
        "links": _rows(store, "select key, paper, rule, confidence from links"),
        "follows": _rows(store, "select parent, child from follows"),
        "posts": _rows(store, "select key, source, position, post, post_id, accepted from posts"),
        "left over": _rows(store, "select * from leaving"),
        "papers": {p.id: asdict(p) | {"versions": ()} for p in catalogue.papers.all()},
        "scores": {question: _scores(store, question) for question in QUESTIONS},
        "hits": {question: _hits(store, question) for question in QUESTIONS},
    }


def _rows(store: Store, query: str) -> list[tuple[object, ...]]:
    rows = store.connection.execute(query)
    return sorted((tuple(map(_short, row)) for row in rows), key=repr)


def _short(value: object) -> object:
    """Return a value, or what stands for the bits of a vector in a message."""
    return hashlib.blake2b(value, digest_size=8).hexdigest() if isinstance(value, bytes) else value


def _scores(store: Store, question: str) -> list[dict[tuple[str, int], float]]:
    """Return cosine and BM25 score of every passage that has one, by key and start."""
    vector = FakeEmbedder().encode([question])[0]
    scored = [dict(store.nearest(vector, 100_000)), dict(store.matching(question, 100_000))]
    passages = store.passages([i for scores in scored for i in scores])
    return [
        {(passages[i].document.key, passages[i].start): round(s, 5) for i, s in scores.items()}
        for scores in scored
    ]


def _hits(store: Store, question: str) -> list[tuple[float, str, int]]:
    """Return every hit of a search with its score, those of one score by their documents' keys.

    In a library of more passages than a search reads, which of many equals it reads is chance.
    """
    if store.counts()["passages"] > DEPTH:
        return []
    found = search(question, store, FakeEmbedder(), DEPTH)
    scored = [(-round(h.score, 5), h.passage.document.key, h.passage.start) for h in found]
    return sorted(scored)

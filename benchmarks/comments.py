"""Comments for large libraries: each on a paper, with a sentence of it, a member and a date."""

import random
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

import numpy as np

from benchmarks.known_vectors import noisy
from index import Document, Entry, ModelIdentity, Piece, Store, Vectors, sentence_spans, writer_lock

_MEMBERS = 400
_POSTS = 25  # in each topic
_FIRST = date(2015, 1, 1)
_DAYS = 1800
_AT_ONCE = 256
_OPENINGS = (
    "Has anybody here tried this?",
    "We read this one last week.",
    "I keep coming back to one line of the abstract.",
    "Not convinced yet, but this part is interesting.",
    "This explains what we saw in our experiments.",
    "Can someone explain this to me?",
    "A good summary, I think.",
    "Compare it with what was posted above.",
)
_ABSTRACTS = (
    "select d.id, d.title, d.text, f.value as paper, (select p.vector from passages p"
    " where p.document_id = d.id order by p.start limit 1) as vector"
    " from documents d join facets f on f.document_id = d.id and f.name = 'paper'"
    " where d.kind = 'abstract' and d.id > ? order by d.id limit ?"
)


@dataclass(frozen=True, slots=True)
class _Abstract:
    """What a comment is made of."""

    title: str
    text: str
    paper: str
    vector: Vectors


def write_comments(store: Store, number: int, identity: ModelIdentity, dice: random.Random) -> None:
    """Store comments on papers of the library, so many in all; those that are there stay.

    They are not followed by anything: an ingest neither knows nor removes them. Each one's vector
    is that of the paper's abstract, with noise.
    """
    if store.counts().get("comment", 0) == number:
        return
    abstracts = _abstracts(store.connection, number)
    entries = (_entry(place, each, dice) for place, each in enumerate(abstracts))
    with writer_lock(store.folder):
        while batch := list(islice(entries, _AT_ONCE)):
            store.replace(batch, identity)


def _abstracts(connection: sqlite3.Connection, number: int) -> Iterator[_Abstract]:
    """Yield abstracts from first to last and over again, until there are so many."""
    last, left = 0, number
    while left:
        rows = connection.execute(_ABSTRACTS, (last, min(_AT_ONCE, left))).fetchall()
        if not rows and not last:
            return
        last = rows[-1]["id"] if rows else 0
        left -= len(rows)
        for row in rows:
            vector = np.frombuffer(row["vector"], np.float32)
            yield _Abstract(row["title"], row["text"], row["paper"], vector)


def _entry(place: int, about: _Abstract, dice: random.Random) -> Entry:
    document = _comment(place, about, dice)
    text = document.text
    piece = Piece(0, len(text), f"{document.key}\n{document.context}\n{text}")
    return Entry(document, (piece,), noisy(about.vector, document.key).reshape(1, -1))


def _comment(place: int, about: _Abstract, dice: random.Random) -> Document:
    topic, post = 1 + place // _POSTS, 1 + place % _POSTS
    title, member = f"Reading group, week {topic}", f"member{dice.randrange(_MEMBERS)}"
    sentence = _one_of(about.text, sentence_spans(about.text), dice)
    return Document(
        key=f"discourse:bench.invalid:{topic}:{post}",
        kind="comment",
        title=title,
        text=f"{dice.choice(_OPENINGS)} {about.title}: {sentence}",
        url=f"https://bench.invalid/t/{topic}/{post}",
        authors=(member,),
        date=_FIRST + timedelta(days=dice.randrange(_DAYS)),
        papers=(about.paper,),
        topic_id=topic,
        post_number=post,
        likes=dice.randrange(12),
        context=f"{title}. {member}",
        words=about.title,
    )


def _one_of(text: str, spans: Sequence[tuple[int, int]], dice: random.Random) -> str:
    start, end = dice.choice(spans)
    return text[start:end]

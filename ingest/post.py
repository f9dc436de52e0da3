"""A forum post as every source gives it: a live topic and a saved thread alike."""

import datetime
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words that a post quotes, which are never its author's own.

    `post` is the key of the post that they are from, where the forum says so.
    """

    text: str
    author: str | None = None
    post: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One post of a thread, as plain text.

    `key` is the document key, `position` its place in the thread counted from 0 (posts of one
    thread come in this order), `reply_to` the key of the post it answers where the source says
    so. A post of a saved thread has no author, date or number. `links` are the addresses its
    text links to, in order, those behind words ("here") included. `quotes` are other people's
    words within it; its text is without them. `post_id` is the forum's own; `accepted`
    says that the topic's asker took it as the answer.
    """

    key: str
    thread_title: str
    text: str
    url: str | None
    position: int
    author: str | None = None
    date: datetime.date | None = None
    topic_id: int | None = None
    post_number: int | None = None
    likes: int | None = None
    reply_to: str | None = None
    links: tuple[str, ...] = ()
    post_id: int | None = None
    quotes: tuple[Quoted, ...] = ()
    accepted: bool = False

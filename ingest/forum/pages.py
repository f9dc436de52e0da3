"""Read the pages of a Discourse topic: knows the format, not the network."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, PositiveInt, ValidationError

from ingest.errors import BadSource, SourceError
from ingest.forum.cleaning import clean_text
from ingest.forum.post_text import PostText, post_text
from ingest.forum.quotes import QuotedText
from ingest.forum.refs import TopicRef
from ingest.post import Post, Quoted

_REGULAR = 1  # other post types are notices of moderators and of the forum itself, and whispers
_GONE = ("hidden", "cooked_hidden", "user_deleted", "deleted_at")
_LIKE = 2
_NAMELESS = 1_000_000_000


def _without_surrogates(value: object) -> object:
    return re.sub("[\ud800-\udfff]", "\ufffd", value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_without_surrogates)]  # pydantic refuses lone surrogates


class _Action(BaseModel):
    id: int
    count: int | None = None


class _ForumPost(BaseModel):
    post_number: PositiveInt
    cooked: Text
    raw: Any = None
    created_at: datetime | None = None
    username: Text | None = None
    reply_to_post_number: int | None = None
    accepted_answer: bool | None = None
    actions_summary: list[_Action] | None = None

    @property
    def likes(self) -> int:
        actions = self.actions_summary or ()
        return sum(action.count or 0 for action in actions if action.id == _LIKE)


class _PostStream(BaseModel):
    posts: list[Any]
    stream: list[Any] | None = None


class _Page(BaseModel):
    post_stream: _PostStream
    id: Any = None
    title: Text | None = None
    slug: Text | None = None
    posts_count: Any = None
    highest_post_number: Any = None
    accepted_answer: Any = None


@dataclass(frozen=True, slots=True)
class TopicPage:
    """One page of a topic: some of its posts by id, not yet read, and the ids of all.

    The stream is empty where the forum does not give it: in answers to a question for certain
    posts, and for topics of more than 10,000. `count` and `highest` are how many posts the topic
    has and the last one's number, `accepted` is the number of the accepted answer; None where the
    page does not say.
    """

    title: str
    slug: str
    stream: tuple[int, ...]
    entries: dict[int, object]
    count: int | None
    highest: int | None
    accepted: int | None


@dataclass(frozen=True, slots=True)
class ReadPosts:
    """The posts of a topic in the order of their numbers, and what was wrong with some.

    `skipped` says which could not be read, `malformed` holds their ids, and `notes` tells of posts
    that are there but not whole.
    """

    posts: tuple[Post, ...]
    skipped: tuple[SourceError, ...]
    malformed: tuple[int, ...]
    notes: tuple[SourceError, ...]


def read_page(page: object, ref: TopicRef, source: str) -> TopicPage:
    """Return a page of a topic, or raise BadSource if it is something else."""
    try:
        read = _Page.model_validate(page)
    except ValidationError as error:
        reason = f"the reply is no Discourse topic ({complaint(error)}): check the URL"
        raise BadSource(source, reason) from error
    if _number(read.id) not in (None, ref.topic_id):
        reason = f"the forum gives topic {read.id} instead: give the URL of that one"
        raise BadSource(source, reason)
    accepted = read.accepted_answer
    return TopicPage(
        title=" ".join(clean_text(read.title or "").split()),
        slug=read.slug or "",
        stream=tuple(dict.fromkeys(filter(_number, read.post_stream.stream or ()))),
        entries=_entries(read.post_stream.posts, ref),
        count=_number(read.posts_count),
        highest=_number(read.highest_post_number),
        accepted=_number(accepted.get("post_number")) if isinstance(accepted, dict) else None,
    )


def _entries(posts: list[Any], ref: TopicRef) -> dict[int, object]:
    """Return the posts by id, those of other topics left out."""
    entries = {}
    for place, post in enumerate(posts, start=1):
        of = post if isinstance(post, dict) else {}
        if _number(of.get("topic_id")) in (None, ref.topic_id):
            otherwise = -(_number(of.get("post_number")) or _NAMELESS + place)
            entries[_number(of.get("id")) or otherwise] = post
    return entries


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def read_posts(
    entries: Mapping[int, object], first: TopicPage, ref: TopicRef, source: str
) -> ReadPosts:
    """Return the posts of a topic, of which the first page was `first`.

    Notices, hidden and deleted posts and posts without a word are left out without a complaint.
    A post cut for its length is there, and among the notes.
    """
    topic = _TopicPosts(ref, first)
    skipped: list[SourceError] = []
    malformed: list[int] = []
    for post_id, entry in sorted(entries.items()):
        try:
            topic.add(post_id, entry)
        except ValidationError as error:
            which = entry.get("post_number", post_id) if isinstance(entry, dict) else post_id
            reason = f"post {which} is malformed and was skipped ({complaint(error)})"
            skipped.append(SourceError(source, reason))
            malformed.append(post_id)
    return ReadPosts(topic.in_order(), tuple(skipped), tuple(malformed), tuple(topic.notes))


class _TopicPosts:
    """The posts of one topic while they are read."""

    def __init__(self, ref: TopicRef, first: TopicPage) -> None:
        self._ref = ref
        self._first = first
        self._url = ref.address(first.slug)
        self._posts: dict[int, Post] = {}
        self.notes: list[SourceError] = []

    def add(self, post_id: int, entry: object) -> None:
        """Read a post and keep it if it is discussion and says something."""
        if not _is_discussion(entry):
            return
        read = _ForumPost.model_validate(entry)
        raw = read.raw if isinstance(read.raw, str) else None
        said = post_text(read.cooked, raw, self._ref.base)
        link = f"{self._url}/{read.post_number}"
        if said.truncated:
            self.notes.append(SourceError(link, "the post is very long: its end was left out"))
        if said.text:
            self._posts[read.post_number] = self._post(read, said, link, post_id)

    def _post(self, read: _ForumPost, said: PostText, link: str, post_id: int) -> Post:
        number, answered = read.post_number, read.reply_to_post_number
        return Post(
            key=self._ref.key(number),
            thread_title=self._first.title,
            text=said.text,
            url=link,
            position=0,
            author=" ".join(clean_text(read.username or "").split()) or None,
            date=read.created_at.date() if read.created_at else None,
            topic_id=self._ref.topic_id,
            post_number=number,
            likes=read.likes,
            reply_to=None if answered is None else self._ref.key(answered),
            links=said.links,
            post_id=post_id if post_id > 0 else None,
            quotes=tuple(_quoted(quote, self._ref) for quote in said.quotes),
            accepted=bool(read.accepted_answer) or number == self._first.accepted,
        )

    def in_order(self) -> tuple[Post, ...]:
        """Return the posts with their places, and without replies to posts that are not there."""
        ordered = [self._posts[number] for number in sorted(self._posts)]
        keys = {post.key for post in ordered}
        return tuple(
            replace(post, position=place, reply_to=post.reply_to if post.reply_to in keys else None)
            for place, post in enumerate(ordered)
        )


def _is_discussion(entry: object) -> bool:
    """Tell whether a post is one that members wrote and see; what is no post at all may be one."""
    if not isinstance(entry, dict):
        return True
    is_gone = any(entry.get(name) for name in _GONE)
    return entry.get("post_type") in (None, _REGULAR) and not is_gone


def _quoted(quote: QuotedText, ref: TopicRef) -> Quoted:
    """Return a quote with the key of the post that it is from."""
    number, topic = quote.post_number, quote.topic_id
    key = None if number is None else ref.key_of(topic or ref.topic_id, number)
    return Quoted(quote.text, quote.author, key)


def complaint(error: ValidationError) -> str:
    """Return what is wrong with a reply, and where in it."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in first['loc']) or 'page'}: {first['msg']}"

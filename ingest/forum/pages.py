"""Read the pages of a Discourse topic: knows the format, not the network."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import BaseModel, BeforeValidator, PositiveInt, ValidationError

from ingest.errors import BadSource, SourceError
from ingest.forum.post_text import PostText, clean_text, post_text
from ingest.post import Post

_REGULAR = 1  # other post types are notices of moderators and of the forum itself
_LIKE = 2


def _without_surrogates(value: object) -> object:
    return re.sub("[\ud800-\udfff]", "\ufffd", value) if isinstance(value, str) else value


_Text = Annotated[str, BeforeValidator(_without_surrogates)]  # pydantic refuses lone surrogates


class _Action(BaseModel):
    id: int
    count: int | None = None


class _ForumPost(BaseModel):
    post_number: PositiveInt
    cooked: _Text
    created_at: datetime
    username: _Text | None = None
    post_type: int = _REGULAR
    reply_to_post_number: int | None = None
    hidden: bool | None = None
    user_deleted: bool | None = None
    deleted_at: str | None = None
    actions_summary: list[_Action] = []

    @property
    def is_discussion(self) -> bool:
        gone = self.hidden or self.user_deleted or self.deleted_at
        return self.post_type == _REGULAR and not gone

    @property
    def likes(self) -> int:
        return sum(action.count or 0 for action in self.actions_summary if action.id == _LIKE)


class _PostStream(BaseModel):
    posts: list[Any]
    stream: list[int] = []


class _Page(BaseModel):
    post_stream: _PostStream
    title: _Text = ""
    slug: _Text = ""


@dataclass(frozen=True, slots=True)
class TopicPage:
    """One page of a topic: some of its posts by id, not yet read, and the ids of all."""

    title: str
    slug: str
    stream: tuple[int, ...]
    entries: dict[int, object]


@dataclass(frozen=True, slots=True)
class TopicRef:
    """Which topic of which forum; `base` is the forum's address, without a slash at its end."""

    base: str
    topic_id: int

    @property
    def host(self) -> str:
        """Return the forum's host as the URL has it, with the port where that is given."""
        return self.base.partition("://")[2].partition("/")[0]

    @property
    def url(self) -> str:
        """Return an address of the topic that needs no slug."""
        return f"{self.base}/t/{self.topic_id}"

    def key(self, post_number: int) -> str:
        """Return the document key of a post."""
        return f"discourse:{self.host}:{self.topic_id}:{post_number}"


def read_page(page: object, source: str) -> TopicPage:
    """Return a page of a topic, or raise BadSource if it is something else."""
    try:
        read = _Page.model_validate(page)
    except ValidationError as error:
        reason = f"the reply is no Discourse topic ({_complaint(error)}): check the URL"
        raise BadSource(source, reason) from error
    posts = read.post_stream.posts
    entries = {_id_of(entry, -position): entry for position, entry in enumerate(posts, start=1)}
    title = " ".join(clean_text(read.title).split())
    return TopicPage(title, read.slug, tuple(read.post_stream.stream), entries)


def read_posts(
    entries: Mapping[int, object], title: str, ref: TopicRef, url: str
) -> tuple[tuple[Post, ...], tuple[SourceError, ...], tuple[int, ...]]:
    """Return the posts in the order of their numbers, complaints, and the ids of malformed ones.

    Notices, hidden and deleted posts and posts without a word are left out without a complaint.
    A post cut for its length is there and among the complaints as well.
    """
    posts: dict[int, Post] = {}
    complaints: list[SourceError] = []
    malformed: list[int] = []
    for place, (post_id, entry) in enumerate(entries.items(), start=1):
        try:
            read = _ForumPost.model_validate(entry)
        except ValidationError as error:
            reason = f"post {place} is malformed and was skipped ({_complaint(error)})"
            complaints.append(SourceError(url, reason))
            malformed.append(post_id)
            continue
        if not read.is_discussion:
            continue
        said = post_text(read.cooked)
        link = f"{url}/{read.post_number}"
        if said.truncated:
            complaints.append(SourceError(link, "the post is very long: its end was left out"))
        if said.text:
            posts[read.post_number] = _post(read, said, title, ref, link, post_id)
    return _in_order(posts), tuple(complaints), tuple(malformed)


def _post(
    read: _ForumPost, said: PostText, title: str, ref: TopicRef, link: str, post_id: int
) -> Post:
    answered = read.reply_to_post_number
    return Post(
        key=ref.key(read.post_number),
        thread_title=title,
        text=said.text,
        url=link,
        position=0,
        author=" ".join(clean_text(read.username or "").split()) or None,
        date=read.created_at.date(),
        topic_id=ref.topic_id,
        post_number=read.post_number,
        likes=read.likes,
        reply_to=None if answered is None else ref.key(answered),
        links=said.links,
        post_id=post_id if post_id > 0 else None,
    )


def _in_order(posts: dict[int, Post]) -> tuple[Post, ...]:
    """Return the posts with their places, and without replies to posts that are not there."""
    ordered = [posts[number] for number in sorted(posts)]
    keys = {post.key for post in ordered}
    return tuple(
        replace(post, position=place, reply_to=post.reply_to if post.reply_to in keys else None)
        for place, post in enumerate(ordered)
    )


def topic_address(ref: TopicRef, slug: str) -> str:
    """Return the topic's address as readers know it."""
    return f"{ref.base}/t/{quote(slug, safe='%')}/{ref.topic_id}" if slug else ref.url


def _id_of(entry: object, otherwise: int) -> int:
    found = entry.get("id") if isinstance(entry, dict) else None
    return found if isinstance(found, int) else otherwise


def _complaint(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in first['loc']) or 'page'}: {first['msg']}"

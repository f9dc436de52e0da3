"""The topics of the stand-in's forum: what members write, edit, delete and move."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tests.outside.markup import Markup, words

REGULAR, SMALL_ACTION = 1, 3


@dataclass(frozen=True, slots=True)
class ForumPost:
    """One post; `version` and `updated` move with each edit, and nothing of its topic does."""

    id: int
    number: int
    said: Markup
    created: datetime
    updated: datetime
    username: str = "ann"
    version: int = 1
    likes: int = 0
    reply_to: int | None = None
    post_type: int = REGULAR
    hidden: bool = False
    deleted: bool = False
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class ForumTopic:
    """A topic; `status` is what asking for it gives, 200 while it is open to all."""

    id: int
    title: str
    slug: str
    category: int
    created: datetime
    bumped: datetime
    tags: tuple[str, ...] = ()
    posts: tuple[ForumPost, ...] = ()
    status: int = 200

    @property
    def visible(self) -> tuple[ForumPost, ...]:
        """Return the posts that are not deleted, in order."""
        return tuple(post for post in self.posts if not post.deleted)

    @property
    def next_number(self) -> int:
        """Return the number of the next post; those of deleted posts are never used again."""
        return max((post.number for post in self.posts), default=0) + 1

    def post(self, number: int) -> ForumPost:
        """Return the post with a number."""
        return next(post for post in self.posts if post.number == number)


@dataclass(slots=True)
class Forum:
    """All topics by id, and the categories by id with their slugs. Edits are by methods."""

    clock: Callable[[], datetime]
    topics: dict[int, ForumTopic] = field(default_factory=dict)
    categories: dict[int, str] = field(default_factory=lambda: {5: "papers"})
    last_post: int = 900

    def open(self, topic_id: int, title: str, category: int = 5, **more: Any) -> ForumTopic:
        """Open a topic, still without a post."""
        slug = "-".join(title.lower().split())
        now = self.clock()
        topic = ForumTopic(topic_id, title, slug, category, now, now, **more)
        self.topics[topic_id] = topic
        return topic

    def write(self, topic_id: int, said: Markup | str, **more: Any) -> ForumPost:
        """Write a post at the end of a topic, which bumps it; return it."""
        topic, now = self.topics[topic_id], self.clock()
        self.last_post += 1
        markup = words(said) if isinstance(said, str) else said
        told = {"created": now, "updated": now} | more
        post = ForumPost(self.last_post, topic.next_number, markup, **told)
        self.topics[topic_id] = replace(topic, posts=(*topic.posts, post), bumped=now)
        return post

    def edit(self, topic_id: int, number: int, said: Markup | str) -> None:
        """Let a member change a post: no date of the topic moves, unless it is the last one."""
        post, now = self.topics[topic_id].post(number), self.clock()
        markup = words(said) if isinstance(said, str) else said
        self._change(topic_id, number, said=markup, version=post.version + 1, updated=now)

    def like(self, topic_id: int, number: int, likes: int) -> None:
        """Let a post have so many likes, which moves no version."""
        self._change(topic_id, number, likes=likes)

    def hide(self, topic_id: int, number: int, hidden: bool = True) -> None:
        """Hide a post, as flags of members do, or show it again."""
        self._change(topic_id, number, hidden=hidden, updated=self.clock())

    def delete(self, topic_id: int, number: int) -> None:
        """Delete a post: it vanishes from the stream."""
        self._change(topic_id, number, deleted=True, updated=self.clock())

    def restore(self, topic_id: int, number: int) -> None:
        """Bring a deleted post back."""
        self._change(topic_id, number, deleted=False, updated=self.clock())

    def accept(self, topic_id: int, number: int) -> None:
        """Take a post as the answer, and no other one."""
        topic = self.topics[topic_id]
        posts = tuple(replace(post, accepted=post.number == number) for post in topic.posts)
        self.topics[topic_id] = replace(topic, posts=posts)

    def move(self, topic_id: int, number: int, target: int) -> ForumPost:
        """Move a post to the end of another topic; a notice of it stays in its place."""
        topic, now = self.topics[topic_id], self.clock()
        post, into = topic.post(number), self.topics[target]
        moved = replace(post, number=into.next_number, reply_to=None, updated=now)
        self.topics[target] = replace(into, posts=(*into.posts, moved), bumped=now)
        rest = tuple(other for other in topic.posts if other is not post)
        self.topics[topic_id] = replace(topic, posts=rest)
        self.write(topic_id, "1 post was split to a new topic", post_type=SMALL_ACTION)
        return moved

    def close(self, topic_id: int, status: int) -> None:
        """Let a topic be gone (410), not to be found (404), private (403), or here again (200)."""
        self.topics[topic_id] = replace(self.topics[topic_id], status=status)

    def sort(self, topic_id: int, category: int) -> None:
        """Put a topic into a category."""
        self.topics[topic_id] = replace(self.topics[topic_id], category=category)

    def rename(self, topic_id: int, title: str) -> None:
        """Give a topic another title, and with it another slug."""
        slug = "-".join(title.lower().split())
        self.topics[topic_id] = replace(self.topics[topic_id], title=title, slug=slug)

    def _change(self, topic_id: int, number: int, **changes: Any) -> None:
        topic = self.topics[topic_id]
        posts = tuple(
            replace(post, **changes) if post.number == number else post for post in topic.posts
        )
        self.topics[topic_id] = replace(topic, posts=posts)

"""Bring in a topic of a Discourse forum, all of its posts or none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from ingest.errors import BadSource, SourceError, Unreachable
from ingest.forum.http import Credentials, ForumClient
from ingest.forum.pages import TopicRef, read_page, read_posts, topic_address
from ingest.post import Post

__all__ = ["Credentials", "Discourse", "Topic", "TopicRef", "parse_topic_url"]

POSTS_AT_ONCE = 20
_TOPIC_PATH = re.compile(
    r"(?P<folder>.*?)/t/(?:[^/]*[^/\d][^/]*/)?(?P<id>\d{1,12})(?:/\d+)?(?:\.json)?/?"
)


@dataclass(frozen=True, slots=True)
class Topic:
    """A whole topic. `skipped` says which of its posts could not be read, and why.

    `unread` are the forum's ids of posts that are in the topic and are none of `posts`.
    """

    title: str
    topic_id: int
    url: str
    posts: tuple[Post, ...]
    skipped: tuple[SourceError, ...] = ()
    unread: frozenset[int] = frozenset()


def parse_topic_url(url: str) -> TopicRef:
    """Return which topic a URL names, in any form that a browser's address line shows."""
    try:
        parts = urlsplit(url.strip())
        names_a_port = parts.port is not None
    except ValueError as error:
        raise BadSource(url, f"this is no URL ({error}): copy the topic's address") from error
    found = _TOPIC_PATH.fullmatch(parts.path)
    if parts.scheme not in ("http", "https") or not parts.hostname or not found:
        example = "https://forum.example.org/t/some-title/123"
        raise BadSource(url, f"this is no Discourse topic: copy its address, such as {example}")
    if parts.username is not None or parts.password is not None:
        raise BadSource(url, "the URL holds a user name or password: take it out")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    host = f"{host}:{parts.port}" if names_a_port else host
    return TopicRef(f"{parts.scheme}://{host}{found['folder']}", int(found["id"]))


class Discourse:
    """Fetches topics over HTTP, below 50 requests a minute to one forum.

    A forum that did not answer is remembered and not asked again by this object. `contact` (a mail
    or web address) goes into the User-Agent. Use it as a context manager, or close it.
    """

    def __init__(
        self,
        *,
        contact: str = "",
        pause_seconds: float = 1.3,
        credentials: Credentials | None = None,
        allow_private_hosts: bool = False,
    ) -> None:
        self._client = ForumClient(contact, pause_seconds, credentials, allow_private_hosts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def fetch(self, topic_url: str) -> Topic:
        """Return the topic with all its posts.

        Raises BadSource if the URL or the topic is wrong or private, and Unreachable if the forum,
        or any part of the topic, could not be read now: what returns is never half a topic.
        """
        ref = parse_topic_url(topic_url)
        source = topic_url.strip()
        first = read_page(self._client.json(f"{ref.url}.json?include_raw=1", source), source)
        stream = first.stream or tuple(first.entries)
        entries = dict(first.entries)
        for more in self._further_entries(ref, [i for i in stream if i not in entries], source):
            entries.update(more)
        url = topic_address(ref, first.slug)
        posts, skipped, malformed = read_posts(entries, first.title, ref, url)
        lost = [i for i in stream if i not in entries]
        if lost:
            reason = f"the forum lists {len(lost)} more posts than it gives: they were skipped"
            skipped = (*skipped, SourceError(source, reason))
        unread = frozenset((*lost, *malformed))
        return Topic(first.title, ref.topic_id, url, posts, skipped, unread)

    def _further_entries(
        self, ref: TopicRef, ids: list[int], source: str
    ) -> Iterator[dict[int, object]]:
        for start in range(0, len(ids), POSTS_AT_ONCE):
            asked = "&".join(f"post_ids[]={i}" for i in ids[start : start + POSTS_AT_ONCE])
            url = f"{ref.url}/posts.json?{asked}&include_raw=1"
            try:
                entries = read_page(self._client.json(url, source), source).entries
            except BadSource as error:
                raise Unreachable(
                    source, f"only a part of the topic came: {error.reason}"
                ) from error
            if not entries:
                raise Unreachable(source, "the forum gave an empty page: try again later")
            yield entries

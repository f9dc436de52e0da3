"""Read which topics a category or tag of a Discourse forum holds, and what moved in them."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from pydantic import BaseModel, PositiveInt, ValidationError

from ingest.errors import BadSource
from ingest.forum.cleaning import clean_text
from ingest.forum.http import ForumClient
from ingest.forum.pages import Text, complaint
from ingest.forum.refs import ListingRef, TopicRef, parse_listing_url
from ingest.forum.replies import NotFound

__all__ = ["ListedTopic", "Listing", "ListingRef", "parse_listing_url", "read_listing"]

MOST_PAGES = 1_000
_MOVING = (
    "bumped_at",
    "last_posted_at",
    "posts_count",
    "highest_post_number",
    "like_count",
    "title",
    "slug",
    "category_id",
    "visible",
    "closed",
    "archived",
    "has_accepted_answer",
)


@dataclass(frozen=True, slots=True)
class ListedTopic:
    """A topic as a listing shows it; `stamp` differs when the topic changed as far as that tells.

    An edit of a post other than the last one moves no stamp.
    """

    ref: TopicRef
    url: str
    title: str
    stamp: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The topics of a category or tag, the latest first, each once.

    `whole` is False where the listing goes on beyond what is read (1,000 pages). While the pages
    come, the deletion of one topic can push another between two of them: that a topic is not
    listed does not prove that it is gone.
    """

    title: str
    topics: tuple[ListedTopic, ...]
    whole: bool


class _Topic(BaseModel, extra="allow"):
    id: PositiveInt
    title: Text | None = None
    slug: Text | None = None


class _TopicList(BaseModel):
    topics: list[_Topic]
    more_topics_url: Any = None


class _Page(BaseModel):
    topic_list: _TopicList


def read_listing(client: ForumClient, ref: ListingRef, source: str) -> Listing:
    """Return the topics of a category or tag, page after page.

    Raises `BadSource` and `Unreachable` as `ForumClient.json` does, whichever page it is.
    """
    walk = _Walk(client, ref, source)
    pages = walk.down()
    if 1 < pages < MOST_PAGES:
        walk.down()  # what was bumped meanwhile went from a page to come to one that had been read
    return Listing(ref.title, tuple(walk.topics.values()), whole=pages < MOST_PAGES)


class _Walk:
    """The topics of one listing while they come in."""

    def __init__(self, client: ForumClient, ref: ListingRef, source: str) -> None:
        self._client = client
        self._ref = ref
        self._source = source
        self._start = f"{ref.url}/l/latest.json"
        self.topics: dict[int, ListedTopic] = {}

    def down(self) -> int:
        """Read pages from the first on until one holds nothing new; return how many were read."""
        url, page = self._first_page()
        for number in range(1, MOST_PAGES):
            before = len(self.topics)
            for topic in page.topics:
                self.topics.setdefault(topic.id, _listed(topic, self._ref.base))
            if len(self.topics) == before or not page.more_topics_url:
                return number
            url = _next_url(url, page.more_topics_url, self._source)
            page = self._page(url)
        return MOST_PAGES

    def _first_page(self) -> tuple[str, _TopicList]:
        """Return the first page and its address; a forum may know the shorter address only."""
        try:
            return self._start, self._page(self._start)
        except NotFound:
            self._start = f"{self._ref.url}.json"
            return self._start, self._page(self._start)

    def _page(self, url: str) -> _TopicList:
        try:
            return _Page.model_validate(self._client.json(url, self._source)).topic_list
        except ValidationError as error:
            reason = f"the reply is no list of Discourse topics ({complaint(error)}): check the URL"
            raise BadSource(self._source, reason) from error


def _next_url(url: str, more: object, source: str) -> str:
    """Return the address of the JSON of the next page, which is on the same host."""
    try:
        new = urlsplit(urljoin(url, str(more)))
    except ValueError as error:
        reason = "the list goes on at what is no URL: tell the forum's owner"
        raise BadSource(source, reason) from error
    old = urlsplit(url)
    if (new.scheme, new.netloc) != (old.scheme, old.netloc):
        reason = f"the list goes on at another host ({new.netloc}): give the URL of that forum"
        raise BadSource(source, reason)
    path = new.path if new.path.endswith(".json") else f"{new.path.rstrip('/')}.json"
    return new._replace(path=path, fragment="").geturl()


def _listed(topic: _Topic, base: str) -> ListedTopic:
    ref = TopicRef(base, topic.id)
    title = " ".join(clean_text(topic.title or "").split())
    facts = topic.model_dump()
    stamp = json.dumps([facts.get(name) for name in _MOVING])
    return ListedTopic(ref, ref.address(topic.slug or ""), title, stamp)

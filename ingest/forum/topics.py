"""Bring in a topic of a Discourse forum, all of its posts or none."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ingest.errors import BadSource, SourceError, Unreachable
from ingest.forum.http import Credentials, ForumClient
from ingest.forum.listing import Listing, read_listing
from ingest.forum.pages import TopicPage, read_page, read_posts
from ingest.forum.refs import TopicRef, parse_listing_url, parse_topic_url
from ingest.forum.replies import NotFound
from ingest.post import Post

__all__ = ["Credentials", "Discourse", "Topic", "TopicRef", "parse_topic_url"]

POSTS_AT_ONCE = 20
MOST_PAGES = 5_000
_BARREN = 2  # answers without one new post after which a way of asking is given up


@dataclass(frozen=True, slots=True)
class Topic:
    """A whole topic. `skipped` says which of its posts could not be read, and why.

    `unread` are the forum's ids of posts that are in the topic and are none of `posts`. `notes`
    tells of posts that are there, but not to their end.
    """

    title: str
    topic_id: int
    url: str
    posts: tuple[Post, ...]
    skipped: tuple[SourceError, ...] = ()
    unread: frozenset[int] = frozenset()
    notes: tuple[SourceError, ...] = ()


class Discourse:
    """Fetches topics over HTTP, within a limit of requests a minute to one forum.

    A forum that did not answer is remembered and not asked again by this object. `contact` (a mail
    or web address) goes into the User-Agent. Use it as a context manager, or close it.
    """

    def __init__(
        self,
        *,
        contact: str = "",
        calls_a_minute: int = 50,
        credentials: Credentials | None = None,
        allow_private_hosts: bool = False,
    ) -> None:
        self._client = ForumClient(contact, calls_a_minute, credentials, allow_private_hosts)

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
        or any part of the topic, could not be read now. What returns is never half a topic: a post
        that the forum lists and does not give is in `unread`.
        """
        ref, source = parse_topic_url(topic_url), topic_url.strip()
        crawl = _Crawl(self._client, ref, source)
        crawl.read_all()
        url = ref.address(crawl.first.slug)
        read = read_posts(crawl.found(), crawl.first, ref, url)
        lost, skipped = crawl.missing(), read.skipped
        if lost:
            reason = f"the forum lists {len(lost)} more posts than it gives: they were skipped"
            skipped = (*skipped, SourceError(source, reason))
        unread = frozenset((*lost, *read.malformed))
        title = crawl.first.title
        return Topic(title, ref.topic_id, url, read.posts, skipped, unread, read.notes)

    def list_topics(self, listing_url: str) -> Listing:
        """Return the topics of a category or tag, the latest first.

        Raises BadSource if the URL or the listing is wrong or private, and Unreachable if any page
        of it could not be read now: what returns is never half a listing.
        """
        ref = parse_listing_url(listing_url)
        return read_listing(self._client, ref, listing_url.strip())


class _Crawl:
    """The posts of one topic while they come in, and the ids of those that should.

    People write and delete meanwhile. A post that was listed and does not come makes us read the
    list anew, once: what is no longer listed was deleted, what is new is read as well.
    """

    def __init__(self, client: ForumClient, ref: TopicRef, source: str) -> None:
        self._client = client
        self._ref = ref
        self._source = source
        self._refused: BadSource | None = None
        self.first = self._page("")
        self._stream = self.first.stream
        self._entries = dict(self.first.entries)

    def read_all(self) -> None:
        """Bring in the posts. Raises Unreachable when the forum refused a part of them."""
        if not self._stream:
            self._turn_all_pages()
            return
        self._ask_by_ids(self.missing())
        if self.missing():
            self._list_again()
            self._ask_by_ids(self.missing()[::-1])  # what comes behind those that never come
            self._turn_pages_of_missing()
        if self.missing() and self._refused:
            raise self._only_a_part(self._refused)

    def missing(self) -> list[int]:
        """Return the ids that are listed and of which no post came."""
        return [post_id for post_id in self._stream if post_id not in self._entries]

    def found(self) -> dict[int, object]:
        """Return the posts that came, without those that are no longer listed."""
        listed = set(self._stream)
        return {
            i: entry for i, entry in self._entries.items() if not listed or i in listed or i < 0
        }

    def _page(self, query: str) -> TopicPage:
        """Return a page of the topic with what it lists."""
        return self._read(f"{self._ref.url}.json?include_raw=1{query}")

    def _read(self, url: str) -> TopicPage:
        return read_page(self._client.json(url, self._source), self._ref, self._source)

    def _ask_by_ids(self, waiting: list[int]) -> None:
        """Ask for posts in chunks, until the forum refuses or gives none of several."""
        self._refused, barren = None, 0
        while waiting and barren < _BARREN:
            asked = waiting[:POSTS_AT_ONCE]
            ids = "&".join(f"post_ids[]={post_id}" for post_id in asked)
            try:
                page = self._read(f"{self._ref.url}/posts.json?{ids}&include_raw=1")
            except BadSource as error:
                self._refused = error
                return
            self._entries |= page.entries
            not_given = [post_id for post_id in asked if post_id not in page.entries]
            barren = barren + 1 if not_given == asked else 0
            waiting = waiting[POSTS_AT_ONCE:] + not_given

    def _list_again(self) -> None:
        again = self._page("")
        self._stream = again.stream or self._stream
        self._entries |= again.entries

    def _turn_pages_of_missing(self) -> None:
        """Turn to the pages where missing posts should stand, until several hold none of them."""
        size = max(len(self.first.entries), 1)
        page_of = {post_id: place // size + 1 for place, post_id in enumerate(self._stream)}
        turned, barren = {1}, 0
        while barren < _BARREN:
            wanted = self.missing()
            number = next((page_of[i] for i in wanted if page_of[i] not in turned), None)
            if number is None or not self._turn_to(number):
                return
            turned.add(number)
            barren = barren + 1 if self.missing() == wanted else 0

    def _turn_to(self, number: int) -> bool:
        """Read a page by its number; tell whether there is such a page."""
        try:
            self._entries |= self._page(f"&page={number}").entries
        except NotFound:
            return False
        except BadSource as error:
            raise self._only_a_part(error) from error
        return True

    def _turn_all_pages(self) -> None:
        """Read a topic whose posts are not listed, page by page until one holds nothing new.

        Where posts were deleted meanwhile, others moved up to a page that was read before: then
        all pages are read once more.
        """
        last = 1
        while not self._has_last() and last < MOST_PAGES:
            before = len(self._entries)
            if not self._turn_to(last + 1) or len(self._entries) == before:
                break
            last += 1
        if last > 1 and (self._page("").count or 0) < (self.first.count or 0):
            for number in range(2, last + 1):
                self._turn_to(number)

    def _has_last(self) -> bool:
        """Tell whether the post came whose number is the topic's highest."""
        posts = (entry for entry in self._entries.values() if isinstance(entry, dict))
        highest = self.first.highest
        return highest is not None and any(post.get("post_number") == highest for post in posts)

    def _only_a_part(self, error: BadSource) -> Unreachable:
        return Unreachable(self._source, f"only a part of the topic came: {error.reason}")

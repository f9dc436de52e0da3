"""Read the addresses of topics, categories and tags as a browser shows them."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from ingest.errors import BadSource

_USUAL_PORTS = {"http": 80, "https": 443}
_TOPIC_PATH = re.compile(
    r"(?P<folder>.*?)/t/(?:[^/]*[^/\d][^/]*/)?(?P<id>\d{1,12})(?:/\d+)?(?:\.json)?/?"
)
_LISTING_PATH = re.compile(
    r"(?P<folder>.*?)(?P<path>/(?:c|tags?)(?:/[^/]+?)+?)(?:/l/[\w-]+)?(?:\.json)?/?"
)
_NAMELESS = re.compile(r"\d+|c|none|all|intersection")


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
        return self.key_of(self.topic_id, post_number)

    def key_of(self, topic_id: int, post_number: int) -> str:
        """Return the document key of a post in any topic of the same forum."""
        return f"discourse:{self.host}:{topic_id}:{post_number}"

    def address(self, slug: str) -> str:
        """Return the topic's address as readers know it."""
        return f"{self.base}/t/{quote(slug, safe='%')}/{self.topic_id}" if slug else self.url


@dataclass(frozen=True, slots=True)
class ListingRef:
    """Which category or tag of which forum; `path` is its place below `base`."""

    base: str
    path: str

    @property
    def host(self) -> str:
        """Return the forum's host as the URL has it, with the port where that is given."""
        return self.base.partition("://")[2].partition("/")[0]

    @property
    def url(self) -> str:
        """Return the address of the category or tag, without sorting, page and ending."""
        return f"{self.base}{self.path}"

    @property
    def title(self) -> str:
        """Return the names of category and tag as the address spells them."""
        parts = [unquote(part) for part in self.path.split("/")[2:]]
        return " / ".join(part for part in parts if not _NAMELESS.fullmatch(part)) or self.path


def parse_topic_url(url: str) -> TopicRef:
    """Return which topic a URL names, in any form that a browser's address line shows.

    Raises `BadSource` when it names none.
    """
    example = "no Discourse topic: copy its address, such as https://forum.example.org/t/title/123"
    base, found = _parsed(url, _TOPIC_PATH, example)
    return TopicRef(base, int(found["id"]))


def parse_listing_url(url: str) -> ListingRef:
    """Return which category or tag a URL names, in any form that a browser's address line shows.

    Raises `BadSource` when it names none.
    """
    example = (
        "no category or tag of a Discourse forum: copy its address, such as "
        "https://forum.example.org/c/papers/12 or https://forum.example.org/tag/nlp"
    )
    base, found = _parsed(url, _LISTING_PATH, example)
    if _TOPIC_PATH.fullmatch(urlsplit(url.strip()).path):
        raise BadSource(url, "this is a topic, not a category or tag: give it as a topic")
    return ListingRef(base, found["path"])


def _parsed(url: str, path: re.Pattern[str], example: str) -> tuple[str, re.Match[str]]:
    """Return the forum's address and what the pattern found in the URL's path."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise BadSource(url, f"this is no URL ({error}): copy the address") from error
    found = path.fullmatch(parts.path)
    if parts.scheme not in _USUAL_PORTS or not parts.hostname or not found:
        raise BadSource(url, f"this is {example}")
    if parts.username is not None or parts.password is not None:
        raise BadSource(url, "the URL holds a user name or password: take it out")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    host = host if port in (None, _USUAL_PORTS[parts.scheme]) else f"{host}:{port}"
    return f"{parts.scheme}://{host}{found['folder']}", found

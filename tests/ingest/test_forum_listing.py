"""A category or tag is listed whole, each topic once, with a stamp that moves when it changes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import BadSource, Unreachable
from ingest.forum.listing import Listing, parse_listing_url
from ingest.forum.topics import Discourse
from tests.ingest.forum_server import Answer, Forum, a_forum

LATEST = "/c/papers/12/l/latest.json"


@pytest.fixture
def forum() -> Iterator[Forum]:
    with a_forum() as server:
        yield server


@pytest.fixture
def discourse() -> Iterator[Discourse]:
    with Discourse(calls_a_minute=60_000, allow_private_hosts=True) as ready:
        yield ready


def a_topic(number: int, **changes: object) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"Topic {number}",
        "slug": f"topic-{number}",
        "posts_count": 3,
        "highest_post_number": 3,
        "bumped_at": "2019-05-08T10:11:12.131Z",
        "last_posted_at": "2019-05-08T10:11:12.131Z",
        "visible": True,
        "archived": False,
        "views": 7,
    } | changes


def a_page(*topics: dict[str, Any], more: str | None = None) -> dict[str, Any]:
    return {"users": [], "topic_list": {"topics": list(topics), "more_topics_url": more}}


def listed(forum: Forum, discourse: Discourse) -> Listing:
    return discourse.list_topics(f"http://{forum.host}/c/papers/12")


@pytest.mark.parametrize(
    ("given", "path", "title"),
    [
        ("/c/papers/12", "/c/papers/12", "papers"),
        ("/c/papers/12/", "/c/papers/12", "papers"),
        ("/c/papers/12.json?page=2", "/c/papers/12", "papers"),
        ("/c/papers/12/l/latest", "/c/papers/12", "papers"),
        ("/c/papers/12/l/top.json?period=all#x", "/c/papers/12", "papers"),
        ("/c/papers", "/c/papers", "papers"),
        ("/c/12", "/c/12", "/c/12"),
        ("/c/science/papers", "/c/science/papers", "science / papers"),
        ("/c/science/papers/12", "/c/science/papers/12", "science / papers"),
        ("/c/science/papers/12/none/l/new", "/c/science/papers/12/none", "science / papers"),
        ("/c/c/12", "/c/c/12", "/c/c/12"),
        ("/c/%E8%AB%96%E6%96%87/12", "/c/%E8%AB%96%E6%96%87/12", "論文"),
        ("/tag/nlp", "/tag/nlp", "nlp"),
        ("/tag/node.js/l/latest.json", "/tag/node.js", "node.js"),
        ("/tag/nlp/12", "/tag/nlp/12", "nlp"),
        ("/tags/nlp", "/tags/nlp", "nlp"),
        (
            "/tags/c/science/papers/12/nlp/l/latest",
            "/tags/c/science/papers/12/nlp",
            "science / papers / nlp",
        ),
        ("/tags/intersection/nlp/vision", "/tags/intersection/nlp/vision", "nlp / vision"),
    ],
)
def test_every_form_of_a_listing_url_is_understood(given: str, path: str, title: str) -> None:
    ref = parse_listing_url(f" https://Forum.example.org/talk{given} ")
    assert (ref.base, ref.path, ref.title) == ("https://forum.example.org/talk", path, title)
    assert ref.url == f"https://forum.example.org/talk{path}"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://forum.example.org/",
        "https://forum.example.org/c/",
        "https://forum.example.org/tags",
        "https://forum.example.org/latest",
        "https://forum.example.org/t/a-title/41",
        "https://forum.example.org/t/c/41",
        "ftp://forum.example.org/c/papers/12",
        "https://me:secret@forum.example.org/c/papers/12",
        "https://forum.example.org:port/c/papers/12",
    ],
)
def test_what_is_no_listing_url_is_refused_with_advice(url: str) -> None:
    with pytest.raises(BadSource, match=r"copy|take it out|give it as a topic"):
        parse_listing_url(url)


def test_pages_are_followed_to_the_end_and_each_topic_counts_once(
    forum: Forum, discourse: Discourse
) -> None:
    pinned = a_topic(1, title="About the papers category", pinned=True)
    pages = [[pinned, *(a_topic(30 * n + i) for i in range(2, 32))] for n in range(40)]
    for n, topics in enumerate(pages):
        more = f"/c/papers/12/l/latest?page={n + 1}" if n < 39 else None
        forum.other[f"{LATEST}?page={n}" if n else LATEST] = a_page(*topics, more=more)

    listing = listed(forum, discourse)

    assert [topic.ref.topic_id for topic in listing.topics] == list(range(1, 1202))
    assert (listing.title, listing.whole) == ("papers", True)
    first = listing.topics[0]
    assert first.title == "About the papers category"
    assert first.url == f"http://{forum.host}/t/topic-1/1"
    assert first.ref.url == f"http://{forum.host}/t/1"
    assert len(forum.asked) == 41


def test_a_topic_that_is_bumped_while_the_pages_come_is_not_missed(
    forum: Forum, discourse: Discourse
) -> None:
    def bump(answers: int) -> None:
        if answers == 1:
            forum.other[LATEST] = a_page(a_topic(3), a_topic(1), more=second)
            forum.other[f"{LATEST}?page=1"] = a_page(a_topic(2))

    second = "/c/papers/12/l/latest?page=1"
    forum.other[LATEST] = a_page(a_topic(1), a_topic(2), more=second)
    forum.other[f"{LATEST}?page=1"] = a_page(a_topic(3))
    forum.meanwhile = bump
    assert {topic.ref.topic_id for topic in listed(forum, discourse).topics} == {1, 2, 3}


def test_a_page_that_brings_nothing_new_ends_the_list(forum: Forum, discourse: Discourse) -> None:
    page = a_page(a_topic(1), a_topic(2), more="/c/papers/12/l/latest.json")
    forum.other[LATEST] = page
    assert [t.ref.topic_id for t in listed(forum, discourse).topics] == [1, 2]
    assert len(forum.asked) == 3


def test_an_empty_category_has_no_topics(forum: Forum, discourse: Discourse) -> None:
    forum.other[LATEST] = a_page()
    assert listed(forum, discourse) == Listing("papers", (), whole=True)


@pytest.mark.parametrize(
    ("moved", "is_seen"),
    [
        ({"bumped_at": "2019-05-09T00:00:00Z"}, True),
        ({"last_posted_at": "2019-05-09T00:00:00Z"}, True),
        ({"posts_count": 2}, True),
        ({"highest_post_number": 4}, True),
        ({"title": "Another"}, True),
        ({"visible": False}, True),
        ({"archived": True}, True),
        ({"like_count": 9}, True),
        ({"views": 8, "posters": [], "excerpt": "x"}, False),
    ],
)
def test_a_stamp_moves_with_the_topic_and_not_with_its_readers(
    forum: Forum, discourse: Discourse, moved: dict[str, object], is_seen: bool
) -> None:
    stamps = []
    for topic in (a_topic(1), a_topic(1, **moved)):
        forum.other[LATEST] = a_page(topic)
        stamps.append(listed(forum, discourse).topics[0].stamp)
    assert (stamps[0] != stamps[1]) is is_seen


def test_a_forum_that_knows_the_short_address_only_is_read_there(
    forum: Forum, discourse: Discourse
) -> None:
    forum.other["/tag/nlp.json"] = a_page(a_topic(1), more="/tag/nlp?page=1")
    forum.other["/tag/nlp.json?page=1"] = a_page(a_topic(2))
    topics = discourse.list_topics(f"http://{forum.host}/tag/nlp").topics
    assert [topic.ref.topic_id for topic in topics] == [1, 2]


def test_a_category_that_got_another_name_is_followed(forum: Forum, discourse: Discourse) -> None:
    forum.instead[LATEST] = [Answer({}, 301, {"Location": "/c/articles/12/l/latest.json"})]
    forum.other["/c/articles/12/l/latest.json"] = a_page(a_topic(1))
    assert len(listed(forum, discourse).topics) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ([Answer({}, 500)] * 3, Unreachable),
        ([Answer({}, 429, {"Retry-After": "99"})], Unreachable),
        ([Answer({}, 404)], BadSource),
        ([Answer("<html>Sign in</html>")], BadSource),
        ([Answer(a_page({"title": "without an id"}))], BadSource),
        ([Answer({"topics": []})], BadSource),
    ],
)
def test_no_half_of_a_listing_is_given(
    forum: Forum, discourse: Discourse, fault: list[Answer], error: type[Exception]
) -> None:
    forum.other[LATEST] = a_page(a_topic(1), more="/c/papers/12/l/other")
    forum.instead["/c/papers/12/l/other.json"] = list(fault)
    with pytest.raises(error):
        listed(forum, discourse)


@pytest.mark.parametrize("more", ["https://other.example.org/c/x/1?page=1", "http://[/", 7])
def test_a_list_that_goes_on_elsewhere_is_refused(
    forum: Forum, discourse: Discourse, more: Any
) -> None:
    forum.other[LATEST] = a_page(a_topic(1), more=more)
    with pytest.raises(BadSource):
        listed(forum, discourse)


@pytest.mark.parametrize(
    ("name", "topics"),
    [
        ("category_latest_topics.json", {5: "About the category", 4: "This is a markdown post"}),
        ("category_topics.json", {5: "About the category", 4: "This is a markdown post"}),
        ("hot.json", {1: "Test topic #1", 2: "Test topic #2", 3: "Test topic #3"}),
        ("latest.json", {1: "Test topic #1"}),
        ("top.json", {1: "Test topic #1"}),
    ],
)
def test_the_recorded_listings_are_read(
    forum: Forum, discourse: Discourse, shared: Path, name: str, topics: dict[int, str]
) -> None:
    recorded = json.loads((shared / "discourse" / name).read_text(encoding="utf-8"))
    forum.other[LATEST] = recorded
    forum.other["/latest.json?page=1"] = a_page()

    listing = listed(forum, discourse)

    assert {topic.ref.topic_id: topic.title for topic in listing.topics} == topics
    assert listing.whole
    first = recorded["topic_list"]["topics"][0]
    assert json.loads(listing.topics[0].stamp)[:4] == [
        first["bumped_at"],
        first["last_posted_at"],
        first["posts_count"],
        first["highest_post_number"],
    ]

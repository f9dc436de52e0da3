"""A forum topic comes in with all that its posts say of themselves, and nothing else."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import BadSource
from ingest.forum.topics import Discourse, Topic, parse_topic_url
from ingest.post import Post, Quoted
from tests.ingest.forum_server import TOPIC, Answer, Forum, a_forum, a_post, posts

FIRST, BY_IDS = f"/t/{TOPIC}.json", f"/t/{TOPIC}/posts.json"


@pytest.fixture
def forum() -> Iterator[Forum]:
    with a_forum() as server:
        yield server


@pytest.fixture
def discourse() -> Iterator[Discourse]:
    with Discourse(calls_a_minute=60_000, allow_private_hosts=True) as ready:
        yield ready


def numbers(topic: Topic) -> list[int | None]:
    return [post.post_number for post in topic.posts]


@pytest.mark.parametrize(
    "path", ["t/a-title/41", "t/41", "t/a-title/41/7", "t/-/41.json", "t/41/7", "t/a/41/?page=2#x"]
)
def test_every_form_of_a_topic_url_is_understood(path: str) -> None:
    ref = parse_topic_url(f" https://forum.example.org/{path} ")
    assert (ref.base, ref.topic_id) == ("https://forum.example.org", 41)
    assert ref.key(7) == "discourse:forum.example.org:41:7"


@pytest.mark.parametrize(
    ("url", "base", "host"),
    [
        ("http://Example.org:8080/talk/t/a/41", "http://example.org:8080/talk", "example.org:8080"),
        ("https://example.org:443/t/a/41", "https://example.org", "example.org"),
        ("http://example.org:80/t/41", "http://example.org", "example.org"),
        ("https://example.org:80/t/41", "https://example.org:80", "example.org:80"),
    ],
)
def test_a_forum_may_have_a_port_and_live_in_a_folder(url: str, base: str, host: str) -> None:
    ref = parse_topic_url(url)
    assert (ref.base, ref.host) == (base, host)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "forum.example.org/t/a/41",
        "https://forum.example.org/c/papers/4",
        "ftp://forum.example.org/t/a/41",
        "https://forum.example.org:port/t/a/41",
        "https://[/t/a/41",
        "https://me:secret@forum.example.org/t/a/41",
    ],
)
def test_what_is_no_topic_url_is_refused_with_advice(url: str) -> None:
    with pytest.raises(BadSource, match=r"copy|take it out"):
        parse_topic_url(url)


# -- what a post says of itself ------------------------------------------------------------


def test_a_topic_comes_with_all_a_post_says_of_itself(forum: Forum, discourse: Discourse) -> None:
    forum.put(a_post(1), a_post(4, reply_to_post_number=1, actions_summary=None, wiki=True))
    url = f"{forum.url}/4"

    topic = discourse.fetch(url)

    assert (topic.title, topic.topic_id, topic.url) == ("Good papers", TOPIC, forum.url)
    key = f"discourse:{forum.host}:{TOPIC}"
    assert topic.posts == (
        Post(
            key=f"{key}:1",
            thread_title="Good papers",
            text="Words of post 1.",
            url=f"{forum.url}/1",
            position=0,
            author="member1",
            date=date(2019, 5, 8),
            topic_id=TOPIC,
            post_number=1,
            likes=1,
            post_id=901,
        ),
        Post(
            key=f"{key}:4",
            thread_title="Good papers",
            text="Words of post 4.",
            url=f"{forum.url}/4",
            position=1,
            author="member4",
            date=date(2019, 5, 8),
            topic_id=TOPIC,
            post_number=4,
            likes=0,
            reply_to=f"{key}:1",
            post_id=904,
        ),
    )


def test_the_accepted_answer_is_known_from_the_post_or_from_the_topic(
    forum: Forum, discourse: Discourse
) -> None:
    forum.put(a_post(1, topic_accepted_answer=True), a_post(2, accepted_answer=True), a_post(3))
    assert [post.accepted for post in discourse.fetch(forum.url).posts] == [False, True, False]
    forum.put(*posts(range(1, 4)))
    forum.topic["accepted_answer"] = {"post_number": 3, "username": "member3"}
    assert [post.accepted for post in discourse.fetch(forum.url).posts] == [False, False, True]


def test_quoted_words_are_kept_apart_with_the_post_that_they_are_from(
    forum: Forum, discourse: Discourse
) -> None:
    def quote(attributes: str, words: str) -> str:
        return f'<aside class="quote" {attributes}><blockquote><p>{words}</p></blockquote></aside>'

    here = quote(f'data-username="ann" data-post="1" data-topic="{TOPIC}"', "Mixup is old.")
    there = quote('data-username="bob" data-post="5" data-topic="77"', "Cutout is older.")
    nowhere = quote("", "So they say.")
    forum.put(a_post(1), a_post(2, cooked=f"{here}<p>No.</p>{there}{nowhere}<p>Nor that.</p>"))

    post = discourse.fetch(forum.url).posts[1]

    assert "older" not in post.text.replace("Nor that.", "")
    assert post.text.split() == ["No.", "Nor", "that."]
    key = f"discourse:{forum.host}"
    assert post.quotes == (
        Quoted("Mixup is old.", "ann", f"{key}:{TOPIC}:1"),
        Quoted("Cutout is older.", "bob", f"{key}:77:5"),
        Quoted("So they say.", None, None),
    )


def test_a_post_that_only_quotes_is_no_post_and_no_error(
    forum: Forum, discourse: Discourse
) -> None:
    quote = '<aside class="quote"><blockquote><p>Their words.</p></blockquote></aside>'
    forum.put(a_post(1), a_post(2, cooked=quote), a_post(3))
    topic = discourse.fetch(forum.url)
    assert (numbers(topic), topic.skipped, topic.unread) == ([1, 3], (), frozenset())


def test_markdown_is_read_in_place_of_html_where_the_forum_gives_it(
    forum: Forum, discourse: Discourse
) -> None:
    cooked = '<p><span class="math">x_1</span> grows.</p>'
    forum.put(a_post(1, raw="$x_1$ grows.", cooked=cooked), *posts(range(2, 30)))
    assert discourse.fetch(forum.url).posts[0].text == "$x_1$ grows."
    assert all("include_raw=1" in path for path in forum.asked)


def test_notices_and_hidden_deleted_and_wordless_posts_are_left_out(
    forum: Forum, discourse: Discourse
) -> None:
    forum.put(
        a_post(1),
        a_post(2, post_type=3),
        a_post(3, hidden=True),
        a_post(4, user_deleted=True),
        a_post(5, deleted_at="2019-06-01T00:00:00Z", cooked=None),
        a_post(6, cooked="<img src='a.png'>"),
        a_post(7, reply_to_post_number=4),
        a_post(8, post_type=4),
        a_post(9, cooked="", cooked_hidden=True),
        a_post(10, post_type=2),
    )
    topic = discourse.fetch(forum.url)
    assert [(post.post_number, post.reply_to) for post in topic.posts] == [(1, None), (7, None)]
    assert (topic.skipped, topic.unread) == ((), frozenset())


@pytest.mark.parametrize(
    "broken",
    [{"cooked": None}, {"post_number": "x"}, {"created_at": "lately"}, {"actions_summary": 3}],
)
def test_a_malformed_post_is_skipped_with_its_reason(
    forum: Forum, discourse: Discourse, broken: dict[str, object]
) -> None:
    forum.put(a_post(1), a_post(2, **broken), a_post(3))
    topic = discourse.fetch(forum.url)
    assert (numbers(topic), topic.unread) == ([1, 3], frozenset({902}))
    assert [next(iter(broken)) in error.reason for error in topic.skipped] == [True]


def test_what_is_no_post_at_all_is_skipped_too(forum: Forum, discourse: Discourse) -> None:
    first = {"posts": [None, a_post(1), "a post"], "stream": [901]}
    forum.instead[FIRST] = [Answer({"title": "x", "post_stream": first})]
    topic = discourse.fetch(forum.url)
    assert (numbers(topic), len(topic.skipped)) == ([1], 2)


def test_lone_surrogates_and_null_bytes_in_a_post_are_cleaned(
    forum: Forum, discourse: Discourse
) -> None:
    forum.put(a_post(1, cooked="<p>a\ud83d b\x00</p>", username="m\ud83d"))
    post = discourse.fetch(forum.url).posts[0]
    assert (post.text, post.author) == ("a\ufffd b", "m\ufffd")


def test_a_post_of_three_megabytes_is_cut_and_noted(forum: Forum, discourse: Discourse) -> None:
    forum.put(a_post(1, cooked="<p>" + "many words " * 280_000), a_post(2))
    topic = discourse.fetch(forum.url)
    assert [len(post.text) > 190_000 for post in topic.posts] == [True, False]
    assert [note.source for note in topic.notes] == [f"{forum.url}/1"]
    assert (topic.skipped, topic.unread) == ((), frozenset())


# -- recorded replies ----------------------------------------------------------------------


def recorded(shared: Path, name: str) -> Any:
    return json.loads((shared / "discourse" / name).read_text(encoding="utf-8"))


def test_the_recorded_topic_is_read(forum: Forum, discourse: Discourse, shared: Path) -> None:
    forum.other["/t/57.json?include_raw=1"] = recorded(shared, "topic.json")

    topic = discourse.fetch(f"http://{forum.host}/t/57")

    assert topic.title == "THIS SITE IS A SANDBOX -- it is reset every day"
    assert topic.url.endswith("/t/this-site-is-a-sandbox-it-is-reset-every-day/57")
    assert [(p.post_number, p.author, p.date, p.likes, p.post_id) for p in topic.posts] == [
        (1, "samsaffron", date(2013, 2, 4), 0, 83),
        (14, "splattne", date(2013, 2, 5), 5, 226),
    ]
    first, last = topic.posts
    assert last.reply_to == first.key == f"discourse:{forum.host}:57:1"
    assert "http://meta.discourse.org" in first.links
    assert first.text.startswith("Welcome!")
    assert "<" not in first.text
    assert (topic.skipped, topic.unread, topic.notes) == ((), frozenset(), ())


def test_the_recorded_later_page_is_read(forum: Forum, discourse: Discourse, shared: Path) -> None:
    page = recorded(shared, "topic_posts.json")
    stream = {"posts": [], "stream": [123456]}
    forum.other["/t/57.json?include_raw=1"] = {"id": 57, "title": "x", "post_stream": stream}
    forum.other["/t/57/posts.json?post_ids[]=123456&include_raw=1"] = page

    post = discourse.fetch(f"http://{forum.host}/t/57").posts[0]

    assert (post.post_number, post.text, post.likes) == (2, "Some text.", 3)
    assert (post.author, post.date) == ("Some-username", date(2020, 1, 27))


@pytest.mark.parametrize(
    ("name", "topic_id", "said"),
    [
        ("posts_latest.json", 11, {1: "hi there. hi there. hi there.", 2: "holla bullhonky."}),
        ("posts_before.json", 11, {1: "hi there. hi there. hi there."}),
        ("post.json", 8, {}),
    ],
)
def test_the_recorded_posts_are_read_as_those_of_their_topic(
    forum: Forum,
    discourse: Discourse,
    shared: Path,
    name: str,
    topic_id: int,
    said: dict[int, str],
) -> None:
    """They come from other addresses, but a post has one form everywhere."""
    reply = recorded(shared, name)
    entries = [post for post in reply.get("latest_posts", [reply]) if post["topic_id"] == topic_id]
    stream = {"posts": entries, "stream": [entry["id"] for entry in entries]}
    forum.other[f"/t/{topic_id}.json?include_raw=1"] = {"title": "x", "post_stream": stream}
    topic = discourse.fetch(f"http://{forum.host}/t/{topic_id}")
    assert topic.posts
    texts = {post.post_number: " ".join(post.text.split()) for post in topic.posts}
    assert said.items() <= texts.items()
    assert topic.skipped == ()

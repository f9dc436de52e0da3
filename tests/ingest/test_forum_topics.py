"""A forum topic comes in whole or not at all, whatever people do to it meanwhile."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.errors import BadSource, Unreachable
from ingest.forum.topics import Discourse, Topic
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


def ways(forum: Forum) -> list[str]:
    """Return how the forum was asked, each request as one word."""
    queries = [parse_qs(urlsplit(path).query) for path in forum.asked]
    return ["ids" if "post_ids[]" in q else f"page{q.get('page', ['1'])[0]}" for q in queries]


def test_posts_beyond_the_first_page_come_in_chunks_of_twenty(
    forum: Forum, discourse: Discourse
) -> None:
    forum.put(*posts(range(1, 140, 2)))

    topic = discourse.fetch(forum.url)

    assert numbers(topic) == list(range(1, 140, 2))
    chunks = [parse_qs(urlsplit(path).query)["post_ids[]"] for path in forum.asked[1:]]
    assert [len(chunk) for chunk in chunks] == [20, 20, 10]
    assert (topic.skipped, topic.unread) == ((), frozenset())


def test_edits_and_deletions_between_two_readings_are_seen(
    forum: Forum, discourse: Discourse
) -> None:
    forum.put(*posts(range(1, 401)))
    before = {post.post_number: post for post in discourse.fetch(forum.url).posts}

    forum.delete(903, 1150, 1300)
    forum.posts[1200] |= {"cooked": "<p>Edited.</p>", "version": 2}
    forum.posts[1250] |= {"hidden": True, "cooked_hidden": True}
    forum.posts[1401] = a_post(501)
    forum.stream.append(1401)
    after = {post.post_number: post for post in discourse.fetch(forum.url).posts}

    assert len(before) == 400
    assert before.keys() - after.keys() == {3, 250, 350, 400}
    assert after.keys() - before.keys() == {501}
    changed = {n for n in before.keys() & after.keys() if before[n].text != after[n].text}
    assert (changed, after[300].text) == ({300}, "Edited.")


def test_a_post_deleted_while_the_topic_is_read_is_not_missed(
    forum: Forum, discourse: Discourse
) -> None:
    forum.put(*posts(range(1, 71)))
    forum.meanwhile = lambda answers: forum.delete(945) if answers == 1 else None
    topic = discourse.fetch(forum.url)
    assert numbers(topic) == [n for n in range(1, 71) if n != 45]
    assert (topic.skipped, topic.unread) == ((), frozenset())


def test_forty_posts_deleted_in_a_row_meanwhile_hide_none_of_those_behind(
    forum: Forum, discourse: Discourse
) -> None:
    forum.put(*posts(range(1, 121)))
    forum.meanwhile = lambda n: forum.delete(*range(921, 961)) if n == 1 else None
    topic = discourse.fetch(forum.url)
    assert numbers(topic) == [*range(1, 21), *range(61, 121)]
    assert (topic.skipped, topic.unread) == ((), frozenset())


def test_a_post_read_before_it_was_deleted_goes_when_the_list_is_read_anew(
    forum: Forum, discourse: Discourse
) -> None:
    forum.put(*posts(range(1, 71)))
    forum.meanwhile = lambda answers: forum.delete(925, 965) if answers == 2 else None
    assert numbers(discourse.fetch(forum.url)) == [n for n in range(1, 71) if n not in (25, 65)]


def test_a_post_written_meanwhile_comes_with_the_next_reading_at_the_latest(
    forum: Forum, discourse: Discourse
) -> None:
    def write(answers: int) -> None:
        if answers == 1:
            forum.posts[1000] = a_post(100)
            forum.stream.append(1000)

    forum.put(*posts(range(1, 31)))
    forum.meanwhile = write
    assert numbers(discourse.fetch(forum.url)) == list(range(1, 31))
    assert numbers(discourse.fetch(forum.url)) == [*range(1, 31), 100]


def test_a_listed_post_that_the_forum_does_not_give_is_told_and_unread(
    forum: Forum, discourse: Discourse
) -> None:
    forum.put(*posts(range(1, 51)))
    del forum.posts[925]
    topic = discourse.fetch(forum.url)
    assert len(topic.posts) == 49
    assert (topic.unread, len(topic.skipped)) == (frozenset({925}), 1)
    assert "1 more" in topic.skipped[0].reason
    assert len(forum.asked) < 12


def test_posts_behind_many_that_never_come_are_read(forum: Forum, discourse: Discourse) -> None:
    forum.put(*posts(range(1, 201)))
    for post_id in range(941, 1021):
        del forum.posts[post_id]
    topic = discourse.fetch(forum.url)
    assert numbers(topic) == [*range(1, 41), *range(121, 201)]
    assert topic.unread == set(range(941, 1021))


def test_a_reply_that_lacks_half_of_what_was_asked_is_asked_for_the_rest(
    forum: Forum, discourse: Discourse
) -> None:
    forum.put(*posts(range(1, 41)))
    half = [forum.posts[i] for i in forum.stream[20:30]]
    forum.instead[BY_IDS] = [Answer({"post_stream": {"posts": half}})]
    assert numbers(discourse.fetch(forum.url)) == list(range(1, 41))
    assert ways(forum) == ["page1", "ids", "ids"]


def test_an_empty_page_in_the_middle_is_asked_for_again(forum: Forum, discourse: Discourse) -> None:
    forum.put(*posts(range(1, 71)))
    forum.instead[BY_IDS] = [Answer({"post_stream": {"posts": []}})]
    assert numbers(discourse.fetch(forum.url)) == list(range(1, 71))


def test_a_forum_that_ignores_post_ids_is_read_by_pages(forum: Forum, discourse: Discourse) -> None:
    forum.put(*posts(range(1, 100)))
    forum.knows_ids = False
    topic = discourse.fetch(forum.url)
    assert numbers(topic) == list(range(1, 100))
    assert ways(forum)[-4:] == ["page2", "page3", "page4", "page5"]
    assert (topic.skipped, topic.unread) == ((), frozenset())


def test_a_forum_without_posts_by_ids_is_read_by_pages(forum: Forum, discourse: Discourse) -> None:
    forum.put(*posts(range(1, 100)))
    forum.instead[BY_IDS] = [Answer({}, 404)] * 9
    assert numbers(discourse.fetch(forum.url)) == list(range(1, 100))


def test_a_forum_that_always_gives_its_first_posts_is_not_asked_for_ever(
    forum: Forum, discourse: Discourse
) -> None:
    forum.put(*posts(range(1, 2001)))
    forum.knows_ids = forum.knows_pages = False
    topic = discourse.fetch(forum.url)
    assert numbers(topic) == list(range(1, 21))
    assert topic.unread == set(range(921, 2901))
    assert len(forum.asked) < 10


def test_a_forum_that_gives_all_posts_at_once_is_asked_once(
    forum: Forum, discourse: Discourse
) -> None:
    every = {"posts": posts(range(1, 301))}
    for stream in ({"stream": list(range(901, 1201))}, {}):
        forum.asked.clear()
        answer = {"title": "x", "highest_post_number": 300, "post_stream": every | stream}
        forum.instead[FIRST] = [Answer(answer)]
        assert numbers(discourse.fetch(forum.url)) == list(range(1, 301))
        assert ways(forum) == ["page1"]


def test_pages_that_repeat_posts_give_each_once(forum: Forum, discourse: Discourse) -> None:
    forum.put(*posts(range(1, 41)))
    forum.stream += forum.stream[5:25]
    repeated = [forum.posts[i] for i in [*forum.stream[10:40], *forum.stream[20:40]]]
    forum.instead[BY_IDS] = [Answer({"post_stream": {"posts": repeated}})]
    assert numbers(discourse.fetch(forum.url)) == list(range(1, 41))


def test_posts_of_another_topic_are_not_taken_for_this_ones(
    forum: Forum, discourse: Discourse
) -> None:
    forum.put(a_post(1, topic_id=TOPIC), a_post(2, topic_id=7), a_post(3))
    forum.stream.remove(902)
    assert numbers(discourse.fetch(forum.url)) == [1, 3]
    forum.topic["id"] = 42
    with pytest.raises(BadSource, match="gives topic 42 instead"):
        discourse.fetch(forum.url)


@pytest.mark.parametrize("highest", [{"highest_post_number": 150}, {}])
def test_a_topic_too_long_to_be_listed_is_read_page_by_page(
    forum: Forum, discourse: Discourse, highest: dict[str, Any]
) -> None:
    """Discourse gives no stream for topics of more than 10,000 posts."""
    forum.put(*posts(range(1, 151)))
    forum.gives_stream = False
    forum.topic |= highest
    assert numbers(discourse.fetch(forum.url)) == list(range(1, 151))


def test_a_deletion_while_pages_turn_pushes_no_post_between_them(
    forum: Forum, discourse: Discourse
) -> None:
    forum.put(*posts(range(1, 151)))
    forum.gives_stream = False
    forum.meanwhile = lambda answers: forum.delete(902) if answers == 3 else None
    read = numbers(discourse.fetch(forum.url))
    assert set(range(1, 151)) - set(read) <= {2}


@pytest.mark.parametrize(
    "later", [Answer({}, 404), Answer({}, 500), Answer([]), Answer("<html>Sign in</html>")]
)
def test_a_topic_whose_later_part_is_refused_does_not_come_at_all(
    forum: Forum, discourse: Discourse, later: Answer
) -> None:
    forum.put(*posts(range(1, 31)))
    forum.knows_pages = False
    forum.instead[BY_IDS] = [later] * 3
    with pytest.raises(Unreachable):
        discourse.fetch(forum.url)


def test_that_a_part_of_a_topic_is_gone_says_nothing_of_the_topic(
    forum: Forum, discourse: Discourse
) -> None:
    forum.put(*posts(range(1, 61)))
    forum.instead[BY_IDS] = [Answer({}, 410)]
    assert numbers(discourse.fetch(forum.url)) == list(range(1, 61))

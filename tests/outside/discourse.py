"""The JSON that Discourse gives of topics, and of the lists of a category or a tag."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from tests.outside.clock import fine_stamp
from tests.outside.forum import Forum, ForumPost, ForumTopic
from tests.outside.markup import words
from tests.outside.reply import Query, Reply, json_reply, page_reply

POSTS_AT_ONCE, TOPICS_AT_ONCE = 20, 30

_TOPIC = re.compile(r"/t/(?:(?P<slug>[^/]*[^/\d][^/]*)/)?(?P<id>\d+)(?:/\d+)?")
_POSTS = re.compile(r"/t/(?P<id>\d+)/posts")
_CATEGORY = re.compile(r"/c/(?P<slug>[^/]+)/(?P<id>\d+)(?:/l/latest)?")
_TAG = re.compile(r"/tag/(?P<name>[^/]+)(?:/l/latest)?")
_REFUSALS = {
    403: ("You are not permitted to view the requested resource.", "invalid_access"),
    404: ("The requested URL or resource could not be found.", "not_found"),
    410: ("The requested URL or resource could not be found.", "not_found"),
}


def discourse_reply(forum: Forum, query: Query) -> Reply:
    """Answer for the forum; without .json or an Accept header a reader gets a page."""
    path = query.path.removesuffix(".json")
    if path == query.path and not query.wants_json:
        return page_reply("A forum for people, with their browsers.")
    if found := _POSTS.fullmatch(path):
        return _posts(forum, int(found["id"]), query)
    if found := _TOPIC.fullmatch(path):
        return _topic(forum, int(found["id"]), found["slug"], query)
    if found := _CATEGORY.fullmatch(path):
        return _category(forum, int(found["id"]), query)
    if found := _TAG.fullmatch(path):
        topics = [topic for topic in forum.topics.values() if found["name"] in topic.tags]
        return _listing(topics, query) if topics else refusal(404)
    return refusal(404)


def refusal(status: int) -> Reply:
    """Return a forum's reply to what it will not show."""
    told, kind = _REFUSALS[status]
    return json_reply({"errors": [told], "error_type": kind}, status)


def _topic(forum: Forum, topic_id: int, slug: str | None, query: Query) -> Reply:
    topic = forum.topics.get(topic_id)
    if topic is None or topic.status != 200:
        return refusal(topic.status if topic else 404)
    if slug not in (None, topic.slug):
        asked = urlencode([(k, v) for k, some in query.parameters.items() for v in some])
        place = f"/t/{topic.slug}/{topic_id}.json" + (f"?{asked}" if asked else "")
        return json_reply({}, 301, Location=place)
    start = (int(query.one("page") or 1) - 1) * POSTS_AT_ONCE
    page = topic.visible[start : start + POSTS_AT_ONCE]
    if start and not page:
        return refusal(404)
    stream = {"posts": _shown(topic, page, query), "stream": [p.id for p in topic.visible]}
    return json_reply({"post_stream": stream} | _described(topic))


def _described(topic: ForumTopic) -> dict[str, Any]:
    """Return what is told of a topic beside its posts."""
    regular = [post for post in topic.visible if post.post_type == 1]
    accepted = next((post for post in regular if post.accepted), None)
    solved = {"post_number": accepted.number, "username": accepted.username} if accepted else None
    return {
        "id": topic.id,
        "title": topic.title,
        "fancy_title": topic.title,
        "slug": topic.slug,
        "posts_count": len(regular),
        "created_at": fine_stamp(topic.created),
        "views": 100,
        "reply_count": sum(post.reply_to is not None for post in regular),
        "like_count": sum(post.likes for post in regular),
        "last_posted_at": fine_stamp(max((p.created for p in regular), default=topic.created)),
        "visible": True,
        "closed": False,
        "archived": False,
        "archetype": "regular",
        "category_id": topic.category,
        "tags": list(topic.tags),
        "deleted_at": None,
        "highest_post_number": topic.next_number - 1,
    } | ({"accepted_answer": solved} if solved else {})


def _posts(forum: Forum, topic_id: int, query: Query) -> Reply:
    """Return the posts that are asked for by id, those of them that are there."""
    topic = forum.topics.get(topic_id)
    if topic is None or topic.status != 200:
        return refusal(topic.status if topic else 404)
    given = query.parameters.get("post_ids[]", [])
    if not all(i.isdigit() for i in given):
        return json_reply({"errors": ["post_ids must be numbers"]}, 400)
    asked = [post for post in topic.visible if str(post.id) in set(given)]
    page = asked if given else topic.visible[:POSTS_AT_ONCE]
    return json_reply({"post_stream": {"posts": _shown(topic, page, query)}, "id": topic_id})


def _shown(topic: ForumTopic, posts: Iterable[ForumPost], query: Query) -> list[dict[str, Any]]:
    with_raw = query.one("include_raw") in ("1", "true")
    return [_post(topic, post, with_raw) for post in posts]


def _post(topic: ForumTopic, post: ForumPost, with_raw: bool) -> dict[str, Any]:
    said = words("This post was flagged by the community.") if post.hidden else post.said
    liked = [{"id": 2, "count": post.likes}] if post.likes else []
    answers = sum(other.reply_to == post.number for other in topic.visible)
    return {
        "id": post.id,
        "name": post.username.title(),
        "username": post.username,
        "avatar_template": f"/user_avatar/{post.username}/{{size}}/1.png",
        "created_at": fine_stamp(post.created),
        "cooked": said.cooked,
        "post_number": post.number,
        "post_type": post.post_type,
        "updated_at": fine_stamp(post.updated),
        "reply_count": answers,
        "reply_to_post_number": post.reply_to,
        "quote_count": said.cooked.count('<aside class="quote'),
        "reads": 34,
        "score": 12.6,
        "yours": False,
        "topic_id": topic.id,
        "topic_slug": topic.slug,
        "version": post.version,
        "actions_summary": liked,
        "moderator": False,
        "staff": False,
        "user_id": 15,
        "hidden": post.hidden,
        "trust_level": 2,
        "deleted_at": None,
        "user_deleted": False,
        "edit_reason": None,
        "wiki": False,
        "accepted_answer": post.accepted,
    } | ({"raw": said.raw} if with_raw else {})


def _category(forum: Forum, category: int, query: Query) -> Reply:
    if category not in forum.categories:
        return refusal(404)
    return _listing((t for t in forum.topics.values() if t.category == category), query)


def _listing(topics: Iterable[ForumTopic], query: Query) -> Reply:
    """Return a page of topics, the latest first; the address of the next one has no .json."""
    listed = sorted((t for t in topics if t.status == 200), key=lambda t: t.bumped, reverse=True)
    number = int(query.one("page") or 0)
    start, end = number * TOPICS_AT_ONCE, (number + 1) * TOPICS_AT_ONCE
    told: dict[str, Any] = {"can_create_topic": False, "per_page": TOPICS_AT_ONCE}
    if end < len(listed):
        path = query.path.removesuffix(".json")
        told["more_topics_url"] = f"{path}?page={number + 1}"
    told["topics"] = [_listed(topic) for topic in listed[start:end]]
    return json_reply({"users": [], "primary_groups": [], "topic_list": told})


def _listed(topic: ForumTopic) -> dict[str, Any]:
    """Return how a list shows a topic: dates and counts, no posts, no slug of its category."""
    told = _described(topic)
    del told["deleted_at"]
    told.pop("accepted_answer", None)
    return told | {
        "bumped": True,
        "bumped_at": fine_stamp(topic.bumped),
        "pinned": False,
        "excerpt": None,
        "has_accepted_answer": any(post.accepted for post in topic.visible),
        "last_poster_username": topic.visible[-1].username if topic.visible else None,
    }

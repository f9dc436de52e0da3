"""Read topics and categories of forums."""

from ingest.errors import Gone, Unreachable
from ingest.forum.listing import parse_listing_url
from ingest.forum.replies import NotFound
from ingest.forum.topics import parse_topic_url
from ingest.gathering.posts import keep_posts, settle
from ingest.naming import topic_name
from ingest.under_way import Run

# An edit leaves no trace in a listing, so topics that seem unchanged are read again as well; in a
# forum of more than these, each run reads those that were longest not read.
READ_AGAIN = 500


def read_topic(source: str, name: str, run: Run) -> list[str]:
    """Bring in a topic. One that was deleted for good (410) loses its posts.

    One that is not found (404) may have become private, or its forum be in repair: it keeps them
    until removals are allowed.
    """
    host = _asked_host(parse_topic_url(name).host, name, run)
    try:
        topic = run.outside.forum.fetch(name)
    except (Gone, NotFound) as error:
        if isinstance(error, Gone) or run.given.allow_removals:
            run.catalogue.follows.set_children(source, ())
            keep_posts(source, (), run)
        raise
    except Unreachable as error:
        if error.wait:
            run.retries.failed(host, error.reason, error.wait)
        raise
    run.retries.succeeded(host)
    for skipped in topic.skipped:
        run.fail(skipped)
    for told in topic.notes:
        run.note(told.source, told.reason)
    ids = run.catalogue.threads.post_ids(source) if topic.unread else {}
    unread = [f"comment:{key}" for key, i in ids.items() if i in {None, *topic.unread}]
    children = [f"comment:{post.key}" for post in topic.posts]
    kept = settle(source, [*unread, *children], run)
    keep_posts(source, topic.posts, run, [k.removeprefix("comment:") for k in (*unread, *kept)])
    if source in run.found.listed and not topic.unread:
        run.catalogue.sources.topic_was_read(source, run.found.listed[source])
    return []


def read_category(source: str, name: str, run: Run) -> list[str]:
    """Read which topics a category or tag has; return those that are to be read in this run."""
    _asked_host(parse_listing_url(name).host, name, run)
    listing = run.outside.forum.list_topics(name)
    stamps = {topic_name(topic.url): topic.stamp for topic in listing.topics}
    if listing.whole:
        settle(source, list(stamps), run)
    else:
        run.note(name, "the forum's list is too long to be read whole: nothing was removed")
        run.catalogue.follows.follow(stamps, source)
    run.found.listed |= stamps
    kept = [topic for topic in run.catalogue.follows.children(source) if topic in stamps]
    known = run.catalogue.sources.topics()
    news = [topic for topic in kept if known.get(topic, ("",))[0] != stamps[topic]]
    rest = sorted(set(kept) - set(news), key=lambda topic: (known[topic][1], topic))
    if len(rest) > READ_AGAIN:
        told = f"{len(rest) - READ_AGAIN} topics without news in the forum's list were not read"
        run.note(name, f"{told} again in this run; the next one begins with them")
    return [*news, *rest[:READ_AGAIN]]


def _asked_host(host: str, source: str, run: Run) -> str:
    """Return the name under which a forum's back-off is remembered, or raise if it is not due."""
    name = f"host:{host}"
    if retry := run.put_off(name):
        seconds = (retry.next_try - run.outside.clock()).total_seconds()
        raise Unreachable(source, retry.reason, seconds)
    return name

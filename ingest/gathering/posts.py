"""Keep the posts of a thread, whoever gave them."""

from collections.abc import Sequence

from ingest.errors import BadSource
from ingest.post import Post
from ingest.under_way import Run

_SHARE = 5


def settle(source: str, children: Sequence[str], run: Run) -> list[str]:
    """Make these the children of a source that was fetched; return those that are kept against it.

    A source of which more than a fifth of the posts is gone, but for a single one, or everything,
    loses nothing unless removals are allowed: it may be half broken.
    """
    follows = run.catalogue.follows
    posts = {child: follows.count_posts(child) for child in follows.children(source)}
    gone = sorted(posts.keys() - set(children))
    lost, held = sum(posts[child] for child in gone), sum(posts.values())
    suspicious = lost > max(1, held / _SHARE) or (gone and not children)
    if run.given.allow_removals or not suspicious:
        follows.set_children(source, children)
        return []
    follows.set_children(source, [*children, *gone])
    reason = (
        f"{lost} of {held} posts are gone there, more than a fifth or all of them: nothing was "
        "removed. If that is right, run 'journalclub ingest --allow-removals'."
    )
    run.fail(BadSource(source.partition(":")[2], reason))
    return gone


def keep_posts(source: str, posts: Sequence[Post], run: Run, held: Sequence[str] = ()) -> None:
    """Make these posts the source's, beside those held because they may still be there."""
    excluded = run.catalogue.follows.excluded()
    kept = [post for post in posts if f"comment:{post.key}" not in excluded]
    run.catalogue.threads.keep(source, kept, held)


def keep_saved(source: str, posts: Sequence[Post], run: Run) -> None:
    """Keep a saved thread's posts, unless another one of the same name has their keys."""
    name = source.partition(":")[2]
    for post in posts:
        for other in run.catalogue.follows.parents(f"comment:{post.key}"):
            if other != source:
                path = other.partition(":")[2]
                raise BadSource(name, f"{path} has this name as well: rename one of the two files")
    run.catalogue.follows.set_children(source, [f"comment:{post.key}" for post in posts])
    keep_posts(source, posts, run)

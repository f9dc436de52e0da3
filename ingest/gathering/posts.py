"""Keep the posts of a thread, whoever gave them."""

from collections.abc import Sequence

from ingest.errors import BadSource
from ingest.links.linker import named_ids
from ingest.post import Post
from ingest.under_way import Run

_MAY_GO = 2  # so many may be missing whatever the share
_SHARE = 5


def settle(source: str, children: Sequence[str], what: str, run: Run) -> list[str]:
    """Make these the children of a source that was fetched; return those that are kept against it.

    A source of which more than a fifth is gone, and more than two, loses nothing unless removals
    are allowed: it may be half broken. Otherwise the library's memory of it is as the source is.
    """
    known = set(run.catalogue.follows.children(source))
    gone = sorted(known - set(children))
    if len(gone) <= max(_MAY_GO, len(known) / _SHARE) or run.given.allow_removals:
        run.catalogue.follows.set_children(source, children)
        return []
    run.catalogue.follows.set_children(source, [*children, *gone])
    run.fail(
        BadSource(
            source.partition(":")[2],
            f"{len(gone)} of {len(known)} {what} are gone there, more than a fifth: nothing was "
            "removed. If that is right, run 'journalclub ingest --allow-removals'.",
        )
    )
    return gone


def keep_posts(source: str, posts: Sequence[Post], run: Run, held: Sequence[str] = ()) -> None:
    """Make these posts the source's, beside those held because they may still be there."""
    excluded = run.catalogue.follows.excluded()
    kept = [post for post in posts if f"comment:{post.key}" not in excluded]
    threads = run.catalogue.threads
    changed = threads.keep(source, kept, held)
    threads.set_named(named_ids(changed))


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

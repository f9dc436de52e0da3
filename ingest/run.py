"""One run of ingest: read every source, write what is new, forget what nothing follows."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index import Document, Embedder, Filters, Store, writer_lock
from ingest.catalogue import STARTER, Catalogue, Place
from ingest.gathering import Gathered, Gathering, Outside
from ingest.links.linker import Linker
from ingest.making import comment_document, note_document, paper_documents, paper_keys
from ingest.naming import followed_name, paper_name, topic_name
from ingest.pipeline import new_and_changed, write
from ingest.post import Post
from ingest.report import Report, Tally, Watch

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Given:
    """What a run is asked to bring in and remember; nothing means all that is followed."""

    lists: tuple[Path, ...] = ()
    arxiv_ids: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    threads: tuple[Path, ...] = ()
    limit: int | None = None

    def sources(self) -> list[str]:
        """Return the names under which the library follows them."""
        return [
            *(f"list:{path.resolve()}" for path in self.lists),
            *(paper_name(arxiv_id) for arxiv_id in self.arxiv_ids),
            *(topic_name(url) for url in self.topics),
            *(f"file:{path.resolve()}" for path in self.files),
            *(f"thread:{path.resolve()}" for path in self.threads),
        ]


def ingest(
    store: Store, embedder: Embedder, outside: Outside, given: Given, watch: Watch
) -> Report:
    """Bring in what is given, or everything the library follows, the starter if that is nothing.

    Raises `LibraryBusy` when another run is under way and `WrongModel` when the library was
    embedded with another model. Stopped by Ctrl-C, it keeps what was done and says so.
    """
    with writer_lock(store.folder):
        store.check_model(embedder.identity)
        catalogue = Catalogue(store)
        began, stopped, tally = time.monotonic(), False, Tally()
        run = catalogue.begin_run()
        gathering = Gathering(catalogue, outside, tally, watch, given.limit)
        try:
            _gather(given.sources(), catalogue, gathering)
            _write(gathering.found, store, embedder, catalogue, tally, watch)
        except KeyboardInterrupt:
            stopped = True
        report = tally.report(time.monotonic() - began, stopped)
        catalogue.end_run(run, json.dumps(report.as_dict()))
    return report


def remove(store: Store, things: Sequence[str]) -> int:
    """Take sources, papers, notes or comments out for good; return how many documents went.

    What a source still holds is remembered as excluded, so that the next run does not bring it
    back. Raises `BadSource` for a thing that the library does not follow; then nothing is removed.
    """
    with writer_lock(store.folder):
        catalogue = Catalogue(store)
        names = [followed_name(thing, catalogue) for thing in things]
        for name in names:
            catalogue.exclude(name)
        removed = _forget(store, catalogue)
        _link_again(store, catalogue)
        return removed


def _gather(given: Sequence[str], catalogue: Catalogue, gathering: Gathering) -> None:
    catalogue.follow(given)
    if not catalogue.children() and STARTER not in catalogue.excluded():
        catalogue.follow([STARTER])
    for source in sorted(set(given)) or catalogue.children():
        sound = gathering.read(source)
        if not sound and source in given and not catalogue.children(source):
            catalogue.unfollow(source)
    gathering.fetch_papers()


def _write(
    found: Gathered,
    store: Store,
    embedder: Embedder,
    catalogue: Catalogue,
    tally: Tally,
    watch: Watch,
) -> None:
    """Write the documents of everything that was found, then forget what nothing follows.

    Documents whose vectors were forgotten are written again even if no source gives them now.
    """
    comments = list(_comments(found, store, catalogue))

    def documents() -> Iterator[Document]:
        yield from _papers(found, catalogue)
        yield from _notes(found, catalogue)
        yield from comments

    changed = new_and_changed(documents(), store, tally)
    fresh = (document for document in documents() if document.key in changed)
    write(fresh, len(changed), store, embedder, tally, watch)
    for thread in found.retiring:
        catalogue.set_children(thread, ())
    tally.removed += _forget(store, catalogue)
    if rest := store.forgotten():
        stored = (document for key in rest if (document := store.fetch(key)))
        write(stored, len(rest), store, embedder, tally, watch)


def _link_again(store: Store, catalogue: Catalogue) -> None:
    """Let stored comments speak only of papers that are still known; needs no embedding."""
    changed = store.changed(list(_comments(Gathered(), store, catalogue)))
    same_text = store.unchanged_texts(changed)
    store.update([document for document in changed if document.key in same_text])


def _papers(found: Gathered, catalogue: Catalogue) -> Iterator[Document]:
    ids = list(found.papers)
    for at in range(0, len(ids), _AT_ONCE):
        for paper in catalogue.papers(ids[at : at + _AT_ONCE]):
            yield from paper_documents(paper)


def _notes(found: Gathered, catalogue: Catalogue) -> Iterator[Document]:
    for paper in catalogue.papers(list(found.notes)):
        yield note_document(paper, found.notes[paper.id])


def _comments(found: Gathered, store: Store, catalogue: Catalogue) -> Iterator[Document]:
    """Yield every comment, linked to the papers that stay, as they are known now."""
    gone = set(catalogue.leaving())
    threads = _stored_threads(found, store, catalogue) | found.posts
    threads = {source: posts for source, posts in threads.items() if source not in gone}
    if not any(threads.values()):
        return
    linker = Linker(p for p in catalogue.all_papers() if f"arxiv:{p.id}" not in gone)
    for posts in threads.values():
        links = linker.link(posts)
        catalogue.set_links(links)
        for post in posts:
            ids = [link.paper for link in links.get(post.key, ())]
            about = {paper.id: paper for paper in catalogue.papers(ids)}
            yield comment_document(post, [about[arxiv_id] for arxiv_id in ids])


def _stored_threads(found: Gathered, store: Store, catalogue: Catalogue) -> dict[str, list[Post]]:
    """Return the posts of the threads that were not read in this run, as they are stored."""
    stored = {document.key: document for document in store.documents(Filters(kinds=("comment",)))}
    return {
        source: [_stored_post(stored[place.key], place) for place in places if place.key in stored]
        for source, places in catalogue.places().items()
        if source not in found.posts
    }


def _stored_post(document: Document, place: Place) -> Post:
    return Post(
        key=document.key,
        thread_title=document.title,
        text=document.text,
        url=document.url,
        position=place.position,
        author=document.authors[0] if document.authors else None,
        date=document.date,
        topic_id=document.topic_id,
        post_number=document.post_number,
        likes=document.likes,
        reply_to=place.reply_to,
        links=place.links,
    )


def _forget(store: Store, catalogue: Catalogue) -> int:
    """Remove the documents of things that nothing follows; return how many there were."""
    gone = catalogue.leaving()
    papers = [thing.removeprefix("arxiv:") for thing in gone if thing.startswith("arxiv:")]
    keys = [key for arxiv_id in papers for key in paper_keys(arxiv_id)]
    keys += [thing for thing in gone if thing.startswith("note:")]
    keys += [thing.removeprefix("comment:") for thing in gone if thing.startswith("comment:")]
    removed = store.remove(keys) if keys else 0
    catalogue.forget(gone)
    return removed

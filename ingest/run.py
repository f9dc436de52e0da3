"""One run of ingest: read every source, write what is new, forget what nothing follows."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index import KINDS, Document, Embedder, NotSaved, Store, save_derived, writer_lock
from ingest.catalogue import Catalogue
from ingest.gathering import gather, readable
from ingest.given import Given
from ingest.making import comment_document, note_document, paper_documents, paper_keys
from ingest.naming import followed_name, removed_name, thing_of_key
from ingest.paper_rows import paper_of_thing
from ingest.pipeline import write
from ingest.report import Failure, Progress, Removed, Report, Tally, Watch
from ingest.under_way import Outside, Run

_AT_ONCE = 500


def ingest(
    store: Store, embedder: Embedder, outside: Outside, given: Given, watch: Watch
) -> Report:
    """Bring in what is given, or everything the library follows, the starter if that is nothing.

    Raises `LibraryBusy` when another run is under way, `WrongModel` when the library was embedded
    with another model, `BadSource` when a run is limited to what the library does not follow.
    Stopped by Ctrl-C, it keeps what was done and says so. That indexes cannot be saved is noted.
    """
    with writer_lock(store.folder):
        report = carry_out(store, embedder, outside, given, watch)
        notes = _save_derived(store, None if report.stopped else embedder)
    return replace(report, notes=report.notes + notes)


def carry_out(
    store: Store, embedder: Embedder, outside: Outside, given: Given, watch: Watch
) -> Report:
    """Do all that `ingest` does but saving what is derived; the caller holds the writer's lock."""
    store.check_model(embedder.identity)
    catalogue = Catalogue(store)
    only = tuple(readable(followed_name(name, catalogue)) for name in given.only)
    run = Run(replace(given, only=only), catalogue, outside, Tally(), watch)
    runs = catalogue.runs
    number, began, stopped = runs.begin(), time.monotonic(), False
    try:
        gather(run)
        catalogue.update_naming()
        _Writing(run, store, embedder).write()
    except KeyboardInterrupt:
        stopped = True
    report = run.tally.report(time.monotonic() - began, stopped)
    runs.end(number, report)
    return report


def _save_derived(store: Store, embedder: Embedder | None = None) -> tuple[Failure, ...]:
    """Save what is derived; return why it could not be: everything else is stored by then."""
    try:
        save_derived(store, embedder)
    except NotSaved as error:
        return (Failure("saved indexes", str(error)),)
    return ()


def remove(store: Store, things: Sequence[str]) -> Removed:
    """Take sources, papers, notes or comments out for good; return how many documents went.

    What a source still holds is remembered as excluded, so that the next run does not bring it
    back. Raises `BadSource` for a thing that the library does not follow; then nothing is removed.
    """
    with writer_lock(store.folder):
        catalogue = Catalogue(store)
        names = [followed_name(thing, catalogue) for thing in things]
        for name in names:
            catalogue.follows.exclude(name)
        removed = _forget(store, catalogue)
        _link_again(store, catalogue)
        return Removed(removed, _save_derived(store))


def restore(store: Store, things: Sequence[str]) -> None:
    """Let the next run bring back what `remove` took out. Raises `BadSource` for anything else."""
    with writer_lock(store.folder):
        catalogue = Catalogue(store)
        for name in [removed_name(thing, catalogue) for thing in things]:
            catalogue.follows.admit(name)


class _Writing:
    """Writes the documents of everything that changed, then forgets what nothing follows.

    Each batch is taken off the list of what is unwritten once it is stored, so that a run that was
    stopped leaves the rest to the next one, whatever sources that one reads.
    """

    def __init__(self, run: Run, store: Store, embedder: Embedder) -> None:
        self._run = run
        self._catalogue = run.catalogue
        self._store = store
        self._embedder = embedder
        self._done = self._total = 0

    def write(self) -> None:
        """Write all, papers first: comments are about them."""
        self._catalogue.follows.leaving()  # what nothing follows is not written first
        self._catalogue.unwrite([thing_of_key(key) for key in self._store.forgotten()])
        stale = self._stale_threads()
        papers, posts = self._catalogue.unwritten.count(), self._catalogue.threads.count(stale)
        self._total = 2 * papers + posts
        self._write_papers()
        self._store_changed(list(self._notes()))
        self._write_comments(stale)
        for thread in self._run.found.retiring:
            self._catalogue.follows.set_children(thread, ())
        self._run.tally.removed += _forget(self._store, self._catalogue)
        for source, stamp in self._run.found.stamps.items():
            self._catalogue.sources.set_stamp(source, stamp)
        self._count_unchanged()

    def _write_papers(self) -> None:
        while ids := self._catalogue.unwritten.papers(_AT_ONCE):
            papers = self._catalogue.papers.get(ids)
            documents = [d for paper in papers for d in paper_documents(paper)]
            self._store_changed(documents)
            self._remove_others(ids, {document.key for document in documents})
            self._catalogue.unwritten.written(ids)

    def _remove_others(self, papers: Sequence[str], keys: set[str]) -> None:
        """Remove the documents that these papers do not give any more."""
        of_papers = [key for paper in papers for key in paper_keys(paper)[:2]]
        gone = self._store.known_keys([key for key in of_papers if key not in keys])
        if gone:
            self._run.tally.removed += self._store.remove(sorted(gone))

    def _notes(self) -> Iterator[Document]:
        notes = self._run.found.notes
        for paper in self._catalogue.papers.get(list(notes)):
            yield note_document(paper, notes[paper.id])

    def _stale_threads(self) -> list[str]:
        """Return the threads whose posts changed, or all of them if papers did."""
        return self._catalogue.threads.sources(
            unwritten=not self._catalogue.unwritten.links_are_stale()
        )

    def _write_comments(self, stale: Sequence[str]) -> None:
        if stale:
            links = _Linking(self._catalogue)
            for source in stale:
                self._store_changed(links.comments(source))
                self._catalogue.threads.written(source)
        self._catalogue.unwritten.linked()

    def _store_changed(self, documents: Sequence[Document]) -> None:
        changed = self._store.changed(documents)
        tally, total = self._run.tally, len(changed)
        write(changed, total, self._store, self._embedder, tally, self._progress)
        self._done += len(documents)

    def _progress(self, progress: Progress) -> None:
        done = min(self._done + progress.done, self._total)
        self._run.watch(Progress(progress.stage, done, self._total))

    def _count_unchanged(self) -> None:
        counts, tally = self._store.counts(), self._run.tally
        stored = sum(counts.get(kind, 0) for kind in KINDS)
        tally.unchanged = stored - tally.added - tally.changed


class _Linking:
    """Makes the comments of threads, linked to the papers that stay, as they are known now."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._gone = set(catalogue.follows.leaving())
        leaving = {paper for thing in self._gone if (paper := paper_of_thing(thing))}
        self._linker = catalogue.linker(without=leaving)
        self._corrections = catalogue.threads.corrections()

    def comments(self, source: str) -> list[Document]:
        """Return the comments of a thread, none of one that leaves; their links are remembered."""
        if source in self._gone:
            return []
        threads = self._catalogue.threads
        posts = [p for p in threads.of(source) if f"comment:{p.key}" not in self._gone]
        links = self._linker.link(posts, self._corrections)
        threads.set_links(links)
        ids = {link.paper for found in links.values() for link in found}
        papers = {paper.id: paper for paper in self._catalogue.papers.get(list(ids))}
        return [
            comment_document(post, [papers[link.paper] for link in links.get(post.key, ())])
            for post in posts
        ]


def _link_again(store: Store, catalogue: Catalogue) -> None:
    """Let stored comments speak only of papers that are still known; needs no embedding."""
    links = _Linking(catalogue)
    for source in catalogue.threads.sources():
        changed = store.changed(links.comments(source))
        same_text = store.unchanged_texts(changed)
        store.update([document for document in changed if document.key in same_text])
    catalogue.unwritten.linked()


def _forget(store: Store, catalogue: Catalogue) -> int:
    """Remove the documents of things that nothing follows; return how many there were."""
    gone = catalogue.follows.leaving()
    papers = [paper for thing in gone if (paper := paper_of_thing(thing))]
    keys = [key for paper in papers for key in paper_keys(paper)]
    keys += [thing for thing in gone if thing.startswith("note:")]
    keys += [thing.removeprefix("comment:") for thing in gone if thing.startswith("comment:")]
    catalogue.unwrite(gone)
    known = sorted(store.known_keys(keys))
    removed = store.remove(known) if known else 0
    catalogue.forget(gone)
    return removed

"""What ingest remembers beside the documents, in tables of its own in the library's database."""

import sqlite3
from collections.abc import Collection, Sequence

from index import Store, migrate, transaction
from index.database import DATABASE
from ingest.following import Following
from ingest.links.linker import Linker
from ingest.links.name_rows import NameRows
from ingest.links.name_tables import NameTables
from ingest.links.naming import Naming
from ingest.paper_rows import paper_of_thing
from ingest.papers import Papers
from ingest.retries import Retries
from ingest.runs import Runs
from ingest.sources import Sources
from ingest.threads import Threads
from ingest.unwritten import Unwritten

_FORGET_COMMENT = (
    "delete from links where key = ?",
    "delete from posts where key = ?",
    "delete from named where post = ?",
)
_FORGET_SOURCE = (
    "delete from posts where source = ?",
    "delete from retries where source = ?",
    "delete from stamps where source = ?",
    "delete from harvests where source = ?",
    "delete from topics where source = ?",
    "delete from corrections where parent = ?",
)


class Catalogue:
    """Ingest's memory of one library, by its parts. Writing needs the writer's lock."""

    def __init__(self, store: Store) -> None:
        self._store = store
        migrate(store.connection, store.folder / DATABASE, "ingest.migrations")
        NameRows(store.connection).open()

    @property
    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection to the library."""
        return self._store.connection

    @property
    def papers(self) -> Papers:
        """Return the papers, and what each source says of them."""
        return Papers(self.connection)

    @property
    def follows(self) -> Following:
        """Return what follows what."""
        return Following(self.connection)

    @property
    def threads(self) -> Threads:
        """Return the posts, and what they are about."""
        return Threads(self.connection)

    @property
    def sources(self) -> Sources:
        """Return how far sources were read."""
        return Sources(self.connection)

    @property
    def retries(self) -> Retries:
        """Return what failed, and when it is tried again."""
        return Retries(self.connection)

    @property
    def unwritten(self) -> Unwritten:
        """Return what is not in the documents yet."""
        return Unwritten(self.connection)

    @property
    def runs(self) -> Runs:
        """Return the history of runs."""
        return Runs(self.connection)

    @property
    def naming(self) -> Naming:
        """Return how texts name papers, as far as `update_naming` has come."""
        return Naming(NameTables(self.connection))

    def linker(self, without: Collection[str] = ()) -> Linker:
        """Return what links posts to papers as they are now, but for some that are to leave."""
        self.update_naming()
        return Linker(NameTables(self.connection, without))

    def update_naming(self) -> None:
        """Let texts find the papers by all that is known of them now.

        Few changes are followed at once. A run calls this when many have been read, and at its end.
        """
        NameRows(self.connection).catch_up()

    def holds(self, thread: str) -> bool:
        """Say whether a thread is followed and has posts, all of which were read or are stored."""
        keys = {child.removeprefix("comment:") for child in self.follows.children(thread)}
        if not keys or not self.follows.is_followed(thread):
            return False
        return self.threads.hold(thread, keys) or self._store.known_keys(list(keys)) == keys

    def unwrite(self, gone: Sequence[str]) -> None:
        """Note that the documents of these things are about to be removed.

        If one is followed again before it is forgotten, its documents are then made again.
        """
        with transaction(self.connection):
            for thing in gone:
                if paper_of_thing(thing) is not None:
                    self.unwritten.add(thing)
                elif thing.startswith("comment:"):
                    self.threads.unwrite(thing.removeprefix("comment:"))

    def forget(self, gone: Sequence[str]) -> None:
        """Forget things that left the library, once their documents are removed."""
        with transaction(self.connection):
            for thing in gone:
                paper, comment = paper_of_thing(thing), thing.removeprefix("comment:")
                if paper is not None:
                    self.papers.forget(paper)
                for statement in _FORGET_COMMENT if comment != thing else ():
                    self.connection.execute(statement, (comment,))
                for statement in _FORGET_SOURCE:
                    self.connection.execute(statement, (thing,))
            self.connection.execute("delete from leaving")
        self.update_naming()

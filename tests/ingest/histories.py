"""A library whose sources change, fail and come back, while runs succeed, stop and crash."""

import json
import shutil
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from index import Store
from ingest import Catalogue, Discourse, Given, Report, Watch, ingest
from tests.fakes import FakeEmbedder
from tests.ingest.endings import Crash, CrashingEmbedder, Ending, unwatched
from tests.ingest.sayings import abstract, note, saying, title
from tests.outside.clients import clients_of
from tests.outside.faults import Fault, a_page, an_empty_page, limited
from tests.outside.forum import ForumPost
from tests.outside.server import OutsideServer

TOPICS = (41, 42, 43, 44)
LISTED, OTHER = 5, 7  # the category that is followed, and one that is not
FAULTS = (
    Fault(status=503),
    Fault(status=429, headers={"Retry-After": "3600"}),
    Fault(status=500),
    Fault(reset=True),
    Fault(truncate=200),
    Fault(redirects=True),
    a_page(),
    a_page(403),
    Fault(status=404),
    limited(40),
    an_empty_page(),
)
SERVICES = ("/api/query", "/t/4", r"/t/4\d/posts", "/t/41", "/oai", "/dois", "/c/", "")


@dataclass
class History:
    """One library in a folder, with its sources: a metadata file, a reading list, the outside.

    Every public method of two numbers is a thing that may happen; `which` picks what it happens
    to, `how` in which way. What cannot happen now does nothing.
    """

    server: OutsideServer
    folder: Path
    records: dict[int, dict[str, str | None]] = field(default_factory=dict)
    entries: dict[int, list[str]] = field(default_factory=dict)
    followed: set[int] = field(default_factory=lambda: {41})
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.server.clear()
        self.server.oai.page = 2
        self.server.forum.categories[OTHER] = "others"
        for topic in TOPICS:
            category = LISTED if topic in (41, 44) else OTHER
            self.server.forum.open(topic, f"Good papers of {topic}", category)
            self.server.forum.write(topic, f"Here we speak of papers. {saying(topic, 0).raw}")
        self.record(0, 0)
        self.record(7, 0)

    # -- the metadata file ------------------------------------------------------------------

    def record(self, which: int, how: int) -> None:
        self.records[which] = {
            "id": _id(which),
            "title": title(which, how // 4),
            "abstract": abstract(which, how),
            "authors": f"Ann Boil, Bo Lid{how % 2 * ', Cy Pot'}",
            "comments": f"{how} pages" if how % 3 else None,
        }

    def strike_record(self, which: int, how: int) -> None:
        if which:  # a file without a record is none
            self.records.pop(which, None)

    # -- the reading list -------------------------------------------------------------------

    def enter(self, which: int, how: int) -> None:
        lines = [f'id = "{_id(which)}"', f'title = "{title(which, how // 4)}"']
        lines += [f'names = ["Short{which}"]'] if how & 1 else []
        lines += [f'note = "{note(which, how)}"'] if how & 2 else []
        self.entries[which] = lines

    def strike_entry(self, which: int, how: int) -> None:
        self.entries.pop(which, None)

    def follow_topic(self, which: int, how: int) -> None:
        self.followed.add(_topic(which))

    def leave_topic(self, which: int, how: int) -> None:
        self.followed.discard(_topic(which))

    # -- arXiv ------------------------------------------------------------------------------

    def submit(self, which: int, how: int) -> None:
        told: dict[str, Any] = {
            "title": title(which, how // 4),
            "abstract": abstract(which, how),
            "comments": f"{how} pages" if how % 3 else None,
        }
        if _id(which) in self.server.papers.by_id:
            self.server.papers.resubmit(_id(which), withdrawn=False, **told)
        else:
            categories = ("cs.LG",) if which % 2 else ("math.CO",)  # the first is harvested
            self.server.papers.add(_id(which), categories=categories, **told)

    def correct(self, which: int, how: int) -> None:
        if _id(which) in self.server.papers.by_id:
            authors = ("Ann Boil", "Dee Mug")[: 1 + how % 2]
            self.server.papers.edit(_id(which), authors=authors, abstract=abstract(which, how))

    def withdraw(self, which: int, how: int) -> None:
        if _id(which) in self.server.papers.by_id:
            self.server.papers.withdraw(_id(which))

    def announce(self, which: int, how: int) -> None:
        """Let the set that is harvested have a paper that nobody else speaks of."""
        told = {"title": f"Paper {which} of the set", "abstract": abstract(which, how)}
        if f"1902.{which:05}" in self.server.papers.by_id:
            self.server.papers.edit(f"1902.{which:05}", deleted=False, **told)
        else:
            self.server.papers.add(f"1902.{which:05}", **told)

    def take_out(self, which: int, how: int) -> None:
        if f"1902.{which:05}" in self.server.papers.by_id:
            self.server.papers.delete(f"1902.{which:05}")

    def retire(self, which: int, how: int) -> None:
        """Let arXiv take out a paper that others may speak of; not one of what may happen."""
        self.server.papers.delete(_id(which))

    # -- the forum --------------------------------------------------------------------------

    def write(self, which: int, how: int) -> None:
        topic = self.server.forum.topics[_topic(which)]
        answered = topic.visible[which % len(topic.visible)].number if how % 3 == 0 else None
        self.server.forum.write(topic.id, saying(which, how), reply_to=answered)

    def edit(self, which: int, how: int) -> None:
        for topic, post in self._a_post(which, how):
            self.server.forum.edit(topic, post.number, saying(which + 1, how))

    def like(self, which: int, how: int) -> None:
        for topic, post in self._a_post(which, how):
            self.server.forum.like(topic, post.number, how)

    def hide(self, which: int, how: int) -> None:
        for topic, post in self._a_post(which, how):
            self.server.forum.hide(topic, post.number, not post.hidden)

    def delete(self, which: int, how: int) -> None:
        for topic, post in self._a_post(which, how):
            self.server.forum.delete(topic, post.number)

    def restore(self, which: int, how: int) -> None:
        topic = self.server.forum.topics[_topic(which)]
        for post in [post for post in topic.posts if post.deleted][:1]:
            self.server.forum.restore(topic.id, post.number)

    def move(self, which: int, how: int) -> None:
        for topic, post in self._a_post(which, how):
            if topic != _topic(how):
                self.server.forum.move(topic, post.number, _topic(how))

    def accept(self, which: int, how: int) -> None:
        for topic, post in self._a_post(which, how):
            self.server.forum.accept(topic, post.number)

    def rename(self, which: int, how: int) -> None:
        self.server.forum.rename(_topic(which), f"Good papers, edition {how}")

    def sort(self, which: int, how: int) -> None:
        """Put a topic into the category that is followed, or into the other one."""
        self.server.forum.sort(_topic(which), (LISTED, OTHER)[how % 2])

    def refuse(self, which: int, how: int) -> None:
        """Let a topic be private, not to be found, gone, or here again.

        The first two are faults that end; what is gone may stay so.
        """
        self.server.forum.close(_topic(which), (200, 403, 404, 410)[how % 4])

    def _a_post(self, which: int, how: int) -> list[tuple[int, ForumPost]]:
        """Return a topic and one of its posts behind the first, if there is one."""
        topic = self.server.forum.topics[_topic(which)]
        behind = [post for post in topic.visible[1:] if post.post_type == 1]
        return [(topic.id, behind[how % len(behind)])] if behind else []

    # -- runs -------------------------------------------------------------------------------

    def fail(self, which: int, how: int) -> None:
        """Let a service fail until the next run is over."""
        path = SERVICES[which % len(SERVICES)]
        self.server.script.plan(FAULTS[how % len(FAULTS)], path, first=1 + how // len(FAULTS))

    def run(self, which: int, how: int) -> None:
        self._live(FakeEmbedder(), unwatched, how)

    def stop(self, which: int, how: int) -> None:
        """Press Ctrl-C somewhere within a run."""
        self._live(FakeEmbedder(), Ending(which * 8 + how, KeyboardInterrupt), how)

    def crash(self, which: int, how: int) -> None:
        """Let the process of a run die where it tells of progress."""
        self._live(FakeEmbedder(), Ending(which * 8 + how, Crash), how)

    def crash_embedding(self, which: int, how: int) -> None:
        """Let the process of a run die where it embeds."""
        self._live(CrashingEmbedder(how % 3), unwatched, how)

    def clean_run(self) -> Report:
        """Let everything work again and all waiting be over, and run to the end."""
        for topic in TOPICS:
            if self.server.forum.topics[topic].status != 410:
                self.server.forum.close(topic, 200)
        self.server.script.clear()
        given = replace(self._given, allow_removals=True)
        with closing(Store.create(self.folder / "library")) as store:
            return self._ingest(store, FakeEmbedder(), unwatched, given)

    def _live(self, embedder: FakeEmbedder, watch: Watch, how: int) -> None:
        """Run in a process of its own, as it were: what dies leaves nothing but the files."""
        first = not (self.folder / "library").exists()
        given = self._given if first or how % 2 else Given()
        with closing(Store.create(self.folder / "library")) as store, suppress(Crash):
            self._ingest(store, embedder, watch, given)
        self.server.script.clear()

    def _ingest(
        self,
        store: Store,
        embedder: FakeEmbedder,
        watch: Watch,
        given: Given,
    ) -> Report:
        self._write_files()
        self.now += timedelta(days=8)
        with Discourse(calls_a_minute=60_000, allow_private_hosts=True) as forum:
            outside = clients_of(self.server.address, forum, lambda: self.now)
            return ingest(store, embedder, outside, given, watch)

    @property
    def _given(self) -> Given:
        return Given(
            lists=(self._list,),
            files=(self._file,),
            categories=(self.server.category_url(LISTED),),
            oai_sets=("cs:cs:LG",),
        )

    @property
    def _file(self) -> Path:
        return self.folder / "papers.jsonl"

    @property
    def _list(self) -> Path:
        return self.folder / "list.toml"

    def _write_files(self) -> None:
        records = (json.dumps(self.records[which]) for which in sorted(self.records))
        self._file.write_text("\n".join(records))
        saved = "\n\n\n".join(saying(which, 1).raw for which in range(3))
        (self.folder / "saved.txt").write_text(f"Good papers\n\n{saved}\n")
        papers = ["\n".join(["[[papers]]", *self.entries[n]]) for n in sorted(self.entries)]
        topics = [f'[[topics]]\nurl = "{self.server.address}/t/{t}"' for t in sorted(self.followed)]
        thread = f'[[threads]]\nfile = "saved.txt"\ntopic = "{self.server.address}/t/41"'
        self._list.write_text("\n".join([*papers, *topics, thread]))

    def forget(self) -> None:
        """Forget all but what users decided, so that the next run is a first one."""
        decided = {}
        with closing(Store.open(self.folder / "library")) as store:
            for table in ("declined", "excluded"):
                rows = store.connection.execute(f"select * from {table}").fetchall()
                decided[table] = [row[0] for row in rows]
        shutil.rmtree(self.folder / "library")
        with closing(Store.create(self.folder / "library")) as store:
            Catalogue(store)
            for table, things in decided.items():
                rows = [(thing,) for thing in things]
                store.connection.executemany(f"insert into {table} values (?)", rows)


def _id(which: int) -> str:
    return f"1901.{which + 1:05}"


def _topic(which: int) -> int:
    return TOPICS[which % len(TOPICS)]

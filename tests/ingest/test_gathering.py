"""What a run takes in, keeps and lets go, with arXiv and a forum on loopback."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from index import Filters, Store
from ingest import (
    BadSource,
    Catalogue,
    Discourse,
    Given,
    Report,
    Watch,
    ingest,
    rehearse,
    remove,
    restore,
)
from tests.fakes import FakeEmbedder
from tests.ingest.club import Stopping
from tests.outside.clients import clients_of
from tests.outside.faults import Fault, limited
from tests.outside.server import OutsideServer, standing_in

KETTLES, TEAPOTS = "2601.00001", "2601.00002"


@dataclass
class Readers:
    """A library, what is outside of it, and a clock that only the tests move."""

    store: Store
    outside: OutsideServer
    folder: Path
    now: datetime = datetime(2026, 11, 1, tzinfo=UTC)
    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)

    def run(
        self,
        given: Given | None = None,
        dry: bool = False,
        watch: Watch = lambda progress: None,
    ) -> Report:
        """Run ingest, or find out what a run would do."""
        with Discourse(calls_a_minute=60_000, allow_private_hosts=True) as forum:
            outside = clients_of(self.outside.address, forum, lambda: self.now)
            bring_in = rehearse if dry else ingest
            return bring_in(self.store, self.embedder, outside, given or Given(), watch)

    def write(self, name: str, text: str) -> Path:
        """Write a file and return its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    @property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.store)

    def stored(self, *kinds: str) -> list[str]:
        """Return the keys of the documents of these kinds, sorted."""
        documents = self.store.documents(Filters(kinds=kinds or ()))  # type: ignore[arg-type]
        return sorted(document.key for document in documents)

    def rules(self, post: int, topic: int = 41) -> dict[str, str]:
        """Return by which rule a post is about each of its papers."""
        key = f"discourse:{self.outside.host}:{topic}:{post}"
        return {link.paper: link.rule for link in self.catalogue.threads.links(key)}


@pytest.fixture
def readers(store: Store, tmp_path: Path) -> Iterator[Readers]:
    with standing_in() as outside:
        outside.papers.add(KETTLES, "On the Whistling of Kettles", "Kettles whistle.")
        outside.papers.add(TEAPOTS, "Teapots and Their Lids: A Survey", "Teapots have lids.")
        outside.forum.open(41, "Good papers")
        yield Readers(store, outside, tmp_path)


def talk(readers: Readers, posts: int, topic: int = 41) -> Given:
    for number in range(1, posts + 1):
        readers.outside.forum.write(topic, f"Wombat number {number} sleeps.")
    return Given(topics=(readers.outside.topic_url(topic),))


# -- what is gone ---------------------------------------------------------------------------


def test_a_topic_that_lost_more_than_a_fifth_loses_nothing_here_until_removals_are_allowed(
    readers: Readers,
) -> None:
    readers.run(talk(readers, 20))
    for number in range(1, 6):
        readers.outside.forum.delete(41, number)
    readers.outside.forum.write(41, "A new wombat.")

    report = readers.run()

    (told,) = report.failed
    assert "5 of 20 posts are gone there, more than a fifth or all of them" in told.reason
    assert "journalclub ingest --allow-removals" in told.reason
    assert (report.added, report.removed, len(readers.stored("comment"))) == (1, 0, 21)

    report = readers.run(Given(allow_removals=True))
    assert (report.failed, report.removed, len(readers.stored("comment"))) == ((), 5, 16)


@pytest.mark.parametrize(("posts", "gone"), [(20, 4), (3, 1)])
def test_a_fifth_of_a_topic_or_a_single_post_goes_at_once(
    readers: Readers, posts: int, gone: int
) -> None:
    readers.run(talk(readers, posts))
    for number in range(1, gone + 1):
        readers.outside.forum.delete(41, number)
    report = readers.run()
    assert (report.failed, report.removed) == ((), gone)


def test_what_is_struck_from_a_list_goes_at_once(readers: Readers) -> None:
    entries = [f'[[papers]]\nid = "2601.{n:05}"\ntitle = "On Kettle {n}"\n' for n in range(10, 20)]
    path = readers.write("list.toml", "".join(entries))
    readers.run(Given(lists=(path,)))
    readers.write("list.toml", entries[0])
    assert readers.run().removed == 9


def test_a_paper_that_was_struck_is_not_brought_back_by_a_post_that_names_it(
    readers: Readers,
) -> None:
    readers.outside.forum.write(41, f"Read arXiv:{KETTLES} and arXiv:{TEAPOTS}!")
    topic = f'[[topics]]\nurl = "{readers.outside.topic_url(41)}"\n'
    path = readers.write("list.toml", f'{topic}[[papers]]\nid = "{KETTLES}"\n')
    assert readers.run(Given(lists=(path,))).named == (TEAPOTS,)

    readers.write("list.toml", topic)

    assert readers.run().removed == 2
    assert readers.run().named == ()
    assert readers.stored("abstract") == [f"arxiv:{TEAPOTS}:abstract"]


def test_a_forum_that_suddenly_lists_nothing_empties_nothing(readers: Readers) -> None:
    talk(readers, 3)
    readers.run(Given(categories=(readers.outside.category_url(),)))
    readers.outside.forum.sort(41, 9)
    report = readers.run()
    assert "3 of 3 posts are gone there" in report.failed[0].reason
    assert (report.removed, len(readers.stored("comment"))) == (0, 3)


def test_a_topic_that_is_not_found_keeps_its_posts_until_removals_are_allowed(
    readers: Readers,
) -> None:
    given = talk(readers, 3)
    readers.run(given)
    readers.outside.forum.close(41, 404)
    assert (readers.run().removed, len(readers.stored("comment"))) == (0, 3)
    assert readers.run(Given(topics=given.topics, allow_removals=True)).removed == 3


def test_what_was_removed_is_not_brought_back_by_a_title_or_a_post(readers: Readers) -> None:
    readers.outside.forum.write(41, f"Read arXiv:{KETTLES}!")
    path = readers.write("list.toml", '[[papers]]\ntitle = "On the Whistling of Kettles"\n')
    readers.run(Given(lists=(path,), topics=(readers.outside.topic_url(41),)))
    remove(readers.store, [KETTLES])
    for _ in range(2):
        report = readers.run()
        assert (report.added, report.named, readers.stored("abstract")) == (0, (), [])
    restore(readers.store, [KETTLES])
    assert readers.run().added == 2


# -- papers that posts name -----------------------------------------------------------------


def test_a_paper_that_a_post_names_comes_with_it_and_goes_with_it(readers: Readers) -> None:
    readers.outside.forum.write(41, "Hello.")
    readers.outside.forum.write(41, f"See https://arxiv.org/abs/{KETTLES}v1 for that.")
    report = readers.run(Given(topics=(readers.outside.topic_url(41),)))
    assert (report.named, readers.rules(2)) == ((KETTLES,), {KETTLES: "id"})

    readers.outside.papers.edit(KETTLES, abstract="Kettles whistle loudly.")
    assert readers.run().changed == 1

    readers.outside.forum.edit(41, 2, "See somewhere else for that.")
    readers.run()
    assert readers.stored("abstract", "record") == []
    readers.outside.forum.edit(41, 2, f"See arXiv:{KETTLES}.")
    assert readers.run().named == (KETTLES,)
    readers.outside.forum.delete(41, 2)
    readers.run()
    assert (readers.stored("abstract", "record"), readers.catalogue.papers.count()) == ([], 0)


def test_at_most_so_many_named_papers_are_fetched_in_a_run(readers: Readers) -> None:
    names = []
    for number in range(100, 125):
        readers.outside.papers.add(f"2601.{number:05}", f"Title {number}", "Words.")
        names.append(f"arXiv:2601.{number:05}")
    readers.outside.forum.write(41, ", ".join(names))

    first = readers.run(Given(topics=(readers.outside.topic_url(41),)))
    second = readers.run()

    assert (len(first.named), len(second.named), len(readers.run().named)) == (20, 5, 0)
    assert [note.reason for note in first.notes] == [
        "5 more papers that posts name are fetched by the next runs"
    ]


def test_what_arxiv_gave_before_ctrl_c_stays_and_the_run_says_that_it_was_stopped(
    readers: Readers,
) -> None:
    ids = []
    for number in range(100, 130):
        readers.outside.papers.add(f"2601.{number:05}", f"Title {number}", "Words.")
        ids.append(f"2601.{number:05}")
    stopping = Stopping("asking arXiv", 20)
    assert readers.run(Given(arxiv_ids=tuple(ids)), watch=stopping).stopped
    readers.outside.script.plan(Fault(503), "", times=999)
    assert readers.run().added >= 2 * 19


# -- titles and bibliographies --------------------------------------------------------------


def test_a_title_leads_to_the_paper_and_a_work_that_arxiv_lacks_stands_as_a_record(
    readers: Readers,
) -> None:
    path = readers.write(
        "list.toml",
        '[[papers]]\ntitle = "On the whistling of kettles"\nnote = "It whistles."\n'
        '[[papers]]\ntitle = "The Cup"\nauthors = ["Ann Boil"]\nyear = 1999\ndoi = "10.1000/CUP"\n'
        '[[papers]]\ntitle = "Nobody wrote this"\n',
    )

    report = readers.run(Given(lists=(path,)))

    assert readers.stored() == [
        f"arxiv:{KETTLES}:abstract",
        f"arxiv:{KETTLES}:record",
        "doi:10.1000/cup:record",
        f"note:{KETTLES}",
    ]
    assert [(f.source, f.reason.partition(".")[0]) for f in report.failed] == [
        (f"{path}, Nobody wrote this", "arXiv has no paper of just this title")
    ]
    assert [note.source for note in report.notes] == [f"{path}, The Cup"]
    record = readers.store.fetch("doi:10.1000/cup:record")
    assert record is not None
    assert record.url == "https://doi.org/10.1000/cup"
    assert "Year: 1999" in record.text
    assert "arXiv: not there; this record without an abstract is all" in record.text

    readers.outside.script.plan(Fault(503), "search_query=ti", times=99)
    unasked = readers.write("unasked.toml", '[[papers]]\ntitle = "Something else entirely"\n')
    for _ in range(4):
        assert [f.source for f in readers.run(Given(lists=(unasked,))).pending] == [
            f"{unasked}, Something else entirely"
        ]
    readers.outside.script.clear()
    remove(readers.store, [str(unasked)])
    readers.now += timedelta(hours=3)
    asked = len(readers.outside.paths("search_query=ti"))
    again = readers.run()
    assert (again.added, again.changed, again.removed) == (0, 0, 0)
    assert len(readers.outside.paths("search_query=ti")) == asked, "titles are looked up once a day"
    readers.now += timedelta(days=2)
    readers.run()
    assert len(readers.outside.paths("search_query=ti")) == asked + 2


def test_a_work_that_comes_to_arxiv_later_becomes_the_paper(readers: Readers) -> None:
    path = readers.write(
        "refs.bib", "@article{cup, title={The {Cup}}, author={Boil, Ann}, year=1999}"
    )
    readers.run(Given(bibs=(path,)))
    assert readers.stored() == ["work:the-cup-1999:record"]

    readers.outside.papers.add("2601.00009", "The Cup", "Cups hold tea.", authors=("Ann Boil",))
    readers.now += timedelta(days=2)
    readers.run()

    assert readers.stored() == ["arxiv:2601.00009:abstract", "arxiv:2601.00009:record"]
    assert readers.run().changed == 0


def test_an_entry_of_a_bibliography_that_cannot_be_read_is_listed_and_the_rest_comes_in(
    readers: Readers,
) -> None:
    path = readers.write(
        "refs.bib", f"@article{{a, title={{T}}, eprint={{{KETTLES}}}}}\n@article{{b, title={{U\n"
    )
    report = readers.run(Given(bibs=(path,)))
    assert len(report.failed) == 1
    assert readers.stored("abstract") == [f"arxiv:{KETTLES}:abstract"]

    readers.write("refs.bib", f"@article{{b, eprint={{{TEAPOTS}}}}}\n@article{{a, title={{T")
    assert (readers.run().removed, len(readers.stored("abstract"))) == (0, 2)
    readers.write("refs.bib", f"@article{{b, eprint={{{TEAPOTS}}}}}\n")
    assert readers.run().removed == 2


# -- sets of arXiv --------------------------------------------------------------------------


def test_a_harvest_goes_on_where_it_was_stopped_and_follows_deletions(readers: Readers) -> None:
    readers.outside.oai.page = 2
    for number in range(10, 15):
        readers.outside.papers.add(f"2601.{number:05}", f"On Kettle {number}", "Words.")
    readers.outside.script.plan(Fault(503), "resumptionToken", first=2, times=9)
    given = Given(oai_sets=("cs:cs:LG",), oai_from=date(2020, 1, 1))
    report = readers.run(given)
    first = len(readers.stored("abstract"))
    assert len(report.pending) == 1
    assert 0 < first < 7

    readers.outside.script.clear()
    begun = len(readers.outside.paths("from="))
    readers.run()
    assert len(readers.stored("abstract")) == 7
    assert len(readers.outside.paths("from=")) == begun, "the harvest begins anew"

    readers.outside.papers.delete("2601.00012")
    readers.run(given)
    assert "arxiv:2601.00012:abstract" not in readers.stored("abstract")
    assert readers.run().removed == 0
    assert len(readers.outside.paths("from=2020-01-01")) == 1, "the same command goes on"


# -- forums ---------------------------------------------------------------------------------


def test_an_edit_in_a_topic_that_its_category_shows_unchanged_is_seen(readers: Readers) -> None:
    readers.outside.forum.open(42, "More papers")
    talk(readers, 3)
    talk(readers, 3, topic=42)
    readers.run(Given(categories=(readers.outside.category_url(),)))
    assert len(readers.stored("comment")) == 6

    readers.outside.forum.edit(42, 2, "The wombat woke up.")
    report = readers.run()

    assert (report.changed, report.embeddings, report.removed) == (1, 1, 0)


def test_a_host_that_asks_to_be_left_alone_is_not_asked_by_the_next_process(
    readers: Readers,
) -> None:
    readers.outside.script.plan(limited(600), "/t/", times=1)
    given = talk(readers, 2)
    report = readers.run(given)
    (told,) = report.pending
    assert told.next_try == "2026-11-01T00:10:00+00:00"

    asked = len(readers.outside.paths("/t/"))
    assert readers.run(given).pending[0].next_try == told.next_try
    assert len(readers.outside.paths("/t/")) == asked

    readers.now += timedelta(minutes=11)
    assert readers.run().added == 2


# -- links ----------------------------------------------------------------------------------


def test_a_corrected_link_stays_corrected_until_the_list_takes_it_back(readers: Readers) -> None:
    readers.outside.forum.write(41, "On the whistling of kettles is wrong, I think.")
    url = readers.outside.topic_url(41)
    plain = f'[[topics]]\nurl = "{url}"\n' + "".join(
        f'[[papers]]\nid = "{paper}"\n' for paper in (KETTLES, TEAPOTS)
    )
    path = readers.write("list.toml", plain)
    readers.run(Given(lists=(path,)))
    assert readers.rules(1) == {KETTLES: "title"}

    readers.write("list.toml", f'{plain}[[links]]\npost = "{url}/1"\npapers = ["{TEAPOTS}"]\n')
    for _ in range(2):
        readers.run()
        assert readers.rules(1) == {TEAPOTS: "list"}
    document = readers.store.documents(Filters(kinds=("comment",)))[0]
    assert document.papers == (TEAPOTS,)

    readers.write("list.toml", plain)
    readers.run()
    assert readers.rules(1) == {KETTLES: "title"}


def test_a_correction_that_corrects_nothing_is_told(readers: Readers) -> None:
    given = talk(readers, 1)
    url = given.topics[0]
    path = readers.write(
        "list.toml",
        f'[[topics]]\nurl = "{url}"\n'
        f'[[links]]\npost = "{url}/7"\npapers = []\n'
        f'[[links]]\npost = "{url}/1"\npapers = ["2401.00001"]\n',
    )
    told = {
        note.source.rpartition(":")[2]: note.reason for note in readers.run(Given((path,))).notes
    }
    assert "no such post is here" in told["7"]
    assert "2401.00001 is not here" in told["1"]


# -- runs of another kind -------------------------------------------------------------------


def test_a_dry_run_tells_what_a_run_would_do_and_does_nothing(readers: Readers) -> None:
    given = talk(readers, 3)
    told = readers.run(given, dry=True)
    assert (told.added, told.embeddings, told.dry_run) == (3, 3, True)
    assert (readers.stored(), readers.embedder.encoded) == ([], 0)
    assert readers.catalogue.follows.children() == []

    done = readers.run(given)
    assert (done.added, done.embeddings, done.dry_run) == (3, 3, False)
    readers.outside.forum.edit(41, 2, "The wombat woke up.")
    generation = readers.store.generation()
    assert readers.run(dry=True).changed == 1
    assert readers.store.generation() == generation


def test_a_run_may_be_limited_to_one_source_and_leaves_the_others_alone(readers: Readers) -> None:
    given = talk(readers, 2)
    path = readers.write("list.toml", f'[[papers]]\nid = "{KETTLES}"\n')
    readers.run(Given(lists=(path,), topics=given.topics))
    readers.outside.papers.edit(KETTLES, abstract="Changed words.")
    readers.outside.forum.write(41, "A third wombat.")

    report = readers.run(Given(only=(given.topics[0],)))
    assert (report.added, report.changed, report.removed, report.unchanged) == (1, 0, 0, 4)
    report = readers.run(Given(only=(str(path),)))
    assert (report.added, report.changed) == (0, 1)
    with pytest.raises(BadSource, match="is not in this library"):
        readers.run(Given(only=("elsewhere.toml",)))
    with pytest.raises(BadSource, match="is no source but held by one"):
        readers.run(Given(only=(readers.stored("comment")[0],)))


def test_a_file_that_did_not_change_is_not_read_and_one_that_was_given_again_is(
    readers: Readers,
) -> None:
    path = readers.write("papers.jsonl", f'{{"id": "{KETTLES}", "title": "K", "abstract": "Old."}}')
    readers.run(Given(files=(path,)))
    stamp = readers.catalogue.sources.stamp(f"file:{path}")
    assert stamp is not None
    assert stamp.fits(path)

    remove(readers.store, [KETTLES])
    readers.outside.script.plan(Fault(503), "", times=99)
    assert readers.run(Given(arxiv_ids=(KETTLES,), files=(path,))).added == 2
    path.write_text(path.read_text().replace("Old.", "New."))
    assert not stamp.fits(path)
    assert readers.run().changed == 1


def test_a_withdrawn_paper_says_so_in_its_record(readers: Readers) -> None:
    readers.run(Given(arxiv_ids=(KETTLES,)))
    readers.outside.papers.withdraw(KETTLES)
    readers.run()
    (paper,) = readers.catalogue.papers.get([KETTLES])
    record = readers.store.fetch(f"arxiv:{KETTLES}:record")
    assert record is not None
    assert (paper.withdrawn, paper.version) == (True, 2)
    assert [version.number for version in paper.versions] == [1, 2]
    assert "Status: withdrawn by its authors" in record.text


def test_a_run_reads_a_copy_that_somebody_else_opened_meanwhile(readers: Readers) -> None:
    readers.run(Given(arxiv_ids=(KETTLES,)))
    with closing(Store.open(readers.store.folder)) as other:
        readers.outside.papers.edit(KETTLES, abstract="Changed words.")
        readers.run()
        document = other.fetch(f"arxiv:{KETTLES}:abstract")
    assert document is not None
    assert document.text == "Changed words."

"""Killed at any moment of ingest, a library opens, answers, and is completed by the next run."""

import json
import random
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index import Filters, Store, problems, search
from ingest.pipeline import BATCH
from service.answering import answer
from service.answers import Question
from service.library import Library
from tests.crash_driver import Victim
from tests.crash_group import Group
from tests.fakes import FakeEmbedder
from tests.ingest.contents import contents
from tests.outside.faults import Fault
from tests.outside.server import OutsideServer, standing_in

# What must find nothing, whatever moment the process was killed at.
WRONG = {
    "passages of no document": (
        "select 1 from passages where document_id not in (select id from documents)"
    ),
    "facets of no document": (
        "select 1 from facets where document_id not in (select id from documents)"
    ),
    "passages stored twice": (
        "select 1 from passages group by document_id, start having count(*) > 1"
    ),
    "documents without passages": (
        "select 1 from documents where id not in (select document_id from passages)"
    ),
    "abstracts without vectors": (
        "select 1 from passages p join documents d on d.id = p.document_id"
        " where d.embedded != (p.vector is not null)"
    ),
    "removed passages that are there": (
        "select 1 from removed_passages where id in (select id from passages)"
    ),
}


@pytest.fixture
def outside() -> Iterator[OutsideServer]:
    with standing_in() as server:
        yield server


def check(victim: Victim, chance: random.Random) -> int:
    """Check that the library is sound and answers; return how many documents it holds."""
    with closing(Store.create(victim.library)) as store:
        assert problems(store) == []
        for what, query in WRONG.items():
            assert store.connection.execute(query).fetchall() == [], what
        documents = store.documents(Filters(kinds=("abstract", "comment")))
        some = chance.sample(documents, min(5, len(documents)))
        for document in some:
            hits = search(document.text, store, FakeEmbedder(), 1)
            assert hits[0].passage.text == document.text
        for document in some[:1]:
            told = answer(Question(document.text), Library(store, FakeEmbedder()))
            for citation in told.citations:
                cited = store.fetch(citation.document)
                assert cited is not None
                assert cited.text[citation.start : citation.end] == citation.quote
        return len(store.documents(Filters()))


PAPERS = 300
WORDS = ["kettle", "wombat", "dropout", "lottery", "ticket", "vector", "mixture", "label"]


def write_papers(victim: Victim, first: int, edition: str) -> None:
    """Write the metadata file that is ingested."""
    lines = [json.dumps(_paper(number, edition)) for number in range(first, first + PAPERS)]
    (victim.folder / "papers.jsonl").write_text("\n".join(lines))


def _paper(number: int, edition: str) -> dict[str, str]:
    words = " ".join(random.Random(number).choices(WORDS, k=20))
    text = f"Paper number{number} of the {edition} edition: {words}."
    return {"id": f"1901.{number:05}", "title": f"Title {number}", "abstract": text}


def test_a_large_first_run_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    """Every kill costs a batch of embeddings at most."""
    victim, chance = Victim(tmp_path, ("papers.jsonl",)), random.Random(1)
    write_papers(victim, 1, "first")
    for _ in range(2):
        victim.ingest(kill_after=chance.uniform(0.1, 0.5))
        check(victim, chance)
    victim.ingest()
    assert check(victim, chance) == 2 * PAPERS
    assert victim.embedded() <= PAPERS + 2 * BATCH
    write_papers(victim, 101, "second")
    victim.ingest(kill_after=chance.uniform(0.1, 0.5))
    check(victim, chance)
    report = victim.ingest()
    assert report is not None
    assert report.failed == ()
    assert check(victim, chance) == 2 * PAPERS
    assert victim.embedded() <= 2 * PAPERS + 3 * BATCH
    with closing(Store.open(victim.library)) as store:
        texts = {document.text for document in store.documents(Filters(kinds=("abstract",)))}
    assert texts == {_paper(n, "second")["abstract"] for n in range(101, 101 + PAPERS)}


def a_group(folder: Path, outside: OutsideServer, seed: int) -> Group:
    sources = ("papers.jsonl", "list.toml")
    victim = Victim(folder, sources, outside.address, ("stat:stat:ML",))
    return Group(victim, outside, random.Random(seed))


def survives(group: Group, kills: int) -> None:
    """Kill so many runs, each at a random moment of it, and check what comes of each kill.

    Some runs are killed that would have mended what an earlier kill had left.
    """
    victim, chance, left = group.victim, group.chance, kills
    group.begin()
    began = time.monotonic()
    victim.ingest()
    length = time.monotonic() - began
    while left:
        texts, before, in_a_row = group.change(), victim.embedded(), min(left, chance.randint(1, 2))
        for _ in range(in_a_row):
            victim.ingest(kill_after=chance.uniform(0, length))
            check(victim, chance)
        left -= in_a_row
        report = victim.ingest()
        assert report is not None
        assert (report.failed, report.pending) == ((), ())
        assert group.held() == group.expected()
        assert victim.embedded() - before <= texts + in_a_row * BATCH
        check(victim, chance)
    report = victim.ingest()
    assert report is not None
    assert (report.added, report.changed, report.removed, report.embeddings) == (0, 0, 0, 0)
    is_as_a_fresh_one(group)


def is_as_a_fresh_one(group: Group) -> None:
    """Compare with a library that is made at once of what the sources hold now."""
    with closing(Store.open(group.victim.library)) as store:
        lived = contents(store)
    group.victim.library.rename(group.victim.folder / "lived")
    group.victim.ingest()
    with closing(Store.open(group.victim.library)) as store:
        fresh = contents(store)
    for part, told in fresh.items():
        assert lived[part] == told, part


def test_a_library_survives_ten_kills_at_random_moments(
    tmp_path: Path, outside: OutsideServer
) -> None:
    survives(a_group(tmp_path, outside, 0), 10)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 9))
def test_libraries_survive_two_hundred_kills_at_random_moments(
    tmp_path: Path, outside: OutsideServer, seed: int
) -> None:
    survives(a_group(tmp_path, outside, seed), 25)


SAVED, LIVE = 20, 100


def discussion(victim: Victim) -> set[str]:
    """Return the keys of all comments that a library holds."""
    with closing(Store.open(victim.library)) as store:
        return {document.key for document in store.documents(Filters(kinds=("comment",)))}


def write_thread(victim: Victim, outside: OutsideServer) -> tuple[set[str], set[str]]:
    """Write a reading list with a topic and its saved thread; return the keys of their posts."""
    outside.forum.open(41, "Good papers")
    url = outside.topic_url(41)
    posts = "\n\n\n".join(f"Saved post {number}." for number in range(1, SAVED + 1))
    (victim.folder / "saved.txt").write_text(f"Good papers\n\n{posts}\n")
    topic, thread = f'[[topics]]\nurl = "{url}"\n', '[[threads]]\nfile = "saved.txt"\n'
    (victim.folder / "list.toml").write_text(f'{topic}{thread}topic = "{url}"\n')
    for number in range(1, LIVE + 1):
        outside.forum.write(41, f"Live post {number}.")
    return (
        {f"thread:saved:{number}" for number in range(1, SAVED + 1)},
        {f"discourse:{outside.host}:41:{number}" for number in range(1, LIVE + 1)},
    )


def test_a_discussion_is_never_lost_while_live_posts_take_a_saved_thread_s_place(
    tmp_path: Path, outside: OutsideServer
) -> None:
    victim, chance = Victim(tmp_path, ("list.toml",), outside.address), random.Random(4)
    saved, live = write_thread(victim, outside)
    outside.script.plan(Fault(status=503))
    victim.ingest()
    assert discussion(victim) == saved
    for _ in range(3):
        outside.script.clear()
        victim.ingest(kill_after=chance.uniform(0.02, 0.4))
        assert saved <= discussion(victim) or live <= discussion(victim)
        outside.script.plan(Fault(status=503))
        victim.ingest(kill_after=chance.choice([0.1, None]))
        assert saved <= discussion(victim) or live <= discussion(victim)
    outside.script.clear()
    victim.ingest()
    assert discussion(victim) == live
    assert check(victim, chance) == LIVE

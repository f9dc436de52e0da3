"""Killed at any moment of ingest, a library opens, answers, and is completed by the next run."""

import json
import random
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from index import Filters, Store, problems, search
from ingest.pipeline import BATCH
from tests.fakes import FakeEmbedder
from tests.ingest.club import Internet, a_post, serving

ROOT = Path(__file__).parent.parent
PAPERS = 300
WORDS = ["kettle", "wombat", "dropout", "lottery", "ticket", "vector", "mixture", "label"]

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
    "passages not in the word index": (
        "select 1 from passages where id not in (select id from word_index_docsize)"
    ),
    "removed passages that are there": (
        "select 1 from removed_passages where id in (select id from passages)"
    ),
}


@dataclass
class Victim:
    """A library that is ingested by processes which are killed."""

    folder: Path
    chance: random.Random
    given: str = "papers.jsonl"

    @property
    def library(self) -> Path:
        return self.folder / "library"

    def write_papers(self, first: int, count: int, edition: str) -> None:
        """Write the metadata file that is ingested."""
        numbers = range(first, first + count)
        lines = [json.dumps(_paper(number, edition)) for number in numbers]
        (self.folder / self.given).write_text("\n".join(lines))

    def ingest(self, kill_after: float | None = None) -> str:
        """Run ingest to its end, or kill it so many seconds after it begins."""
        paths = [self.library, self.folder / self.given, self.folder / "log"]
        command = [sys.executable, "-m", "tests.crash_driver", *map(str, paths)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            if kill_after is not None:
                time.sleep(kill_after)
                process.kill()
            return process.stdout.read()

    def embedded(self) -> int:
        """Return how many texts all the processes together began to embed."""
        log = self.folder / "log"
        return sum(map(int, log.read_text().split())) if log.exists() else 0

    def check(self) -> int:
        """Check that the library is sound and answers; return how many documents it holds."""
        with closing(Store.create(self.library)) as store:
            assert problems(store) == []
            for what, query in WRONG.items():
                assert store.connection.execute(query).fetchall() == [], what
            documents = store.documents(Filters(kinds=("abstract",)))
            for document in self.chance.sample(documents, min(5, len(documents))):
                hits = search(document.text, store, FakeEmbedder(), 1)
                assert hits[0].passage.text == document.text
            return len(store.documents(Filters()))


def _paper(number: int, edition: str) -> dict[str, str]:
    words = " ".join(random.Random(number).choices(WORDS, k=20))
    text = f"Paper number{number} of the {edition} edition: {words}."
    return {"id": f"1901.{number:05}", "title": f"Title {number}", "abstract": text}


def survives(victim: Victim, kills: int) -> None:
    """Kill so many runs of ingest, the later half of them after the papers have changed."""
    victim.write_papers(1, PAPERS, "first")
    for number in range(kills):
        if number == kills // 2:
            victim.ingest()
            assert victim.check() == 2 * PAPERS
            assert victim.embedded() <= PAPERS + number * BATCH
            victim.write_papers(101, PAPERS, "second")
        victim.ingest(kill_after=victim.chance.uniform(0, 0.4))
        victim.check()
    report = victim.ingest()
    assert " 0 failed" in report
    assert victim.check() == 2 * PAPERS
    assert victim.embedded() <= 2 * PAPERS + kills * BATCH
    assert " 0 added, 0 changed, 600 unchanged, 0 removed" in f" {victim.ingest()}"
    with closing(Store.open(victim.library)) as store:
        texts = {document.text for document in store.documents(Filters(kinds=("abstract",)))}
    assert texts == {_paper(n, "second")["abstract"] for n in range(101, 101 + PAPERS)}


@pytest.mark.parametrize("seed", [1])
def test_a_library_survives_three_kills(tmp_path: Path, seed: int) -> None:
    survives(Victim(tmp_path, random.Random(seed)), 3)


@pytest.mark.long
@pytest.mark.parametrize("seed", [2, 3])
def test_a_library_survives_twenty_kills_at_random_moments(tmp_path: Path, seed: int) -> None:
    survives(Victim(tmp_path, random.Random(seed)), 20)


SAVED, LIVE = 20, 100


def discussion(victim: Victim) -> set[str]:
    """Return the keys of all comments that a library holds."""
    with closing(Store.open(victim.library)) as store:
        return {document.key for document in store.documents(Filters(kinds=("comment",)))}


def write_thread(victim: Victim, internet: Internet) -> tuple[set[str], set[str]]:
    """Write a reading list with a topic and its saved thread; return the keys of their posts."""
    url = internet.topic_url(41)
    posts = "\n\n\n".join(f"Saved post {number}." for number in range(1, SAVED + 1))
    (victim.folder / "saved.txt").write_text(f"Good papers\n\n{posts}\n")
    topic, thread = f'[[topics]]\nurl = "{url}"\n', '[[threads]]\nfile = "saved.txt"\n'
    (victim.folder / victim.given).write_text(f'{topic}{thread}topic = "{url}"\n')
    internet.topics[41] = [a_post(number, f"Live post {number}.") for number in range(1, LIVE + 1)]
    live = f"discourse:{internet.address[7:]}:41"
    return (
        {f"thread:saved:{number}" for number in range(1, SAVED + 1)},
        {f"{live}:{number}" for number in range(1, LIVE + 1)},
    )


@pytest.mark.parametrize("seed", [4])
def test_a_discussion_is_never_lost_while_live_posts_take_a_saved_thread_s_place(
    tmp_path: Path, seed: int
) -> None:
    victim = Victim(tmp_path, random.Random(seed), "list.toml")
    with serving() as internet:
        saved, live = write_thread(victim, internet)
        internet.is_down = True
        victim.ingest()
        assert discussion(victim) == saved
        for _ in range(3):
            internet.is_down = False
            victim.ingest(kill_after=victim.chance.uniform(0.02, 0.4))
            assert saved <= discussion(victim) or live <= discussion(victim)
            internet.is_down = True
            victim.ingest(kill_after=victim.chance.choice([0.1, None]))
            assert saved <= discussion(victim) or live <= discussion(victim)
        internet.is_down = False
        victim.ingest()
        assert discussion(victim) == live
        assert victim.check() == LIVE

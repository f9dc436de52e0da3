"""Killed at any moment, a re-embedding leaves the old set or the new one, and goes on."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index import Store, problems, re_embed, search
from tests.fakes import FakeEmbedder
from tests.index.three_groups import EMBEDDED, GROUP, as_a_fresh_one, three_groups, unwatched

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def following() -> FakeEmbedder:
    """Return the model that comes after the fixture `embedder`."""
    return FakeEmbedder("next", dimension=32)


@pytest.fixture
def library(store: Store, embedder: FakeEmbedder) -> Store:
    """Return a library of three groups."""
    return three_groups(store, embedder)


def begun(library: Path, log: Path, *deadly: str) -> "subprocess.Popen[str]":
    """Begin to embed again in a process of its own."""
    command = [sys.executable, "-m", "tests.index.re_embedding_driver", str(library), str(log)]
    process = subprocess.Popen([*command, *deadly], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def embedded(log: Path) -> int:
    return sum(map(int, log.read_text().split()))


def test_killed_at_any_moment_it_goes_on(
    library: Store, embedder: FakeEmbedder, following: FakeEmbedder, tmp_path: Path
) -> None:
    chance, log, kills = random.Random(5), tmp_path / "log", 3
    before = search("word7", library, embedder)
    for _ in range(kills):
        with begun(library.folder, log) as process:
            time.sleep(chance.uniform(0, 0.15))
            process.kill()
        assert problems(library) == []
        if library.model() == embedder.identity:
            assert search("word7", library, embedder) == before

    re_embed(library, following, unwatched)

    assert embedded(log) <= EMBEDDED + kills * GROUP
    assert as_a_fresh_one(library, following, tmp_path / "fresh")


@pytest.mark.parametrize(
    "deadly", ["delete from passages", "insert into passages", "update library set (model"]
)
def test_killed_within_the_switch_it_answers_from_the_old_set(
    library: Store, embedder: FakeEmbedder, following: FakeEmbedder, tmp_path: Path, deadly: str
) -> None:
    before = search("word7", library, embedder)
    with begun(library.folder, tmp_path / "log", deadly) as process:
        assert process.wait(30) == -9

    assert search("word7", library, embedder) == before
    assert problems(library) == []
    assert re_embed(library, following, unwatched) == 0
    assert library.model() == following.identity

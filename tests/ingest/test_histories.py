"""Whatever happened before, a clean run leaves the library that a first run would make."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import Store
from tests.ingest.contents import contents
from tests.ingest.histories import History
from tests.outside.server import OutsideServer, standing_in

EVENTS = (
    *("record", "record", "strike_record", "enter", "enter", "strike_entry", "follow_topic"),
    *("leave_topic", "submit", "submit", "correct", "withdraw", "write", "write", "write"),
    *("edit", "like", "hide", "delete", "restore", "move", "accept", "rename", "refuse"),
    *("sort", "announce", "announce", "take_out"),
    *("fail", "fail", "run", "run", "run", "stop", "crash", "crash_embedding"),
)


@dataclass(frozen=True)
class Step:
    """Something that happens, to what and how."""

    what: str
    which: int = 0
    how: int = 0


STEPS = st.builds(Step, st.sampled_from(EVENTS), st.integers(0, 7), st.integers(0, 23))
HISTORIES = st.lists(STEPS, min_size=3, max_size=30)


@pytest.fixture(scope="module")
def outside() -> Iterator[OutsideServer]:
    with standing_in() as server:
        yield server


def converges(outside: OutsideServer, steps: list[Step]) -> None:
    """Let a history happen, and compare what a clean run makes of it with a first ingest."""
    with tempfile.TemporaryDirectory() as folder:
        history = History(outside, Path(folder))
        for step in steps:
            getattr(history, step.what)(step.which, step.how)
        history.clean_run()
        lived = held(history)
        report = history.clean_run()
        after = held(history)
        history.forget()
        history.clean_run()
        fresh = held(history)
    for part, told in fresh["contents"].items():
        assert lived["contents"][part] == told, part
    assert (report.added, report.changed, report.removed, report.embeddings) == (0, 0, 0, 0)
    assert after == lived


def held(history: History) -> dict[str, Any]:
    with closing(Store.open(history.folder / "library")) as store:
        return {"contents": contents(store), "generation": store.generation()}


@settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(HISTORIES)
def test_a_clean_run_after_any_history_gives_what_a_first_ingest_gives(
    outside: OutsideServer, steps: list[Step]
) -> None:
    converges(outside, steps)


KNEW_MORE = [Step("record", 1), Step("run"), Step("strike_record", 1), Step("enter", 1)]
KNEW_BETTER = [
    *(Step("record", 1, 1), Step("enter", 1), Step("submit", 1, 2), Step("run")),
    *(Step("strike_entry", 1),),
]
TOOK_BACK = [Step("submit", 4), Step("enter", 4), Step("run"), Step("retire", 4)]
SAID_MORE_AT_ARXIV = [Step("enter", 6), Step("submit", 6, 10), Step("run"), Step("submit", 6, 6)]
SAID_MORE = [Step("record", 0, 10), Step("run"), Step("record", 0, 3)]


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(KNEW_MORE, id="a file no longer has the paper, a list with its title does"),
        pytest.param(KNEW_BETTER, id="a list no longer has the paper of which arXiv was asked"),
        pytest.param(SAID_MORE, id="a record no longer has a field"),
        pytest.param(SAID_MORE_AT_ARXIV, id="a new version no longer has a field"),
        pytest.param(TOOK_BACK, id="arXiv took a paper out that is on a list"),
    ],
)
def test_what_a_source_no_longer_says_is_no_longer_known(
    outside: OutsideServer, steps: list[Step]
) -> None:
    converges(outside, steps)


def test_a_paper_that_only_a_post_names_is_kept_up_to_date(outside: OutsideServer) -> None:
    named = [Step("submit", 4, 1), Step("write", 4, 1), Step("run", 0, 1)]
    converges(outside, [*named, Step("submit", 4, 2)])


def test_a_paper_that_a_post_named_first_and_a_file_holds_later_is_the_file_s(
    outside: OutsideServer,
) -> None:
    named = [Step("submit", 4, 1), Step("write", 4, 1), Step("run", 0, 1)]
    converges(outside, [*named, Step("record", 4, 2)])


def test_a_deletion_that_arxiv_tells_again_is_no_change(outside: OutsideServer) -> None:
    converges(outside, [Step("announce", 3), Step("run"), Step("take_out", 3), Step("run")])


@pytest.mark.long
@settings(
    max_examples=500,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
@given(HISTORIES)
def test_a_clean_run_after_any_of_500_histories_gives_what_a_first_ingest_gives(
    outside: OutsideServer, steps: list[Step]
) -> None:
    converges(outside, steps)

"""The labelled threads are linked as well as docs/links.md says."""

import pytest

from benchmarks.links import LabelledThread, judged, labelled_threads
from ingest.links.linker import Linker
from ingest.paper import Paper

THREADS = {thread.name: thread for thread in labelled_threads()}


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [
        ("good-readings-2019", 0.97, 0.90),
        ("language", 0.97, 0.86),
        ("optimizers", 0.97, 0.85),
        ("generative", 0.92, 0.89),
    ],
)
def test_a_labelled_thread_is_linked_as_well_as_before(
    name: str, precision: float, recall: float
) -> None:
    thread = THREADS[name]
    result = judged(thread, Linker(thread.papers))
    assert result.precision >= precision
    assert result.recall >= recall


@pytest.mark.parametrize("thread", THREADS.values(), ids=lambda thread: thread.name)
def test_every_label_is_of_a_post_and_a_paper_of_its_thread(thread: LabelledThread) -> None:
    assert list(thread.about) == [post.key for post in thread.posts]
    assert frozenset().union(*thread.about.values()) <= {paper.id for paper in thread.papers}


def test_a_thread_without_links_has_no_recall_and_no_wrong_link() -> None:
    thread = THREADS["good-readings-2019"]
    result = judged(thread, Linker([Paper("1501.00001", "Elsewhere")]))
    assert (result.right, result.wrong, result.recall) == ((), (), 0.0)

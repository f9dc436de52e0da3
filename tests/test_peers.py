"""The comparison with other libraries: its steps, taken with Journal Club alone, and its report."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.peers.adapters.journal_club import JournalClub
from benchmarks.peers.given import Passage, Source, Vectors, write_passages, write_questions
from benchmarks.peers.inputs import Inputs
from benchmarks.peers.registry import LIBRARIES
from benchmarks.peers.report import Outcome, Row, report
from benchmarks.peers.rounds import Trial, measure
from benchmarks.peers.trial import Wrong, check_there, folded
from tests.fakes import FakeEmbedder

EMBEDDER = FakeEmbedder()


def _passages(start: int, end: int) -> list[Passage]:
    texts = [f"word{i} other{i % 7}" for i in range(start, end)]
    sources = [Source(f"d{i}", "", text, "") for i, text in enumerate(texts, start)]
    return [Passage(f"{s.key}#0", s.text, s, 0, len(s.text)) for s in sources]


def _vectors(passages: Sequence[Passage]) -> Vectors:
    return EMBEDDER.encode([passage.text for passage in passages])


@pytest.fixture
def records(tmp_path: Path) -> Inputs:
    folder = tmp_path / "records"
    folder.mkdir()
    for name, some in (("passages", _passages(0, 120)), ("more", _passages(120, 125))):
        write_passages(folder / name, some, _vectors(some))
    questions = [(f"q{i}", f"word{i}") for i in range(20)]
    write_questions(folder / "questions", questions, EMBEDDER.encode([t for _, t in questions]))
    return Inputs(folder, documents=120, passages=120, more=5)


def _rows(outcomes: Sequence[Outcome], records: Inputs) -> list[Row]:
    return list(report(outcomes, records, rounds=1).tables["Given the same vectors"])


def test_journal_club_goes_through_every_step_and_reaches_out_to_nobody(
    records: Inputs, tmp_path: Path
) -> None:
    trial = Trial(LIBRARIES[0], "hybrid", Path(sys.executable), tmp_path / "work")

    (outcome,) = measure([trial], records, judged=None, rounds=1)

    assert outcome.failed is None
    assert [each["asked"] for each in outcome.rounds] == [20]
    assert [each["reached_out"] for each in outcome.rounds] == [[]]
    (row,) = _rows([outcome], records)
    assert (row.library, row.setting, row.ndcg_10) == ("Journal Club", "hybrid", "–")
    times = (row.build_s, row.add_ms, row.remove_ms, row.query_p50_ms, row.cold_start_s)
    assert all(isinstance(each, float) and each > 0 for each in times)


def test_a_library_that_fails_stays_in_the_table_with_its_reason(
    records: Inputs, tmp_path: Path
) -> None:
    chroma = next(library for library in LIBRARIES if library.name == "Chroma")
    trial = Trial(chroma, "dense", Path(sys.executable), tmp_path / "work")

    (outcome,) = measure([trial], records, judged=None, rounds=1)

    assert outcome.failed == "measure: ModuleNotFoundError: No module named 'chromadb'"
    (row,) = _rows([outcome], records)
    assert (row.library, row.build_s, row.ndcg_10) == ("Chroma", "failed", "failed")
    notes = report([outcome], records, rounds=1).notes
    assert f"Chroma (dense) failed: {outcome.failed}" in notes


def test_a_library_that_loses_what_is_added_is_not_timed(tmp_path: Path) -> None:
    there, more = _passages(0, 3), _passages(3, 6)
    peer = JournalClub(tmp_path, hybrid=True)
    peer.build(there, _vectors(there))

    check_there(peer, there, _vectors(there), True)
    with pytest.raises(Wrong, match="d3#0 is not found after it was added"):
        check_there(peer, more, _vectors(more), True)
    with pytest.raises(Wrong, match="d0#0 is found after its removal"):
        check_there(peer, there, _vectors(there), False)


def test_documents_stand_in_the_order_of_their_best_passages() -> None:
    assert folded(["b#0", "a#10", "b#80", "a#0", "c#0"]) == ["b", "a", "c"]


def test_every_library_has_its_adapter_and_every_version_pinned() -> None:
    folder = Path(__file__).parents[1] / "benchmarks" / "peers"
    for library in LIBRARIES:
        assert (folder / "adapters" / f"{library.adapter.rpartition('.')[2]}.py").is_file()
        if library.requirements:
            lines = (folder / f"{library.requirements}.txt").read_text("utf-8").splitlines()
            pinned = [line for line in lines if not line.startswith("#")]
            assert pinned
            assert all("==" in line for line in pinned)

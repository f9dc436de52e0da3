"""A run brings in what is new, embeds nothing twice, and loses nothing to a fault or a stop."""

import gzip
import json
from pathlib import Path

import pytest

from index import DERIVED, LibraryBusy, WrongModel, problems, re_embed, search, writer_lock
from ingest import Given, Progress, remove
from ingest.pipeline import BATCH
from tests.fakes import FakeEmbedder
from tests.ingest.club import Club, Stopping, counts, documents_of


def a_file(club: Club, name: str = "papers.jsonl") -> Path:
    return club.metadata(name, p1="Dropout stops overfitting.", p2="Cats sleep.", p3="Dogs bark.")


def test_the_first_run_stores_and_the_second_embeds_nothing_and_touches_nothing(
    club: Club,
) -> None:
    first = club.run(Given(files=(a_file(club),)))
    assert counts(first) == (6, 0, 0, 0, 3)
    generation, encoded = club.store.generation(), club.embedder.encoded

    second = club.run()

    assert counts(second) == (0, 0, 6, 0, 0)
    assert (club.store.generation(), club.embedder.encoded) == (generation, encoded)
    assert club.stored() == documents_of("p1", "p2", "p3")
    assert search("dropout", club.store, club.embedder, 1)[0].passage.document.title == "Paper 1"


def test_a_changed_abstract_embeds_that_one_again(club: Club) -> None:
    club.run(Given(files=(a_file(club),)))
    club.metadata("papers.jsonl", p1="Dropout stops it.", p2="Cats sleep.", p3="Dogs bark.")

    report = club.run()

    assert counts(report) == (0, 1, 5, 0, 1)
    assert club.text("arxiv:1901.00001:abstract") == "Dropout stops it."


def test_two_papers_with_one_title_and_abstract_need_one_vector(club: Club) -> None:
    records = [{"id": f"1901.0000{n}", "title": "Same", "abstract": "Same."} for n in (1, 2)]
    path = club.write("papers.json", json.dumps(records))
    assert counts(club.run(Given(files=(path,)))) == (4, 0, 0, 0, 1)


def test_a_paper_that_a_file_gives_twice_is_stored_once(club: Club) -> None:
    path = club.metadata("papers.jsonl", p1="First words.", p2="Other.", p00001="Later words.")
    assert counts(club.run(Given(files=(path,)))) == (4, 0, 0, 0, 2)
    assert club.text("arxiv:1901.00001:abstract") == "First words."


@pytest.mark.parametrize("limit", [1, 2])
def test_a_limit_reads_so_many_records_and_drops_nothing(club: Club, limit: int) -> None:
    path = a_file(club)
    assert club.run(Given(files=(path,), limit=limit)).added == 2 * limit
    assert counts(club.run(Given(files=(path,)))) == (6 - 2 * limit, 0, 2 * limit, 0, 3 - limit)
    assert club.run(Given(files=(path,), limit=limit)).removed == 0
    assert club.stored() == documents_of("p1", "p2", "p3")


@pytest.mark.parametrize("done", [0, BATCH, 2 * BATCH])
def test_ctrl_c_keeps_what_was_committed_and_the_next_run_goes_on(club: Club, done: int) -> None:
    abstracts = {f"p{number}": f"Abstract {number}." for number in range(1, 401)}
    given = Given(files=(club.metadata("papers.jsonl", **abstracts),))

    report = club.run(given, Stopping("storing", done))

    assert (report.stopped, report.added, report.embeddings) == (True, done, done // 2)
    assert len(club.stored()) == done
    assert problems(club.store) == []
    with writer_lock(club.store.folder):
        pass
    report = club.run()
    assert counts(report) == (800 - done, 0, done, 0, 400 - done // 2)
    assert (report.stopped, club.embedder.encoded) == (False, 400)


@pytest.mark.parametrize("stage", ["reading", "storing"])
def test_what_a_stopped_run_should_have_removed_the_next_one_removes(
    club: Club, stage: str
) -> None:
    path = a_file(club)
    club.run(Given(files=(path,)))
    club.metadata("papers.jsonl", p1="Dropout.", p2="Cats sleep.")
    other = club.metadata("other.jsonl", p4="Birds sing.")
    club.run(Given(files=(path, other)), Stopping(stage, 1 if stage == "reading" else 0))

    assert club.run().removed == 2
    assert club.stored() == documents_of("p1", "p2", "p4")


def test_progress_tells_how_far_each_stage_is(club: Club) -> None:
    seen: list[Progress] = []
    club.run(Given(files=(a_file(club),)), seen.append)
    assert seen == [
        Progress("reading", 3, None),
        Progress("storing", 0, 6),
        Progress("storing", 6, 6),
        Progress("storing", 6, 6),
    ]


def test_a_second_run_at_the_same_time_is_refused(club: Club) -> None:
    with writer_lock(club.store.folder), pytest.raises(LibraryBusy):
        club.run()


def test_another_model_is_refused_before_anything_is_read(club: Club) -> None:
    path = a_file(club)
    club.run(Given(files=(path,)))
    club.metadata("papers.jsonl", p1="Dropout stops overfitting.", p9="New.")
    club.embedder = FakeEmbedder("other", dimension=8)
    asked = len(club.internet.asked)

    with pytest.raises(WrongModel, match="--re-embed"):
        club.run()

    assert (club.embedder.encoded, len(club.internet.asked)) == (0, asked)
    assert club.stored() == documents_of("p1", "p2", "p3")


def test_what_something_else_altered_is_stored_again_even_if_its_source_is_gone(
    club: Club,
) -> None:
    path = a_file(club)
    club.run(Given(files=(path,)))
    path.unlink()
    club.store.connection.execute("update documents set text = 'Altered.' where text like 'Drop%'")
    re_embed(club.store, club.embedder, lambda done, total: None)

    report = club.run()

    assert [failure.source for failure in report.failed] == [str(path)]
    assert (report.changed, report.embeddings) == (1, 1)
    assert club.text("arxiv:1901.00001:abstract") == "Dropout stops overfitting."
    assert problems(club.store) == []


def test_a_run_is_noted_with_its_report(club: Club) -> None:
    assert club.catalogue.runs.last() is None
    report = club.run(Given(files=(a_file(club),)))
    last = club.catalogue.runs.last()
    assert last is not None
    assert last.finished is not None
    assert last.report == report


def test_indexes_that_cannot_be_saved_are_noted_and_all_else_is_done(club: Club) -> None:
    derived = club.store.folder / DERIVED
    derived.write_text("in the way")

    report = club.run(Given(files=(a_file(club),)))
    removed = remove(club.store, ["1901.00001"])

    (note,) = report.notes
    assert (report.added, report.failed, note.source) == (6, (), "saved indexes")
    assert note.reason.startswith(f"{derived} could not be written (")
    assert "A file stands where this folder should be: move it away." in note.reason
    assert (removed.documents, removed.notes) == (2, (note,))
    assert club.stored() == documents_of("p2", "p3")
    assert derived.read_text() == "in the way"


def test_a_gzip_file_and_an_array_are_the_same_papers(club: Club) -> None:
    plain = a_file(club)
    packed = club.folder / "papers.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    records = [json.loads(line) for line in plain.read_text().splitlines()]
    array = club.write("papers.json", json.dumps(records))
    club.run(Given(files=(plain,)))
    assert counts(club.run(Given(files=(packed, array)))) == (0, 0, 6, 0, 0)

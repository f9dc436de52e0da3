"""What people read at a terminal."""

from dataclasses import replace

from ingest import Failure, Report
from service.terminal import report_text


def a_report(
    failed: tuple[Failure, ...] = (), pending: tuple[Failure, ...] = (), stopped: bool = False
) -> Report:
    return Report(3, 2, 1, 4, 5, failed, pending, 1.23, stopped)


def test_a_report_says_all_counts_and_every_reason() -> None:
    failed, pending = Failure("a.jsonl, line 2", "not JSON"), Failure("arXiv:1901.00001", "is down")

    assert report_text(a_report((failed,), (pending,))).splitlines() == [
        "3 added, 2 changed, 1 unchanged, 4 removed, 1 failed; 5 embeddings computed in 1.2 s",
        "  failed: a.jsonl, line 2: not JSON",
        "  pending: arXiv:1901.00001: is down",
    ]


def test_a_report_of_a_stopped_run_says_what_goes_on() -> None:
    assert report_text(a_report(stopped=True)).startswith(
        "Stopped; what was done is kept, 'journalclub ingest' goes on. 3 added"
    )


def test_a_report_counts_records_that_repeat_a_paper_or_whose_id_was_restored() -> None:
    report = replace(a_report(), repeated=2, restored=3)
    assert report_text(report).splitlines()[1:] == [
        "  records: 2 of papers that came before, 3 ids restored"
    ]


def test_what_has_one_reason_stands_in_one_line() -> None:
    failed = tuple(Failure(f"line {number}", "broken") for number in range(1, 26))

    assert report_text(a_report(failed)).splitlines()[1:] == [
        "  failed: line 1, line 2, line 3 and 22 more: broken"
    ]


def test_of_many_reasons_twenty_are_shown_and_the_rest_counted() -> None:
    failed = tuple(Failure(f"line {number}", f"reason {number}") for number in range(1, 26))
    lines = report_text(a_report(failed)).splitlines()

    assert lines[20] == "  failed: line 20: reason 20"
    assert lines[21:] == ["  … and 5 more reasons; --json lists everything"]

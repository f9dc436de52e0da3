"""What people read at a terminal."""

import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingest import Failure, Progress, Report
from ingest.report import Removed
from service.progress import Lines, duration, progress_on
from service.terminal import first_words, moment_text, removed_text, report_text


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


# -- what is new in reports -----------------------------------------------------------------


def test_what_is_put_off_says_until_when_and_the_soonest_stands_for_all() -> None:
    soon, late = (datetime.now(UTC) + timedelta(days=days) for days in (2, 3))
    pending = [Failure(f"arXiv:{n}", "is down", t.isoformat()) for n, t in enumerate((late, soon))]

    (line,) = report_text(a_report(pending=tuple(pending))).splitlines()[1:]

    assert line == (
        f"  pending: arXiv:0, arXiv:1: is down (tried again after {soon:%Y-%m-%d %H:%M} UTC)"
    )


def test_what_is_due_again_is_said_to_be() -> None:
    past = Failure("arXiv:1", "is down", "2026-01-01T00:00:00+00:00")

    assert report_text(a_report(pending=(past,))).endswith("down (the next ingest tries again)")


def test_a_report_names_the_papers_that_posts_brought_and_what_is_good_to_know() -> None:
    named, note = ("1905.02249", "1710.09412"), Failure("a.bib", "has no entry")
    report = replace(a_report(), named=named, notes=(note,))

    assert report_text(report).splitlines()[1:] == [
        "  added because posts name them: 1905.02249, 1710.09412",
        "  note: a.bib: has no entry",
    ]


def test_what_was_removed_is_counted_with_what_is_good_to_know() -> None:
    note = Failure("saved indexes", "data/derived could not be written")

    assert removed_text(Removed(1, ())) == "1 document removed."
    assert removed_text(Removed(2, (note,))).splitlines() == [
        "2 documents removed.",
        "  note: saved indexes: data/derived could not be written",
    ]


def test_a_dry_run_says_what_would_be() -> None:
    report = replace(a_report(), dry_run=True, named=("1905.02249",))

    assert report_text(report).splitlines() == [
        "Dry run, nothing was changed: would add 3, change 2, leave 1, remove 4; would compute 5"
        " embeddings; 0 failed",
        "  would be added because posts name them: 1905.02249",
    ]


# -- progress -------------------------------------------------------------------------------


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def lines_of(steps: Sequence[tuple[float, Progress]]) -> list[str]:
    """Return what is printed when these come at these seconds."""
    stream, clock = io.StringIO(), Clock()
    lines = Lines(stream, 30, clock)
    for second, progress in steps:
        clock.now = 1000 + second
        lines(progress)
    lines.end()
    return stream.getvalue().splitlines()


def test_a_stage_has_a_line_at_its_begin_at_its_end_and_each_half_minute_between() -> None:
    done = [(second, Progress("storing", second * 10, 5000)) for second in range(0, 120, 10)]

    assert lines_of([*done, (500, Progress("storing", 5000, 5000))]) == [
        "Embedding and storing: 5000 to go",
        "Embedding and storing: 300 of 5000, 10 a second, about 7 min 50 s left",
        "Embedding and storing: 600 of 5000, 10 a second, about 7 min 20 s left",
        "Embedding and storing: 900 of 5000, 10 a second, about 6 min 50 s left",
        "Embedding and storing: 5000, took 8 min 20 s",
    ]


def test_the_time_left_is_that_of_the_rate_since_the_line_before() -> None:
    steps = [(0, 0), (30, 900), (60, 930)]
    lines = lines_of([(second, Progress("storing", done, 1000)) for second, done in steps])

    assert lines[1:3] == [
        "Embedding and storing: 900 of 1000, 30 a second, about 3 s left",
        "Embedding and storing: 930 of 1000, 1.0 a second, about 1 min 10 s left",
    ]


def test_no_time_is_told_where_nothing_moves_or_nobody_knows_how_much_there_is() -> None:
    still = lines_of([(0, Progress("storing", 0, 10)), (40, Progress("storing", 0, 10))])
    endless = [(0, Progress("harvesting", 1, None)), (40, Progress("harvesting", 5, None))]

    assert still[1:] == ["Embedding and storing: 0 of 10, 0.0 a second"]
    assert lines_of(endless) == ["Harvesting: 5, 0.1 a second", "Harvesting: 5, took 40 s"]


def test_a_stage_that_begins_again_is_a_new_one_and_one_without_work_is_none() -> None:
    steps = [("reading", 2, 2), ("reading", 1, 3), ("reading", 3, 3), ("storing", 0, 0)]

    assert lines_of([(0, Progress(*step)) for step in steps]) == [
        "Reading records: 2 to go",
        "Reading records: 2, took 0 s",
        "Reading records: 3 to go",
        "Reading records: 3, took 0 s",
    ]


def test_a_run_that_is_cut_off_says_nothing_more() -> None:
    stream = io.StringIO()

    with suppress(KeyboardInterrupt), progress_on(stream, quiet=False) as watch:
        watch(Progress("storing", 1, 9))
        raise KeyboardInterrupt

    assert stream.getvalue() == "Embedding and storing: 9 to go\n"


def test_nothing_is_shown_where_a_program_reads_and_no_terminal_is_there() -> None:
    stream = io.StringIO()

    with progress_on(stream, quiet=True) as watch:
        watch(Progress("storing", 9, 9))

    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (59.6, "1 min"),
        (150, "2 min 30 s"),
        (3600, "1 h"),
        (3930, "1 h 5 min"),
        (183_600, "2 d 3 h"),
    ],
)
def test_times_are_told_in_their_two_largest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_moment_of_today_has_no_day_unless_it_is_asked_for() -> None:
    noon = datetime.now(UTC).replace(hour=12, minute=5)

    assert moment_text(noon.isoformat()) == "12:05 UTC"
    assert moment_text(noon.isoformat(), dated=True) == f"{noon:%Y-%m-%d} 12:05 UTC"
    assert moment_text("2026-01-02T03:04:05+02:00") == "2026-01-02 01:04 UTC"


def test_first_words_stand_on_one_line_and_end_between_words() -> None:
    assert first_words("One\n\ntwo  three", 50) == "One two three"
    assert first_words("One two three", 9) == "One two …"

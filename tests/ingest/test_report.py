"""A run's report is read by people and by programs."""

import json

from ingest import Failure, Report
from ingest.report import Tally


def a_report(**changes: object) -> Report:
    tally = Tally(added=3, changed=2, unchanged=1, removed=4, embeddings=5)
    tally.failed += [Failure("a.jsonl, line 2", "not JSON")]
    tally.pending += [Failure("arXiv:1901.00001", "arXiv is down")]
    for name, value in changes.items():
        setattr(tally, name, value)
    return tally.report(1.234, stopped=False)


def test_a_report_says_all_counts_and_every_reason() -> None:
    assert a_report().as_lines() == [
        "3 added, 2 changed, 1 unchanged, 4 removed, 1 failed; 5 embeddings computed in 1.2 s",
        "  failed: a.jsonl, line 2: not JSON",
        "  pending: arXiv:1901.00001: arXiv is down",
    ]


def test_a_report_of_a_stopped_run_says_so() -> None:
    line = Tally().report(0, stopped=True).as_lines()[0]
    assert line.startswith("Stopped: what was done is kept, run 'journalclub ingest' to go on. 0")


def test_a_report_names_the_first_twenty_of_many() -> None:
    many = [Failure(f"line {number}", "broken") for number in range(25)]
    lines = a_report(failed=many, pending=many[:20]).as_lines()
    assert lines[20] == "  failed: line 19: broken"
    assert lines[21] == "  … and 5 more failed"
    assert lines[-1] == "  pending: line 19: broken"
    assert len(lines) == 42


def test_a_report_is_plain_data_for_programs() -> None:
    assert json.loads(json.dumps(a_report().as_dict())) == {
        "added": 3,
        "changed": 2,
        "unchanged": 1,
        "removed": 4,
        "embeddings": 5,
        "failed": [{"source": "a.jsonl, line 2", "reason": "not JSON"}],
        "pending": [{"source": "arXiv:1901.00001", "reason": "arXiv is down"}],
        "seconds": 1.23,
        "stopped": False,
    }

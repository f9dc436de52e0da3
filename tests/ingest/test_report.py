"""A run's report is read by programs; `service` says it to people."""

import json

from ingest import Failure, Report
from ingest.report import Tally


def a_report() -> Report:
    tally = Tally(added=3, changed=2, unchanged=1, removed=4, embeddings=5, repeated=6, restored=7)
    tally.failed += [Failure("a.jsonl, line 2", "not JSON")]
    tally.pending += [Failure("arXiv:1901.00001", "arXiv is down")]
    return tally.report(1.234, stopped=False)


def test_a_report_is_plain_data_for_programs() -> None:
    assert json.loads(json.dumps(a_report().as_dict())) == {
        "added": 3,
        "changed": 2,
        "unchanged": 1,
        "removed": 4,
        "embeddings": 5,
        "failed": [{"source": "a.jsonl, line 2", "reason": "not JSON", "next_try": None}],
        "pending": [{"source": "arXiv:1901.00001", "reason": "arXiv is down", "next_try": None}],
        "seconds": 1.23,
        "stopped": False,
        "repeated": 6,
        "restored": 7,
        "named": [],
        "notes": [],
        "dry_run": False,
    }

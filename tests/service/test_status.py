"""What `journalclub status` tells of a library's past, and that docs/reports.md says what it is."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from index import Store
from ingest import Given
from ingest.retries import Retries
from tests.ingest.club import Club, a_list, a_post, serving
from tests.service.shell import Shell, posing

DOCS = Path(__file__).parents[2] / "docs" / "reports.md"
LONG_AGO, TODAY = "2025-01-01T00:00:00+00:00", "2026-11-02T10:00:00+00:00"


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Club]:
    """Return a library of two papers, a saved thread and a topic, none of it new."""
    with serving() as internet, closing(Store.create(tmp_path / "library")) as store:
        internet.topics[41] = [a_post(1, "KettleNet is dry."), a_post(2, "I like tea.")]
        made = Club(store, internet, tmp_path, posing())
        lists, topics = (a_list(made),), (internet.topic_url(41),)
        made.run(Given(lists=lists, topics=topics, threads=(tmp_path / "thread.txt",)))
        for table in ("papers", "posts", "links"):
            store.connection.execute(f"update {table} set added = ?", (LONG_AGO,))
        yield made


@pytest.fixture
def shell(club: Club) -> Shell:
    """Return a shell at that library."""
    return Shell(club.folder, f"{club.internet.address}/api/query")


def confidence(club: Club, key: str) -> float:
    """Return how sure the one link of a comment is."""
    (link,) = club.catalogue.threads.links(key)
    return link.confidence


def status(shell: Shell, *options: str) -> str:
    """Return what `status` prints."""
    return str(shell.invoke("status", *options).stdout)


def status_json(shell: Shell, *options: str) -> dict[str, Any]:
    """Return what `status --json` prints."""
    return dict(json.loads(status(shell, *options, "--json")))


# -- an empty library -----------------------------------------------------------------------


def test_a_library_without_a_past_says_so(tmp_path: Path) -> None:
    Store.create(tmp_path / "library").close()
    shell = Shell(tmp_path)

    assert status(shell, "--runs") == "No run yet. Start one: journalclub ingest\n"
    assert status(shell, "--since", "2026-11-01") == (
        "Since 2026-11-01 00:00 UTC: 0 papers, 0 comments, 0 links\n"
    )
    assert status(shell, "--links").startswith("0 comments, 0 of them about no paper.\n")
    assert status_json(shell, "--runs") == {"runs": []}
    assert status_json(shell, "--links") == {"comments": []}


def test_one_thing_is_shown_at_a_time(tmp_path: Path) -> None:
    told = Shell(tmp_path).run("status", "--runs", "--links", code=2)

    assert "Choose one of --runs, --since and --links." in told.stderr


# -- runs -----------------------------------------------------------------------------------


def test_runs_are_listed_the_last_one_first_with_what_they_did(club: Club, shell: Shell) -> None:
    club.run()
    club.store.connection.execute("insert into runs (started) values (?)", (TODAY,))

    head, *rows = status(shell, "--runs").splitlines()
    told = status_json(shell, "--runs")["runs"]

    assert [run["number"] for run in told] == [3, 2, 1]
    assert (told[0]["finished"], told[0]["report"]) == (None, None)
    assert rows[0] == "   3  2026-11-02 10:00 UTC  is under way, or was cut off"
    done = told[2]["report"]
    assert head.split() == [
        "Run", "Started", "Added", "Changed", "Removed", "Failed", "Pending", "Embedded", "Took"
    ]  # fmt: skip
    assert re.fullmatch(
        rf"   1  \d{{4}}-\d\d-\d\d \d\d:\d\d UTC +7 +0 +0 +{len(done['failed'])}"
        rf" +{len(done['pending'])} +{done['embeddings']}  \d+ s",
        rows[2],
    )
    assert done["embeddings"] == 5
    assert rows[2].index(" 5  ") + 2 == head.index("Embedded") + len("Embedded")


def test_reports_of_earlier_releases_are_read(club: Club, shell: Shell) -> None:
    old = {
        "added": 1, "changed": 2, "unchanged": 3, "removed": 4, "embeddings": 5,
        "failed": [{"source": "a.jsonl", "reason": "is broken"}], "pending": [], "seconds": 1.5,
    }  # fmt: skip
    club.store.connection.execute(
        "insert into runs (started, finished, report) values (?, ?, ?)",
        (TODAY, TODAY, json.dumps(old)),
    )

    report = status_json(shell, "--runs")["runs"][0]["report"]

    assert report["failed"] == [{"source": "a.jsonl", "reason": "is broken", "next_try": None}]
    assert (report["added"], report["stopped"], report["named"]) == (1, False, [])


# -- what failed ----------------------------------------------------------------------------


def test_what_failed_is_listed_with_the_reason_and_the_next_try(club: Club, shell: Shell) -> None:
    topic = next(
        source for source in club.catalogue.follows.children() if source.startswith("topic:")
    )
    retries = Retries(club.store.connection)
    retries.failed("forum.example", "answered with status 503.", 86_400)
    retries.failed(topic, "is slow.", 0)
    retries.failed(topic, "is slow.", 0)
    due = datetime.now(UTC) + timedelta(days=1)

    text, told = status(shell), status_json(shell)["troubles"]

    assert f"\n  {topic} — is slow. (2 times on end; the next ingest tries again)\n" in text
    assert re.search(
        r"\nFailed the last time\n  forum.example — answered with status 503. "
        rf"\(once; tried again after {due:%Y-%m-%d} \d\d:\d\d UTC\)\n",
        text,
    )
    assert [(each["name"], each["failures"]) for each in told] == [
        (topic, 2), ("forum.example", 1)
    ]  # fmt: skip


# -- what is new ----------------------------------------------------------------------------


def test_what_came_since_a_day_is_shown_in_a_fixed_order(club: Club, shell: Shell) -> None:
    host, database = club.internet.address[7:], club.store.connection
    first = f"discourse:{host}:41:1"
    database.execute("update papers set added = ? where id = '1901.00002'", (TODAY,))
    database.execute("update posts set added = ? where key like 'discourse:%'", (TODAY,))
    database.execute("update links set added = ? where key like 'discourse:%'", (TODAY,))

    assert status(shell, "--since", "2026-11-02").splitlines() == [
        "Since 2026-11-02 00:00 UTC: 1 paper, 2 comments, 1 link",
        "Papers",
        "  1901.00002  On Teapots",
        "Comments",
        f"  member1: “KettleNet is dry.” http://{host}/t/good-papers/41/1",
        f"  member2: “I like tea.” http://{host}/t/good-papers/41/2",
        "Links",
        f"  {first}: KettleNet (1901.00001), by name ({confidence(club, first):.2f})",
    ]
    assert "1 paper, 2 comments" in status(shell, "--since", "2026-11-02T10:00:00")
    assert "0 papers, 0 comments, 0 links" in status(shell, "--since", "2026-11-02T10:00:01")


def test_what_came_before_moments_were_kept_is_never_new(club: Club, shell: Shell) -> None:
    club.store.connection.execute("update papers set added = null")

    assert status_json(shell, "--since", "1900-01-01")["papers"] == []


def test_of_much_that_is_new_fifty_are_shown_and_the_rest_counted(club: Club, shell: Shell) -> None:
    abstracts: dict[str, str | None] = {f"p{n}": None for n in range(3, 63)}
    club.run(Given(files=(club.metadata("many.jsonl", **abstracts),)))
    club.store.connection.execute("update papers set added = ? where id > '1901.00002'", (TODAY,))

    lines = status(shell, "--since", "2026-11-01").splitlines()

    assert lines[1:3] == ["Papers", "  1901.00003  Paper 3"]
    assert lines[51:] == ["  1901.00052  Paper 52", "  … and 10 more papers; --json lists all"]
    assert len(status_json(shell, "--since", "2026-11-01")["papers"]) == 60


# -- what was linked ------------------------------------------------------------------------


def test_links_are_shown_by_thread_with_rule_and_confidence_and_how_to_put_them_right(
    club: Club, shell: Shell
) -> None:
    host = club.internet.address[7:]
    topic = next(
        source for source in club.catalogue.follows.children() if source.startswith("topic:")
    )

    sure = confidence(club, f"discourse:{host}:41:1")

    text = status(shell, "--links")

    assert (
        f"Good papers ({topic})\n"
        f"  discourse:{host}:41:1  “KettleNet is dry.”\n"
        f"    1901.00001  KettleNet, by name ({sure:.2f})\n"
        f"  discourse:{host}:41:2  “I like tea.”\n"
    ) in text
    assert '[[links]]\n  post = "KEY"\n  papers = ["1905.02249"]' in text
    told = status_json(shell, "--links")["comments"]
    assert f"\n{len(told)} comments, {sum(not c['papers'] for c in told)} of them about no" in text


# -- the document ---------------------------------------------------------------------------

HEADINGS = {
    "a report": "A run's report",
    "failures": "A failure:",
    "status": "How the library stands",
    "troubles": "A trouble:",
    "a run": "A run:",
    "runs": "A run:",
    "history": "The history of runs",
    "news": "What is new",
    "new papers": "A new paper:",
    "new comments": "A new comment:",
    "new links": "A new link:",
    "table": "What was linked and why",
    "linked comments": "A linked comment:",
    "linked papers": "A linked paper:",
}
PLAIN: dict[str, type | tuple[type, ...]] = {
    "integer": int, "number": (int, float), "boolean": bool, "string": str, "object": dict,
    "null": type(None), "strings": str,
}  # fmt: skip


@cache
def documented(name: str) -> dict[str, str]:
    """Return the fields of a table in docs/reports.md with their types."""
    _, _, rest = DOCS.read_text("utf-8").partition(f"{HEADINGS[name]}\n")
    table = rest[rest.find("| ---") :].partition("\n\n")[0]
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", table, re.MULTILINE))


def check(value: object, name: str) -> None:
    """Check that a value is what the document says of this type."""
    if " or " in name:
        name = "null" if value is None else name.split(" or ", maxsplit=1)[0]
    if name.startswith("list of "):
        assert isinstance(value, list)
        for each in value:
            check(each, name.removeprefix("list of "))
    elif name in PLAIN:
        assert isinstance(value, PLAIN[name]), (value, name)
        assert isinstance(value, bool) == (name == "boolean"), (value, name)
    else:
        assert isinstance(value, dict)
        fields = documented(name)
        assert list(value) == list(fields), name
        for field, each in value.items():
            check(each, fields[field])


def test_the_document_says_what_every_command_prints(club: Club, shell: Shell) -> None:
    shell.run("ingest", "--json", "--file", club.write("bad.jsonl", "{"), code=1)
    report = json.loads(str(shell.invoke("ingest", "--json").stdout))
    club.store.connection.execute("insert into runs (started) values (?)", (TODAY,))
    for table in ("papers", "posts", "links"):
        club.store.connection.execute(f"update {table} set added = ?", (TODAY,))

    printed = {
        "a report": report,
        "status": status_json(shell),
        "history": status_json(shell, "--runs"),
        "news": status_json(shell, "--since", "2024-01-01"),
        "table": status_json(shell, "--links"),
    }

    for name, value in printed.items():
        check(value, name)
    assert all(printed["news"][kind] for kind in ("papers", "comments", "links"))
    assert any(run["report"] and run["report"]["failed"] for run in printed["history"]["runs"])

"""What bad input gets: a message that says what is wrong and what to do, and nothing else is lost.

All of it goes in where people put it, at the command line. What clients of the HTTP API send is
tried in tests/service.
"""

import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from index import Store
from index.database import DATABASE
from ingest import Catalogue
from tests.ingest.club import Club, a_post, serving
from tests.ingest.forum_server import Answer, Forum
from tests.service.shell import Shell, posing

ACCEPTED = "Accepted forms: 1905.02249, 1905.02249v2, arXiv:1905.02249, math/0309136, https://"
TITLES = {"p1": None, "p2": None}  # papers without abstracts: nothing of them is embedded
KEPT = ["arxiv:1901.00001:record", "arxiv:1901.00002:record"]


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Club]:
    """Return an empty library whose outside is on loopback."""
    with serving() as internet, closing(Store.create(tmp_path / "library")) as store:
        yield Club(store, internet, tmp_path, posing())


@pytest.fixture
def shell(club: Club) -> Shell:
    """Return a shell at that library."""
    return Shell(club.folder, f"{club.internet.address}/api/query")


def failures(report: dict[str, list[dict[str, str]]]) -> list[tuple[str, str]]:
    """Return the source and the reason of each failure."""
    return [(failure["source"], failure["reason"]) for failure in report["failed"]]


# -- papers ---------------------------------------------------------------------------------


def test_an_id_that_arxiv_does_not_know_is_told_and_the_others_come_in(
    club: Club, shell: Shell
) -> None:
    club.internet.papers["1901.00001"] = ("On Kettles", "")
    file = club.metadata("papers.jsonl", p2=None)

    given = ("--arxiv", "1901.00001", "1901.77777", "--file", file)
    told = shell.run("ingest", *given, code=1).stdout

    summary, failed, *_ = told.splitlines()
    assert summary.startswith("2 added, 0 changed, 0 unchanged, 0 removed, 1 failed;")
    assert failed == (
        "  failed: arXiv:1901.77777: arXiv has no such paper. Look it up at"
        " https://arxiv.org/abs/1901.77777 and correct it."
    )
    assert club.stored() == KEPT
    assert club.catalogue.follows.children() == ["arxiv:1901.00001", f"file:{file}"]


@pytest.mark.parametrize("text", ["1905.99", "MixMatch", "1913.00001", "https://x.org/1901.00001"])
def test_what_is_no_arxiv_id_is_refused_before_anything_is_done(tmp_path: Path, text: str) -> None:
    told = Shell(tmp_path).run("ingest", "--arxiv", "1901.00001", text, code=2)

    assert f"Invalid value for '--arxiv': '{text}': " in told.stderr
    assert ACCEPTED in told.stderr
    assert not (tmp_path / "library").exists()


# -- files ----------------------------------------------------------------------------------

LIST = """
[[papers]]
id = "1901.00003"
titel = "On Kettles"
[[papers]]
id = "1901.3"
"""


def test_a_misspelt_key_of_a_reading_list_is_named_with_file_and_entry(
    club: Club, shell: Shell
) -> None:
    path, file = club.write("list.toml", LIST), club.metadata("papers.jsonl", **TITLES)

    report = shell.json("ingest", path, "--file", file, code=1)

    ((source, reason),) = failures(report)
    assert source == str(path)
    assert "papers[1] (1901.00003), titel: unknown key 'titel'; did you mean 'title'?" in reason
    assert "papers[2] (1901.3), id: this is not an arXiv id." in reason
    assert (report["added"], club.stored()) == (2, KEPT)


@pytest.mark.parametrize(
    ("given", "content", "place", "reason"),
    [
        ("--file a.jsonl", b"id,title\n1901.00009,Tea\n", "", "no JSON object was found in"),
        ("--file a.jsonl", b"", "", "the file is empty. Expected one JSON object a line"),
        ("--file a.gz", b"\x1f\x8bnot gzip", "", "damaged (Unknown compression method). Get"),
        ("--file a.jsonl", b'{"id": "1901.00001"}\n{"id": \n', ", line 2", "not JSON"),
        ("--file a.jsonl", b'{"id": "1901.00001"}\n{"id": 7}\n', ", line 2", "id: "),
        ("--thread a.txt", b"", "", "the file is empty: save the thread again"),
        ("--thread a.txt", b" \n\x00\n", "", "the file is empty: save the thread again"),
        ("--thread a.txt", b"A title\n", "", "a title and no posts: save it again, whole"),
        ("--thread a.txt", b"caf\xe9", "", "byte 3 is not UTF-8: save the file as UTF-8"),
    ],
)
def test_a_file_that_is_no_good_is_told_and_the_rest_comes_in(
    club: Club, shell: Shell, given: str, content: bytes, place: str, reason: str
) -> None:
    option, name = given.split()
    path, file = club.folder / name, club.metadata("papers.jsonl", **TITLES)
    path.write_bytes(content)

    report = shell.json("ingest", option, path, "--file", file, code=1)

    ((source, why),) = failures(report)
    assert source == f"{path}{place}"
    assert reason in why
    assert (report["added"], club.stored()) == (2, KEPT)


def test_null_bytes_and_halves_of_characters_in_a_file_do_not_pass(
    club: Club, shell: Shell
) -> None:
    title = "שלום \\u0000On\\ud83d \\ud83d\\ude42 Kettles\\u001b[0m"
    path = club.write("papers.jsonl", f'{{"id": "1901.00001", "title": "{title}"}}\n')

    report = shell.json("ingest", "--file", path)

    assert (report["added"], report["failed"]) == (1, [])
    assert "Title: שלום On\ufffd 🙂 Kettles[0m\n" in club.text("arxiv:1901.00001:record")


# -- topics ---------------------------------------------------------------------------------


@contextmanager
def answering(forum: Forum) -> Iterator[Forum]:
    """Let a forum answer."""
    thread = threading.Thread(target=forum.serve_forever, args=(0.01,))
    thread.start()
    yield forum
    forum.shutdown()
    thread.join()
    forum.server_close()


def test_a_topic_that_is_not_there_or_private_is_told_and_the_rest_comes_in(
    club: Club, shell: Shell
) -> None:
    file = club.metadata("papers.jsonl", **TITLES)
    with answering(Forum([])) as forum:
        forum.instead["/t/41.json"] = [Answer({"errors": ["not yours"]}, 403)]
        topics = [f"http://{forum.host}/t/41", f"http://{forum.host}/t/42"]

        report = shell.json("ingest", "--topic", *topics, "--file", file, code=1)

    private, gone = failures(report)
    assert private == (topics[0], "it is private: give an API key that may read it, or take"
        " it off the list")  # fmt: skip
    assert gone == (topics[1], "nothing is there, or it was deleted or is private: check the URL or"
        " give an API key")  # fmt: skip
    assert (report["added"], club.stored()) == (2, KEPT)
    assert club.catalogue.follows.children() == [f"file:{file}"]


HUGE = "Kettles whistle when steam is let out of them. " * 65_000
STRANGE = "null\x00, half\ud800, שלום, 👩🏽‍🔬 and مرحبا"


@pytest.mark.model
def test_a_post_of_three_megabytes_is_cut_and_told_and_strange_letters_come_in(
    club: Club, shell: Shell
) -> None:
    club.internet.topics[41] = [a_post(1, "Tea?"), a_post(2, HUGE), a_post(3, STRANGE)]
    url = club.internet.topic_url(41)
    thread = club.folder / "thread.txt"
    thread.write_bytes("Papers\n\nA null\0 and שלום 🙂.\n".encode())

    report = shell.json("ingest", "--topic", url, "--thread", thread)

    (note,) = report["notes"]
    source, reason = note["source"], note["reason"]
    assert (report["added"], source) == (4, f"{url}/2")
    assert reason == "the post is very long: its end was left out"
    key = f"discourse:{club.internet.address[7:]}:41"
    assert len(club.text(f"{key}:2")) <= 200_000
    assert club.text(f"{key}:3") == "null, half\ufffd, שלום, 👩🏽‍🔬 and مرحبا"
    assert club.text("thread:thread:1") == "A null and שלום 🙂."


# -- questions and arguments ----------------------------------------------------------------


@pytest.mark.parametrize("before", [("ask",), ("search",), ("ask", "Who?", "--after")])
@pytest.mark.parametrize(("text", "length"), [("", 0), (" \n ", 0), ("a" * 2001, 2001)])
def test_a_question_without_words_or_too_long_is_refused(
    tmp_path: Path, before: tuple[str, ...], text: str, length: int
) -> None:
    told = Shell(tmp_path).run(*before, text, code=2)

    assert f"Ask in 1 to 2000 characters; this has {length}." in told.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", "caf\udce9"],
        ["search", "tea", "--author", "Andr\udce9"],
        ["remove", "caf\udce9"],
        ["ingest", "--topic", "https://example.org/t/caf\udce9/41"],
        ["--data", "caf\udce9", "ingest"],
    ],
)
def test_an_argument_that_is_not_utf_8_is_refused(tmp_path: Path, arguments: list[str]) -> None:
    told = Shell(tmp_path).run(*arguments, code=2)

    assert "\\udce9" in told.stderr
    assert told.stderr.endswith("' is not UTF-8 text. Write it in UTF-8.\n")
    assert list(tmp_path.iterdir()) == []


# -- libraries ------------------------------------------------------------------------------


@pytest.mark.parametrize("package", ["index.migrations", "ingest.migrations"])
@pytest.mark.parametrize("command", ["ingest", "ask tea", "search tea", "status", "remove tea"])
def test_a_library_of_a_newer_version_is_refused_and_left_as_it_is(
    tmp_path: Path, command: str, package: str
) -> None:
    with closing(Store.create(tmp_path / "library")) as store:
        Catalogue(store)
    database = tmp_path / "library" / DATABASE
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("update migrations set number = 99 where package = ?", (package,))
    before = database.read_bytes()

    told = Shell(tmp_path).run(*command.split(), code=1)

    assert told.stderr.startswith(f"Error: {database} was written by a newer version of Journal")
    assert told.stderr.endswith("Upgrade Journal Club; the library was left as it is.\n")
    assert database.read_bytes() == before


@pytest.mark.parametrize("data", ["file", "file/library", "/proc/none"])
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_a_data_folder_that_cannot_be_written_is_told(tmp_path: Path, data: str) -> None:
    (tmp_path / "file").write_text("a file")
    (tmp_path / "papers.jsonl").write_text('{"id": "1901.00001"}')

    told = Shell(tmp_path).run("ingest", "--file", "papers.jsonl", code=1, DATA=data)

    assert told.stderr.startswith("Error: The library cannot be written in")
    assert told.stderr.endswith("or set JOURNALCLUB_DATA to a folder where you may.\n")
    assert (tmp_path / "file").read_text() == "a file"

"""The command line as people and programs meet it: processes, exit codes, text and JSON."""

import json
import os
import pty
import re
import signal
import socket
import termios
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from index import Filters, Store
from ingest import BadSource, Given, ingest
from service.answers import Answer
from service.cli import cli
from service.settings import BadSettings, Settings
from tests.ingest.club import Club, a_list, a_post, an_outside, documents_of, paper_id, serving
from tests.ingest.test_following import NoForum
from tests.service.conftest import METADATA, READING_LIST, THREAD
from tests.service.shell import NOWHERE, Shell, posing

COMMANDS = ["ingest", "ask", "search", "serve", "status", "eval", "remove", "doctor"]


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Club]:
    """Return an empty library whose outside is on loopback."""
    with serving() as internet, closing(Store.create(tmp_path / "library")) as store:
        yield Club(store, internet, tmp_path, posing())


@pytest.fixture
def shell(club: Club) -> Shell:
    """Return a shell at that library."""
    return Shell(club.folder, f"{club.internet.address}/api/query")


# -- help and bad usage ---------------------------------------------------------------------


@pytest.mark.parametrize("command", ["", *COMMANDS, "eval questions"])
def test_every_command_has_help(command: str) -> None:
    result = CliRunner().invoke(cli, [*command.split(), "--help"])

    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: cli {command}".rstrip())
    assert all(name in result.stdout for name in ([] if command else COMMANDS))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["fetch"], "No such command 'fetch'."),
        (["status", "--verbose"], "No such option '--verbose'."),
        (["remove"], "Name what to remove, or pass --starter."),
        (["ingest", "--limit", "0"], "0 is not in the range x>=1."),
        (["ingest", "--file", "none.jsonl"], "File 'none.jsonl' does not exist."),
        (
            ["ingest", "--topic", "https://example.org/about"],
            "this is no Discourse topic: copy its address",
        ),
        (["ingest", "--dry-run", "--every", "6h"], "--dry-run is for one run: leave out --every."),
        (["search", "-k", "0", "dropout"], "0 is not in the range 1<=x<=50."),
        (["search", "--kind", "post", "dropout"], "'post' is not one of 'abstract', 'record'"),
        (["search", "--paper", "1905.99", "dropout"], "'1905.99': this is not an arXiv id."),
        (["search", "--topic", str(2**63), "dropout"], "is not in the range"),
        (["search", "--from", "5 May", "dropout"], "'5 May' does not match the format '%Y-%m-%d'"),
        (
            ["search", "--from", "2019-05-06", "--to", "2019-05-05", "dropout"],
            "--to is before --from (2019-05-06). Swap them.",
        ),
        (["serve", "--port", "65536"], "65536 is not in the range 1<=x<=65535."),
    ],
)
def test_bad_usage_is_told_with_exit_code_2(
    tmp_path: Path, arguments: list[str], reason: str
) -> None:
    told = Shell(tmp_path).run(*arguments, code=2)

    assert told.stdout == ""
    assert reason in " ".join(told.stderr.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (
            ["--category", "https://example.org/about"],
            "no category or tag of a Discourse forum: copy its address",
        ),
        (["--oai-set", "cs LG"], "'cs LG' is no set: write it as arXiv does"),
        (["--from", "2026-01-01"], "name its set with --oai-set."),
        (["--oai-set", "cs", "--from", "1 May"], "'1 May' does not match the format"),
        (
            ["--source", "list:a.toml", "--arxiv", "1905.02249"],
            "--source limits a run to what is followed already: leave out what is new.",
        ),
        (["--source", "list:a.toml", "--starter"], "leave out what is new."),
        (["--dry-run", "--re-embed"], "--dry-run changes nothing and --re-embed"),
        (["--re-embed", "--every", "6h"], "--re-embed is for one run"),
        (["--allow-removals", "--every", "6h"], "--allow-removals is for one run"),
        (["--every", "soon"], "'soon' is no such time: write a number and s, m, h or d"),
    ],
)
def test_options_of_ingest_that_are_wrong_or_do_not_go_together_are_refused(
    tmp_path: Path, options: list[str], reason: str
) -> None:
    with pytest.raises(click.UsageError) as told:
        Shell(tmp_path).invoke("ingest", *options)

    assert reason in told.value.format_message()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["status", "ask", "search", "remove"])
def test_where_there_is_no_library_it_is_told_what_makes_one(tmp_path: Path, command: str) -> None:
    told = Shell(tmp_path).run(command, *(["dropout"] if command != "status" else []), code=1)

    assert told.stderr == (
        f"Error: There is no library in {tmp_path / 'library'}. Run 'journalclub ingest' to make"
        " one, or set JOURNALCLUB_DATA to the folder that holds yours.\n"
    )


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    told = Shell(tmp_path).run("status", code=1, PORT="eighty", ARXIV_URL="ftp://arxiv.org")

    assert "JOURNALCLUB_PORT: Input should be a valid integer" in told.stderr
    assert "JOURNALCLUB_ARXIV_URL: String should match" in told.stderr
    assert told.stderr.endswith("Correct it in the environment or in .env.\n")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (
            {"ARXIV_SOURCES": "atom,oia"},
            "ARXIV_SOURCES_1: Input should be 'atom', 'oai'",
        ),
        ({"ARXIV_SOURCES": "oai,atom,oai"}, "names a source twice: name each once."),
        ({"ARXIV_SOURCES": "atom,file"}, "names 'file': set both or neither."),
        ({"ARXIV_FILE": "snapshot.jsonl"}, "names 'file': set both or neither."),
        (
            {"NAMED_PAPERS": "21"},
            "NAMED_PAPERS: Input should be less than or equal to 20",
        ),
        ({"OAI_URL": "arxiv.org/oai"}, "JOURNALCLUB_OAI_URL: String should match"),
    ],
)
def test_settings_of_sources_that_do_not_fit_are_told(
    tmp_path: Path, settings: dict[str, str], reason: str
) -> None:
    with pytest.raises(BadSettings) as told:
        Shell(tmp_path).invoke("status", **settings)

    assert reason in str(told.value)


def test_the_order_of_arxiv_s_sources_is_a_setting(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("JOURNALCLUB_ARXIV_SOURCES = file , oai\n")
    given = {"JOURNALCLUB_ARXIV_FILE": str(tmp_path / "all.jsonl")}

    with CliRunner(env=given).isolation():
        settings = Settings(_env_file=tmp_path / ".env")  # type: ignore[call-arg]

    assert settings.arxiv_sources == ("file", "oai")
    assert settings.arxiv_file == tmp_path / "all.jsonl"


def test_flags_win_over_the_environment_and_that_over_the_file_of_settings(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    (tmp_path / ".env").write_text("JOURNALCLUB_DATA=from-file\n")

    ended = [
        shell.run("status", code=1, DATA=""),
        shell.run("status", code=1, DATA="from-environment"),
        shell.run("--data", "from-flag", "status", code=1, DATA="from-environment"),
    ]

    folders = [re.findall(r"no library in (\S+)\. ", told.stderr) for told in ended]
    named = ("from-file", "from-environment", "from-flag")
    assert folders == [[str(tmp_path / each)] for each in named]


# -- bringing in ----------------------------------------------------------------------------


def test_an_option_takes_several_values_in_a_row(club: Club, shell: Shell) -> None:
    club.internet.papers = {paper_id(p): (f"On {p}", "") for p in ("p1", "p2", "p3")}
    forms = ("1901.00001", "https://arxiv.org/abs/1901.00002v1", "arXiv:1901.00003")
    files = [club.metadata(f"{p}.jsonl", **{p: None}) for p in ("p4", "p5")]

    report = shell.json("ingest", "--arxiv", *forms, "--limit", 7, "--file", *files)

    assert (report["added"], report["failed"], report["embeddings"]) == (5, [], 0)
    assert len(club.internet.asked) == 1
    assert club.catalogue.follows.children() == [
        *(f"arxiv:{paper_id(p)}" for p in ("p1", "p2", "p3")),
        *(f"file:{file}" for file in files),
    ]


def test_a_run_without_arguments_follows_what_is_followed(club: Club, shell: Shell) -> None:
    file = club.metadata("papers.jsonl", p1="Dropout stops overfitting.", p2="Cats sleep.")
    club.run(Given(files=(file,)))
    club.metadata("papers.jsonl", p1="Dropout stops overfitting.")

    told = shell.run("ingest")

    assert told.stdout.startswith("0 added, 0 changed, 2 unchanged, 2 removed, 0 failed; 0 embed")
    assert club.stored() == documents_of("p1")


@pytest.mark.model
def test_a_dry_run_says_what_would_be_and_leaves_everything_as_it_is(
    club: Club, shell: Shell
) -> None:
    club.run(Given(files=(club.metadata("papers.jsonl", p1="Kettles whistle."),)))
    club.metadata("papers.jsonl", p1="Kettles whistle loudly.", p2="Cats sleep.")
    before = club.store.generation()

    told = shell.invoke("ingest", "--dry-run").stdout
    report = json.loads(shell.invoke("ingest", "--dry-run", "--json").stdout)

    assert told.startswith("Dry run, nothing was changed: would add 2, change 1, leave 1, remove 0")
    assert (report["dry_run"], report["added"], report["embeddings"]) == (True, 2, 2)
    assert (club.store.generation(), club.stored()) == (before, documents_of("p1"))


@pytest.mark.model
def test_a_dry_run_where_there_is_no_library_makes_none(tmp_path: Path) -> None:
    (tmp_path / "papers.jsonl").write_text(json.dumps(METADATA[0]))

    told = Shell(tmp_path).invoke("ingest", "--dry-run", "--file", tmp_path / "papers.jsonl")

    assert told.stdout.startswith("Dry run, nothing was changed: would add 2, change 0")
    assert [path.name for path in tmp_path.iterdir()] == ["papers.jsonl"]


def test_a_run_is_limited_to_one_of_the_sources(club: Club, shell: Shell) -> None:
    files = [club.metadata(f"{p}.jsonl", **{p: None}) for p in ("p1", "p2")]
    club.run(Given(files=tuple(files)))
    for file in files:
        file.unlink()

    by_path = json.loads(shell.invoke("ingest", "--json", "--source", files[0]).stdout)
    by_name = json.loads(shell.invoke("ingest", "--json", "--source", f"file:{files[1]}").stdout)

    assert [report["failed"][0]["source"] for report in (by_path, by_name)] == [
        str(file) for file in files
    ]
    with pytest.raises(BadSource, match="is not in this library; 'journalclub status' lists"):
        shell.invoke("ingest", "--source", "other.toml")


def test_ctrl_c_while_arxiv_keeps_silent_stops_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        shell = Shell(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}/api/query")
        with shell.start("ingest", "--arxiv", "1901.00001") as process:
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=10)
            connection.close()

    assert (process.returncode, err) == (130, "")
    assert out.startswith("Stopped; what was done is kept, 'journalclub ingest' goes on. 0 added")
    assert Shell(tmp_path).run("ingest").stdout.count("pending: arXiv:1901.00001") == 1


def test_ctrl_c_elsewhere_is_answered_with_a_line(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    os.mkfifo(file)
    with Shell(tmp_path).start("eval", "questions", file) as process, file.open("w"):
        process.send_signal(signal.SIGINT)  # it has opened the file and waits for a line
        out, err = process.communicate(timeout=10)

    assert (process.returncode, out, err.strip()) == (130, "", "Stopped.")


# -- looking after --------------------------------------------------------------------------


def test_status_lists_what_is_followed_and_what_is_pending_with_the_reason(
    club: Club, shell: Shell
) -> None:
    club.internet.is_down = True
    reading_list = a_list(club)
    club.run(Given(lists=(reading_list,)))

    told, text = shell.json("status"), shell.run("status").stdout

    happened = f"{club.internet.address[7:]} answered with status 503."
    reason = f"{happened} The next ingest asks again."
    (trouble,) = told.pop("troubles")
    assert (trouble["name"], trouble["reason"]) == ("source:atom", happened)
    assert told.pop("bytes_on_disk") > 4096
    assert told.pop("generation") == club.store.generation()
    assert told.pop("last_run")["report"]["added"] == 3
    assert told == {
        "folder": str(club.store.folder),
        "embedding_model": str(club.embedder.identity),
        "counts": {"note": 1, "record": 2, "passages": 3, "vectors": 1},
        "papers": 2,
        "sources": {f"list:{reading_list}": None},
        "pending": {"1901.00001": reason, "1901.00002": reason},
        "removed": [],
    }
    assert f"Pending abstracts\n  1901.00001, 1901.00002: {reason}\n" in text
    assert f"Follows\n  list:{reading_list}\n" in text


def test_status_tells_of_a_source_that_is_no_good_and_of_a_run_that_was_cut_off(
    club: Club, shell: Shell
) -> None:
    file = club.metadata("papers.jsonl", p1="Dropout stops overfitting.")
    club.run(Given(files=(file,)))
    file.unlink()
    club.run()
    club.catalogue.runs.begin()

    text = shell.run("status").stdout

    assert re.search(rf"^  file:{file} — .+", text, re.MULTILINE)
    assert re.search(
        r"^Last run  began .+ and did not finish; run 'journalclub", text, re.MULTILINE
    )


@pytest.mark.parametrize(
    ("thing", "gone"),
    [
        ("1901.00001", ["arxiv:1901.00001:record", "note:1901.00001"]),
        ("https://arxiv.org/abs/1901.00002v3", ["arxiv:1901.00002:record"]),
        ("note:1901.00001", ["note:1901.00001"]),
        ("discourse:{host}:41:2", ["discourse:{host}:41:2"]),
        ("http://{host}/t/good-papers/41", ["discourse:{host}:41:1", "discourse:{host}:41:2"]),
        ("thread.txt", ["thread:thread:1", "thread:thread:2"]),
    ],
    ids=["id", "address", "key of a note", "key of a comment", "topic", "path"],
)
def test_what_is_removed_goes_whatever_it_is_called_and_stays_out(
    club: Club, shell: Shell, thing: str, gone: list[str]
) -> None:
    host = club.internet.address[7:]
    club.internet.topics[41] = [a_post(1, "One."), a_post(2, "Two.")]
    club.internet.papers = {paper_id(p): (f"On {p}", "") for p in ("p1", "p2")}
    lists, topics = (a_list(club),), (club.internet.topic_url(41),)
    club.run(Given(lists=lists, topics=topics, threads=(club.folder / "thread.txt",)))
    before = club.stored()

    told = shell.run("remove", thing.format(host=host))

    expected = {key.format(host=host) for key in gone}
    assert told.stdout == f"{len(gone)} document{'s' * (len(gone) > 1)} removed.\n"
    assert set(before) - set(club.stored()) == expected
    club.run()
    assert set(before) - set(club.stored()) == expected


def test_a_run_whose_indexes_cannot_be_saved_is_reported_and_has_not_failed(
    club: Club, shell: Shell
) -> None:
    (club.store.folder / "derived").write_text("in the way")
    file = club.metadata("papers.jsonl", p1=None, p2=None)

    ingested, again = shell.json("ingest", "--file", file), shell.run("ingest").stdout
    removed = shell.run("remove", "1901.00001").stdout
    repaired = shell.run("doctor", "--repair", code=1).stdout

    (note,) = ingested["notes"]
    assert (ingested["added"], ingested["failed"], note["source"]) == (2, [], "saved indexes")
    assert note["reason"].startswith(f"{club.store.folder / 'derived'} could not be written (")
    assert again.splitlines()[1] == f"  note: saved indexes: {note['reason']}"
    assert removed.splitlines()[::2] == ["1 document removed."]
    assert "BAD  integrity: A file stands where the folder of saved indexes should be" in repaired


def test_removing_what_is_not_followed_removes_nothing(club: Club, shell: Shell) -> None:
    club.run(Given(files=(club.metadata("papers.jsonl", p1="Words."),)))

    told = shell.run("remove", "1901.00001", "1901.00002", code=1)

    assert told.stderr == (
        "Error: 1901.00002: is not in this library; 'journalclub status' lists what it follows\n"
    )
    assert club.stored() == documents_of("p1")


def test_the_starter_is_taken_out_for_good(club: Club, shell: Shell) -> None:
    with NoForum() as forum:
        outside = an_outside(NOWHERE, forum)
        ingest(club.store, club.embedder, outside, Given(), lambda progress: None)

    removed = shell.run("remove", "--starter").stdout
    again = shell.run("ingest").stdout

    assert removed == "48 documents removed.\n"
    assert again.startswith("0 added, 0 changed, 0 unchanged, 0 removed, 0 failed; 0 embeddings")
    assert (club.stored(), club.catalogue.follows.children()) == ([], [])


# -- with the real model --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filled:
    """A library that a process has filled with the real model, and what that process said."""

    shell: Shell
    report: dict[str, Any]
    err: str

    def ask(self, *arguments: str) -> dict[str, Any]:
        """Ask in this process; every quote of the answer must be true."""
        told: dict[str, Any] = json.loads(self.shell.invoke("ask", *arguments, "--json").stdout)
        check_quotes(self.shell.folder / "library", told)
        return told

    def search(self, *arguments: str) -> list[dict[str, Any]]:
        """Search in this process; return the hits."""
        result = self.shell.invoke("search", *arguments, "--json")
        hits: list[dict[str, Any]] = json.loads(result.stdout)["hits"]
        return hits


def check_quotes(library: Path, told: dict[str, Any]) -> None:
    """Check that each quote stands in its stored document where the answer says."""
    with closing(Store.open(library)) as store:
        for cited in told["citations"]:
            document = store.fetch(cited["document"])
            assert document is not None
            assert document.text[cited["start"] : cited["end"]] == cited["quote"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    folder = tmp_path_factory.mktemp("cli")
    (folder / "list.toml").write_text(READING_LIST, "utf-8")
    (folder / "invented-readings.txt").write_text(THREAD, "utf-8")
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, METADATA)), "utf-8")
    shell = Shell(folder)
    done = shell.run("ingest", "list.toml", "--file", "metadata.jsonl", "--json")
    return Filled(shell, json.loads(done.stdout), done.stderr)


@pytest.mark.model
def test_the_second_run_embeds_nothing_and_says_so(filled: Filled) -> None:
    assert (filled.report["added"], filled.report["embeddings"]) == (13, 9)
    assert filled.err == ""  # no progress bar where there is no terminal

    again = filled.shell.run("ingest").stdout

    assert again.startswith("0 added, 0 changed, 13 unchanged, 0 removed, 0 failed; 0 embeddings")
    assert "pending: arXiv:1904.12848: 127.0.0.1:9 cannot be reached" in again


@pytest.mark.model
def test_an_answer_is_printed_as_the_contract_has_it(filled: Filled) -> None:
    told = filled.shell.json("ask", "What does MixMatch guess?")

    assert list(told) == [field.name for field in fields(Answer)]
    assert (told["abstained"], told["mode"]) == (False, "extractive")
    assert told["citations"][0]["document"] == "arxiv:1905.02249:abstract"
    assert "MixMatch guesses labels for unlabeled pictures." in told["answer"]
    check_quotes(filled.shell.folder / "library", told)


@pytest.mark.model
def test_an_answer_is_printed_with_its_sources_or_with_what_is_nearest(filled: Filled) -> None:
    answered = filled.shell.invoke("ask", "What does MixMatch guess?").stdout
    silent = filled.shell.invoke("ask", "Which pump drains the cellar?").stdout

    assert "The abstract of MixMatch says: “Mix" in answered
    assert re.search(r"\nSources:\n  \[1\] MixMatch: .+ \(abstract\) https://arxiv", answered)
    assert silent.startswith("Not in this library.")
    assert re.search(r"\nNearest passages:\n  \[1\] .+: “.+” \(\w+\)", silent)


@pytest.mark.model
def test_a_question_after_another_is_understood_by_it(filled: Filled) -> None:
    given = ("Who are its authors?", "--after", "What is mixup?", "--after", "What is MixMatch?")

    told = filled.ask(*given)

    assert "MixMatch" in told["standalone_question"]
    assert "David Berthelot" in told["answer"]
    assert filled.shell.invoke("ask", *given).stdout.startswith("Understood as: ")


@pytest.mark.model
@pytest.mark.parametrize(
    ("options", "filters"),
    [
        ("--kind note --kind record", Filters(kinds=("note", "record"))),
        ("--paper https://arxiv.org/abs/1710.09412v2", Filters(arxiv_ids=("1710.09412",))),
        ("--author cisse", Filters(authors=("Cissé",))),
        ("--category cs.CV", Filters(categories=("cs.CV",))),
        ("--topic 4711", Filters(topic_ids=(4711,))),
    ],
)
def test_a_search_keeps_to_its_filters(filled: Filled, options: str, filters: Filters) -> None:
    everything = filled.search("MixMatch", "-k", "50")
    found = filled.search("MixMatch", "-k", "50", *options.split())

    with closing(Store.open(filled.shell.folder / "library")) as store:
        passing = {document.key for document in store.documents(filters)}
    keys = {hit["document"] for hit in found}
    assert keys == {hit["document"] for hit in everything} & passing
    assert 0 < len(found) < len(everything)


@pytest.mark.model
def test_a_search_and_a_question_keep_to_days(filled: Filled) -> None:
    days = ("--from", "2019-05-01", "--to", "2019-05-06")
    found = filled.search("labels", *days)

    told = filled.ask("What does MixMatch guess?", *days)

    assert {hit["date"] for hit in [*found, *told["citations"]]} == {"2019-05-06"}
    old = filled.shell.invoke("search", "labels", "--to", "1990-01-01").stdout
    assert old == "Nothing found. Try other words, or fewer filters.\n"


@pytest.mark.model
def test_a_file_of_questions_is_judged(filled: Filled) -> None:
    file = filled.shell.folder / "questions.jsonl"
    asked = {"id": "q1", "kind": "paper", "question": "What does MixMatch guess?"}
    unmet = asked | {"id": "q2", "papers": ["math/0309136"]}
    file.write_text(f"{json.dumps(asked | {'evidence': ['labels']})}\n{json.dumps(unmet)}\n")

    told = json.loads(filled.shell.invoke("eval", "questions", file, "--json").stdout)

    assert (told["questions"], told["met"], told["quotes_false"]) == (2, 1, 0)
    assert told["kinds"] == [{"kind": "paper", "questions": 2, "met": 1, "share": 0.5}]
    assert [failure["id"] for failure in told["failures"]] == ["q2"]
    assert told["quotes_checked"] == told["citations"] > 0


def test_a_broken_file_of_questions_is_named_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text('{"id": "a", "kind": "b", "question": "c"}\n{"id"\n')

    told = Shell(tmp_path).run("eval", "questions", "questions.jsonl", code=1)

    assert told.stderr.startswith("Error: questions.jsonl, line 2: is not JSON")


@pytest.mark.model
def test_a_terminal_shows_progress_and_ctrl_c_loses_and_repeats_nothing(
    club: Club, shell: Shell
) -> None:
    abstracts = {f"p{n}": f"Abstract {n}: {'kettles whistle ' * 10}" for n in range(1, 201)}
    file = club.metadata("papers.jsonl", **abstracts)
    controller, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 100))
    with shell.start("ingest", "--file", file, "--json", stderr=terminal) as process:
        os.close(terminal)
        shown = _read_until(controller, r"storing: .*256/400")
        process.send_signal(signal.SIGINT)
        report = json.loads(process.communicate(timeout=60)[0])
        shown += _read_until(controller, r"\Z\A")
        os.close(controller)

    again = json.loads(shell.invoke("ingest", "--json").stdout)

    assert (process.returncode, report["stopped"]) == (130, True)
    assert "Reading records: 200" in shown
    assert "Traceback" not in shown
    assert 256 <= report["added"] < 400
    assert report["embeddings"] + again["embeddings"] == 200
    assert (again["added"], again["unchanged"]) == (400 - report["added"], report["added"])


def _read_until(terminal: int, pattern: str) -> str:
    """Return what a terminal shows until the pattern is there, or the other side is closed."""
    shown = ""
    while not re.search(pattern, shown):
        try:
            shown += os.read(terminal, 4096).decode()
        except OSError:  # how Linux tells that nobody writes to it any more
            break
    return shown

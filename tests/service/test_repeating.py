"""`journalclub ingest --every`: a process that comes back by itself and ends when it is told to."""

import json
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from index import Store, writer_lock
from ingest import Given
from service.repeating import STOPPED, Stop, parse_duration, repeat
from tests.ingest.club import Club, paper_id, serving
from tests.service.shell import Process, Shell, posing

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("6h", 21_600), ("1d", 86_400), (" 6 H ", 21_600)],
)
def test_a_time_is_a_number_with_its_unit(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "6", "h", "0s", "-1h", "1.5h", "1w", "400d", "9" * 30 + "d"])
def test_what_is_no_time_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="write a number and s, m, h or d, such as 90s, 30m, 6h"):
        parse_duration(text)


# -- the loop -------------------------------------------------------------------------------


class Waits(Stop):
    """A stop that notes how long it is waited for, and is set after so many times."""

    def __init__(self, times: int) -> None:
        self.seconds: list[float] = []
        self._times = times

    def is_set(self) -> bool:
        """Tell whether it was waited for so many times."""
        return len(self.seconds) >= self._times

    def wait(self, seconds: float) -> None:
        """Return at once."""
        self.seconds.append(seconds)


def test_it_runs_at_once_and_then_after_each_pause_a_tenth_more_or_less() -> None:
    stop, codes = Waits(200), iter([0] * 300)

    repeat(lambda: next(codes), 100 * SECOND, stop, random.Random(1))

    assert len(list(codes)) == 100
    assert 90 <= min(stop.seconds) < 92
    assert 108 < max(stop.seconds) <= 110


def test_a_run_that_was_stopped_is_the_last_and_one_that_failed_is_not() -> None:
    codes = iter([1, 0, STOPPED])
    stop = Waits(9)

    repeat(lambda: next(codes), SECOND, stop, random.Random(1))

    assert len(stop.seconds) == 2
    assert list(codes) == []


_DROPPED = """
import datetime, os, random, signal, sys, weakref
from service.repeating import repeat, told_by_signals

class Thing: pass

def run():
    print("run")
    thing = Thing()
    weakref.finalize(thing, os.kill, os.getpid(), int(sys.argv[1]))
    return 0

with told_by_signals() as stop:
    repeat(run, datetime.timedelta(hours=1), stop, random.Random(1))
print("ended")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_comes_while_a_finalizer_runs_ends_it_too(number: signal.Signals) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _DROPPED, str(number.value)],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    assert done.stdout.split() == ["run", "ended"]
    assert "KeyboardInterrupt" in done.stderr  # the interpreter dropped it


# -- the process ----------------------------------------------------------------------------


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Club]:
    """Return a library of one paper whose outside is on loopback."""
    with serving() as internet, closing(Store.create(tmp_path / "library")) as store:
        internet.papers = {paper_id("p1"): ("On kettles", "Kettles whistle.")}
        made = Club(store, internet, tmp_path, posing())
        file = made.metadata("papers.jsonl", p1="Kettles whistle.")
        made.run(Given(files=(file,), arxiv_ids=(paper_id("p1"),)))
        yield made


@pytest.fixture
def shell(club: Club) -> Shell:
    """Return a shell at that library."""
    return Shell(club.folder, f"{club.internet.address}/api/query")


def ended(process: Process, number: signal.Signals) -> tuple[int, str, str]:
    """Send a signal; return exit code and outputs of a process that ends at once."""
    began = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert time.monotonic() - began < 5
    return process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_between_two_runs_ends_it_at_once_and_cleanly(
    shell: Shell, number: signal.Signals
) -> None:
    with shell.start("ingest", "--every", "6h", "--json") as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())

        assert ended(process, number) == (0, "", "")

    assert (first["unchanged"], first["embeddings"], first["failed"]) == (2, 0, [])


def test_a_signal_during_a_run_lets_it_keep_what_was_done_and_say_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        shell = Shell(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}/api/query")
        with shell.start("ingest", "--arxiv", "1901.00001", "--every", "6h") as process:
            connection, _ = silent.accept()
            code, out, err = ended(process, signal.SIGTERM)
            connection.close()

    assert (code, err) == (0, "")
    assert out.startswith("Stopped; what was done is kept, 'journalclub ingest' goes on. 0 added")
    assert shell.json("status")["last_run"]["report"]["stopped"] is True


def test_a_run_that_fails_is_told_in_a_line_and_the_next_one_goes_well(
    club: Club, shell: Shell
) -> None:
    with shell.start("ingest", "--every", "1s", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = json.loads(process.stdout.readline())
        with writer_lock(club.store.folder):
            told = process.stderr.readline()
        again = json.loads(process.stdout.readline())
        code, _, _ = ended(process, signal.SIGTERM)

    assert told.startswith(f"Error: Another ingest is writing to {club.store.folder}.")
    assert [report["unchanged"] for report in (first, again)] == [2, 2]
    assert code == 0


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc")
def test_run_after_run_it_holds_no_more_files_open(shell: Shell) -> None:
    with shell.start("ingest", "--every", "1s", "--json") as process:
        assert process.stdout is not None
        held = []
        for _ in range(3):
            process.stdout.readline()
            held.append(len(list(Path(f"/proc/{process.pid}/fd").iterdir())))
        ended(process, signal.SIGTERM)

    assert held[1] == held[2]

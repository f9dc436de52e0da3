"""Only one process writes, the second is told who does, and nothing depends on the note."""

import json
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index import LibraryBusy, is_being_written, writer_lock
from index.lock import Writer, noted_writer

HOLD = """
import sys, pathlib, index
with index.writer_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
NOW = datetime(2026, 11, 23, 14, 14, tzinfo=UTC)


def test_a_second_writer_is_told_who_writes_and_since_when(tmp_path: Path) -> None:
    with writer_lock(tmp_path), pytest.raises(LibraryBusy) as told, writer_lock(tmp_path):
        pass
    assert re.fullmatch(
        rf"Another ingest is writing to {tmp_path}. Process {os.getpid()} on host "
        rf"{platform.node()} \('.+'\) has been writing since \d\d:\d\d UTC. "
        "Wait until it has finished and try again.",
        str(told.value),
    )
    with writer_lock(tmp_path):
        pass


def test_the_lock_holds_against_another_process_and_goes_with_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        busy = is_being_written(tmp_path)
        with pytest.raises(LibraryBusy, match=f"Process {holder.pid} on"), writer_lock(tmp_path):
            pass
        holder.kill()
        holder.wait()
    left = noted_writer(tmp_path)
    with writer_lock(tmp_path):
        now = noted_writer(tmp_path)
    assert (busy, is_being_written(tmp_path)) == (True, False)
    assert left is not None
    assert left.process == holder.pid
    assert now is not None
    assert now.process == os.getpid()
    assert noted_writer(tmp_path) is None


def test_a_note_that_went_wrong_hinders_nobody(tmp_path: Path) -> None:
    with writer_lock(tmp_path):
        (tmp_path / "writer.json").unlink()
        (tmp_path / "writer.json").mkdir()
        told = f"Another ingest is writing to {tmp_path}. Wait until"
        with pytest.raises(LibraryBusy, match=told), writer_lock(tmp_path):
            pass
    with writer_lock(tmp_path):
        assert is_being_written(tmp_path)
    assert not is_being_written(tmp_path)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 5000,
        b"\xff\x00garbage",
        b'{"process": 1}',
        b'{"process": "x", "host": "h", "command": "c", "since": "2026-11-23T14:02:00+00:00"}',
        b'{"process": 1e999, "host": "h", "command": "c", "since": "2026-11-23T14:02:00+00:00"}',
        b'{"process": 1, "host": "h", "command": "c", "since": "yesterday"}',
        b'{"process": 1, "host": "h", "command": "c", "since": null}',
    ],
)
def test_a_note_that_is_none_of_ours_names_nobody(tmp_path: Path, note: bytes) -> None:
    assert noted_writer(tmp_path) is None
    (tmp_path / "writer.json").write_bytes(note)
    assert noted_writer(tmp_path) is None


def test_a_note_is_shown_without_what_a_terminal_would_obey(tmp_path: Path) -> None:
    note = {
        "process": 7,
        "host": "h\x1b[2J\n",
        "command": "c" * 1000,
        "since": "2026-11-23T15:02:00+01:00",
    }
    (tmp_path / "writer.json").write_text(json.dumps(note))
    since = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
    assert noted_writer(tmp_path) == Writer(7, "h[2J", "c" * 100, since)


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        (timedelta(seconds=59), "14:13 UTC."),
        (timedelta(minutes=1), "14:13 UTC (1 minute)."),
        (timedelta(minutes=12), "14:02 UTC (12 minutes)."),
        (timedelta(hours=1), "13:14 UTC (1 hour)."),
        (timedelta(hours=26), "2026-11-22 12:14 UTC (1 day)."),
        (timedelta(hours=-3), "17:14 UTC."),
    ],
)
def test_since_when_is_told_even_by_a_clock_that_was_set_back(ago: timedelta, told: str) -> None:
    writer = Writer(4711, "x", "journalclub ingest", NOW - ago)
    assert writer.told(NOW) == (
        f"Process 4711 on host x ('journalclub ingest') has been writing since {told}"
    )

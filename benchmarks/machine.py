"""Under which conditions figures were taken, and how they are told: tables, and a file of JSON."""

import json
import os
import platform
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click

_ROOT = Path(__file__).parents[1]
_LIBRARIES = (
    "journal-club",
    "numpy",
    "faiss-cpu",
    "openvino",
    "onnxruntime",
    "torch",
    "sentence-transformers",
    "tokenizers",
)
JSON = click.option(
    "--json",
    "out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the figures to this file too.",
)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a figure depends on: the machine and how busy it was, versions, the day, the command.

    `load` is how many processes wanted a core in the last minute: well below `cores` on a quiet
    machine.
    """

    machine: str
    cores: int
    memory_mib: int
    load: float
    system: str
    python: str
    versions: dict[str, str]
    commit: str
    date: str
    command: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What one benchmark found: each table has rows of one frozen dataclass."""

    benchmark: str
    sizes: Mapping[str, object]
    tables: Mapping[str, Sequence[Any]]
    notes: tuple[str, ...] = ()


def conditions() -> Conditions:
    """Return the conditions of this process."""
    return Conditions(
        machine=_processor(),
        cores=os.cpu_count() or 1,
        memory_mib=_memory_mib(),
        load=round(os.getloadavg()[0], 2),
        system=platform.platform(),
        python=platform.python_version(),
        versions=_versions(),
        commit=_commit(),
        date=datetime.now(UTC).isoformat(timespec="minutes"),
        command=_command(),
    )


def publish(figures: Figures, under: Conditions, out: Path | None) -> None:
    """Print the figures as Markdown and, with `out`, write them there as JSON."""
    click.echo(_told(figures, under))
    if out:
        record = {
            "benchmark": figures.benchmark,
            **asdict(under),
            "sizes": dict(figures.sizes),
            "notes": list(figures.notes),
            "results": {name: [asdict(r) for r in rows] for name, rows in figures.tables.items()},
        }
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(record, indent=2, default=str) + "\n", encoding="utf-8")


def _told(figures: Figures, under: Conditions) -> str:
    sizes = ", ".join(f"{name} {value}" for name, value in figures.sizes.items())
    versions = ", ".join(f"{name} {number}" for name, number in under.versions.items())
    head = (
        f"# {figures.benchmark}\n\n"
        f"{under.cores} cores, {under.machine}, {under.memory_mib} MiB, load {under.load}; "
        f"{under.system}, Python {under.python}\n{versions}\n"
        f"commit {under.commit}, {under.date}\n{under.command}\n{sizes}\n"
    )
    tables = "".join(f"\n{name}\n\n{_table(rows)}" for name, rows in figures.tables.items())
    return head + tables + "".join(f"\n{note}\n" for note in figures.notes)


def _table(rows: Sequence[Any]) -> str:
    if not rows:
        return "(none)\n"
    names = [field.name for field in fields(rows[0])]
    lines = [names, ["---"] * len(names)]
    lines += [[str(getattr(row, name)) for name in names] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _versions() -> dict[str, str]:
    known = {"sqlite": sqlite3.sqlite_version}
    for name in _LIBRARIES:
        try:
            known[name] = version(name)
        except PackageNotFoundError:
            known[name] = "not installed"
    return known


def _commit() -> str:
    """Return the commit's short name, with a plus where files differ from it."""
    try:
        named = _git("rev-parse", "--short", "HEAD")
        return f"{named}+" if _git("status", "--porcelain") else named
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    done = subprocess.run(
        command, cwd=_ROOT, check=True, capture_output=True, text=True, timeout=20
    )
    return done.stdout.strip()


def _command() -> str:
    main = sys.modules["__main__"]
    module = getattr(getattr(main, "__spec__", None), "name", None)
    program = (
        ["python", "-m", module.removesuffix(".__main__")] if module else [Path(sys.argv[0]).name]
    )
    return shlex.join([*program, *sys.argv[1:]])


def _processor() -> str:
    return _line("/proc/cpuinfo", "model name") or platform.processor() or "unknown processor"


def _memory_mib() -> int:
    told = _line("/proc/meminfo", "MemTotal") or "0 kB"
    return int(told.split()[0]) // 1024


def _line(path: str, name: str) -> str | None:
    """Return the value of a "name: value" line of a file of the system, None without one."""
    info = Path(path)
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(name)), None)

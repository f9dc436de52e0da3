"""What is shipped: pins, package contents, settings' example, image and compose file."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from service.cli import cli
from service.settings import Settings

ROOT = Path(__file__).parent.parent
COMMANDS = {"ingest", "ask", "search", "serve", "status", "eval", "remove", "doctor"}


@cache
def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _pins() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = (line.split("==") for line in lines if not line.startswith("#"))
    return {canonicalize_name(name): Version(version) for name, version in pins}


def _declared() -> list[Requirement]:
    project = _project()["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    declared = map(Requirement, (*project["dependencies"], *extras))
    return [requirement for requirement in declared if requirement.name != project["name"]]


def _wanted(requirement: Requirement, extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _required(requirement: Requirement, seen: set[str]) -> Iterator[str]:
    """Yield the names of a requirement and of all it needs here, each once."""
    name = canonicalize_name(requirement.name)
    if name in seen:
        return
    seen.add(name)
    yield name
    for line in metadata.requires(name) or ():
        needed = Requirement(line)
        if any(_wanted(needed, extra) for extra in ("", *requirement.extras)):
            yield from _required(needed, seen)


def test_every_library_that_is_installed_with_the_project_is_pinned() -> None:
    seen: set[str] = set()
    names = {name for line in _declared() if _wanted(line) for name in _required(line, seen)}

    assert names - _pins().keys() == set()


def test_pins_satisfy_what_the_project_declares() -> None:
    pins = _pins()

    unmet = [
        str(line)
        for line in _declared()
        if pins[canonicalize_name(line.name)] not in line.specifier
    ]

    assert unmet == []


def test_pins_name_no_build_for_one_accelerator_only() -> None:
    assert [name for name, version in _pins().items() if version.local] == []


def test_every_file_of_the_packages_is_shipped() -> None:
    tool = _project()["tool"]["setuptools"]
    globs = [(package, "*.py") for package in tool["packages"]]
    globs += [(package, glob) for package, some in tool["package-data"].items() for glob in some]
    shipped = {
        path
        for package, glob in globs
        for path in (ROOT / package.replace(".", "/")).glob(glob)
        if path.is_file()
    }
    there = {
        path
        for package in ("index", "ingest", "service")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert sorted(there - shipped) == []


def test_the_licence_is_the_apache_licence() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")

    assert _project()["project"]["license"] == "Apache-2.0"
    assert "Apache License\n                           Version 2.0, January 2004" in text


def test_the_command_line_has_the_commands_of_the_design() -> None:
    assert set(cli.list_commands(click.Context(cli))) >= COMMANDS


def _example() -> dict[str, str]:
    text = (ROOT / ".env.example").read_text("utf-8")
    return dict(re.findall(r"^# (JOURNALCLUB_[A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_the_example_of_settings_names_every_setting_and_no_other() -> None:
    assert set(_example()) == {f"JOURNALCLUB_{field.upper()}" for field in Settings.model_fields}


def test_the_example_of_settings_shows_the_defaults() -> None:
    example = {name.removeprefix("JOURNALCLUB_").lower(): v for name, v in _example().items()}
    shown = {field: value for field, value in example.items() if value}
    defaults = {field: Settings.model_fields[field].default for field in example}

    read = Settings.model_validate(shown).model_dump(include=set(shown))

    assert read == {field: defaults[field] for field in shown}
    assert {defaults[field] for field in example.keys() - shown} <= {"", None}


def _compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return loaded


def test_the_compose_file_runs_commands_that_exist() -> None:
    commands = {name: service["command"] for name, service in _compose()["services"].items()}

    assert commands == {
        "web": ["journalclub", "serve"],
        "ingest": ["journalclub", "ingest", "--every", "6h"],
    }
    for _, command, *options in commands.values():
        found = cli.get_command(click.Context(cli), command)
        assert found is not None
        found.make_context(command, list(options))


def test_the_ingest_of_the_compose_file_is_a_service_that_ends_in_peace() -> None:
    ingest = _compose()["services"]["ingest"]

    assert "profiles" not in ingest
    assert (ingest["restart"], ingest["stop_grace_period"]) == ("unless-stopped", "1m")
    assert (ingest["init"], ingest["healthcheck"]) == (True, {"disable": True})


def test_the_compose_file_sets_only_settings_that_exist() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    named = set(re.findall(r"JOURNALCLUB_[A-Z_]+", text))

    assert named
    assert named - _example().keys() == set()
    for service in _compose()["services"].values():
        assert set(service["environment"]) == set(_example())


def test_the_dockerfile_sets_only_settings_that_exist() -> None:
    named = set(re.findall(r"JOURNALCLUB_[A-Z_]+", (ROOT / "Dockerfile").read_text("utf-8")))

    assert named == {"JOURNALCLUB_DATA", "JOURNALCLUB_HOST", "JOURNALCLUB_PORT"}
    assert named <= _example().keys()


def test_both_services_share_one_image_and_one_volume() -> None:
    web, ingest = _compose()["services"]["web"], _compose()["services"]["ingest"]

    assert web["image"] == ingest["image"]
    assert web["volumes"] == ingest["volumes"] == ["library:/data"]
    assert list(_compose()["volumes"]) == ["library"]
    assert web["restart"] == "unless-stopped"


def test_the_web_is_published_on_this_machine_only() -> None:
    assert _compose()["services"]["web"]["ports"] == ["127.0.0.1:${JOURNALCLUB_PORT:-8000}:8000"]


def test_image_and_compose_file_ask_the_same_health_question() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    asked = _compose()["services"]["web"]["healthcheck"]["test"][-1]

    assert "/healthz" in asked
    assert f'CMD ["python", "-c", "{asked}"]' in dockerfile


def test_the_dockerfile_passes_the_linter() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    if not hadolint.exists():
        pytest.skip("hadolint is not installed beside Python: make test installs it")

    done = subprocess.run(
        [hadolint, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def _has_compose() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    return (
        subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode
        == 0
    )


def test_docker_reads_the_compose_file() -> None:
    if not _has_compose():
        pytest.skip("docker's client with its compose plugin is not here")

    done = subprocess.run(
        ["docker", "compose", "config", "--quiet"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")

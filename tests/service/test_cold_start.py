"""A question is answered, and a server listens, without importing what neither needs."""

import json
import resource
import subprocess
import sys

import pytest

import ingest
from tests.service.shell import Shell

TORCH = {"torch", "transformers", "sentence_transformers", "huggingface_hub", "scipy", "sklearn"}
NETWORK = {"arxiv", "requests", "urllib3", "httpx2", "oaipmh_scythe"}
PARSERS = {"lxml", "html_text", "markdown_it", "pybtex", "latexcodec", "rispy"}
MEASURING = {"matplotlib", "pytrec_eval", "tqdm"}
FOR_OTHERS = TORCH | NETWORK | PARSERS | MEASURING
WEB = {"flask", "gunicorn", "werkzeug"}
NOTE = "MixMatch guesses low-entropy labels for unlabeled pictures."


def _imported(code: str) -> set[str]:
    """Return the packages that a process has imported after running this."""
    told = f"{code}\nimport sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("module", "spared"),
    [
        ("service.cli", FOR_OTHERS | WEB | {"openvino", "rapidfuzz"}),
        ("service.cli_ask", FOR_OTHERS | WEB | {"openvino"}),
        ("service.cli_status", FOR_OTHERS - {"tqdm"} | WEB | {"openvino"}),
        ("service.serving", FOR_OTHERS | {"openvino"}),
        ("index", FOR_OTHERS | {"openvino", "pydantic"}),
    ],
)
def test_a_command_spares_what_only_others_need(module: str, spared: set[str]) -> None:
    imported = _imported(f"import {module}")

    assert imported & spared == set()
    assert "numpy" in imported


def test_every_name_of_ingest_is_there_when_it_is_asked_for() -> None:
    assert [name for name in ingest.__all__ if getattr(ingest, name, None) is None] == []


def test_a_name_that_ingest_does_not_have_is_told() -> None:
    with pytest.raises(AttributeError, match="module 'ingest' has no attribute 'Paperr'"):
        _ = ingest.Paperr


# -- with the real model --------------------------------------------------------------------


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Return a shell with a library of one note, whose model has been saved beside it."""
    folder = tmp_path_factory.mktemp("cold")
    (folder / "list.toml").write_text(
        f'title = "One"\n[[papers]]\nid = "1905.02249"\nnames = ["MixMatch"]\nnote = "{NOTE}"\n'
    )
    shell = Shell(folder)
    shell.run("ingest", folder / "list.toml")
    return shell


_ASK = """
import atexit, sys
from service.cli import main
atexit.register(lambda: print(*{n.partition(".")[0] for n in sys.modules}, file=sys.stderr))
sys.exit(main())
"""


@pytest.mark.model
def test_a_question_takes_less_than_two_seconds_and_no_torch(shell: Shell) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", _ASK, "ask", "--json", "What does MixMatch guess?"],
        capture_output=True,
        text=True,
        check=True,
        cwd=shell.folder,
        env=shell.environment(),
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    told = json.loads(done.stdout)
    imported = set(done.stderr.split())
    assert [citation["quote"] for citation in told["citations"]] == [NOTE]
    assert "openvino" in imported
    assert imported & (FOR_OTHERS | WEB) == set()
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2

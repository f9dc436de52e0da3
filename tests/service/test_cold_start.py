"""A question is answered, and a server listens, without importing what neither needs."""

import json
import resource
import subprocess
import sys

import pytest

import ingest
from index import DERIVED
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


_RUN = """
import atexit, sys
from service.cli import main
atexit.register(lambda: print(*{n.partition(".")[0] for n in sys.modules}, file=sys.stderr))
sys.exit(main())
"""


def _imported_by(shell: Shell, *arguments: str) -> tuple[str, set[str]]:
    """Return what a command of its own process prints, and the packages that it has imported."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=shell.folder,
        env=shell.environment(),
    )
    return done.stdout, set(done.stderr.split())


@pytest.mark.model
def test_a_question_takes_less_than_two_seconds_and_no_torch(shell: Shell) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out, imported = _imported_by(shell, "ask", "--json", "What does MixMatch guess?")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert [citation["quote"] for citation in json.loads(out)["citations"]] == [NOTE]
    assert "openvino" in imported
    assert imported & (FOR_OTHERS | WEB) == set()
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


@pytest.mark.model
def test_a_run_that_changes_nothing_loads_no_model(shell: Shell) -> None:
    out, imported = _imported_by(shell, "ingest", "--json")

    assert (json.loads(out)["added"], json.loads(out)["embeddings"]) == (0, 0)
    assert imported & {"torch", "openvino", "sentence_transformers"} == set()


@pytest.mark.model
def test_every_run_but_a_dry_one_saves_the_model_for_those_who_will_ask(shell: Shell) -> None:
    derived = shell.folder / "library" / DERIVED
    with (shell.folder / "list.toml").open("a") as file:
        file.write('[[papers]]\nid = "1710.09412"\nnote = "mixup blends two pictures."\n')
    dry = json.loads(shell.invoke("ingest", "--dry-run", "--json", MODELS="").stdout)
    before = list(derived.glob("model-*"))
    shell.run("ingest")  # embeds with the model that is saved elsewhere

    done = json.loads(shell.invoke("ingest", "--json", MODELS="").stdout)

    assert (dry["added"], dry["embeddings"], before) == (2, 1, [])
    assert (done["added"], done["embeddings"]) == (0, 0)
    assert [path.name for path in derived.glob("model-*")] == ["model-53aa51172d14"]

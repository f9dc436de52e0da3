"""The arrows between the packages, read from the source: `index <- ingest <- service`."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
KNOWS = {"index": set(), "ingest": {"index"}, "service": {"index", "ingest"}}
HOMES = {
    "faiss": "index",
    "openvino": "index",
    "tokenizers": "index",
    "torch": "index",
    "sentence_transformers": "index",
    "arxiv": "ingest",
    "requests": "ingest",
    "lxml": "ingest",
    "html_text": "ingest",
    "httpx2": "ingest",
    "latexcodec": "ingest",
    "markdown_it": "ingest",
    "oaipmh_scythe": "ingest",
    "pybtex": "ingest",
    "rispy": "ingest",
    "flask": "service",
}
OURS = {*KNOWS, "tests", "benchmarks"}


def _modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def _imports(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and top-level package of every absolute import, those inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.partition(".")[0]


def _forbidden(package: str, source: str) -> list[str]:
    """Return the imports that a module of this package must not have, as "line: name"."""
    return [
        f"{line}: {name}"
        for line, name in _imports(source)
        if (name in OURS - KNOWS[package] - {package}) or HOMES.get(name, package) != package
    ]


@pytest.mark.parametrize("package", KNOWS)
def test_imports_go_one_way_and_libraries_stay_at_home(package: str) -> None:
    modules = _modules(package)
    found = {
        str(path.relative_to(ROOT)): forbidden
        for path in modules
        if (forbidden := _forbidden(package, path.read_text("utf-8")))
    }

    assert modules
    assert found == {}


@pytest.mark.parametrize(
    ("package", "source", "forbidden"),
    [
        ("index", "from ingest.paper import Paper", ["1: ingest"]),
        ("index", "import service", ["1: service"]),
        ("ingest", "def late():\n    import service.cli", ["2: service"]),
        ("ingest", "import faiss, torch.nn", ["1: faiss", "1: torch"]),
        ("service", "from requests import get", ["1: requests"]),
        ("service", "import tests.conftest", ["1: tests"]),
        ("index", "from flask import Flask", ["1: flask"]),
        ("ingest", "from index import Document\nimport arxiv\nimport indexed", []),
        ("service", "from ingest import Paper\nfrom index.store import Store\nimport flask", []),
    ],
)
def test_a_wrong_arrow_is_seen(package: str, source: str, forbidden: list[str]) -> None:
    assert _forbidden(package, source) == forbidden


DEFINITIONS = (
    ast.Import,
    ast.ImportFrom,
    ast.Assign,
    ast.AnnAssign,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
)


def _runs(statement: ast.stmt) -> bool:
    """Tell whether a statement at the top of a module does more than define."""
    if isinstance(statement, ast.Expr):
        return not isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.If):
        return ast.unparse(statement.test) not in {"TYPE_CHECKING", "__name__ == '__main__'"}
    return not isinstance(statement, DEFINITIONS)


@pytest.mark.parametrize("package", KNOWS)
def test_a_module_only_defines_things_when_it_is_imported(package: str) -> None:
    running = [
        f"{path.relative_to(ROOT)}:{statement.lineno}"
        for path in _modules(package)
        for statement in ast.parse(path.read_text("utf-8")).body
        if _runs(statement)
    ]

    assert running == []


def test_the_command_line_starts_without_loading_the_model_s_libraries() -> None:
    heavy = "{'torch', 'sentence_transformers', 'transformers'}"
    code = f"import sys, service.cli; print(*sorted({heavy} & set(sys.modules)))"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")

"""The command line in processes of its own, as a user's shell runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner, Result

from index import PACKAGED, SentenceTransformerEmbedder
from service.cli import cli
from tests.fakes import FakeEmbedder
from tests.real_model import MODELS

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9/api/query"


class Process(subprocess.Popen[str]):
    """A process that a test which fails takes with it, where Popen would wait for its end."""

    def __exit__(self, kind: type[BaseException] | None, *rest: Any) -> None:
        if kind is not None:
            self.kill()
        super().__exit__(kind, *rest)


class Ended(NamedTuple):
    """What a process printed."""

    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs the command line in `folder`, in processes that know no settings but the given ones."""

    folder: Path
    arxiv_url: str = NOWHERE

    def environment(self, **settings: str) -> dict[str, str]:
        """Return the environment of a process; settings are named without their prefix."""
        given = {
            "DATA": str(self.folder / "library"),
            "MODEL": PACKAGED,
            "MODELS": str(MODELS),
            "ARXIV_URL": self.arxiv_url,
            "OAI_URL": NOWHERE,
            "DATACITE_URL": NOWHERE,
            "ALLOW_PRIVATE_HOSTS": "1",
        } | settings
        around = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "PYTHONPATH": str(ROOT)}
        return around | {f"JOURNALCLUB_{name}": value for name, value in given.items()}

    def start(self, *arguments: object, stderr: int = subprocess.PIPE) -> Process:
        """Start a process whose output is piped."""
        return self._start(arguments, self.environment(), stderr)

    def run(self, *arguments: object, code: int = 0, **settings: str) -> Ended:
        """Run a process to its end, which must come with this exit code and no traceback."""
        with self._start(arguments, self.environment(**settings)) as process:
            out, err = process.communicate(timeout=120)
        assert "Traceback" not in err, err
        assert process.returncode == code, out + err
        return Ended(out, err)

    def json(self, *arguments: object, code: int = 0) -> dict[str, Any]:
        """Run a process that prints JSON, and return that."""
        found: dict[str, Any] = json.loads(self.run(*arguments, "--json", code=code).stdout)
        return found

    def _start(
        self,
        arguments: Iterable[object],
        environment: dict[str, str],
        stderr: int = subprocess.PIPE,
    ) -> Process:
        command = [sys.executable, "-m", "service", *map(str, arguments)]
        piped = subprocess.PIPE
        return Process(
            command, cwd=self.folder, env=environment, text=True, stdout=piped, stderr=stderr
        )

    def invoke(self, *arguments: object, **settings: str) -> Result:
        """Run the command line in this process, where what loads a model is imported once."""
        runner = CliRunner(env=self.environment(**settings))
        given = list(map(str, arguments))
        return runner.invoke(cli, given, standalone_mode=False, catch_exceptions=False)


def posing() -> FakeEmbedder:
    """Return a fake under the packaged model's name: who embeds nothing new sees no difference."""
    fake = FakeEmbedder(dimension=384)
    fake.identity = SentenceTransformerEmbedder().identity
    return fake

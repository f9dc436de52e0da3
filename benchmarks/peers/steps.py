"""One step of one peer: a process of its own, cut off from the network, with a time limit."""

import json
import os
import subprocess
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.peers.trial import Request

_ROOT = Path(__file__).parents[2]
_STEP_S = 400
_NOWHERE = "http://127.0.0.1:9"
# What each library's documentation says to switch off what it reports, and nothing to report to.
_QUIET = {
    "ANONYMIZED_TELEMETRY": "False",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "HF_HUB_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
    "HTTP_PROXY": _NOWHERE,
    "HTTPS_PROXY": _NOWHERE,
}
_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL")


class StepFailed(Exception):
    """A peer could not do a step; the message is the last line that it wrote about it."""


def take(python: Path, step: str, given: dict[str, str]) -> dict[str, Any]:
    """Take a step with a peer's Python and return what was found. Raises `StepFailed`."""
    request = Request(step=step, began=time.monotonic(), **given)
    try:
        done = subprocess.run(
            [str(python), "-m", "benchmarks.peers.trial", json.dumps(asdict(request))],
            check=False,
            cwd=_ROOT,
            env={name: os.environ[name] for name in _KEPT if name in os.environ} | _QUIET,
            capture_output=True,
            text=True,
            timeout=_STEP_S,
        )
    except subprocess.TimeoutExpired as error:
        raise StepFailed(f"{step}: was not done after {_STEP_S} s") from error
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise StepFailed(f"{step}: {said[-1][:300]}")
    found: dict[str, Any] = json.loads(lines[-1])
    return found

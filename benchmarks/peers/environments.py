"""An environment of its own for each library, made from pinned requirements and kept."""

import hashlib
import subprocess
import sys
from pathlib import Path

from benchmarks.peers.registry import Library

_HERE = Path(__file__).parent
_INSTALL_S = 1200


class NotInstalled(Exception):
    """A library's environment could not be made; the message ends with what pip said."""


def python_of(library: Library, root: Path) -> Path:
    """Return the Python that has the library, its environment made anew if the pins changed.

    Raises `NotInstalled`.
    """
    if library.requirements is None:
        return Path(sys.executable)
    pins = _HERE / f"{library.requirements}.txt"
    folder = root / library.requirements
    python, stamp = folder / "bin" / "python", folder / "pins.sha256"
    wanted = hashlib.sha256(pins.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text("ascii") != wanted:
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([str(python), "-m", "pip", "install", "--disable-pip-version-check", "-r", str(pins)])
        stamp.write_text(wanted, "ascii")
    return python


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_S)
    except subprocess.CalledProcessError as error:
        raise NotInstalled((error.stderr or error.stdout).strip()[-500:]) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(str(error)) from error

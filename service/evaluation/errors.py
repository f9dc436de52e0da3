"""What can be wrong with a measurement, each with what to do about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class EvaluationError(Exception):
    """A measurement cannot be made; the message says what to do."""


class BadFile(EvaluationError):
    """A file or folder cannot be used; `line` is None when the whole of it is meant."""

    def __init__(self, path: Path, line: int | None, reason: str) -> None:
        place = str(path) if line is None else f"{path}, line {line}"
        super().__init__(f"{place}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


class MissingExtra(EvaluationError):
    """A library is not installed that only evaluations need."""


@contextmanager
def needs_extra(name: str) -> Iterator[None]:
    """Say how to install what is imported inside when it is not there. Raises `MissingExtra`."""
    try:
        yield
    except ImportError as error:
        raise MissingExtra(
            f"This needs {name}, which is not installed ({error}). In the folder of Journal Club's "
            "source, run .venv/bin/python -m pip install -c constraints.txt -e '.[eval]' and try "
            "again."
        ) from error

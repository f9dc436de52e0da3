"""Ways in which a run may end before its end."""

from collections.abc import Sequence
from dataclasses import dataclass

from index import Vectors
from ingest import Progress
from tests.fakes import FakeEmbedder


class Crash(BaseException):
    """The process died here."""


class CrashingEmbedder(FakeEmbedder):
    """Dies when it is asked to embed for the so-many-th time."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self._left = at

    def encode(self, texts: Sequence[str]) -> Vectors:
        self._left -= 1
        if self._left < 0:
            raise Crash
        return super().encode(texts)


@dataclass(slots=True)
class Ending:
    """A watch that ends a run when it has been told of progress for the so-many-th time."""

    at: int
    error: type[BaseException]

    def __call__(self, progress: Progress) -> None:
        self.at -= 1
        if self.at < 0:
            raise self.error


def unwatched(progress: Progress) -> None:
    """Let a run go on."""

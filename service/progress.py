"""How far a run is: bars on a terminal, now and then a line elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Never, TextIO

from tqdm import tqdm

from ingest import Progress, Watch

_STAGES = {
    "reading": "Reading records",
    "asking arXiv": "Asking arXiv",
    "storing": "Embedding and storing",
    "re-embedding": "Embedding again",
}
_BETWEEN_LINES_S = 30.0


@contextmanager
def progress_on(stream: TextIO, quiet: bool) -> Iterator[Watch]:
    """Yield what shows progress: bars on a terminal, else lines, or nothing where `quiet`."""
    if stream.isatty():
        with Bars(stream) as bars:
            yield bars
    elif quiet:
        yield lambda progress: None
    else:
        lines = Lines(stream)
        yield lines
        lines.end()


class Bars:
    """Progress bars, one a stage. Use it as a context manager."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stage: str | None = None
        self._bar = tqdm(disable=True)

    def __enter__(self) -> "Bars":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def __call__(self, progress: Progress) -> None:
        """Show how far a stage is; one that goes back has begun again."""
        if progress.stage != self._stage or progress.done < self._bar.n:
            self._bar.close()
            self._stage = progress.stage
            self._bar = self._new_bar(progress)
        self._bar.total = progress.total
        self._bar.update(progress.done - self._bar.n)

    def _new_bar(self, progress: Progress) -> "tqdm[Never]":
        return tqdm(
            total=progress.total,
            desc=_label(progress),
            unit=" docs",
            file=self._stream,
            smoothing=0.1,
        )


class Lines:
    """A line when a stage begins and when it ends, and one each half minute in between.

    The rate is that since the line before, so that the time left is honest when it changes.
    """

    def __init__(
        self,
        stream: TextIO,
        between_s: float = _BETWEEN_LINES_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._between = between_s
        self._clock = clock
        self._last = Progress("", 0, None)
        self._is_told = True
        self._began = 0.0
        self._told = 0.0, 0

    def __call__(self, progress: Progress) -> None:
        """Take note of how far a stage is; one that goes back has begun again."""
        if progress.stage != self._last.stage or progress.done < self._last.done:
            self._begin(progress)
        self._is_told = self._is_told and progress == self._last
        self._last = progress
        if progress.done == progress.total:
            self.end()
        elif self._clock() - self._told[0] >= self._between:
            self._tell(progress)

    def end(self) -> None:
        """Say how far the last stage came, unless that was said."""
        if self._last.done and not self._is_told:
            took = duration(self._clock() - self._began)
            self._write(f"{_label(self._last)}: {_done(self._last)}, took {took}")
        self._is_told = True

    def _begin(self, progress: Progress) -> None:
        self.end()
        self._is_told = False
        self._began = self._clock()
        self._told = self._began, progress.done
        if progress.total:
            self._write(f"{_label(progress)}: {progress.total} to go")

    def _tell(self, progress: Progress) -> None:
        now = self._clock()
        rate = (progress.done - self._told[1]) / (now - self._told[0])
        self._told = now, progress.done
        speed = f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"
        left = ""
        if progress.total is not None and rate > 0:
            left = f", about {duration((progress.total - progress.done) / rate)} left"
        self._write(f"{_label(progress)}: {_done(progress)}, {speed} a second{left}")

    def _write(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


def duration(seconds: float) -> str:
    """Return a time in its two largest units: "12 s", "2 min 30 s", "1 h 5 min", "2 d 3 h"."""
    whole = round(seconds)
    for size, unit, part, part_unit in (
        (86_400, "d", 3_600, "h"),
        (3_600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit}" + (f" {rest} {part_unit}" if rest else "")
    return f"{whole} s"


def _label(progress: Progress) -> str:
    return _STAGES.get(progress.stage, progress.stage[:1].upper() + progress.stage[1:])


def _done(progress: Progress) -> str:
    if progress.total in (None, progress.done):
        return str(progress.done)
    return f"{progress.done} of {progress.total}"

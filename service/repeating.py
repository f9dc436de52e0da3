"""Do a thing again and again, at about the same distance, until the process is told to stop."""

import random
import re
import select
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from types import FrameType

STOPPED = 130
_JITTER = 0.1
_LONGEST = timedelta(days=366)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: str) -> timedelta:
    """Return what "90s", "30m", "6h" or "1d" says. Raises `ValueError`."""
    found = re.fullmatch(r"([0-9]{1,8})\s*([smhd])", text.strip().lower(), re.ASCII)
    span = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta(0)
    if not timedelta(0) < span <= _LONGEST:
        raise ValueError(
            f"{text!r} is no such time: write a number and s, m, h or d, such as 90s, 30m, 6h or "
            f"1d, of at most {_LONGEST.days}d."
        )
    return span


class Stop:
    """Told by SIGINT and SIGTERM to end what goes on and to begin nothing more.

    The main thread is interrupted as Python's own Ctrl-C does it, and what was told is kept too:
    an interrupt that comes while a finalizer runs is dropped by the interpreter.
    """

    def __init__(self, reading: socket.socket, writing: socket.socket) -> None:
        self._told = False
        self._reading, self._writing = reading, writing

    def is_set(self) -> bool:
        """Tell whether it was told."""
        return self._told

    def wait(self, seconds: float) -> None:
        """Return after so many seconds, at once when it is or was told."""
        select.select([self._reading], [], [], seconds)

    def tell(self, number: int, frame: FrameType | None) -> None:
        """Keep it and interrupt the main thread: what a signal calls."""
        self._told = True
        with suppress(BlockingIOError):
            self._writing.send(b"!")
        signal.default_int_handler(number, frame)


@contextmanager
def told_by_signals() -> Iterator[Stop]:
    """Listen to both signals in the main thread, which calls this, for as long as this lasts.

    Where SIGINT is ignored, as it is in a shell's background, it stays so.
    """
    reading, writing = socket.socketpair()
    with reading, writing:
        writing.setblocking(False)
        stop = Stop(reading, writing)
        is_heard = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
        numbers = [signal.SIGTERM, signal.SIGINT] if is_heard else [signal.SIGTERM]
        before = {number: signal.signal(number, stop.tell) for number in numbers}
        try:
            yield stop
        finally:
            for number, had in before.items():
                signal.signal(number, had or signal.SIG_DFL)


def repeat(run: Callable[[], int], every: timedelta, stop: Stop, chance: random.Random) -> None:
    """Run at once and then after each pause, which is `every`, up to a tenth more or less.

    It ends when `stop` is told, when a run says by `STOPPED` that it was interrupted, or by a
    `KeyboardInterrupt`. What a run raises otherwise is passed on.
    """
    with suppress(KeyboardInterrupt):
        while not stop.is_set() and run() != STOPPED:
            stop.wait(every.total_seconds() * chance.uniform(1 - _JITTER, 1 + _JITTER))

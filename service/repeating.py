"""Do a thing again and again, at about the same distance, until the process is told to stop."""

import random
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

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


def repeat(
    run: Callable[[], int], every: timedelta, stop: threading.Event, chance: random.Random
) -> None:
    """Run at once and then after each pause, which is `every`, up to a tenth more or less.

    It ends when `stop` is set, when a run says by `STOPPED` that it was interrupted, or by a
    `KeyboardInterrupt`, which is Ctrl-C and within `term_interrupts` SIGTERM as well. What a run
    raises otherwise is passed on.
    """
    with suppress(KeyboardInterrupt):
        while not stop.is_set() and run() != STOPPED:
            stop.wait(every.total_seconds() * chance.uniform(1 - _JITTER, 1 + _JITTER))


@contextmanager
def term_interrupts() -> Iterator[None]:
    """Let SIGTERM interrupt the main thread, which calls this, as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)

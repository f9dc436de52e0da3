"""Keep below a number of calls in any minute, so that a forum has no reason to turn us away."""

import time
from collections import defaultdict, deque

MINUTE = 60.5  # a forum's clock sees calls a little later than ours, and not all equally so


class Pace:
    """A window that slides: a burst is let through, then each call waits for one to grow old.

    Calls to one host have nothing to do with those to another.
    """

    def __init__(self, calls: int, seconds: float = MINUTE) -> None:
        self._seconds = seconds
        self._calls: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=calls))

    def wait(self, host: str) -> None:
        """Sleep until one more call to the host is within the limit, and count it."""
        calls = self._calls[host]
        if len(calls) == calls.maxlen:
            time.sleep(max(0.0, calls[0] + self._seconds - time.monotonic()))
        calls.append(time.monotonic())

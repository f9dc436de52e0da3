"""The time of the stand-in: that of this machine, but never the same moment twice."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Gives moments in UTC, each at least a millisecond after the one before."""

    def __init__(self) -> None:
        self._last = datetime.now(UTC)

    def __call__(self) -> datetime:
        self._last = max(datetime.now(UTC), self._last + timedelta(milliseconds=1))
        return self._last


def stamp(moment: datetime) -> str:
    """Return a moment as arXiv writes it, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def fine_stamp(moment: datetime) -> str:
    """Return a moment as Discourse writes it, to the millisecond."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"

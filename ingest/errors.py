"""What can go wrong while documents are brought in, each with what to do about it."""


class SourceError(Exception):
    """A source could not be read.

    `source` names it (a URL, a file with its line, a reading list with entry and field), `reason`
    says what is wrong and what to do; the message joins them.
    """

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class BadSource(SourceError):
    """The source itself is wrong: it will stay wrong until somebody changes it."""


class Gone(BadSource):
    """The source was deleted for good where it was (HTTP 410), and what it held is to go."""


class Unreachable(SourceError):
    """The source did not answer, or not usefully; the same request may work later.

    `wait` is for how many seconds the host asked to be left alone, None where it did not say.
    """

    def __init__(self, source: str, reason: str, wait: float | None = None) -> None:
        super().__init__(source, reason)
        self.wait = wait


class NoNetwork(Unreachable):
    """No connection came about: nothing is known of the host, asking soon harms nobody."""

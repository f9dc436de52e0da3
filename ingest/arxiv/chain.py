"""Ask one source of papers after another, until one answers."""

from collections.abc import Iterable, Iterator, Sequence

from ingest.arxiv.ids import ArxivId
from ingest.arxiv.source import AGAIN, NotHere, PaperSource, TitleSource, wanted_ids
from ingest.errors import NoNetwork, SourceError, Unreachable
from ingest.paper import Paper
from ingest.paper_rows import Claim
from ingest.retries import Retries


class PaperChain:
    """Sources of papers during one run, in the order in which they are asked.

    What one cannot give, the next is asked for. A source that did not answer is remembered under
    "source:" and its name, once in a run, and is not asked as long as it is put off.
    """

    def __init__(self, sources: Sequence[PaperSource]) -> None:
        self._sources = tuple(sources)
        self._failed: set[str] = set()

    def fetch(self, ids: Iterable[str], retries: Retries) -> Iterator[Claim | SourceError]:
        """Yield for each distinct id, in any form and order, who says what, or why nobody does.

        `BadSource` is an id that is malformed or that arXiv does not know. `Unreachable` is one
        that no source has, or none could be asked for; it names what each of them said, and is
        `NoNetwork` where no connection came about to any.
        """
        wanted, malformed = wanted_ids(ids)
        yield from malformed
        said: dict[ArxivId, list[Unreachable]] = {arxiv_id: [] for arxiv_id in wanted}
        for source in self._sources:
            for arxiv_id, answer in self._ask(source, list(said), retries):
                if isinstance(answer, Unreachable):
                    said[arxiv_id].append(answer)
                else:
                    del said[arxiv_id]
                    yield Claim(source.origin, answer) if isinstance(answer, Paper) else answer
        yield from (_nowhere(f"arXiv:{arxiv_id}", errors) for arxiv_id, errors in said.items())

    def search_title(self, title: str, retries: Retries) -> list[Paper]:
        """Return papers whose titles hold these words, from the first source that searches titles.

        Raises `Unreachable` if it does not answer or is put off.
        """
        source = next((s for s in self._sources if isinstance(s, TitleSource)), None)
        if source is None:
            raise _nowhere(f'title "{title}"', [])
        if put_off := retries.put_off(_key(source)):
            raise Unreachable(f'title "{title}"', put_off.reason)
        try:
            found = source.search_title(title)
        except Unreachable as error:
            self._remember(source, error, retries)
            raise
        self._remember(source, None, retries)
        return found

    def _ask(
        self, source: PaperSource, wanted: list[ArxivId], retries: Retries
    ) -> Iterator[tuple[ArxivId, Paper | SourceError]]:
        put_off = retries.put_off(_key(source))
        if not wanted and not put_off:
            retries.succeeded(_key(source))  # nobody waits for it
            return
        if put_off:
            yield from ((i, Unreachable(f"arXiv:{i}", put_off.reason)) for i in wanted)
            return
        silent: Unreachable | None = None  # what the last answer says of the source itself
        for arxiv_id, answer in zip(wanted, source.fetch(map(str, wanted)), strict=True):
            if not isinstance(answer, NotHere):
                silent = answer if isinstance(answer, Unreachable) else None
            yield arxiv_id, answer
        self._remember(source, silent, retries)

    def _remember(self, source: PaperSource, silent: Unreachable | None, retries: Retries) -> None:
        if silent is None:
            retries.succeeded(_key(source))
        elif source.name not in self._failed:
            self._failed.add(source.name)
            wait = 0.0 if isinstance(silent, NoNetwork) else silent.wait
            retries.failed(_key(source), silent.reason.removesuffix(AGAIN), wait)


def _key(source: PaperSource) -> str:
    return f"source:{source.name}"


def _nowhere(source: str, said: Sequence[Unreachable]) -> Unreachable:
    """Return what all sources together said of one id."""
    silent = [error for error in said if not isinstance(error, NotHere)]
    waits = [error.wait for error in silent if error.wait]
    wait = min(waits) if waits and len(waits) == len(silent) else None
    if silent and all(isinstance(error, NoNetwork) for error in silent):
        return NoNetwork(source, _together(said), wait)
    return Unreachable(source, _together(said), wait)


def _together(said: Sequence[Unreachable]) -> str:
    """Join reasons of the form "host did something", hosts that did the same only once."""
    if not said:
        return "no source that could be asked is set. Name one in the settings."
    hosts: dict[str, dict[str, None]] = {}
    for error in said:
        host, _, what = error.reason.removesuffix(AGAIN).rstrip(".").partition(" ")
        hosts.setdefault(what, {})[host] = None
    return "; ".join(f"{', '.join(names)} {what}" for what, names in hosts.items()) + f".{AGAIN}"

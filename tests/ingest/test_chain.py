"""The chain asks one source after another, remembers who is silent, and answers for every id."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from index import Store
from ingest.arxiv.atom import ArxivApi
from ingest.arxiv.chain import PaperChain
from ingest.arxiv.datacite import DataCite
from ingest.arxiv.ids import MalformedArxivId
from ingest.arxiv.oai import ArxivOai
from ingest.arxiv.snapshot import Snapshot
from ingest.arxiv.source import NotHere
from ingest.catalogue import Catalogue
from ingest.errors import BadSource, NoNetwork, SourceError, Unreachable
from ingest.paper import Paper
from ingest.paper_rows import Claim
from ingest.retries import FREE, Retries
from tests.outside.faults import Fault, a_page
from tests.outside.server import OutsideServer, standing_in

NOWHERE = "http://127.0.0.1:9"  # the port for what is thrown away; nothing listens there


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def outside() -> Iterator[OutsideServer]:
    with standing_in() as server:
        for number in range(1, 6):
            server.papers.add(f"2601.{number:05}", f"On Kettle {number}", "Kettles whistle.")
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def retries(store: Store, clock: Clock) -> Retries:
    Catalogue(store)  # makes the tables
    return Retries(store.connection, clock)


def fetched(
    chain: PaperChain, ids: Iterable[str], retries: Retries
) -> Iterator[Paper | SourceError]:
    """Yield what the chain gives, papers without who told of them."""
    for answer in chain.fetch(ids, retries):
        yield answer.paper if isinstance(answer, Claim) else answer


def _chain(outside: OutsideServer, path: Path | None = None) -> PaperChain:
    return PaperChain(
        [
            ArxivApi(outside.arxiv_url, delay_seconds=0, timeout_seconds=5),
            ArxivOai(outside.oai_url, delay_seconds=0, timeout_seconds=5),
            DataCite(outside.datacite_url, delay_seconds=0, timeout_seconds=5),
            *([Snapshot(path)] if path else []),
        ]
    )


def _snapshot(path: Path, *ids: str) -> Path:
    rows = ({"id": i, "title": f"Kept {i}", "abstract": "On file."} for i in ids)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def _fail_before(retries: Retries) -> None:
    """Remember as many failures as put nothing off."""
    for _ in range(FREE):
        retries.failed("source:atom", "was silent before")


def _ids(given: list[Paper | SourceError]) -> list[str]:
    return sorted(item.id for item in given if isinstance(item, Paper))


def test_the_first_source_that_answers_is_enough(outside: OutsideServer, retries: Retries) -> None:
    given = list(fetched(_chain(outside), ["2601.00001", "2601.00002"], retries))

    assert _ids(given) == ["2601.00001", "2601.00002"]
    assert len(outside.asked) == 1
    assert retries.all() == []


@pytest.mark.parametrize("fault", [Fault(429), a_page(), Fault(reset=True), Fault(truncate=99)])
def test_what_one_source_cannot_give_the_next_is_asked_for(
    outside: OutsideServer, retries: Retries, fault: Fault
) -> None:
    outside.script.plan(fault, "/api/query")

    given = list(fetched(_chain(outside), ["2601.00001", "2601.00002"], retries))

    assert _ids(given) == ["2601.00001", "2601.00002"]
    assert [retry.source for retry in retries.all()] == ["source:atom"]


def test_the_third_and_the_file_come_after_the_second(
    outside: OutsideServer, retries: Retries, tmp_path: Path
) -> None:
    outside.script.plan(Fault(503), "/api/query|/oai")
    path = _snapshot(tmp_path / "kept.jsonl", "2601.00001", "2502.00001")

    given = list(
        fetched(_chain(outside, path), ["2502.00001", "2601.00001", "2502.00002"], retries)
    )

    titles = {item.id: item.title for item in given if isinstance(item, Paper)}
    assert titles == {"2601.00001": "On Kettle 1", "2502.00001": "Kept 2502.00001"}
    assert str(given[-1]) == (
        f"arXiv:2502.00002: {outside.host} answered with status 503; "
        f"{outside.host} does not know it yet; kept.jsonl does not have it. "
        "The next ingest asks again."
    )
    assert type(given[-1]) is Unreachable


def test_every_id_is_answered_once(outside: OutsideServer, retries: Retries) -> None:
    outside.script.plan(Fault(429), "/api/query")
    outside.script.plan(Fault(500), "/oai", first=3)
    outside.papers.delete("2601.00005")
    asked = [f"2601.{number:05}" for number in range(1, 6)]

    given = list(
        fetched(
            _chain(outside),
            [*asked, "abc", "2601.00001", "arXiv:2601.00002", "2601.00001v9"],
            retries,
        )
    )

    names = [item.id if isinstance(item, Paper) else item.source for item in given]
    assert sorted(names) == [
        "'abc'",
        "2601.00001",
        "2601.00002",
        "2601.00003",
        "2601.00004",
        "arXiv:2601.00001v9",
        "arXiv:2601.00005",
    ]
    assert isinstance(given[0], MalformedArxivId)
    assert all(isinstance(item, Unreachable) for item in given[-2:])


@pytest.mark.parametrize("silent", [None, "/api/query"])
def test_arxivs_word_that_there_is_none_is_final(
    outside: OutsideServer, retries: Retries, tmp_path: Path, silent: str | None
) -> None:
    path = _snapshot(tmp_path / "kept.jsonl", "2601.99999")
    if silent:
        outside.script.plan(Fault(429), silent)

    (given,) = fetched(_chain(outside, path), ["2601.99999"], retries)

    assert type(given) is BadSource
    assert "arXiv has no such paper" in given.reason
    assert outside.paths("/dois") == []


def test_a_silent_source_is_left_alone_until_its_time_comes(
    outside: OutsideServer, retries: Retries, clock: Clock
) -> None:
    outside.script.plan(Fault(429), "/api/query")
    _fail_before(retries)
    list(fetched(_chain(outside), ["2601.00001"], retries))
    asked = len(outside.paths("/api/query"))
    outside.script.clear()

    (soon,) = fetched(_chain(outside), ["2601.00002"], retries)
    clock.now += timedelta(minutes=1)
    (later,) = fetched(_chain(outside), ["2601.00003"], retries)

    assert isinstance(soon, Paper)
    assert len(outside.paths("id_list=2601.00002")) == 0
    assert isinstance(later, Paper)
    assert len(outside.paths("/api/query")) == asked + 1
    assert retries.all() == []


def test_how_long_a_host_asks_to_be_left_alone_is_remembered(
    outside: OutsideServer, retries: Retries, clock: Clock
) -> None:
    outside.script.plan(Fault(503, {"Retry-After": "7200"}))

    (given,) = fetched(_chain(outside), ["2601.00001"], retries)

    assert isinstance(given, Unreachable)
    assert given.wait == 7200
    assert {retry.next_try - clock.now for retry in retries.all()} == {timedelta(hours=2)}
    assert given.reason == (
        f"{outside.host} asks for 7200 seconds of patience (status 503)."
        " The next ingest asks again."
    )


def test_a_failure_counts_once_in_a_run(
    outside: OutsideServer, retries: Retries, clock: Clock
) -> None:
    outside.script.plan(Fault(429), "/api/query")
    chain = _chain(outside)

    for arxiv_id in ("2601.00001", "2601.00002"):
        list(fetched(chain, [arxiv_id], retries))
        clock.now += timedelta(minutes=2)

    (remembered,) = retries.all()
    assert remembered.failures == 1
    list(fetched(_chain(outside), ["2601.00003"], retries))
    assert retries.all()[0].failures == 2


def test_a_host_that_fails_half_way_is_remembered(outside: OutsideServer, retries: Retries) -> None:
    outside.script.plan(Fault(429), "/oai", first=3)
    oai = ArxivOai(outside.oai_url, delay_seconds=0, timeout_seconds=5)

    given = list(fetched(PaperChain([oai]), ["2601.00001", "2601.00002", "2601.00003"], retries))

    assert _ids(given) == ["2601.00001", "2601.00002"]
    assert [retry.source for retry in retries.all()] == ["source:oai"]


def test_without_a_network_nothing_is_put_off(retries: Retries) -> None:
    chain = PaperChain(
        [
            ArxivApi(f"{NOWHERE}/api/query", delay_seconds=0),
            ArxivOai(f"{NOWHERE}/oai", delay_seconds=0),
            DataCite("http://datacite.invalid/dois", delay_seconds=0),
        ]
    )

    first, second = fetched(chain, ["2601.00001", "2601.00002"], retries)

    assert isinstance(first, NoNetwork)
    assert isinstance(second, NoNetwork)
    assert first.reason.count("cannot be reached") == 2
    assert first.reason.count("127.0.0.1:9") == 1
    assert len(retries.all()) == 3
    assert not any(retries.put_off(retry.source) for retry in retries.all())


def test_a_chain_without_sources_says_so(retries: Retries) -> None:
    (given,) = fetched(PaperChain([]), ["2601.00001"], retries)

    assert str(given).startswith("arXiv:2601.00001: no source that could be asked is set")
    with pytest.raises(Unreachable, match="no source"):
        PaperChain([]).search_title("On Kettles", retries)


def test_a_title_is_looked_for_where_titles_can_be(
    outside: OutsideServer, retries: Retries, tmp_path: Path
) -> None:
    api = ArxivApi(outside.arxiv_url, delay_seconds=0)
    chain = PaperChain([Snapshot(tmp_path / "none.jsonl"), api])

    found = chain.search_title("On Kettle 3", retries)

    assert [paper.id for paper in found] == ["2601.00003"]


def test_a_search_that_fails_puts_the_source_off_for_ids_as_well(
    outside: OutsideServer, retries: Retries
) -> None:
    outside.script.plan(Fault(429), "/api/query")
    _fail_before(retries)
    with pytest.raises(Unreachable, match="too many requests"):
        _chain(outside).search_title("On Kettle 3", retries)
    asked = len(outside.asked)

    (paper,) = fetched(_chain(outside), ["2601.00003"], retries)
    with pytest.raises(Unreachable, match="too many requests"):
        _chain(outside).search_title("On Kettle 3", retries)

    assert isinstance(paper, Paper)
    assert len(outside.asked) == asked + 1


# -- the file as a source -------------------------------------------------------------------


def test_a_file_gives_the_wanted_papers_and_tells_what_it_lacks(tmp_path: Path) -> None:
    path = _snapshot(tmp_path / "kept.jsonl", "2601.00001", "2601.00002", "2601.00003")

    given = list(
        Snapshot(path).fetch(["2601.00003", "abc", "2601.00001", "2601.00009", "2601.00002v2"])
    )

    assert isinstance(given[0], MalformedArxivId)
    assert [item.id for item in given if isinstance(item, Paper)] == ["2601.00003", "2601.00001"]
    assert [item.source for item in given if isinstance(item, NotHere)] == [
        "arXiv:2601.00009",
        "arXiv:2601.00002v2",
    ]


def test_a_file_is_read_as_far_as_it_is_needed(tmp_path: Path) -> None:
    path = _snapshot(tmp_path / "kept.jsonl", "2601.00001")
    with path.open("ab") as file:
        file.write(b"\xff broken\n" * 3)

    (paper,) = Snapshot(path).fetch(["2601.00001"])

    assert isinstance(paper, Paper)


@pytest.mark.parametrize("content", [None, "", "no JSON"])
def test_a_file_that_cannot_be_read_is_a_silent_source(
    tmp_path: Path, retries: Retries, content: str | None
) -> None:
    path = tmp_path / "kept.jsonl"
    if content is not None:
        path.write_text(content)

    (given,) = fetched(PaperChain([Snapshot(path)]), ["2601.00001"], retries)

    assert type(given) is Unreachable
    assert str(path) in given.reason
    assert [retry.source for retry in retries.all()] == ["source:file"]

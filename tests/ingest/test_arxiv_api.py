"""The arXiv API gives papers by id, and each id that it gives nothing for gets its reason."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.arxiv.atom import ArxivApi
from ingest.arxiv.ids import MalformedArxivId
from ingest.errors import BadSource, NoNetwork, SourceError, Unreachable
from ingest.paper import Paper, Version


@dataclass
class Reply:
    """What a stand-in answers; `breaks_off` sends half of what it promised, `silent` nothing."""

    body: str | bytes = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    breaks_off: bool = False
    silent: bool = False


@dataclass
class Host:
    """A stand-in for arXiv, with the ids, headers and times of the requests it got."""

    answer: Callable[[list[str]], Reply]
    url: str = ""
    asked: list[list[str]] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


@contextmanager
def _serving(answer: Callable[[list[str]], Reply]) -> Iterator[Host]:
    host = Host(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = urlsplit(self.path).query
            ids = parse_qs(query).get("id_list", [""])[0].split(",")
            host.times.append(time.monotonic())
            host.asked.append(ids)
            host.queries.append(query)
            host.agents.append(self.headers["User-Agent"])
            reply = host.answer(ids)
            if reply.silent:
                host.stop.wait(10)
                return
            body = reply.body.encode() if isinstance(reply.body, str) else reply.body
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body[: len(body) // 2] if reply.breaks_off else body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        host.url = f"http://127.0.0.1:{server.server_port}/api/query"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield host
        host.stop.set()
        server.shutdown()
        thread.join()


def _api(host: Host, delay: float = 0.0, timeout: float = 5.0, contact: str = "") -> ArxivApi:
    return ArxivApi(host.url, contact, delay_seconds=delay, timeout_seconds=timeout)


def _entry(versioned: str, title: str = "On Kettles") -> str:
    return (
        f"<entry><id>http://arxiv.org/abs/{versioned}</id><title>{title}</title>"
        "<updated>2019-02-03T23:00:00Z</updated><published>2019-01-02T03:04:05Z</published>"
        "<summary>Kettles whistle.</summary><author><name>Ann Boil</name></author>"
        '<category term="cs.LG"/></entry>'
    )


def _feed(*entries: str, total: int | None = None) -> str:
    count = len(entries) if total is None else total
    return (
        "<?xml version='1.0' encoding='UTF-8'?>"
        '<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"<opensearch:totalResults>{count}</opensearch:totalResults>{''.join(entries)}</feed>"
    )


def _all_known(ids: list[str]) -> Reply:
    versioned = (i if re.search(r"v\d+$", i) else f"{i}v3" for i in ids)
    return Reply(_feed(*map(_entry, versioned)))


def _ids(count: int) -> list[str]:
    return [f"1901.{number:05}" for number in range(1, count + 1)]


def _reasons(given: list[Paper | SourceError]) -> list[str]:
    return [item.reason for item in given if isinstance(item, SourceError)]


def test_a_feed_entry_becomes_a_paper() -> None:
    with _serving(_all_known) as host:
        given = list(_api(host).fetch(["arXiv:1901.00001"]))

    assert given == [
        Paper(
            id="1901.00001",
            title="On Kettles",
            abstract="Kettles whistle.",
            authors=("Ann Boil",),
            categories=("cs.LG",),
            primary_category="cs.LG",
            published=date(2019, 1, 2),
            updated=date(2019, 2, 3),
            version=3,
            versions=(Version(1, date(2019, 1, 2)), Version(3, date(2019, 2, 3))),
        )
    ]


def test_a_hundred_ids_go_into_one_request_and_each_is_asked_for_once() -> None:
    ids = _ids(150)
    with _serving(_all_known) as host:
        given = list(_api(host).fetch([*ids, ids[0], f"https://arxiv.org/abs/{ids[1]}"]))

    assert host.asked == [ids[:100], ids[100:]]
    assert [item.id for item in given if isinstance(item, Paper)] == ids


def test_the_version_that_is_asked_for_is_given() -> None:
    with _serving(lambda ids: Reply(_feed(_entry("1901.00002v4"), _entry("1901.00001v1")))) as host:
        given = list(_api(host).fetch(["1901.00001v1", "1901.00002"]))

    assert host.asked == [["1901.00001v1", "1901.00002"]]
    assert [(p.id, p.version) for p in given if isinstance(p, Paper)] == [
        ("1901.00001", 1),
        ("1901.00002", 4),
    ]


def test_another_version_than_the_one_asked_for_is_not_taken_for_it() -> None:
    with _serving(lambda ids: Reply(_feed(_entry("1901.00001v2")))) as host:
        (given,) = _api(host).fetch(["1901.00001v9"])

    assert isinstance(given, BadSource)
    assert given.source == "arXiv:1901.00001v9"


def test_an_unknown_id_is_told_from_its_neighbours() -> None:
    with _serving(lambda ids: Reply(_feed(_entry("1901.00001v1")))) as host:
        paper, unknown = _api(host).fetch(["1901.00001", "1901.99999"])

    assert isinstance(paper, Paper)
    assert isinstance(unknown, BadSource)
    assert str(unknown) == (
        "arXiv:1901.99999: arXiv has no such paper. "
        "Look it up at https://arxiv.org/abs/1901.99999 and correct it."
    )


def test_a_malformed_id_costs_no_request_and_loses_no_other() -> None:
    with _serving(_all_known) as host:
        malformed, paper = _api(host).fetch(["abc", "1901.00001"])

    assert isinstance(malformed, MalformedArxivId)
    assert isinstance(paper, Paper)
    assert host.asked == [["1901.00001"]]


def test_an_id_that_arxiv_rejects_loses_none_of_its_batch() -> None:
    ids = [*_ids(8), "nowhere/0101001"]

    def answer(asked: list[str]) -> Reply:
        return Reply("<feed/>", status=400) if "nowhere/0101001" in asked else _all_known(asked)

    with _serving(answer) as host:
        given = list(_api(host).fetch(ids))

    assert [item.id for item in given if isinstance(item, Paper)] == ids[:8]
    assert str(given[-1]) == "arXiv:nowhere/0101001: arXiv does not accept this id. Correct it."
    assert isinstance(given[-1], BadSource)
    assert len(host.asked) <= 9


@pytest.mark.parametrize(
    ("reply", "requests", "reason"),
    [
        (Reply(status=429), 3, "answered that there were too many requests (429)"),
        (Reply(status=503), 3, "answered with status 503"),
        (Reply(status=500), 3, "answered with status 500"),
        (Reply(status=429, headers={"Retry-After": "31"}), 1, "asks for 31 seconds of patience"),
        (Reply("<html><body><br>Sorry</body></html>"), 3, "sent a page that is no complete feed"),
        (Reply("<html><body>Sorry</body></html>"), 3, "sent a page that is no feed"),
        (Reply(""), 3, "sent a page that is no complete feed"),
        (Reply(_feed(_entry("1901.00001v1"))[:-30]), 3, "sent a page that is no complete feed"),
        (Reply(_feed(_entry("1901.00001v1")), breaks_off=True), 3, "broke the connection off"),
        (Reply(_feed(_entry("1901.00001v1").replace("2019-", "x"))), 1, "cannot be read"),
        (Reply(silent=True), 1, "did not answer within 0.2 seconds"),
    ],
)
def test_a_host_in_trouble_is_unreachable_and_not_asked_again(
    reply: Reply, requests: int, reason: str
) -> None:
    with _serving(lambda ids: reply) as host:
        api = _api(host, timeout=0.2)
        given = list(api.fetch(_ids(250)))
        later = list(api.fetch(["1902.00001"]))

    assert len(host.asked) == requests
    assert all(isinstance(item, Unreachable) for item in [*given, *later])
    assert len(given) == 250
    assert len(set(_reasons(given) + _reasons(later))) == 1
    assert reason in _reasons(given)[0]
    assert _reasons(given)[0].endswith("The next ingest asks again.")


def test_a_refused_connection_is_noticed_at_once() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    began = time.monotonic()

    given = list(ArxivApi(f"http://127.0.0.1:{port}/api/query").fetch(_ids(300)))

    assert time.monotonic() - began < 2
    assert [type(item) for item in given] == [NoNetwork] * 300
    (reason,) = set(_reasons(given))
    assert reason.startswith(f"127.0.0.1:{port} cannot be reached (")
    assert "Connection refused" in reason


@pytest.mark.parametrize("url", ["export.arxiv.org/api/query", "ftp://127.0.0.1/api", "http://"])
def test_an_address_that_is_none_is_unreachable(url: str) -> None:
    (given,) = ArxivApi(url).fetch(["1901.00001"])

    assert isinstance(given, Unreachable)


def test_an_empty_page_where_papers_were_due_does_not_make_them_unknown() -> None:
    def answer(asked: list[str]) -> Reply:
        return Reply(_feed(total=100)) if "1901.00001" in asked else _all_known(asked)

    with _serving(answer) as host:
        given = list(_api(host).fetch(_ids(101)))

    assert [type(item) for item in given] == [Unreachable] * 100 + [Paper]
    assert "sent an empty page where papers were due" in _reasons(given)[0]


def test_papers_before_an_empty_page_are_kept() -> None:
    with _serving(lambda ids: Reply()) as host:
        host.answer = lambda ids: Reply(
            _feed(_entry("1901.00001v1"), total=2) if len(host.asked) == 1 else _feed(total=2)
        )
        paper, missing = _api(host).fetch(_ids(2))

    assert isinstance(paper, Paper)
    assert isinstance(missing, Unreachable)


def test_one_bad_moment_is_asked_again() -> None:
    with _serving(_all_known) as host:
        host.answer = lambda ids: Reply(status=503) if len(host.asked) == 1 else _all_known(ids)
        (paper,) = _api(host).fetch(["1901.00001"])

    assert isinstance(paper, Paper)
    assert len(host.asked) == 2


@pytest.mark.parametrize("trouble", [Reply(status=503), Reply("<html></html>")])
def test_requests_keep_their_distance_whatever_was_answered(trouble: Reply) -> None:
    with _serving(_all_known) as host:
        host.answer = lambda ids: trouble if len(host.asked) == 1 else _all_known(ids)
        list(_api(host, delay=0.2).fetch(_ids(101)))

    gaps = [later - earlier for earlier, later in zip(host.times, host.times[1:], strict=False)]
    assert len(gaps) == 2
    assert min(gaps) >= 0.19


@pytest.mark.parametrize("header", ["", "soon", "-5", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_retry_after_that_says_nothing_is_passed_over(header: str) -> None:
    busy = Reply(status=503, headers={"Retry-After": header})
    with _serving(_all_known) as host:
        host.answer = lambda ids: busy if len(host.asked) == 1 else _all_known(ids)
        (paper,) = _api(host).fetch(["1901.00001"])

    assert isinstance(paper, Paper)


def test_the_user_agent_names_the_project_and_whom_to_write_to() -> None:
    with _serving(_all_known) as host:
        list(_api(host).fetch(["1901.00001"]))
        list(_api(host, contact="ann@example.org\r\nX: 1").fetch(["1901.00001"]))

    assert re.fullmatch(r"journal-club/\d+\.\d+\S*", host.agents[0])
    assert re.fullmatch(r"journal-club/\S+ \(\+ann@example\.org X: 1\)", host.agents[1])


def test_entities_of_a_feed_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    feed = _feed(_entry("1901.00001v1", title="&x;")).replace(
        "<feed", f'<!DOCTYPE feed [<!ENTITY x SYSTEM "{secret.as_uri()}">]><feed', 1
    )
    with _serving(lambda ids: Reply(feed)) as host:
        given = list(_api(host).fetch(["1901.00001"]))

    assert "secret" not in str(given)


def test_what_a_host_asks_for_is_handed_on() -> None:
    with _serving(lambda ids: Reply(status=503, headers={"Retry-After": "7200"})) as host:
        (given,) = _api(host).fetch(["1901.00001"])

    assert isinstance(given, Unreachable)
    assert not isinstance(given, NoNetwork)
    assert given.wait == 7200


def test_a_first_version_is_all_there_is_and_a_withdrawn_paper_is_told() -> None:
    gone = _entry("1901.00001v1").replace("Kettles whistle", "This paper has been withdrawn")
    with _serving(lambda ids: Reply(_feed(gone))) as host:
        (paper,) = _api(host).fetch(["1901.00001"])

    assert isinstance(paper, Paper)
    assert paper.versions == (Version(1, date(2019, 1, 2)),)
    assert paper.withdrawn


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("On Kettles", 'ti:"On Kettles"'),
        ('Say "no": semi-supervised AND ti:x', 'ti:"Say no semi supervised AND ti x"'),
        (r"The M\"obius $\epsilon$-kettle, \emph{again}", 'ti:"The Möbius ε kettle again"'),
    ],
)
def test_a_title_is_searched_for_as_words_alone(title: str, query: str) -> None:
    with _serving(lambda ids: Reply(_feed(_entry("1901.00001v1"), total=1))) as host:
        (paper,) = _api(host).search_title(title)

    asked = parse_qs(host.queries[0])
    assert paper.title == "On Kettles"
    assert asked["search_query"] == [query]
    assert asked["max_results"] == ["10"]


def test_a_search_gives_ten_candidates_at_most_and_none_for_no_words() -> None:
    many = [_entry(f"{arxiv_id}v1") for arxiv_id in _ids(10)]
    with _serving(lambda ids: Reply(_feed(*many, total=5000))) as host:
        found = _api(host).search_title("On Kettles")
        none = _api(host).search_title("$ — ?")

    assert [paper.id for paper in found] == _ids(10)
    assert none == []
    assert len(host.asked) == 1


@pytest.mark.parametrize("reply", [Reply(_feed()), Reply("<feed/>", status=400)])
def test_a_search_that_finds_nothing_is_no_failure(reply: Reply) -> None:
    with _serving(lambda ids: reply) as host:
        assert _api(host).search_title("On Kettles") == []


def test_a_search_fails_as_a_fetch_does() -> None:
    with _serving(lambda ids: Reply(status=429)) as host:
        api = _api(host)
        with pytest.raises(Unreachable, match="too many requests"):
            api.search_title("On Kettles")
        (given,) = api.fetch(["1901.00001"])

    assert isinstance(given, Unreachable)

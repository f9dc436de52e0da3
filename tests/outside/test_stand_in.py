"""The stand-in answers in the shape of the recorded replies, and goes wrong as it is told to."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from lxml import etree

from ingest import ArxivApi, Discourse
from tests.outside.faults import Fault, a_page, limited
from tests.outside.filling import add_seed_papers, open_long_topic
from tests.outside.recorded import Recordings
from tests.outside.server import OutsideServer, standing_in

OAI = "{http://www.openarchives.org/OAI/2.0/}"


@pytest.fixture
def outside() -> Iterator[OutsideServer]:
    with standing_in() as server:
        yield server


def get(server: OutsideServer, path: str) -> requests.Response:
    return requests.get(server.address + path, timeout=5)


def tags(element: etree._Element, depth: int = 2) -> list[object]:
    """Return names of elements with those of their attributes, runs of one name taken once."""
    found: list[object] = []
    for child in element:
        told = (child.tag, sorted(child.attrib), tags(child, depth - 1) if depth else [])
        if told not in found[-1:]:
            found.append(told)
    return found


def add_paper(server: OutsideServer, paper_id: str = "1901.00001", **more: object) -> None:
    server.papers.add(paper_id, "Kettles: a Study", "They whistle. Loudly.", **more)


@pytest.mark.parametrize(
    ("asked", "recorded"),
    [
        ("1901.00001", "id_1707.08567_s0_m100_6a1afebfc6a3.xml"),
        ("0000.0000", "id_0000.0000_s0_m100_8b51d9633a68.xml"),
        ("abc", "id_abc_s0_m100_b79c8dcf6bc3.xml"),
    ],
)
def test_feeds_have_the_shape_of_the_recorded_ones(
    outside: OutsideServer, shared: Path, asked: str, recorded: str
) -> None:
    add_paper(outside, comments="44 pages")
    reply = get(outside, f"/api/query?search_query=&id_list={asked}&start=0&max_results=100")
    folder = shared / "arxiv" / "api_samples" / "atom_2026_recorded"
    index = json.loads((folder / "index.json").read_text())
    status = next(entry["status_code"] for entry in index if entry["file"] == recorded)
    assert reply.status_code == status
    assert tags(etree.fromstring(reply.content)) == tags(etree.parse(folder / recorded).getroot())


def test_papers_come_by_id_version_and_title_as_they_were(outside: OutsideServer) -> None:
    add_paper(outside)
    outside.papers.resubmit("1901.00001", abstract="They sing.")
    outside.papers.withdraw("1901.00001")
    api = ArxivApi(outside.arxiv_url, delay_seconds=0)
    first, newest = api.fetch(["1901.00001v1", "1901.00001"])
    assert (getattr(first, "abstract", None), getattr(first, "version", None)) == (
        "They whistle. Loudly.",
        1,
    )
    assert (getattr(newest, "abstract", None), getattr(newest, "version", None)) == (
        "They sing.",
        3,
    )
    found = {
        title: get(outside, f'/api/query?search_query=ti:"{title}"').content.count(b"<entry>")
        for title in ("kettles a study", "pots a study")
    }
    assert found == {"kettles a study": 1, "pots a study": 0}


def test_the_seed_papers_are_served(outside: OutsideServer, shared: Path) -> None:
    ids = add_seed_papers(outside.papers, shared / "seed" / "papers.json")
    assert len(ids) == 13
    papers = list(ArxivApi(outside.arxiv_url, delay_seconds=0).fetch(ids))
    assert [getattr(paper, "id", None) for paper in papers] == ids


def test_recorded_replies_are_given_to_who_asks_what_was_asked(
    outside: OutsideServer, shared: Path
) -> None:
    outside.recordings = Recordings(shared)
    (paper,) = ArxivApi(outside.arxiv_url, delay_seconds=0).fetch(["1707.08567"])
    assert getattr(paper, "title", "").startswith("Proceedings of Workshop AEW10")
    identifier = "identifier=oai:arXiv.org:1401.2122"
    record = get(outside, f"/oai?verb=GetRecord&metadataPrefix=arXiv&{identifier}")
    assert b"Sergyeyev" in record.content
    assert get(outside, "/t/57.json?include_raw=1").json()["highest_post_number"] == 14


def records(outside: OutsideServer, asked: str) -> tuple[list[str], list[str], str | None]:
    """Return the ids of a page of records, those of them that are deleted, and its token."""
    root = etree.fromstring(get(outside, f"/oai?{asked}").content)
    headers = list(root.iter(f"{OAI}header"))
    ids = {header: str(header.findtext(f"{OAI}identifier"))[14:] for header in headers}
    deleted = [ids[header] for header in headers if header.get("status") == "deleted"]
    return list(ids.values()), deleted, root.findtext(f".//{OAI}resumptionToken")


def test_oai_pages_hold_each_record_once_and_tell_of_deletions(outside: OutsideServer) -> None:
    for number in range(1, 8):
        add_paper(outside, f"1901.0000{number}", categories=("cs.LG" if number < 7 else "hep-th",))
    outside.papers.delete("1901.00002")
    outside.oai.page = 4
    first = records(outside, "verb=ListRecords&metadataPrefix=arXiv&set=cs")
    second = records(outside, f"verb=ListRecords&resumptionToken={first[2]}")
    assert sorted(first[0] + second[0]) == [f"1901.0000{n}" for n in range(1, 7)]
    assert (first[1] + second[1], second[2]) == (["1901.00002"], "")
    assert records(outside, "verb=ListRecords&metadataPrefix=arXiv&set=physics:hep-th")[0] == [
        "1901.00007"
    ]
    outside.oai.expire_tokens()
    expired = get(outside, f"/oai?verb=ListRecords&resumptionToken={first[2]}")
    assert b'code="badResumptionToken"' in expired.content


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("verb=GetRecord&metadataPrefix=arXiv&identifier=oai:arXiv.org:1", "idDoesNotExist"),
        ("verb=ListRecords&metadataPrefix=arXiv&from=2999-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=x", "cannotDisseminateFormat"),
        ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords", "badArgument"),
        ("verb=Nothing", "badVerb"),
    ],
)
def test_oai_errors_have_their_codes(outside: OutsideServer, asked: str, code: str) -> None:
    add_paper(outside)
    assert f'<error code="{code}">'.encode() in get(outside, f"/oai?{asked}").content


def test_oai_records_have_the_shape_of_the_recorded_ones(
    outside: OutsideServer, shared: Path
) -> None:
    add_paper(outside, doi="10.1000/1", journal="J. 1", comments="16 pages")
    outside.papers.resubmit("1901.00001")
    asked = "verb=GetRecord&metadataPrefix=arXiv&identifier=oai:arXiv.org:1901.00001"
    own = etree.fromstring(get(outside, f"/oai?{asked}").content)
    recorded = etree.parse(shared / "arxiv/api_samples/oai_pmh/arxiv-single.xml").getroot()
    place = "{http://arxiv.org/OAI/arXiv/}"
    paper, example = (root.find(f".//{place}arXiv") for root in (own, recorded))
    assert paper is not None
    assert example is not None
    assert {str(c.tag) for c in example} - {str(c.tag) for c in paper} == {f"{place}msc-class"}
    assert {str(c.tag) for c in paper} <= {str(c.tag) for c in example}
    assert tags(own)[:2] == tags(recorded)[:2]


def test_datacite_knows_a_paper_by_its_doi_however_it_is_spelt(outside: OutsideServer) -> None:
    add_paper(outside)
    told = get(outside, "/dois/10.48550/ARXIV.1901.00001").json()["data"]["attributes"]
    assert told["titles"] == [{"title": "Kettles: a Study"}]
    assert told["creators"][1]["name"] == "Lid, Björn von"
    assert get(outside, "/dois/10.48550/arxiv.1901.99999").status_code == 404


def test_a_topic_of_hundreds_of_posts_is_read_whole(outside: OutsideServer) -> None:
    open_long_topic(outside.forum, 41, 300)
    with Discourse(calls_a_minute=60_000, allow_private_hosts=True) as forum:
        topic = forum.fetch(outside.topic_url(41))
    visible = [p.number for p in outside.forum.topics[41].visible if p.post_type == 1]
    assert [post.post_number for post in topic.posts] == visible
    assert 250 < len(visible) < 300


def test_topics_have_no_field_that_the_recorded_one_lacks_but_the_newer_ones(
    outside: OutsideServer, shared: Path
) -> None:
    open_long_topic(outside.forum, 41, 30)
    topic = get(outside, "/t/41.json").json()
    recorded = json.loads((shared / "discourse" / "topic.json").read_text())
    assert topic.keys() - recorded.keys() == {"like_count", "tags"}
    post, example = (told["post_stream"]["posts"][0] for told in (topic, recorded))
    newer = {"raw", "edit_reason", "wiki", "accepted_answer"}
    latest = json.loads((shared / "discourse" / "posts_latest.json").read_text())
    assert post.keys() - example.keys() <= newer
    assert {"raw", "edit_reason", "wiki"} <= latest["latest_posts"][0].keys()


def test_edits_move_versions_deletions_the_stream_and_neither_the_topic(
    outside: OutsideServer,
) -> None:
    forum = outside.forum
    forum.open(41, "Good papers")
    for number in (1, 2, 3):
        forum.write(41, f"Words {number}.")
    before = get(outside, "/t/41.json?include_raw=1").json()
    forum.edit(41, 1, "Other words.")
    forum.delete(41, 2)
    after = get(outside, "/t/41.json?include_raw=1").json()
    posts = [told["post_stream"]["posts"] for told in (before, after)]
    assert [(p["post_number"], p["version"], p["raw"]) for p in posts[1]] == [
        (1, 2, "Other words."),
        (3, 1, "Words 3."),
    ]
    assert posts[0][0]["updated_at"] < posts[1][0]["updated_at"]
    assert before["last_posted_at"] == after["last_posted_at"]


def test_a_category_is_listed_in_pages_with_what_was_written_last_first(
    outside: OutsideServer,
) -> None:
    for number in range(1, 36):
        outside.forum.open(number, f"Topic {number}")
        outside.forum.write(number, "Words.")
    outside.forum.write(7, "More.")
    first = get(outside, "/c/papers/5/l/latest.json").json()["topic_list"]
    place = outside.address + first["more_topics_url"]
    headers = {"Accept": "application/json"}
    second = requests.get(place, headers=headers, timeout=5).json()["topic_list"]
    ids = [topic["id"] for topic in first["topics"] + second["topics"]]
    assert (ids[:2], sorted(ids)) == ([7, 35], list(range(1, 36)))
    assert "more_topics_url" not in second


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_topic_that_is_not_shown_says_so(outside: OutsideServer, status: int) -> None:
    outside.forum.open(41, "Good papers")
    outside.forum.close(41, status)
    assert get(outside, "/t/41.json").status_code == status


def test_faults_befall_the_requests_that_they_are_planned_for(outside: OutsideServer) -> None:
    add_paper(outside)
    outside.script.plan(Fault(status=429, headers={"Retry-After": "3"}), "api", first=2, times=1)
    replies = [get(outside, "/api/query?id_list=1901.00001") for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 429, 200]
    assert replies[1].headers["Retry-After"] == "3"
    outside.script.plan(a_page(), "dois")
    page = get(outside, "/dois/10.48550/arXiv.1901.00001")
    assert (page.status_code, page.headers["Content-Type"][:9]) == (200, "text/html")
    outside.script.clear()
    assert get(outside, "/dois/10.48550/arXiv.1901.00001").json()["data"]["type"] == "dois"


def test_a_forum_that_is_asked_too_much_says_how_long_to_wait(outside: OutsideServer) -> None:
    outside.script.plan(limited(12), times=1)
    outside.script.plan(limited(7, with_header=False))
    first, second = get(outside, "/t/41.json"), get(outside, "/t/41.json")
    assert (first.status_code, first.headers["Retry-After"]) == (429, "12")
    assert "Retry-After" not in second.headers
    assert second.json()["extras"] == {"wait_seconds": 7, "time_left": "7 seconds"}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(reset=True), requests.ConnectionError),
        (Fault(truncate=100), requests.exceptions.ChunkedEncodingError),
        (Fault(redirects=True), requests.TooManyRedirects),
        (Fault(delay=2), requests.ReadTimeout),
    ],
)
def test_connections_break_as_they_are_told_to(
    outside: OutsideServer, fault: Fault, error: type[Exception]
) -> None:
    outside.script.plan(fault)
    with pytest.raises(error):
        requests.get(f"{outside.arxiv_url}?id_list=1901.00001", timeout=0.3)


def test_a_slow_drip_takes_its_time(outside: OutsideServer) -> None:
    outside.script.plan(Fault(drip=100, body=b"x" * 50))
    began = time.monotonic()
    assert len(get(outside, "/api/query").content) == 50
    assert 0.3 < time.monotonic() - began < 2

"""What the HTTP API shows of documents and papers, and the page it serves."""

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from index import Document, Store
from ingest.pipeline import write
from ingest.report import Tally
from service.app import create_app
from service.composition import Opening
from service.settings import Settings
from tests.fakes import FakeEmbedder
from tests.service.conftest import HOSTILE, TOPIC

MIXMATCH = "MixMatch: A Holistic Approach to Semi-Supervised Learning"
POST = Document(
    key="discourse:forum.example:12:3",
    kind="comment",
    title="Reading room",
    text="Pruning helps 🙂. It costs little.",
    url="https://forum.example/t/reading-room/12/3",
    authors=("ann",),
    date=date(2019, 5, 7),
    papers=("1905.02249", "1710.09412"),
    topic_id=12,
    post_number=3,
    likes=4,
)


def get(client: FlaskClient, address: str) -> dict[str, Any]:
    reply = client.get(address)
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json())


# -- /documents -----------------------------------------------------------------------------


def test_a_hostile_post_comes_as_the_text_it_is(client: FlaskClient) -> None:
    document = get(client, "/documents/thread:invented-readings:4")

    assert HOSTILE in document["text"]
    assert (document["kind"], document["title"]) == ("comment", "Invented readings")
    assert (document["url"], document["topic_id"]) == (TOPIC, 4711)
    assert (document["authors"], document["date"], document["post_number"]) == ([], None, None)
    assert (document["arxiv_id"], document["about"]) == (None, ["1905.02249"])


def test_a_document_s_key_may_hold_a_slash(client: FlaskClient) -> None:
    for key in ("arxiv:math/0309136:record", "arxiv:math%2F0309136:record"):
        document = get(client, f"/documents/{key}")
        assert document["key"] == "arxiv:math/0309136:record"
        assert document["text"].startswith("Title: Lattices from an Older Time\n")
        assert (document["date"], document["arxiv_id"]) == ("2003-09-08", "math/0309136")


def test_a_changed_document_still_shows_what_an_earlier_answer_quoted(tmp_path: Path) -> None:
    embedder, store = FakeEmbedder(), Store.create(tmp_path)
    for text in (POST.text, "Somebody rewrote this."):
        edited = Document(**{n: getattr(POST, n) for n in POST.__slots__} | {"text": text})
        write([edited], 1, store, embedder, Tally(), lambda progress: None)
    store.close()
    opening = Opening(Settings(data=tmp_path, host="127.0.0.1"), embedder)
    client = create_app(opening).test_client()

    now = get(client, f"/documents/{POST.key}")
    earlier = get(client, f"/documents/{POST.key}?revision=1")
    opening.close()

    assert (now["text"], now["revision"]) == ("Somebody rewrote this.", 2)
    assert earlier == {
        "kind": "comment",
        "title": "Reading room",
        "url": "https://forum.example/t/reading-room/12/3",
        "revision": 1,
        "authors": ["ann"],
        "topic_id": 12,
        "post_number": 3,
        "version": None,
        "date": "2019-05-07",
        "arxiv_id": None,
        "about": ["1905.02249", "1710.09412"],
        "works": [],
        "key": "discourse:forum.example:12:3",
        "text": "Pruning helps 🙂. It costs little.",
        "likes": 4,
    }


# -- /papers --------------------------------------------------------------------------------


def test_papers_are_listed_with_their_comments_counted_and_what_is_pending(
    client: FlaskClient,
) -> None:
    found = get(client, "/papers")

    assert found["total"] == 4
    papers = {paper["arxiv_id"]: paper for paper in found["papers"]}
    assert {key: paper["comments"] for key, paper in papers.items()} == {
        "1710.09412": 1,
        "1904.12848": 1,
        "1905.02249": 4,
        "math/0309136": 0,
    }
    assert papers["1905.02249"] == {
        "id": "1905.02249",
        "arxiv_id": "1905.02249",
        "title": MIXMATCH,
        "authors": ["David Berthelot", "Nicholas Carlini"],
        "year": None,
        "withdrawn": False,
        "published": "2019-05-06",
        "updated": None,
        "version": None,
        "categories": ["cs.LG", "cs.CV"],
        "names": ["MixMatch"],
        "pending": None,
        "url": "https://arxiv.org/abs/1905.02249",
        "comments": 4,
    }
    assert "cannot be reached" in papers["1904.12848"]["pending"]


def test_papers_come_in_parts(client: FlaskClient) -> None:
    found = get(client, "/papers?limit=2&offset=1")

    ids = [paper["arxiv_id"] for paper in found["papers"]]
    assert (found["total"], ids) == (4, ["1904.12848", "1905.02249"])
    assert get(client, "/papers?offset=9") == {"total": 4, "papers": []}


@pytest.mark.parametrize(
    "form",
    [
        "1905.02249",
        "1905.02249v2",
        "arXiv:1905.02249",
        "https://arxiv.org/abs/1905.02249v1",
        "https%3A%2F%2Farxiv.org%2Fpdf%2F1905.02249",
        "10.48550/arXiv.1905.02249",
    ],
)
def test_a_paper_is_shown_with_abstract_note_and_comments(client: FlaskClient, form: str) -> None:
    paper = get(client, f"/papers/{form}")

    assert (paper["arxiv_id"], paper["title"], paper["doi"]) == ("1905.02249", MIXMATCH, None)
    assert paper["abstract"].startswith("MixMatch guesses labels for unlabeled pictures.")
    assert paper["note"].startswith("MixMatch learns from few labels.")
    told = [(c["key"], c["rule"], c["confidence"]) for c in paper["comments"]]
    assert told == [(f"thread:invented-readings:{n}", "name", told[0][2]) for n in range(1, 5)]
    assert 0.8 < told[0][2] < 1
    assert paper["comments"][1]["text"] == "Is a Python implementation of MixMatch available yet?"


def test_a_paper_with_an_old_id_is_found_and_one_without_abstract_says_why(
    client: FlaskClient,
) -> None:
    assert get(client, "/papers/math/0309136")["title"] == "Lattices from an Older Time"
    pending = get(client, "/papers/1904.12848")
    assert pending["abstract"] is None
    assert "cannot be reached" in pending["pending"]


# -- the page and the process ---------------------------------------------------------------


def test_the_page_and_what_it_loads_are_served(client: FlaskClient) -> None:
    page = client.get("/")

    assert (page.status_code, page.mimetype) == (200, "text/html")
    for name, mimetype in (("chat.js", "text/javascript"), ("chat.css", "text/css")):
        assert f"/static/{name}" in page.text
        with client.get(f"/static/{name}") as file:
            assert (file.status_code, file.mimetype) == (200, mimetype)


def test_the_application_is_imported_without_the_model_s_libraries() -> None:
    heavy = "{'torch', 'sentence_transformers', 'transformers'}"
    code = f"import sys, service.app; print(*sorted({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")

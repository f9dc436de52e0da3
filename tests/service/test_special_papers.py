"""Papers that were withdrawn, and works that are not on arXiv, are said to be so wherever shown."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from index import Document, Store, search
from ingest import BadSource, Catalogue, Paper
from ingest.making import paper_documents, paper_keys
from ingest.paper_rows import Origin
from service.answering import answer
from service.answers import Answer, Question
from service.app import create_app
from service.composition import Opening
from service.facts import sources_of
from service.library import Library
from service.paper_ids import read_paper_id
from service.settings import Settings
from service.terminal import answer_text
from tests.fakes import FakeEmbedder
from tests.index.filling import fill

WITHDRAWN = Paper(
    "1901.00001",
    title="Kettles That Whistle Backwards",
    abstract="Backward kettles whistle before the water boils on the stove.",
    authors=("Ann Boil",),
    published=date(2019, 1, 1),
    names=("BackKettle",),
    withdrawn=True,
)
SOUND = replace(
    WITHDRAWN,
    id="1901.00002",
    title="Kettles That Whistle",
    abstract="Plain kettles whistle once the water boils.",
    names=("PlainKettle",),
    withdrawn=False,
)
WORK = Paper(
    "doi:10.1000/teapots",
    title="On the Pouring of Teapots",
    authors=("Bo Spout",),
    doi="10.1000/teapots",
    year=1998,
    names=("PourNet",),
)
UNTITLED = Paper("work:on-lids-1990", title="On Lids", authors=("Lea Lid",), year=1990)
POST = Document(
    "thread:kettles:1",
    "comment",
    "Kettles",
    f"Look at this. {WITHDRAWN.abstract} What of it?",
    papers=(WITHDRAWN.id, WORK.id),
)
PAPERS = (WITHDRAWN, SOUND, WORK, UNTITLED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with closing(Store.create(tmp_path / "library")) as store:
        Catalogue(store).papers.claim(PAPERS, Origin("a list", 1))
        made = [document for paper in PAPERS for document in paper_documents(paper)]
        fill(store, FakeEmbedder(), *made, POST)
    return tmp_path / "library"


@pytest.fixture
def opening(folder: Path) -> Iterator[Opening]:
    made = Opening(Settings(data=folder, host="127.0.0.1"), FakeEmbedder())
    made.load()
    yield made
    made.close()


@pytest.fixture
def library(opening: Opening) -> Library:
    return opening.open_library()


@pytest.fixture
def client(opening: Opening) -> FlaskClient:
    return create_app(opening).test_client()


def leads(answered: Answer) -> list[str | None]:
    return [sentence.lead for sentence in answered.sentences]


# -- withdrawn papers -----------------------------------------------------------------------


def test_an_abstract_that_is_quoted_is_said_to_be_withdrawn(library: Library) -> None:
    answered = answer(Question("When do BackKettle kettles whistle?"), library)

    assert leads(answered)[0] == "The abstract of BackKettle, which has been withdrawn, says:"
    assert answered.citations[0].withdrawn is True
    assert "(abstract, withdrawn) https://arxiv.org/abs/1901.00001" in answer_text(answered)


def test_an_abstract_of_another_paper_is_not(library: Library) -> None:
    answered = answer(Question("When do PlainKettle kettles whistle?"), library)

    assert leads(answered)[0] == "The abstract of PlainKettle says:"
    assert answered.citations[0].withdrawn is False


def test_a_record_is_said_to_be_of_a_withdrawn_paper(library: Library) -> None:
    named = answer(Question("Who wrote BackKettle?"), library)
    listed = answer(Question("Which papers are by Ann Boil?"), library)

    assert leads(named) == ["The record of BackKettle, which has been withdrawn, says:"]
    assert [citation.withdrawn for citation in listed.citations] == [True, False]
    assert leads(listed) == [
        "In the record of a paper that has been withdrawn:", "In the record:"
    ]  # fmt: skip


def test_words_that_a_member_pasted_from_it_are_said_to_be_withdrawn(library: Library) -> None:
    library.store.remove(paper_keys(WITHDRAWN.id))

    answered = answer(Question("When do BackKettle kettles whistle?"), library)

    assert leads(answered)[0] == (
        "In the thread, a member quotes the paper, which has been withdrawn:"
    )
    assert answered.citations[0].withdrawn is False  # the post stands as it is


def test_what_is_read_and_found_is_marked_as_well(library: Library, client: FlaskClient) -> None:
    hits = search("kettles whistle", library.store, library.embedder, 9)

    shown = {source.document: source.withdrawn for source in sources_of(hits, library.catalogue)}
    served = client.get("/search?q=kettles+whistle&k=9").get_json()["hits"]

    assert shown["arxiv:1901.00001:abstract"] is True
    assert shown["arxiv:1901.00002:abstract"] is False
    assert {hit["document"]: hit["withdrawn"] for hit in served} == shown


def test_papers_are_listed_as_withdrawn_or_not(client: FlaskClient) -> None:
    listed = client.get("/papers").get_json()["papers"]

    assert {paper["id"]: paper["withdrawn"] for paper in listed} == {
        "1901.00001": True, "1901.00002": False, WORK.id: False, UNTITLED.id: False,
    }  # fmt: skip
    assert client.get("/papers/1901.00001").get_json()["withdrawn"] is True


# -- works that are not on arXiv ------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    ["Who wrote PourNet?", "Who wrote 10.1000/teapots?", "Who wrote doi:10.1000/Teapots?"],
)
def test_a_record_of_a_work_says_that_it_is_not_on_arxiv(library: Library, question: str) -> None:
    answered = answer(Question(question), library)

    assert leads(answered) == [
        "The record of PourNet (not on arXiv: its abstract is not here) says:"
    ]
    (cited,) = answered.citations
    assert (cited.quote, cited.document) == ("Authors: Bo Spout", paper_keys(WORK.id)[1])
    assert (cited.arxiv_id, cited.about, cited.works) == (None, (), (WORK.id,))
    assert "(record, not on arXiv; no abstract)" in answer_text(answered)


def test_a_list_of_records_says_which_is_of_a_work(library: Library) -> None:
    answered = answer(Question("Which papers are by Bo Spout?"), library)

    assert leads(answered) == [
        "In the record, which is all there is here of a work that is not on arXiv:"
    ]


def test_a_comment_is_about_papers_and_works(client: FlaskClient) -> None:
    shown = client.get(f"/documents/{POST.key}").get_json()

    assert (shown["about"], shown["works"]) == ([WITHDRAWN.id], [WORK.id])


@pytest.mark.parametrize(
    "form", [WORK.id, "10.1000/TEAPOTS", "DOI:10.1000/teapots", "https://doi.org/10.1000/teapots"]
)
def test_the_page_of_a_work_is_found_by_its_doi(client: FlaskClient, form: str) -> None:
    page = client.get(f"/papers/{form}").get_json()

    assert (page["id"], page["arxiv_id"], page["year"]) == (WORK.id, None, 1998)
    assert (page["url"], page["abstract"], page["pending"]) == (
        "https://doi.org/10.1000/teapots", None, None,
    )  # fmt: skip
    assert [comment["key"] for comment in page["comments"]] == [POST.key]


def test_a_work_without_a_doi_is_found_by_its_id_and_has_no_address(client: FlaskClient) -> None:
    page = client.get(f"/papers/{UNTITLED.id}").get_json()

    assert (page["title"], page["url"]) == ("On Lids", None)


def test_a_work_that_is_not_here_is_told_with_what_brings_it(client: FlaskClient) -> None:
    reply = client.get("/papers/doi:10.1000/other")

    assert reply.status_code == 404
    assert reply.get_json()["detail"] == (
        "Paper doi:10.1000/other is not in this library. A work that is not on arXiv comes in by a"
        " reading list."
    )


def test_questions_and_searches_can_be_limited_to_a_work(client: FlaskClient) -> None:
    found = client.get("/search?q=teapots&arxiv_ids=doi:10.1000/Teapots").get_json()["hits"]

    assert {hit["document"] for hit in found} <= {paper_keys(WORK.id)[1], POST.key}
    assert found


def test_arxiv_s_own_dois_are_arxiv_ids_and_other_words_are_none() -> None:
    assert read_paper_id("https://doi.org/10.48550/arXiv.1905.02249") == "1905.02249"
    with pytest.raises(BadSource, match="this is not an arXiv id"):
        read_paper_id("MixMatch")


# -- accepted answers -----------------------------------------------------------------------


def test_a_comment_that_was_accepted_as_the_answer_is_shown_so(
    library: Library, client: FlaskClient
) -> None:
    row = {"key": POST.key, "source": "thread:kettles.txt", "position": 0, "accepted": 1}
    columns = library.store.connection.execute("pragma table_info(posts)").fetchall()
    needed = {c["name"]: "" for c in columns if c["notnull"] and c["dflt_value"] is None} | row
    names, marks = ", ".join(needed), ", ".join(f":{name}" for name in needed)
    library.store.connection.execute(f"insert into posts ({names}) values ({marks})", needed)

    (comment,) = client.get(f"/papers/{WITHDRAWN.id}").get_json()["comments"]

    assert (comment["accepted"], comment["rule"]) == (True, None)

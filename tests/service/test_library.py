"""A library that is open sees what others change, and makes nothing twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from index import Document, Store
from ingest import Catalogue, Paper
from ingest.making import paper_documents
from ingest.paper_rows import Origin
from ingest.report import Tally
from service.answering import answer
from service.answers import Question
from service.library import Library, short_name
from service.names import surnames
from tests.fakes import FakeEmbedder
from tests.index.filling import fill

FILE = Origin("a file", 2)
KETTLES = Paper(
    "1901.00001",
    title="KettleNet: Learning to Whistle by Boiling",
    abstract="Kettles whistle when they boil.",
    authors=("Ann Boil", "Léon Lid"),
    published=date(2019, 1, 1),
    names=("KettleNet",),
)
TEAPOTS = Paper("1901.00002", title="On the Pouring of Teapots", authors=("Bo Spout",))


def add(store: Store, *papers: Paper) -> None:
    """Bring in papers as a run of ingest does."""
    catalogue = Catalogue(store)
    run = catalogue.runs.begin()
    catalogue.papers.claim(papers, FILE)
    fill(store, FakeEmbedder(), *(d for paper in papers for d in paper_documents(paper)))
    catalogue.runs.end(run, Tally().report(0.1, stopped=False))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with closing(Store.create(tmp_path / "library")) as store:
        add(store, KETTLES)
    return tmp_path / "library"


@pytest.fixture
def library(folder: Path) -> Iterator[Library]:
    """Return a library of one paper that is open."""
    store = Store.open(folder)
    yield Library(store, FakeEmbedder())
    store.close()


def change(folder: Path, *papers: Paper) -> None:
    """Bring in papers as another process does."""
    with closing(Store.open(folder)) as store:
        add(store, *papers)


def named(library: Library, text: str) -> list[str]:
    return [paper.id for paper in library.names().named_in(text)]


# -- what others change ---------------------------------------------------------------------


def test_a_paper_that_another_process_brings_is_named_and_answered_at_once(
    folder: Path, library: Library
) -> None:
    question = Question("Who wrote On the Pouring of Teapots?")
    assert answer(question, library).abstained
    generation = library.store.generation()

    change(folder, TEAPOTS)

    answered = answer(question, library)
    assert [citation.quote for citation in answered.citations] == ["Authors: Bo Spout"]
    assert answered.generation > generation


def test_a_new_name_for_a_paper_is_known_after_the_run_that_brings_it(
    folder: Path, library: Library
) -> None:
    assert named(library, "Is WhistleNet loud?") == []

    change(folder, Paper("1901.00001", names=("WhistleNet",)))

    assert named(library, "Is WhistleNet loud?") == ["1901.00001"]


def test_a_changed_text_is_quoted_as_it_is_now(folder: Path, library: Library) -> None:
    question = Question("When do kettles whistle?")
    answer(question, library)

    with closing(Store.open(folder)) as other:
        abstract = other.fetch("arxiv:1901.00001:abstract")
        assert isinstance(abstract, Document)
        changed = Paper("1901.00001", title="T", abstract="Kettles whistle when they burn.")
        fill(other, FakeEmbedder(), paper_documents(changed)[0])

    (cited,) = answer(question, library).citations
    assert (cited.quote, cited.revision) == ("Kettles whistle when they burn.", 2)


def test_a_removed_document_is_neither_cited_nor_shown(folder: Path, library: Library) -> None:
    question = Question("When do kettles whistle?")
    assert answer(question, library).citations[0].document == "arxiv:1901.00001:abstract"

    with closing(Store.open(folder)) as other:
        other.remove(["arxiv:1901.00001:abstract"])

    answered = answer(question, library)
    read = {source.document for source in (*answered.citations, *answered.sources)}
    assert "arxiv:1901.00001:abstract" not in read


def test_a_paper_is_named_by_what_is_known_of_it_at_the_next_question(
    folder: Path, library: Library
) -> None:
    assert named(library, "Who likes WhistleNet or KettleNet?") == ["1901.00001"]

    change(folder, Paper("1901.00001", title="On Mugs", names=("WhistleNet",)), TEAPOTS)

    assert named(library, "Who likes KettleNet?") == []
    assert named(library, "Who likes WhistleNet?") == ["1901.00001"]
    assert named(library, "the mugs paper, and On the Pouring of Teapots") == [
        "1901.00002",
        "1901.00001",
    ]


def test_many_threads_find_the_same_papers_while_another_process_writes(
    folder: Path, library: Library
) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(named, library, "What is KettleNet?") for _ in range(32)]
        change(folder, TEAPOTS)

    assert {tuple(each.result()) for each in found} == {("1901.00001",)}


# -- nothing is made twice ------------------------------------------------------------------


def test_a_sentence_is_embedded_once(library: Library) -> None:
    embedder = library.embedder
    assert isinstance(embedder, FakeEmbedder)

    first = library.sentence_vectors(["Kettles boil.", "Teapots pour.", "Kettles boil."])
    again = library.sentence_vectors(["Teapots pour.", "Lids fall."])

    assert embedder.encoded == 3
    assert (first[0] == first[2]).all()
    assert (again[0] == first[1]).all()
    assert (again == FakeEmbedder().encode(["Teapots pour.", "Lids fall."])).all()


# -- how papers are named -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("how does it whistlle?", "how does it whistle?"),
        ("how does it whistle?", "how does it whistle?"),
        ("is it Whistlle or WHISTLLE?", "is it Whistlle or WHISTLLE?"),  # may be names
        ("what of saffron?", "what of saffron?"),
        ("boil", "boil"),
    ],
)
def test_only_small_words_that_stand_nowhere_are_spelt_as_titles_do(
    library: Library, text: str, spelt: str
) -> None:
    assert library.spelt(text) == spelt


def test_a_description_that_fits_many_papers_names_none(folder: Path, library: Library) -> None:
    reports = [Paper(f"1901.0000{n}", title=f"Teapot Report {n}") for n in range(2, 6)]
    change(folder, *reports[:3])
    assert len(named(library, "the teapot paper")) == 3

    change(folder, reports[3])

    assert named(library, "the teapot paper") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the whistling and boiled paper", True),
        ("a paper about boiled whistles", True),
        ("the learned whistles paper", True),
        ("the whistles paper", True),
        ("the whistling paper", False),  # a single word must stand there, or its plural
        ("the whistling mug paper", False),
        ("the learned whist paper", True),
        ("the learned whi paper", False),
    ],
)
def test_a_description_names_the_paper_that_has_its_words_in_other_forms(
    library: Library, text: str, found: bool
) -> None:
    assert named(library, text) == (["1901.00001"] if found else [])


def test_a_description_may_have_the_beginning_of_a_word(folder: Path, library: Library) -> None:
    change(folder, Paper("1901.00003", title="On Normalization of Batches"))
    assert named(library, 'is "batch norm" good?') == ["1901.00003"]

    change(folder, Paper("1901.00004", title="The Norm of a Batch"))

    assert named(library, 'is "batch norm" good?') == ["1901.00004"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What did Boil and Lid find?", True),
        ("What did Boil et al. find?", True),
        ("What did Boil & Lid find?", True),
        ("What did Lid and Boil find?", False),  # named by the first author
        ("What did Boil and Spout find?", False),
        ("Why do kettles boil and lid up?", False),
    ],
)
def test_a_paper_is_named_by_its_first_author_and_one_more(
    library: Library, text: str, found: bool
) -> None:
    assert library.names().named_in(text) == ((KETTLES,) if found else ())


def test_first_authors_of_many_papers_name_none(folder: Path, library: Library) -> None:
    others = (Paper(f"1902.0000{n}", title=f"T{n}", authors=("Ann Boil",)) for n in range(3))
    change(folder, *others)

    assert named(library, "What did Boil et al. find?") == []
    assert named(library, "What did Boil and Lid find?") == ["1901.00001"]


@pytest.mark.parametrize("text", ["\ud800", "KettleNet\ud800?", "10.1234/\ud800", "\x00" * 9])
def test_a_question_of_broken_characters_is_read(library: Library, text: str) -> None:
    assert named(library, text) == (["1901.00001"] if "Kettle" in text else [])


def test_a_library_without_papers_names_none(tmp_path: Path) -> None:
    with closing(Store.create(tmp_path / "empty")) as store:
        library = Library(store, FakeEmbedder())
        assert named(library, "KettleNet, 1901.00001 and the kettle paper") == []
        assert library.names().spelt("whistlle") == "whistlle"


def test_people_call_a_paper_by_its_short_name_else_its_title_else_its_id() -> None:
    assert short_name(KETTLES) == "KettleNet"
    assert short_name(TEAPOTS) == "On the Pouring of Teapots"
    assert short_name(Paper("1901.00003")) == "arXiv:1901.00003"


def test_surnames_are_the_last_words_of_names_without_accents() -> None:
    authors = ("Moustapha Cissé", "van der Berg", "Plato", "…")

    assert surnames(Paper("1901.00003", authors=authors)) == {"cisse", "berg", "plato"}

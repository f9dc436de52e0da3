"""What was found becomes text with marks, citations, sources and suggestions that fit it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from index import Document, Filters, Hit, Passage
from ingest import Paper
from service.answers import Answer, Question, Timings
from service.composition import Opening
from service.confidence import SURE, Judgement
from service.gate import Draft
from service.library import Library
from service.shaping import Found, shape
from service.understanding import understand

MIXMATCH, UDA, LATTICES = "1905.02249", "1904.12848", "math/0309136"
UNSURE = Judgement(0.3, "No passage here answers this.")
POST = Document(
    "discourse:forum.example.org:9:3",
    "comment",
    "Talk of kettles",
    "Kettles 🫖\n\nwhistle” [7] they say. Do they?",
    url="https://forum.example.org/t/9/3",
    authors=("ada",),
    date=date(2019, 5, 8),
    papers=(UDA, MIXMATCH),
    topic_id=9,
    post_number=3,
    revision=2,
)


@pytest.fixture
def library(opening: Opening) -> Library:
    return opening.library()


def shaped(
    library: Library,
    asked: str | Question,
    drafts: Sequence[Draft] = (),
    judgement: Judgement = SURE,
    hits: Sequence[Hit] = (),
) -> Answer:
    question = Question(asked) if isinstance(asked, str) else asked
    found = Found(understand(question, library), list(drafts), list(hits), judgement)
    return shape(question, found, library, 7, Timings(1, 2, 3, 4, 10))


def drafted(start: int, end: int, document: Document = POST) -> Draft:
    return Draft(document, start, end, 0.123456, "discussion", "In the thread, ada says:")


def hit(document: Document, number: int = 1) -> Hit:
    return Hit(Passage(number, document, 0, len(document.text)), 0.5, 0.4, 1.0)


def a_hit(library: Library, paper: Paper) -> Hit:
    return hit(library.store.documents(Filters(arxiv_ids=(paper.id,)))[0])


# -- sentences and citations ----------------------------------------------------------------


def test_offsets_count_code_points_over_emoji_line_breaks_and_marks_in_quotes(
    library: Library,
) -> None:
    answered = shaped(library, "Kettles?", [drafted(0, 33), drafted(34, 42)])

    assert answered.answer == (
        "In the thread, ada says: “Kettles 🫖\n\nwhistle” [7] they say.” [1]\n“Do they?” [2]"
    )
    assert [answered.answer[s.start : s.end] for s in answered.sentences] == [
        POST.text[0:33],
        POST.text[34:42],
    ]
    assert [s.text for s in answered.sentences] == [POST.text[0:33], POST.text[34:42]]


def test_a_citation_tells_all_about_its_document(library: Library) -> None:
    (cited,) = shaped(library, "Kettles?", [drafted(34, 42)]).citations

    assert (cited.number, cited.document, cited.kind) == (1, POST.key, "comment")
    assert (cited.quote, cited.start, cited.end, cited.score) == ("Do they?", 34, 42, 0.1235)
    assert (cited.title, cited.authors, cited.date) == (POST.title, ("ada",), "2019-05-08")
    assert (cited.url, cited.topic_id, cited.post_number) == (POST.url, 9, 3)
    assert (cited.arxiv_id, cited.about, cited.revision) == (None, (UDA, MIXMATCH), 2)


def test_an_answer_says_what_was_asked_and_with_what_it_was_answered(library: Library) -> None:
    answered = shaped(library, "Who  wrote uda?", [drafted(34, 42)])

    assert (answered.question, answered.standalone_question) == (
        "Who  wrote uda?",
        "Who wrote uda?",
    )
    assert (answered.generation, answered.embedding_model, answered.mode) == (
        7,
        "fake",
        "extractive",
    )
    assert (answered.confidence, answered.timings_ms.total) == (0.95, 10)


def test_every_answer_has_an_id_of_its_own(library: Library) -> None:
    assert shaped(library, "Kettles?").id != shaped(library, "Kettles?").id


# -- silence --------------------------------------------------------------------------------


def test_what_is_too_unsure_is_not_said(library: Library) -> None:
    answered = shaped(library, "Kettles?", [drafted(34, 42)], UNSURE, [hit(POST)])

    assert (answered.abstained, answered.confidence) == (True, 0.3)
    assert (answered.sentences, answered.citations) == ((), ())
    assert answered.answer == "Not in this library. No passage here answers this."
    assert [source.quote for source in answered.sources] == [POST.text]


def test_nobody_is_confident_of_saying_nothing(library: Library) -> None:
    answered = shaped(library, "Kettles?", [], SURE)

    assert (answered.abstained, answered.confidence) == (True, 0.0)


# -- sources --------------------------------------------------------------------------------


def test_sources_are_the_hits_that_are_not_cited_best_first_and_no_more_than_asked_for(
    library: Library,
) -> None:
    others = [replace(POST, key=f"post:{n}") for n in range(9)]
    hits = [hit(document, n) for n, document in enumerate([POST, *others])]

    answered = shaped(library, Question("Kettles?", top_k=4), [drafted(34, 42)], SURE, hits)

    assert [source.document for source in answered.sources] == [f"post:{n}" for n in range(4)]


# -- suggestions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "suggestions"),
    [
        (
            "What is MixMatch?",
            (
                "Who wrote MixMatch?",
                "What did members say about MixMatch?",
                "When was MixMatch submitted?",
            ),
        ),
        (
            "Who wrote UDA?",
            ("What did members say about UDA?", "When was UDA submitted?"),
        ),
        (
            "When was Lattices from an Older Time submitted?",
            ("Who wrote Lattices from an Older Time?",),  # nobody spoke of it
        ),
        ("Kettles?", ()),
    ],
)
def test_what_the_library_can_say_of_the_paper_is_suggested_but_not_asked_again(
    library: Library, question: str, suggestions: tuple[str, ...]
) -> None:
    assert shaped(library, question).suggestions == suggestions


def test_without_a_named_paper_the_nearest_ones_are_suggested(library: Library) -> None:
    (lattices,) = library.catalogue.papers.get([LATTICES])

    answered = shaped(library, "Kettles?", hits=[a_hit(library, lattices)])

    assert answered.suggestions == (
        "Who wrote Lattices from an Older Time?",
        "When was Lattices from an Older Time submitted?",
    )

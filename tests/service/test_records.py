"""Who wrote a paper, when and under which number is quoted from its record."""

import pytest

from index import Filters
from service.answering import answer
from service.answers import Answer, Question
from service.composition import Opening
from service.library import Library
from service.records import asked_lines, entry_drafts, line_drafts, records_by_author
from service.understanding import understand

MIXMATCH, MIXUP, UDA = "1905.02249", "1710.09412", "1904.12848"


@pytest.fixture
def library(opening: Opening) -> Library:
    return opening.library()


def ask(library: Library, question: str) -> Answer:
    return answer(Question(question), library)


@pytest.mark.parametrize(
    ("question", "quotes"),
    [
        ("Who wrote MixMatch?", ["Authors: David Berthelot and Nicholas Carlini"]),
        ("who are the authors of uda?", ["Authors: Qizhe Xie and Zihang Dai"]),
        ("When was mixup submitted?", ["Submitted: 25 October 2017 (2017-10-25)"]),
        ("Which categories is MixMatch in?", ["Categories: cs.LG, cs.CV"]),
        ("What is the arXiv number of mixup?", ["arXiv: 1710.09412"]),
        (
            "Who wrote mixup and when was it submitted?",
            [
                "Authors: Hongyi Zhang and Moustapha Cissé",
                "Submitted: 25 October 2017 (2017-10-25)",
            ],
        ),
        (
            "Which came out first, UDA or MixMatch?",
            ["Submitted: 29 April 2019 (2019-04-29)", "Submitted: 6 May 2019 (2019-05-06)"],
        ),
        ("Who wrote Lattices from an Older Time?", ["Authors: Ada Abacus"]),
    ],
)
def test_a_named_paper_s_record_answers_with_the_lines_that_are_asked_for(
    library: Library, question: str, quotes: list[str]
) -> None:
    answered = ask(library, question)

    assert [citation.quote for citation in answered.citations] == quotes
    assert {citation.kind for citation in answered.citations} == {"record"}
    assert {sentence.voice for sentence in answered.sentences} == {"paper"}
    assert answered.confidence == 0.95


@pytest.mark.parametrize(
    ("question", "papers"),
    [
        ("Which papers are by Moustapha Cissé?", [MIXUP]),
        ("papers by cisse", [MIXUP]),
        ("Anything that Zihang Dai has published?", [UDA]),
        ("Papers from 2019", [UDA, MIXMATCH]),
        ("Which papers are from April 2019?", [UDA]),
        ("papers from 2003", ["math/0309136"]),
    ],
)
def test_papers_are_listed_by_author_or_period_oldest_first(
    library: Library, question: str, papers: list[str]
) -> None:
    answered = ask(library, question)

    assert [citation.arxiv_id for citation in answered.citations] == papers
    assert all(citation.quote.startswith("Title: ") for citation in answered.citations)


@pytest.mark.parametrize(
    "question", ["Papers by Napoleon", "papers from 1999", "Who wrote it?", "Who wrote Hamlet?"]
)
def test_no_record_answers_for_an_author_a_time_or_a_paper_that_is_not_here(
    library: Library, question: str
) -> None:
    answered = ask(library, question)

    assert (answered.abstained, answered.citations) == (True, ())


def test_small_words_are_no_author(library: Library) -> None:
    found = understand(Question("Papers by the of and or"), library)

    assert records_by_author(found, library.store) == []


def test_a_title_that_speaks_of_time_asks_for_none(library: Library) -> None:
    found = understand(Question("What is Lattices from an Older Time about?"), library)

    assert asked_lines(found) == []


def test_a_line_that_a_record_lacks_is_not_quoted(library: Library) -> None:
    papers = library.catalogue.papers.get([MIXMATCH])

    drafts = line_drafts(papers, ["DOI", "Comments", "Submitted", "Last revised"], library.store)

    assert [draft.quote for draft in drafts] == ["Submitted: 6 May 2019 (2019-05-06)"]


def test_an_entry_goes_from_the_title_to_the_line_or_is_the_title_alone(library: Library) -> None:
    records = library.store.documents(Filters(kinds=("record",), arxiv_ids=(MIXUP,)))
    title = "Title: mixup: Beyond Empirical Risk Minimization"

    (whole,) = entry_drafts(records, "Authors", library.catalogue)
    (alone,) = entry_drafts(records, "DOI", library.catalogue)

    assert whole.quote == f"{title}\nAuthors: Hongyi Zhang and Moustapha Cissé"
    assert alone.quote == title

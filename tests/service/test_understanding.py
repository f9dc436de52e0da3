"""What a question names, asks for, and takes from the turns before it."""

import time
from datetime import date

import pytest

from service.answers import Question, Turn
from service.composition import Opening
from service.library import Library
from service.understanding import Understood, understand

MIXMATCH, MIXUP, UDA, LATTICES = "1905.02249", "1710.09412", "1904.12848", "math/0309136"


@pytest.fixture
def library(opening: Opening) -> Library:
    return opening.library()


def understood(library: Library, question: str, *earlier: str | Turn) -> Understood:
    turns = tuple(turn if isinstance(turn, Turn) else Turn(turn) for turn in earlier)
    return understand(Question(question, turns), library)


def papers(found: Understood) -> list[str]:
    return sorted(paper.id for paper in found.papers)


# -- what a question names ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What is MixMatch?", [MIXMATCH]),
        ("what is mixmatch?", [MIXMATCH]),
        ("WHAT IS MIXMATCH?", [MIXMATCH]),
        ("who wrote uda?", [UDA]),
        ("Is uda's idea new?", [UDA]),
        ("Is UDA better than mixup?", [MIXUP, UDA]),
        ("Explain mixup: Beyond Empirical Risk Minimization", [MIXUP]),
        ("who wrote lattices from an older time", [LATTICES]),
        ("Who wrote 1905.02249v2?", [MIXMATCH]),
        ("Who wrote math/0309136?", [LATTICES]),
        ("What is https://arxiv.org/abs/math/0309136 about?", [LATTICES]),
        ("What does the paper about holistic learning say?", [MIXMATCH]),
        ("What did Zhang and Cissé find?", [MIXUP]),
        ("What did Berthelot et al. find?", [MIXMATCH]),
        ("What is a kettle?", []),
        ("When do you mix up two eggs?", []),
    ],
)
def test_papers_are_named_by_id_title_short_name_or_authors_in_any_case(
    library: Library, question: str, named: list[str]
) -> None:
    assert papers(understood(library, question)) == named


@pytest.mark.parametrize(
    ("question", "aim"),
    [
        ("Who wrote MixMatch?", "authors"),
        ("Which papers by Berthelot are there?", "authors"),
        ("When was MixMatch submitted?", "dates"),
        ("Which is older, MixMatch or mixup?", "dates"),
        ("What did members say about MixMatch?", "discussion"),
        ("Did anyone like MixMatch?", "discussion"),
        ("Who posted about MixMatch?", "discussion"),
        ("Is there code for MixMatch?", "code"),
        ("How does MixMatch work?", "fact"),
        ("How are old labels made newer?", "fact"),
        ("What is Lattices from an Older Time about?", "fact"),  # the title asks for no date
    ],
)
def test_a_question_asks_for_one_kind_of_thing(library: Library, question: str, aim: str) -> None:
    assert understood(library, question).aim == aim


@pytest.mark.parametrize(
    ("question", "period"),
    [
        ("Which papers are from 2017?", (date(2017, 1, 1), date(2017, 12, 31))),
        ("Papers of February 2016", (date(2016, 2, 1), date(2016, 2, 29))),
        ("papers from december 2019", (date(2019, 12, 1), date(2019, 12, 31))),
        ("Does it take 2017 labels?", None),
        ("When was 1905.02249 submitted?", None),
    ],
)
def test_a_month_or_a_year_is_the_period_from_its_first_to_its_last_day(
    library: Library, question: str, period: tuple[date, date] | None
) -> None:
    assert understood(library, question).period == period


def test_the_words_of_an_answer_are_neither_the_asking_nor_the_naming(library: Library) -> None:
    found = understood(library, "Which error rate does MixMatch's paper report on CIFAR-10?")

    assert (found.words, found.thing) == (("error", "rate", "CIFAR-10"), ("error", "rate"))


def test_a_word_that_stands_nowhere_is_read_as_the_title_spells_it(library: Library) -> None:
    found = understood(library, "what is the holistik aproach?")

    assert found.standalone == "what is the holistic approach?"


def test_an_id_is_searched_for_by_the_paper_s_title(library: Library) -> None:
    found = understood(library, "Which labels does arXiv:1905.02249 need?")

    assert found.query.endswith("MixMatch: A Holistic Approach to Semi-Supervised Learning")
    assert found.standalone == "Which labels does arXiv:1905.02249 need?"


# -- follow-ups -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("earlier", "question", "standalone"),
    [
        ("What is MixMatch?", "Who are its authors?", "Who are MixMatch's authors?"),
        ("What is MixMatch?", "When was it submitted?", "When was MixMatch submitted?"),
        ("What is MixMatch?", "and when was this paper submitted?",
         "and when was MixMatch submitted?"),
        ("What is MixMatch?", "And what did members say about it?",
         "And what did members say about MixMatch?"),
        ("What is MixMatch?", "Any code?", "Any code? (MixMatch)"),
        ("Who wrote MixMatch?", "And the code?", "And the code? (MixMatch)"),
        ("Which error has MixMatch?", "And with few labels?",
         "And with few labels? (Which error has MixMatch?)"),
        ("Who wrote MixMatch?", "What about UDA?", "Who wrote UDA?"),
        ("When was mixmatch's abstract submitted?", "and uda?",
         "When was UDA's abstract submitted?"),
        ("Who wrote MixMatch?", "And who wrote uda?", "And who wrote uda?"),
    ],
)  # fmt: skip
def test_a_follow_up_is_written_out(
    library: Library, earlier: str, question: str, standalone: str
) -> None:
    assert understood(library, question, earlier).standalone == standalone


@pytest.mark.parametrize(
    ("question", "aim"),
    [("And the code?", "code"), ("And when?", "dates"), ("And by whom?", "authors")],
)
def test_a_follow_up_that_says_what_it_asks_for_is_not_asked_as_the_question_before(
    library: Library, question: str, aim: str
) -> None:
    found = understood(library, question, "Did members like MixMatch?")

    assert (found.aim, papers(found)) == (aim, [MIXMATCH])


@pytest.mark.parametrize(
    ("question", "standalone"),
    [
        ("What about the other one?", "Who wrote UDA?"),
        ("When was the other paper submitted?", "When was UDA submitted?"),
        ("and the other?", "Who wrote UDA?"),
    ],
)
def test_the_other_one_is_the_paper_that_was_spoken_of_before(
    library: Library, question: str, standalone: str
) -> None:
    found = understood(library, question, "Compare MixMatch and UDA", "Who wrote MixMatch?")

    assert (found.standalone, papers(found)) == (standalone, [UDA])


def test_a_follow_up_of_a_follow_up_goes_on_from_what_was_asked_last(library: Library) -> None:
    found = understood(
        library, "What about UDA?", "Who wrote MixMatch?", "When was it submitted?", "And mixup?"
    )

    assert (found.standalone, found.aim) == ("When was UDA submitted?", "dates")


def test_a_follow_up_may_lean_on_two_papers(library: Library) -> None:
    found = understood(library, "Which of them is older?", "Compare MixMatch and UDA")

    assert (found.aim, papers(found)) == ("dates", [UDA, MIXMATCH])


def test_the_paper_of_an_earlier_answer_can_be_leant_on(library: Library) -> None:
    earlier = Turn("What guesses labels for pictures?", "The abstract of MixMatch says so.")

    assert papers(understood(library, "Who are its authors?", earlier)) == [MIXMATCH]


@pytest.mark.parametrize(
    "question",
    [
        "How do lattices grow in winter gardens?",
        "Who wrote mixup?",
        "How long does it take to count lattices by hand?",
        "Why is it hard to count old lattices?",
        "When was CIFAR-10 released?",
    ],
)
def test_a_question_that_stands_alone_takes_nothing_from_before(
    library: Library, question: str
) -> None:
    assert understood(library, question, "What is MixMatch?") == understood(library, question)


def test_what_leans_on_nothing_names_no_paper(library: Library) -> None:
    assert understood(library, "Who are its authors?").papers == ()
    assert understood(library, "Who are its authors?", "What is a kettle?").papers == ()


def test_an_answer_that_lists_papers_was_on_none_of_them(library: Library) -> None:
    earlier = Turn(
        "Which papers are here?", "In the record: MixMatch. UDA. Lattices: math/0309136."
    )

    assert understood(library, "Who are its authors?", earlier).papers == ()


def test_what_they_said_about_it_is_asked_of_members(library: Library) -> None:
    found = understood(library, "What did they say about it?", "What is MixMatch?")

    assert (found.standalone, found.aim) == ("What did they say about MixMatch?", "discussion")


@pytest.mark.parametrize(
    ("question", "member"),
    [
        ("What did ada say about MixMatch?", "ada"),
        ("Why did @j.doe-2 post MixMatch?", "j.doe-2"),
        ("What did members say about MixMatch?", None),
        ("What does MixMatch say?", None),
    ],
)
def test_who_is_asked_to_have_said_it_is_known_by_name(
    library: Library, question: str, member: str | None
) -> None:
    assert understood(library, question).member == member


# -- any text -------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["?", "…!?", "***", "\"\" ''", "🙂👩🏽‍🔬", "( ) { } : ^ *"])
def test_signs_alone_ask_for_nothing(library: Library, question: str) -> None:
    found = understood(library, question)

    assert (found.words, found.papers, found.thing, found.aim) == ((), (), (), "fact")


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ('MixMatch" OR title:(NEAR) -x* ^', [MIXMATCH]),
        ("מה זה MixMatch ומי כתב?", [MIXMATCH]),
        ("🙂MixMatch🙂", [MIXMATCH]),
        ("\u202eMixMatch\u202c", [MIXMATCH]),
        ("[1] MixMatch (.*)+$ \\1", [MIXMATCH]),
    ],
)
def test_a_paper_is_found_among_any_signs(
    library: Library, question: str, named: list[str]
) -> None:
    assert papers(understood(library, question)) == named


@pytest.mark.parametrize(
    "question",
    ["what " * 200 + "did " * 250, "paper " * 330, "papers about " * 150, '"MixMatch ' * 200],
)
def test_a_long_question_is_understood_at_once(library: Library, question: str) -> None:
    began = time.process_time()

    found = understood(library, question, *["and " + question] * 3)

    assert time.process_time() - began < 2
    assert len(found.standalone) < 5000

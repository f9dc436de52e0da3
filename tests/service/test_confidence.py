"""What speaks for an answer raises its confidence, what is missing lowers it, within 0..1."""

from dataclasses import astuple, replace
from itertools import product

import pytest

from service.answers import Question
from service.composition import Opening
from service.confidence import (
    OPERATING_POINT,
    Evidence,
    Judgement,
    evidence,
    judge,
    unknown_words,
)
from service.library import Library
from service.understanding import understand

MIDDLING = Evidence(0.4, 0.4, 0.5, 0.5, 0.5, 0, 0, names_paper=False)
NOTHING = Evidence(0, 0, 0, 0, 0, 0, 0, names_paper=False)
EVERYTHING = Evidence(1, 1, 1, 1, 1, 0, 0, names_paper=True)


@pytest.fixture
def library(opening: Opening) -> Library:
    return opening.library()


def with_one(found: Evidence, name: str, value: float) -> Evidence:
    return replace(found, **{name: value})  # type: ignore[arg-type]


def unknown(library: Library, question: str) -> list[str]:
    return unknown_words(understand(Question(question), library), library.store)


@pytest.mark.parametrize("name", ["sentence", "passage", "coverage", "together", "thing"])
def test_confidence_grows_with_what_was_found(name: str) -> None:
    steps = [with_one(MIDDLING, name, n / 10) for n in range(11)]

    told = [judge(step, ()).confidence for step in steps]

    assert told == sorted(told)
    assert told[0] < told[-1]


def test_confidence_grows_when_a_paper_of_the_library_is_named() -> None:
    named = replace(MIDDLING, names_paper=True)

    assert judge(named, ()).confidence > judge(MIDDLING, ()).confidence


@pytest.mark.parametrize("name", ["unknown_names", "unknown_words"])
def test_confidence_falls_with_every_unknown_word(name: str) -> None:
    told = [judge(with_one(EVERYTHING, name, n), ()).confidence for n in range(5)]

    assert told == sorted(told, reverse=True)
    assert told[0] > told[-1]


def test_an_unknown_name_weighs_more_than_an_unknown_word() -> None:
    name, word = replace(EVERYTHING, unknown_names=1), replace(EVERYTHING, unknown_words=1)

    assert judge(name, ()).confidence < judge(word, ()).confidence


def test_confidence_stays_within_0_and_1_whatever_speaks_for_or_against() -> None:
    for cosine, share, count in product((-1, 0, 1), (0, 1), (0, 1, 1000, 10**6)):
        found = Evidence(cosine, cosine, share, share, share, count, count, names_paper=True)
        assert 0 <= judge(found, ()).confidence <= 1


def test_all_evidence_answers_and_none_abstains() -> None:
    assert judge(EVERYTHING, ()).confidence > 0.99
    assert not judge(EVERYTHING, ()).abstains
    assert judge(NOTHING, ()).confidence < 0.01
    assert judge(NOTHING, ()).abstains


def test_the_operating_point_itself_answers() -> None:
    assert not Judgement(OPERATING_POINT, "").abstains
    assert Judgement(OPERATING_POINT - 0.001, "").abstains


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ((), "No passage here answers this."),
        (("saffron",), "Nothing here speaks of “saffron”."),
        (("a", "b c"), "Nothing here speaks of “a”, “b c”."),
        (tuple("abcdefg"), "Nothing here speaks of “a”, “b”, “c”, “d”, “e”."),
    ],
)
def test_the_reason_names_what_is_missing_but_no_long_list(
    missing: tuple[str, ...], reason: str
) -> None:
    assert judge(NOTHING, missing).reason == reason


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Does MixMatch guess labels?", []),
        ("Does MixMatch guess pictures of 250x11?", []),  # both numbers stand in the note
        ("Does MixMatch guess saffron?", ["saffron"]),
        ("Where does it say “guesses labels for”?", []),
        ("Where does it say “labels guesses for”?", ["labels guesses for"]),
        ('"kettle song" "kettle song" "kettle song"', ["kettle song"]),
        ('NEAR" OR title:( ^*', ["NEAR"]),
    ],
)
def test_words_and_quoted_phrases_are_unknown_when_they_stand_nowhere(
    library: Library, question: str, words: list[str]
) -> None:
    assert unknown(library, question) == words


@pytest.mark.parametrize(
    ("question", "names", "words"),
    [
        ("Does it work with Kubernetes?", 1, 0),
        ("Does it work with GPT4 kettles?", 1, 1),
        ("Kettles are loud?", 0, 2),  # a capital that begins the question is none of a name
        ("Where is “kettle song”?", 1, 0),
    ],
)
def test_unknown_names_are_told_from_unknown_words(
    library: Library, question: str, names: int, words: int
) -> None:
    found = understand(Question(question), library)

    told = evidence(found, [], [], {}, unknown_words(found, library.store))

    assert (told.unknown_names, told.unknown_words) == (names, words)


def test_without_hits_there_is_no_evidence_but_for_what_was_not_asked(library: Library) -> None:
    found = understand(Question("Why kettles?"), library)

    assert astuple(evidence(found, [], [], {"kettl": 1.0}, ())) == (0, 0, 0, 0, 1, 0, 0, False)

"""Sentences are found as spans, so that a quote never changes a letter."""

import random
import time

import pytest

from index import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t ", []),
        ("One.", ["One."]),
        ("  One. Two!  Three?\n", ["One.", "Two!", "Three?"]),
        ("See Zhang et al. 2017 for this. Next.", ["See Zhang et al. 2017 for this.", "Next."]),
        ("As Fig. 3 shows, it works. Then.", ["As Fig. 3 shows, it works.", "Then."]),
        ("By Eq. (2) it holds. So.", ["By Eq. (2) it holds.", "So."]),
        ("Use data, e.g. CIFAR, i.e. images. Yes.", ["Use data, e.g. CIFAR, i.e. images.", "Yes."]),
        ("It runs in $O(n. M)$ time. Good.", ["It runs in $O(n. M)$ time.", "Good."]),
        ("It runs at $1.5$ GHz. Good.", ["It runs at $1.5$ GHz.", "Good."]),
        ("We use v1.5. Then 3.14 of it.", ["We use v1.5.", "Then 3.14 of it."]),
        ("Dr. Smith vs. Prof. Jones. End.", ["Dr. Smith vs. Prof. Jones.", "End."]),
        ("It is new.我们提出一种方法。它很好！", ["It is new.", "我们提出一种方法。", "它很好！"]),
        ("שלום עולם. מה שלומך?", ["שלום עולם.", "מה שלומך?"]),
        ("Wow 😀. Yes 👩‍👧!", ["Wow 😀.", "Yes 👩‍👧!"]),
    ],
)
def test_a_text_comes_apart_at_the_ends_of_its_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_wrapped_line_goes_on_and_a_heading_does_not() -> None:
    assert sentences("The method\nis new. It works.\nResults\nWe win.") == [
        "The method\nis new.",
        "It works.",
        "Results",
        "We win.",
    ]


def test_a_list_comes_apart_at_its_lines() -> None:
    assert sentences("We need:\n- data\n- time\n\n  • luck") == [
        "We need:",
        "- data",
        "- time",
        "• luck",
    ]


def _nasty_text(chance: random.Random) -> str:
    parts = ["Fig. ", "e.g. ", "$", ". ", "\n", "\n\n  ", "A", "b", "é", "。", "😀", "\u200d", "! "]
    return "".join(chance.choices([*parts, "\u0301", "ש", "\r\n", "\\$", "?", '"', "(2)"], k=200))


@pytest.mark.parametrize("seed", range(40))
def test_everything_but_white_space_is_in_exactly_one_span(seed: int) -> None:
    text = _nasty_text(random.Random(seed))

    spans = sentence_spans(text)

    outside = set(range(len(text)))
    reached = 0
    for start, end in spans:
        assert reached <= start < end
        assert text[start:end] == text[start:end].strip()
        outside -= set(range(start, end))
        reached = end
    assert "".join(text[place] for place in sorted(outside)).strip() == ""


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 300_000 + "a",
        "Eq. " * 75_000,
        "e.g. This " * 30_000,
        "我们提出。" * 60_000,
        "$. A" * 75_000,
    ],
    ids=["blank lines", "open ends", "abbreviations", "no blanks", "formulas"],
)
def test_a_long_text_takes_time_in_proportion(text: str) -> None:
    began = time.monotonic()
    sentence_spans(text)
    assert time.monotonic() - began < 8


def test_a_sentence_that_lies_across_what_is_read_at_once_stays_whole() -> None:
    sentence = "It has exactly so many words in it as it has."
    text = " ".join([sentence] * 2000)
    assert set(sentences(text)) == {sentence}

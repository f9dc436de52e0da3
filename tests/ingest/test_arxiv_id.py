"""Every way to write an arXiv id is read, nothing else is, and ids are found in running text."""

import time

import pytest

from ingest.arxiv.ids import (
    ArxivId,
    MalformedArxivId,
    abstract_url,
    find_arxiv_ids,
    parse_arxiv_id,
)
from ingest.errors import BadSource


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1905.02249", ArxivId("1905.02249")),
        ("  1905.02249v2\n", ArxivId("1905.02249", 2)),
        ("0704.0001v13", ArxivId("0704.0001", 13)),
        ("arXiv:1905.02249", ArxivId("1905.02249")),
        ("ARXIV: 1905.02249V3", ArxivId("1905.02249", 3)),
        ("arXiv:1905.02249v1 [cs.LG]", ArxivId("1905.02249", 1)),
        ("math/0309136", ArxivId("math/0309136")),
        ("math.GT/0309136v1", ArxivId("math/0309136", 1)),
        ("cond-mat.mtrl-sci/9901001", ArxivId("cond-mat/9901001")),
        ("solv-int/9901001", ArxivId("solv-int/9901001")),
        ("q-alg/9701001v2", ArxivId("q-alg/9701001", 2)),
        ("https://arxiv.org/abs/1905.02249", ArxivId("1905.02249")),
        ("http://www.arxiv.org/abs/1905.02249v1?context=cs#top", ArxivId("1905.02249", 1)),
        ("https://export.arxiv.org/abs/cs.LG/0601001", ArxivId("cs/0601001")),
        ("https://arxiv.org/pdf/1905.02249", ArxivId("1905.02249")),
        ("https://arxiv.org/pdf/1905.02249v2.pdf", ArxivId("1905.02249", 2)),
        ("https://arxiv.org/pdf/solv-int/9901001v1.pdf#page=2", ArxivId("solv-int/9901001", 1)),
        ("https://arxiv.org/html/2401.00001v1/", ArxivId("2401.00001", 1)),
        ("arxiv.org/abs/math%2F0309136", ArxivId("math/0309136")),
        ("10.48550/arXiv.1905.02249", ArxivId("1905.02249")),
        ("doi:10.48550/arXiv.math/0309136", ArxivId("math/0309136")),
        ("https://doi.org/10.48550/ARXIV.1905.02249", ArxivId("1905.02249")),
    ],
)
def test_every_usual_form_is_the_same_id(text: str, expected: ArxivId) -> None:
    assert parse_arxiv_id(text) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not an arXiv id"),
        ("abc", "not an arXiv id"),
        ("1905.022", "not an arXiv id"),
        ("1905.022491", "not an arXiv id"),
        ("1905.02249v0", "not an arXiv id"),
        ("1905.02249 and more", "not an arXiv id"),
        ("https://arxiv.org/list/cs.LG/recent", "not an arXiv id"),
        ("https://example.org/abs/1905.02249", "not an arXiv id"),
        ("https://notarxiv.org/abs/1905.02249", "not an arXiv id"),
        ("\u0661\u0669\u0660\u0665.02249", "not an arXiv id"),
        ("1913.02249", "no month 13"),
        ("1900.02249", "no month 00"),
        ("math/0300136", "no month 00"),
        ("1905.0224", "an id of 1905 has 5 digits after the dot"),
        ("0808.05394", "an id of 0808 has 4 digits after the dot"),
        ("0703.0001", "begin with April 2007"),
    ],
)
def test_anything_else_is_refused_with_the_accepted_forms(text: str, complaint: str) -> None:
    with pytest.raises(MalformedArxivId) as refused:
        parse_arxiv_id(text)

    assert complaint in refused.value.reason
    assert "Accepted forms: 1905.02249, 1905.02249v2, arXiv:1905.02249" in str(refused.value)
    assert isinstance(refused.value, BadSource)


def test_a_long_text_is_not_repeated_whole_in_the_message() -> None:
    with pytest.raises(MalformedArxivId) as refused:
        parse_arxiv_id("x" * 3_000_000)

    assert len(str(refused.value)) < 400


def test_an_id_is_written_as_arxiv_writes_it() -> None:
    assert str(ArxivId("1905.02249")) == "1905.02249"
    assert str(ArxivId("solv-int/9901001", 2)) == "solv-int/9901001v2"
    assert abstract_url("math/0309136") == "https://arxiv.org/abs/math/0309136"


def test_ids_are_found_in_running_text_in_order_and_once() -> None:
    text = (
        "See https://arxiv.org/pdf/1710.09412.pdf and arXiv:1905.02249v1 [cs.LG], or 1904.12848. "
        "The first (arxiv.org/abs/1710.09412v2) cites arXiv: hep-th/9901001, "
        "doi.org/10.48550/arXiv.1803.03635 and <https://www.arxiv.org/abs/math.GT/0309136>."
    )

    assert find_arxiv_ids(text) == (
        "1710.09412",
        "1905.02249",
        "1904.12848",
        "hep-th/9901001",
        "1803.03635",
        "math/0309136",
    )


@pytest.mark.parametrize(
    "text",
    [
        "it took 1905.02 seconds",
        "a loss of 0.1905.02249",
        "1905.022491",
        "x1905.02249",
        "1905.02249.5",
        "$1905.02249",
        "-1905.02249",
        "1905.02249%",
        "1905.02249/2",
        "1913.02249",
        "1012.12345",
        "v1905.02249",
        "hep-th/9901001",
        "https://example.org/1905.02249",
        "https://notarxiv.org/abs/1905.02249",
        "arXiv:1913.02249",
    ],
)
def test_numbers_that_only_look_like_ids_are_not_found(text: str) -> None:
    assert find_arxiv_ids(text) == ()


@pytest.mark.parametrize(
    "text", ["(1905.02249)", "“1905.02249”,", "see 1905.02249!", "1905.02249v3"]
)
def test_a_bare_id_may_stand_between_punctuation(text: str) -> None:
    assert find_arxiv_ids(text) == ("1905.02249",)


@pytest.mark.parametrize(
    "text", ["a" * 3_000_000, "a-" * 1_500_000, "arxiv:" * 500_000, "1." * 10**6]
)
def test_a_huge_text_is_searched_in_linear_time(text: str) -> None:
    began = time.perf_counter()

    assert find_arxiv_ids(text) == ()

    assert time.perf_counter() - began < 5

"""Posts cite papers by authors and year; only a citation that fits one paper is a link."""

import datetime

import pytest

from ingest.links.linker import Link, Linker
from ingest.paper import Paper
from ingest.post import Post

MIXMATCH = "1905.02249"
PAPERS = (
    Paper(
        MIXMATCH,
        "MixMatch: A Holistic Approach to Semi-Supervised Learning",
        authors=("David Berthelot", "Nicholas Carlini", "Ian Goodfellow"),
    ),
    Paper(
        "1905.01067",
        "Deconstructing Lottery Tickets: Zeros, Signs, and the Supermask",
        authors=("Hattie Zhou", "Janice Lan", "Rosanne Liu", "Jason Yosinski"),
    ),
    Paper(
        "1803.03635",
        "The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural Networks",
        authors=("Jonathan Frankle", "Michael Carbin"),
    ),
    Paper("1506.00001", "Rates that Go Round", authors=("Leslie N. Smith",)),
    Paper("1901.00001", "Sailing Alone", authors=("Mei Chen",)),
    Paper("1902.00002", "Sailing Together", authors=("Mei Chen", "Ivo May")),
    Paper("1903.00003", "Spring Boats", authors=("Ivo May",)),
    Paper("1904.00004", "Boats of Paris", authors=("Anna Paris",)),
    Paper("doi:10.1/x", "Kettles", authors=("Léon Bottou", "Ada García-López Jr."), year=2008),
)


def about(text: str) -> dict[str, str]:
    links = Linker(PAPERS).link([Post("post:1", "Papers", text, None, 0, post_number=1)])
    return {link.paper: link.rule for link in links["post:1"]}


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("Berthelot et al., 2019", MIXMATCH),
        ("as in Berthelot et al. (2019), but", MIXMATCH),
        ("Berthelot and colleagues 2019", MIXMATCH),
        ("Berthelot & others [2019]", MIXMATCH),
        ("Berthelot, Carlini and Goodfellow 2019", MIXMATCH),
        ("David Berthelot, Nicholas Carlini & Ian Goodfellow (2019)", MIXMATCH),
        ("What did Berthelot et al. do in 2019?", MIXMATCH),
        ("the paper of Berthelot et al. from 2019", MIXMATCH),
        ("Berthelot 2019", MIXMATCH),
        ("Zhou, Lan, Liu and Yosinski 2019", "1905.01067"),
        ("Frankle and Carbin, 2018", "1803.03635"),
        ("Frankle and Carbin (2019), at ICLR", "1803.03635"),
        ("(Smith 2015)", "1506.00001"),
        ("Bottou and García-López (2008)", "doi:10.1/x"),
        ("BOTTOU et al. 2008", "doi:10.1/x"),
    ],
)
def test_authors_and_year_name_the_one_paper_they_fit(text: str, paper: str) -> None:
    assert about(text) == {paper: "authors"}


@pytest.mark.parametrize(
    "text",
    [
        "Berthelot et al., 2018",
        "berthelot et al., 2019",
        "Carlini et al., 2019",
        "Berthelot and Goodfellow 2019",
        "Frankle et al. 2019",
        "Frankle and Carbin, 2020",
        "Chen 2019",
        "in May 2019",
        "May 2019 was cold",
        "we met in Paris 2019",
        "Smith 2016",
        "Smith (2015-2017)",
        "version Smith 2015.1",
        "and 2019",
        "et al. 2019",
        "2019",
    ],
)
def test_a_wrong_year_another_author_and_mere_words_are_no_citation(text: str) -> None:
    assert about(text) == {}


def test_et_al_tells_one_of_two_papers_of_the_same_first_author_and_year() -> None:
    assert about("Chen et al. 2019") == {"1902.00002": "authors"}


def test_a_paper_that_is_not_on_arxiv_is_found_by_title_as_well() -> None:
    known = Paper("work:boats-2001", "On the Folding of Paper Boats", year=2001)
    links = Linker([known]).link([Post("p", "", "On the folding of paper boats is old", None, 0)])
    assert links["p"] == (Link("work:boats-2001", "title", 0.95),)


def test_the_day_of_publication_counts_beside_the_month_of_the_id() -> None:
    late = Paper("1812.00001", "Late", authors=("Eva Rook",), published=datetime.date(2019, 1, 2))
    links = Linker([late]).link([Post("p", "", "(Rook 2019) or (Rook 2018)", None, 0)])
    assert [link.paper for link in links["p"]] == ["1812.00001"]


def test_a_post_full_of_capitals_and_years_is_read_in_good_time() -> None:
    assert about("Zhou, Lan and Liu " * 5_000 + " 1999" * 20_000) == {}

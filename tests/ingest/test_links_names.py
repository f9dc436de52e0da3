"""Short names are given by curators or coined by titles, and belong to one paper of the library."""

import pytest

from ingest.links.linker import Linker
from ingest.paper import Paper
from ingest.post import Post

GIOU = Paper("1902.09630", "Generalized Intersection over Union (GIoU) as a Loss")


def about(text: str, *papers: Paper) -> list[str]:
    return [link.paper for link in Linker(papers).link([Post("p", "", text, None, 0)])["p"]]


@pytest.mark.parametrize(
    ("paper", "text", "found"),
    [
        (Paper("1", "Boats of Paper (BOP)"), "BOP floats", True),
        (Paper("1", "Boats of Paper (NIPS)"), "NIPS is near", False),
        (Paper("1", "Sailing - a survey"), "Sailing", False),
        (Paper("1", "BoatNet - folding at sea"), "boatnet", True),
        (Paper("1", "BoatNet: folding at sea"), "two BoatNets", True),
        (Paper("1", "How BoatNet Folds", "We propose BoatNet, a boat."), "BoatNet", True),
        (Paper("1", "How BoatNet Folds", "We call it BoatNet."), "BoatNet", True),
        (Paper("1", "How BoatNet Folds", "Some call BoatNet unsound."), "BoatNet", False),
        (Paper("1", "The Lost MNIST Digits", "We rebuild the MNIST data."), "MNIST", False),
        (Paper("1", "Net: a word"), "Net", False),
    ],
)
def test_a_title_coins_a_name_by_saying_so(paper: Paper, text: str, found: bool) -> None:
    assert about(text, paper) == (["1"] if found else [])


def test_a_name_in_brackets_stands_for_the_words_before_it() -> None:
    assert about("GIoU is a loss", GIOU) == ["1902.09630"]


def test_a_name_that_an_earlier_paper_uses_is_nobodys() -> None:
    coined = Paper("1905.00001", "SAIL: Steering an Idle Lugger")
    assert about("SAIL", coined) == ["1905.00001"]
    assert about("SAIL", coined, Paper("1801.00001", "Boats", "We sail without SAIL.")) == []
    assert about("SAIL", coined, Paper("2001.00001", "Boats", "SAIL again.")) == ["1905.00001"]


def test_a_name_with_a_hyphen_is_also_looked_for_in_earlier_abstracts() -> None:
    coined = Paper("1905.00001", "K-SAIL: Boats in Clusters")
    assert about("K-SAIL", coined) == ["1905.00001"]
    assert about("K-SAIL", coined, Paper("0801.00001", "Boats", "We use K-SAIL.")) == []


def test_a_name_that_titles_use_as_a_word_is_nobodys() -> None:
    papers = [Paper(f"2001.0000{n}", f"A Nice Boat {n}") for n in range(3)]
    assert about("NICE!", Paper("1410.08516", "NICE: Boats of Independent Parts"), *papers) == []


def test_a_name_that_a_curator_gave_is_its_papers_whatever_titles_coin() -> None:
    given = Paper("1904.12848", "Unsupervised Data Augmentation", names=("UDA",))
    other = Paper("1801.00001", "UDA: Ultimately Drifting Afloat")
    assert about("UDA", given, other) == ["1904.12848"]


def test_a_part_of_a_title_up_to_its_question_mark_names_the_paper() -> None:
    paper = Paper("1906.04341", "What Does BERT Look At? An Analysis of BERT's Attention")
    assert about("I read What Does BERT Look At? today", paper) == ["1906.04341"]

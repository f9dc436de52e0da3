"""Posts are linked to the papers they speak of, by rules that say how sure they are."""

import gzip
import json
import time
from importlib import resources
from pathlib import Path

import pytest

from ingest.files.saved_thread import read_thread
from ingest.links.linker import Link, Linker
from ingest.paper import Paper
from ingest.post import Post

STARTER = Path(str(resources.files("ingest.starter") / "good-readings-2019.txt"))
PAPERS = (
    Paper("1903.09760", "Photorealistic Style Transfer via Wavelet Transforms", names=("WCT2",)),
    Paper(
        "1902.09630",
        "Generalized Intersection over Union: A Metric and A Loss for Bounding Box Regression",
        names=("GIoU", "Generalised IoU"),
    ),
    Paper(
        "1904.02698",
        "T-Net: Parametrizing Fully Convolutional Nets with a Single High-Order Tensor",
    ),
    Paper("1904.12848", "Unsupervised Data Augmentation for Consistency Training", names=("UDA",)),
    Paper("1905.01067", "Deconstructing Lottery Tickets: Zeros, Signs, and the Supermask"),
    Paper("1805.11604", "How Does Batch Normalization Help Optimization?"),
    Paper("1905.02249", "MixMatch: A Holistic Approach to Semi-Supervised Learning"),
    Paper(
        "1803.03635",
        "The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural Networks",
        names=("Lottery Ticket Hypothesis",),
    ),
    Paper("1905.02175", "Adversarial Examples Are Not Bugs, They Are Features"),
    Paper("1902.07119", "Bayesian Exploration with Heterogeneous Agents"),
    Paper("1905.02161", "Batch Normalization is a Cause of Adversarial Vulnerability"),
    Paper("1905.10498", "Cold Case: The Lost MNIST Digits"),
    Paper("1802.04799", "TVM: An Automated End-to-End Optimizing Compiler for Deep Learning"),
    Paper("1710.09412", "mixup: Beyond Empirical Risk Minimization", names=("mixup",)),
)
ABOUT = {
    "Photorealistic Style": {"1903.09760": "title"},
    "Generalised IOU.": {"1902.09630": "title"},
    "T-Net:": {"1904.02698": "title"},
    "Very exciting new paper": {"1904.12848": "name"},
    "I found the experiments": {"1905.01067": "title"},
    "How Does Batch": {"1805.11604": "title"},
    "Exciting new paper out this week": {"1905.02249": "title", "1710.09412": "name"},
    "Amazing results!": {"1905.02249": "follows"},
    "“The Lottery Ticket Hypothesis": {"1803.03635": "title"},
    "Non-robust features": {"1905.02175": "title"},
    "Not that I have seen no": {"1904.12848": "name", "1905.02249": "follows"},
    "I haven’t looked at the code": {"1905.02249": "name", "1710.09412": "name"},
    "Bayesian Exploration": {"1902.07119": "title"},
    "Batch Normalization is": {"1905.02161": "title"},
    "Incredible paper.": {"1905.02249": "follows", "1710.09412": "name"},
    "A video presentation": {"1803.03635": "follows"},
    "Loving that they": {},
    "Cold Case": {"1905.10498": "title"},
    "TVM compiler": {"1802.04799": "name"},
}
ABSTRACT = (
    "We fold paper boats in rivers of varying speed and ask which crease keeps the water out for "
    "longest. Over nine thousand voyages the double crease stays dry twice as long as the single "
    "one, and wax adds little. A simple law tells when a boat will sink from its length alone."
)


def a_post(
    number: int, text: str, reply_to: int | None = None, links: tuple[str, ...] = ()
) -> Post:
    return Post(
        key=key(number),
        thread_title="Good papers",
        text=text,
        url=None,
        position=number - 1,
        post_number=number,
        reply_to=None if reply_to is None else key(reply_to),
        links=links,
    )


def key(number: int) -> str:
    return f"discourse:forum.example.org:41:{number}"


def about(text: str, *papers: Paper) -> dict[str, str]:
    """Return the ids that a single post with this text is linked to, each with its rule."""
    links = Linker(papers or PAPERS).link([a_post(1, text)])[key(1)]
    return {link.paper: link.rule for link in links}


def test_every_post_of_the_starter_thread_is_about_what_a_reader_would_say() -> None:
    posts = read_thread(STARTER)
    links = Linker(PAPERS).link(posts)
    for beginning, expected in ABOUT.items():
        post = next(post for post in posts if post.text.startswith(beginning))
        assert {link.paper: link.rule for link in links[post.key]} == expected, beginning


@pytest.mark.parametrize(
    "text",
    [
        "see arXiv:1905.02249v2",
        "here (https://arxiv.org/pdf/1905.02249.pdf)",
        "https://doi.org/10.48550/arXiv.1905.02249",
    ],
)
def test_an_id_or_address_in_the_text_is_certain(text: str) -> None:
    assert Linker(PAPERS).link([a_post(1, text)])[key(1)] == (Link("1905.02249", "id", 1.0),)


def test_an_address_behind_a_word_counts_and_unknown_papers_do_not() -> None:
    links = ("https://arxiv.org/abs/1905.02249", "https://arxiv.org/abs/2101.00001")
    found = Linker(PAPERS).link([a_post(1, "read this", links=links)])[key(1)]
    assert found == (Link("1905.02249", "id", 1.0),)


@pytest.mark.parametrize(
    ("text", "arxiv_id"),
    [
        ("bayesian exploration with heterogeneous agents, anyone?", "1902.07119"),
        (
            "T Net parametrizing fully\nconvolutional nets with a single high order tensor",
            "1904.02698",
        ),
        ("MixMatch: a holistic approach to semisupervised learning", "1905.02249"),
        ("a metric and a loss for bounding-box regression", "1902.09630"),
        ("Photorealistic Style Transfer with a Wavelet Transform", None),
        ("on photorealistic style transfer via wavelet transform :)", "1903.09760"),
        ("The Lottery Ticket Hypothesis is neat", "1803.03635"),
    ],
)
def test_a_title_is_found_whatever_its_case_hyphens_and_lines(
    text: str, arxiv_id: str | None
) -> None:
    assert about(text) == ({arxiv_id: "title"} if arxiv_id else {})


@pytest.mark.parametrize(
    ("text", "arxiv_id"),
    [
        ("mixmatch in pytorch", "1905.02249"),
        ("github.com/someone/MixMatch-pytorch", "1905.02249"),
        ("MixMatch's loss", "1905.02249"),
        ("MixUp and Mixup", "1710.09412"),
        ("a mix up of words", None),
        ("remixmatch", None),
        ("UDA is fine", "1904.12848"),
        ("uda is a word elsewhere", None),
        ("T-Net", "1904.02698"),
        ("t-net", None),
        ("GIOU, or generalised intersection over union", "1902.09630"),
        ("the lottery ticket hypothesis", "1803.03635"),
        ("BatchNorm and batch normalization", None),
        ("WCT$^2$", "1903.09760"),
        ("WCT²", "1903.09760"),
    ],
)
def test_a_short_name_is_a_whole_token_in_its_own_capitals(text: str, arxiv_id: str | None) -> None:
    assert about(text) == ({arxiv_id: "name"} if arxiv_id else {})


def test_a_word_before_a_colon_is_a_name_only_if_one_paper_coined_it() -> None:
    papers = (
        Paper("1401.00001", "GAN training tricks"),
        Paper("1501.00001", "GAN: Generating Anything Nicely"),
        Paper("1501.00002", "BoatNet: Folding at Sea"),
        Paper("1501.00003", "WaxNet: One Coat"),
        Paper("1501.00004", "WaxNet: Two Coats"),
        Paper("1501.00005", "Sailing: A Survey"),
        Paper("1601.00001", "Faster BoatNet"),
    )
    assert about("GAN, BoatNet, WaxNet and Sailing", *papers) == {"1501.00002": "name"}


def test_common_phrases_of_a_title_do_not_name_its_paper() -> None:
    papers = (
        Paper("1501.00001", "Paper boats: a necessary and sufficient condition"),
        Paper("1501.00002", "Back to the Future: Sailing in Reverse"),
        Paper("1501.00003", "Deep Learning"),
    )
    text = "deep learning, back to the future, needs a necessary and sufficient condition"
    assert about(text, *papers) == {}


def test_a_name_within_another_papers_title_is_not_a_mention() -> None:
    papers = (*PAPERS, Paper("1906.00001", "When mixup Hurts on Small Sets"))
    assert about("I read When mixup hurts on small sets", *papers) == {"1906.00001": "title"}


def test_a_pasted_piece_of_an_abstract_is_a_quote_and_a_few_words_are_not() -> None:
    paper = Paper("1501.00001", "On Folding", ABSTRACT)
    pasted = "They say: " + ABSTRACT[90:240].replace("-", "").upper() + " I doubt it."
    assert about(pasted, paper) == {"1501.00001": "quote"}
    assert about("rivers of varying speed, and which crease keeps the water out", paper) == {}


def test_a_reply_takes_what_the_post_it_answers_is_about_less_surely_each_time() -> None:
    links = Linker(PAPERS).link(
        [
            a_post(1, "MixMatch: A Holistic Approach to Semi-Supervised Learning"),
            a_post(2, "UDA"),
            a_post(3, "Fine!", reply_to=1),
            a_post(4, "Indeed.", reply_to=3),
        ]
    )
    assert links[key(3)] == (Link("1905.02249", "reply", 0.712),)
    assert links[key(4)] == (Link("1905.02249", "reply", 0.534),)


def test_a_long_chain_of_replies_ends() -> None:
    posts = [a_post(1, "MixMatch"), *(a_post(n, "Fine!", reply_to=n - 1) for n in range(2, 12))]
    links = Linker(PAPERS).link(posts)
    assert [len(links[key(n)]) for n in range(1, 12)] == [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("text", "follows"),
    [
        ("Is there code for this technique?", True),
        ("Incredible paper.", True),
        ("Has anyone tried implementing it?", True),
        ("Who are the authors?", True),
        ("See you all this week!", False),
        ("My cat is called Ada.", False),
    ],
)
def test_a_post_follows_the_one_before_only_if_it_refers_to_it(text: str, follows: bool) -> None:
    links = Linker(PAPERS).link([a_post(1, "UDA is out"), a_post(2, text)])[key(2)]
    assert [link.rule for link in links] == (["follows"] if follows else [])


def test_a_reference_goes_to_the_post_that_shares_its_words() -> None:
    posts = [
        a_post(1, "mixup draws lines between examples, which smooths decision boundaries"),
        a_post(2, "UDA is about unlabeled text"),
        a_post(3, "On this: smooth boundaries and straight lines between examples are neat"),
    ]
    assert Linker(PAPERS).link(posts)[key(3)][0].paper == "1710.09412"


def test_a_thread_without_papers_and_a_library_without_papers_have_no_links() -> None:
    assert Linker(()).link([a_post(1, "MixMatch and this paper")]) == {key(1): ()}
    assert Linker(PAPERS).link([]) == {}
    assert Linker([Paper("1501.00001")]).link([a_post(1, "\x00 👩 \ud800")]) == {key(1): ()}


def test_a_huge_post_is_linked_in_good_time() -> None:
    begun = time.perf_counter()
    assert about("MixMatch mixup T-Net and this paper " * 5_000).keys() == {
        "1905.02249",
        "1710.09412",
        "1904.02698",
    }
    assert time.perf_counter() - begun < 10


@pytest.mark.long
def test_eighty_thousand_papers_do_not_slow_a_thread(shared: Path) -> None:
    with gzip.open(shared / "arxiv" / "abstracts_ml_to_2019.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    linker = Linker(
        Paper(row["id"], " ".join(row["title"].split()), " ".join(row["abstract"].split()))
        for row in rows
    )
    posts = read_thread(STARTER)
    begun = time.perf_counter()
    links = linker.link(posts)
    assert time.perf_counter() - begun < 2
    titled = {post for post, found in links.items() if any(link.rule == "title" for link in found)}
    assert len(titled) >= 10

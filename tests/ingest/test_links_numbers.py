"""Posts name papers by arXiv ids and DOIs, and only what is surely an id is fetched."""

import pytest

from ingest.links.linker import Link, Linker, named_ids
from ingest.paper import Paper
from ingest.post import Post, Quoted

KETTLE = "doi:10.1145/3292500.3330701"
PAPERS = (
    Paper(KETTLE, "Kettles at Rest", authors=("Ada Brook",), year=2019),
    Paper("1901.00001", "Boats of Paper", doi="10.1000/Boats(2019)7"),
    Paper("1905.02249", "MixMatch: A Holistic Approach to Semi-Supervised Learning"),
)


def a_post(text: str, *links: str, quotes: tuple[Quoted, ...] = ()) -> Post:
    return Post("post:1", "Papers", text, None, 0, post_number=1, links=links, quotes=quotes)


def about(post: Post) -> dict[str, str]:
    return {link.paper: link.rule for link in Linker(PAPERS).link([post])[post.key]}


@pytest.mark.parametrize(
    "text",
    [
        "https://doi.org/10.1145/3292500.3330701",
        "see doi:10.1145/3292500.3330701.",
        "(https://dl.acm.org/doi/10.1145/3292500.3330701)",
        "https://dl.acm.org/doi/pdf/10.1145/3292500.3330701?download=true",
        "https://example.org/10.1145/3292500.3330701/full",
    ],
)
def test_a_doi_names_its_paper_wherever_it_stands(text: str) -> None:
    assert about(a_post(text)) == {KETTLE: "doi"}


def test_a_doi_of_an_arxiv_paper_is_found_with_its_brackets_and_in_any_case() -> None:
    assert about(a_post("10.1000/boats(2019)7")) == {"1901.00001": "doi"}
    assert about(a_post("(10.1000/BOATS(2019)7)")) == {"1901.00001": "doi"}
    assert about(a_post("10.1000/boats(2019)8")) == {}


def test_a_doi_behind_a_word_counts_and_is_certain() -> None:
    post = a_post("this one", "https://doi.org/10.1145%2F3292500.3330701")
    assert about(post) == {}  # a DOI needs its slash to be told from other numbers
    post = a_post("this one", "https://doi.org/10.1145/3292500.3330701")
    assert Linker(PAPERS).link([post])["post:1"] == (Link(KETTLE, "doi", 1.0),)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("https://arxiv.org/abs/1905.02249v2", ("1905.02249",)),
        ("http://www.arxiv.org/pdf/1905.02249.pdf", ("1905.02249",)),
        ("https://export.arxiv.org/abs/math/0309136", ("math/0309136",)),
        ("arXiv:1905.02249 [cs.LG]", ("1905.02249",)),
        ("ARXIV: 1905.02249", ("1905.02249",)),
        ("https://doi.org/10.48550/arXiv.1905.02249", ("1905.02249",)),
        ("https://huggingface.co/papers/1905.02249", ("1905.02249",)),
        ("https://www.alphaxiv.org/abs/1905.02249", ("1905.02249",)),
        ("https://ar5iv.labs.arxiv.org/html/1905.02249", ("1905.02249",)),
        ("arXiv:1905.02249 and arXiv:1710.09412, arXiv:1905.02249", ("1905.02249", "1710.09412")),
    ],
)
def test_what_is_surely_an_arxiv_id_is_named(text: str, ids: tuple[str, ...]) -> None:
    assert named_ids([a_post(text)]) == {"post:1": ids}


@pytest.mark.parametrize(
    "text",
    [
        "1905.02249",
        "see section 1905.02249",
        "it costs 1199.00000 or 1905.0224",
        "arXiv:1913.02249 has no such month",
        "arXiv:1905.0224 lacks a digit",
        "arXiv:1905.022490",
        "https://doi.org/10.1145/1905.02249",
        "https://notarxiv.org/abs/1905.02249",
        "https://arxiv.org/list/cs.LG/1905",
        "myarxiv:1905.02249",
        "version 2012.10001 of the driver",
        "",
    ],
)
def test_numbers_that_may_be_anything_are_not_named(text: str) -> None:
    assert named_ids([a_post(text)]) == {}


def test_ids_are_read_from_addresses_behind_words_but_not_from_quotes() -> None:
    quote = Quoted("have you read arXiv:1710.09412?")
    post = a_post("here", "https://arxiv.org/abs/1905.02249", quotes=(quote,))
    assert named_ids([post]) == {"post:1": ("1905.02249",)}


def test_a_known_paper_is_linked_by_a_mirrors_address_and_by_its_bare_id() -> None:
    assert about(a_post("https://huggingface.co/papers/1905.02249")) == {"1905.02249": "id"}
    assert about(a_post("1905.02249 is the one")) == {"1905.02249": "id"}


def test_a_number_without_end_is_read_in_good_time() -> None:
    assert about(a_post("10.1234/" + "." * 100_000 + "x")) == {}

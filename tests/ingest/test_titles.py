"""A title leads to its own paper and to no other; works outside arXiv have ids of their own."""

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from ingest.paper import Paper
from ingest.tex import plain_address, plain_tex
from ingest.titles import agreeing, plain_doi, stands_alone, work_id

LOTTERY = Paper(
    "1803.03635",
    title="The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural Networks",
    authors=("Jonathan Frankle", "Michael Carbin"),
    published=date(2018, 3, 9),
)


def _wanted(title: str | None, *authors: str, year: int | None = None, doi: str = "") -> Paper:
    return Paper("work:wanted", title=title, authors=authors, year=year, doi=doi or None)


def _agree(wanted: str, title: str) -> bool:
    return agreeing(_wanted(wanted), [Paper("1901.00001", title=title)]) is not None


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        ("on kettles", "On Kettles"),
        ("ON KETTLES.", "On Kettles"),
        ("On Kettles & Pots", "On Kettles and Pots"),
        (r"{O}n {K}ettles \& {P}ots", "On Kettles and Pots"),
        ("Pretraining Kettles", "Pre-Training Kettles"),
        ("Pre training kettles", "Pre-training Kettles"),
        ("The kettle and the pot", "Kettle and Pot"),
        ("α-Divergence Kettles", r"$\alpha$-Divergence Kettles"),
        ("Holder Kettles of Erdos", r"H\"older Kettles of Erd\H{o}s"),
        ("Kettles “as usual” – revisited", "Kettles 'as usual' -- revisited"),
        ("Optimisation of generalised kettles", "Optimization of Generalized Kettles"),
        ("Finding Sparse, Trainable Neural Network", "Finding Sparse, Trainable Neural Networks"),
        ("Finding sparse trianable neural networks", "Finding Sparse, Trainable Neural Networks"),
        ("Finding Sparce, Trainable Neurel Networks", "Finding Sparse, Trainable Neural Networks"),
    ],
)
def test_titles_with_a_slip_agree(wanted: str, title: str) -> None:
    assert _agree(wanted, title)
    assert _agree(title, wanted)


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        (
            "Deconstructing Lottery Tickets: Zeros, Signs, and the Supermask",
            "The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural Networks",
        ),
        ("The Lottery Ticket Hypothesis at Scale", "The Lottery Ticket Hypothesis"),
        ("Stabilizing the Lottery Ticket Hypothesis", "The Lottery Ticket Hypothesis"),
        ("Private Learning on Networks: Part I", "Private Learning on Networks: Part II"),
        ("Private Learning on Networks", "Private Learning on Networks: Part II"),
        ("Superconducting Neurons II: Circuits", "Superconducting Neurons IV: Circuits"),
        ("The iWildCam 2018 Challenge Dataset", "The iWildCam 2019 Challenge Dataset"),
        ("STC Anti-spoofing for ASVspoof 2015", "STC Antispoofing for ASVspoof2019"),
        ("Language Models such as GPT-2 at Work", "Language Models such as GPT-3 at Work"),
        ("Proceedings of the 6th Kettle Workshop", "Proceedings of the 7th Kettle Workshop"),
        ("Unsupervised Learning of Kettles", "Supervised Learning of Kettles"),
        ("Nonconvex Kettle Optimization", "Convex Kettle Optimization"),
        ("Scale-Invariant Kettle Networks", "Locally Scale-Invariant Kettle Networks"),
        ("Safe Policy Improvement with Baselines", "Safe Policy Improvement with Soft Baselines"),
        ("Spectral Collaborative Filtering", "Neural Collaborative Filtering"),
        ("Text Generation by Kettle Networks", "Text Generative by Kettle Networks"),
        ("Link Prediction in Kettle Networks", "Link Production in Kettle Networks"),
        ("Compilers for C and Other Kettles", "Compilers for C++ and Other Kettles"),
        ("A Kettle", "A Kettla"),
        ("Comment on “Kettles and Their Kin”", "Kettles and Their Kin"),
        ("???", "!!!"),
        ("", ""),
    ],
)
def test_near_misses_do_not_agree(wanted: str, title: str) -> None:
    assert not _agree(wanted, title)
    assert not _agree(title, wanted)


def test_a_missing_subtitle_is_forgiven_where_an_author_agrees() -> None:
    short = "The Lottery Ticket Hypothesis"

    assert agreeing(_wanted(short, "Frankle, J."), [LOTTERY]) == LOTTERY
    assert agreeing(_wanted(short), [LOTTERY]) is None
    assert agreeing(_wanted("Lottery Ticket", "Jonathan Frankle"), [LOTTERY]) is None


@pytest.mark.parametrize(
    ("authors", "found"),
    [
        (("Jonathan Frankle",), True),
        (("Frankle, Jonathan", "Someone Else"), True),
        (("FRANKLE",), True),
        (("Michael Carbin Jr.",), True),
        (("Jonathan Doe",), False),
        ((), True),
    ],
)
def test_where_both_name_authors_they_share_a_surname(
    authors: tuple[str, ...], found: bool
) -> None:
    wanted = _wanted(LOTTERY.title, *authors)

    assert agreeing(wanted, [LOTTERY]) == (LOTTERY if found else None)


@pytest.mark.parametrize(
    ("year", "found"), [(2019, True), (2022, True), (2023, False), (1998, False)]
)
def test_without_authors_the_years_do_not_lie_far_apart(year: int, found: bool) -> None:
    wanted = _wanted(LOTTERY.title, year=year)

    assert agreeing(wanted, [LOTTERY]) == (LOTTERY if found else None)
    assert agreeing(replace(wanted, authors=("J. Frankle",)), [LOTTERY]) == LOTTERY


def test_the_same_doi_decides() -> None:
    renamed = Paper("1901.00001", title="Tickets", doi="10.1000/ABC")
    wanted = _wanted(LOTTERY.title, "Ann Boil", doi="https://doi.org/10.1000/abc")

    assert agreeing(wanted, [LOTTERY, renamed]) == renamed


def test_the_title_that_agrees_better_is_taken() -> None:
    slip = Paper("1901.00001", title="The Lottery Ticket Hypotheses of Neural Networks")
    same = Paper("1901.00002", title="The lottery ticket hypothesis of neural networks")

    assert agreeing(_wanted(same.title), [slip, same]) == same


def test_two_that_agree_equally_are_not_guessed_between() -> None:
    twin = replace(LOTTERY, id="1901.00001")

    assert agreeing(_wanted(LOTTERY.title), [LOTTERY, twin]) is None
    assert agreeing(_wanted(LOTTERY.title), [LOTTERY, LOTTERY]) == LOTTERY
    assert agreeing(_wanted(LOTTERY.title), []) is None


def test_an_author_or_the_year_decides_between_two_of_one_title() -> None:
    later = replace(LOTTERY, id="2001.00001", authors=("Ann Boil",), published=date(2020, 1, 1))
    both = [LOTTERY, later]

    assert agreeing(_wanted(LOTTERY.title, "Ann Boil"), both) == later
    assert agreeing(_wanted(LOTTERY.title, year=2018), both) == LOTTERY
    assert agreeing(_wanted(LOTTERY.title, year=2020), both) == later
    assert agreeing(_wanted(LOTTERY.title, year=2019), both) is None


SLIPS: dict[str, tuple[Callable[[str], str], float]] = {
    "small letters": (str.lower, 0.99),
    "capitals": (str.upper, 0.99),
    "an ampersand": (lambda title: title.replace(" and ", r" \& "), 0.99),
    "no hyphens": (lambda title: title.replace("-", " "), 0.99),
    "a letter lost": (
        lambda title: re.sub(r"(?<=\b[A-Za-z]{3})[a-z](?=[a-z]{4})", "", title, count=1),
        0.9,
    ),
    "another word": (lambda title: re.sub(r"\w{4,}", "Kettle", title, count=1), 0.0),
    "a word more": (lambda title: f"{title} Kettles", 0.0),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_real_titles_are_found_again_but_for_what_makes_another_title(
    shared: Path, slip: str
) -> None:
    change, least = SLIPS[slip]
    with gzip.open(shared / "arxiv" / "abstracts_ml_to_2019.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in islice(lines, 0, 40_000, 80)]
    pairs = [
        (row["title"], changed) for row in rows if (changed := change(row["title"])) != row["title"]
    ]

    found = sum(_agree(changed, title) for title, changed in pairs)

    assert len(pairs) > 50
    assert found >= least * len(pairs)
    assert least or found == 0


def test_real_titles_do_not_agree_with_each_other(shared: Path) -> None:
    papers = json.loads((shared / "seed" / "papers.json").read_text("utf-8"))
    titles = [Paper(paper["arxiv_id"], title=paper["title"]) for paper in papers]

    found = [agreeing(replace(paper, id="work:x"), titles) for paper in titles]

    assert found == titles


@pytest.mark.parametrize(
    ("title", "year", "doi", "expected"),
    [
        ("On Kettles", 2019, None, "work:on-kettles-2019"),
        ("On {K}ettles!", 2019, "", "work:on-kettles-2019"),
        ("On Kettles", None, None, "work:on-kettles"),
        ("On Kettles", 2019, "https://doi.org/10.1000/ABC.", "doi:10.1000/abc"),
        (None, None, "doi: 10.1000/%28a%29", "doi:10.1000/(a)"),
        ("Über Teekessel", 1905, None, "work:uber-teekessel-1905"),
        ("茶壺", 2001, "no doi", "work:茶壺-2001"),
        ("?!", 2001, None, "work:545f940d-2001"),
    ],
)
def test_works_outside_arxiv_have_ids(
    title: str | None, year: int | None, doi: str | None, expected: str
) -> None:
    assert work_id(title, year, doi) == expected


def test_long_titles_that_begin_alike_have_ids_of_their_own() -> None:
    first, second = (work_id("kettle " * 12 + part, 2019, None) for part in ("one", "two"))

    assert first.startswith("work:kettle-kettle-kettle-")
    assert first != second
    assert len(first) < 80


@pytest.mark.parametrize(
    "text", ["", "10.1000", "10.1/x", "https://example.org/10.1000/x", "10.1000/a b"]
)
def test_what_is_no_doi_is_none(text: str) -> None:
    assert plain_doi(text) is None


def test_a_work_stands_alone_with_a_doi_or_with_authors_and_a_year() -> None:
    assert stands_alone(_wanted("On Kettles", doi="10.1000/x"))
    assert stands_alone(_wanted("On Kettles", "Ann Boil", year=2019))
    assert not stands_alone(_wanted("On Kettles", "Ann Boil"))
    assert not stands_alone(_wanted("On Kettles", year=2019))
    assert not stands_alone(_wanted(None, "Ann Boil", year=2019, doi="10.1000/x"))


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        ("{BERT}:  {P}re-training", "BERT: Pre-training"),
        (r"{\"o}, \'{e}, {\v S}, {\'{\i}}, \ss{}, {\aa}, \L{}", "ö, é, Š, í, ß, å, Ł"),
        (r"100\% of R\&D", "100% of R&D"),
        (r"\emph{On} \textbf{Kettles}", "On Kettles"),
        (r"$k$-means in $O(n^{2})$", "$k$-means in $O(n^{2})$"),
        ("``Why'' --- a~note", "“Why” — a note"),
        (r"{\textquotedblleft}L{\textquotesingle}eau{\textquotedblright}", "“L'eau”"),
        ("un{closed", "unclosed"),
        ("\\", ""),
        ("plain\nwords", "plain words"),
    ],
)
def test_tex_becomes_plain(tex: str, plain: str) -> None:
    assert plain_tex(tex) == plain


def test_an_address_loses_what_bibtex_asks_for() -> None:
    assert plain_address(r"{https://x.org/a\_b\%20c~d}") == "https://x.org/a_b%20c~d"

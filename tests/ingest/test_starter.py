"""The starter's reading list says what arXiv says, and its notes are the curator's own words."""

import json
import re
import tomllib
from importlib import resources
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

_WORD = re.compile(r"\w+(?:[.,'-]\w+)*")
_LONGEST_SHARED_RUN = 6


@pytest.fixture(scope="module")
def reading_list() -> dict[str, Any]:
    starter = resources.files("ingest.starter") / "good-readings-2019.toml"
    return tomllib.loads(starter.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def papers(reading_list: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {paper["id"]: paper for paper in reading_list["papers"]}


@pytest.fixture
def seed(shared: Path) -> dict[str, dict[str, Any]]:
    path = shared / "seed" / "papers.json"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    rows = json.loads(path.read_text(encoding="utf-8"))
    return {row["arxiv_id"]: row for row in rows}


def _runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", text.strip())


def test_the_list_holds_the_fourteen_papers_once_each(
    reading_list: dict[str, Any], papers: dict[str, dict[str, Any]]
) -> None:
    assert len(reading_list["papers"]) == len(papers) == 14


def test_the_saved_thread_stands_beside_the_list_and_belongs_to_the_topic(
    reading_list: dict[str, Any],
) -> None:
    (thread,) = reading_list["threads"]
    (topic,) = reading_list["topics"]

    text = (resources.files("ingest.starter") / thread["file"]).read_text(encoding="utf-8")

    assert text.startswith(thread["title"])
    assert thread["topic"] == topic["url"]


def test_every_note_has_two_to_four_sentences(papers: dict[str, dict[str, Any]]) -> None:
    counts = {key: len(_sentences(paper["note"])) for key, paper in papers.items()}

    assert {key: n for key, n in counts.items() if not 2 <= n <= 4} == {}


def test_every_sentence_of_a_note_says_by_itself_what_it_speaks_of(
    papers: dict[str, dict[str, Any]],
) -> None:
    leaning = re.compile(r"^(It|Its|They|This|These|He|She|Their) (?!note\b)")
    found = [
        sentence
        for paper in papers.values()
        for sentence in _sentences(paper["note"])
        if leaning.match(sentence)
    ]

    assert found == []


def test_no_name_means_two_papers(papers: dict[str, dict[str, Any]]) -> None:
    names = {key: {name.lower() for name in paper["names"]} for key, paper in papers.items()}

    assert all(names.values())
    assert [pair for pair in combinations(names, 2) if names[pair[0]] & names[pair[1]]] == []


def test_titles_authors_dates_and_comments_are_those_of_arxiv(
    papers: dict[str, dict[str, Any]], seed: dict[str, dict[str, Any]]
) -> None:
    assert papers.keys() == seed.keys()
    for key, paper in papers.items():
        told = seed[key]
        updated = paper["updated"].isoformat() if "updated" in paper else None
        assert (paper["title"], paper["authors"]) == (told["title"], told["authors"])
        assert paper["published"].isoformat() == told["published"][:10]
        assert updated == (told["updated"] and told["updated"][:10])
        assert paper.get("comments") == told["comments"]


def test_categories_are_those_of_arxiv_and_the_first_is_the_primary_one(
    papers: dict[str, dict[str, Any]], seed: dict[str, dict[str, Any]]
) -> None:
    for key, paper in papers.items():
        told = seed[key]
        primary = [told["primary_category"]] if told["primary_category"] else []
        assert paper.get("categories", []) == (told["categories"] or primary)


def test_no_note_shares_seven_words_in_a_row_with_an_abstract(
    papers: dict[str, dict[str, Any]], seed: dict[str, dict[str, Any]]
) -> None:
    length = _LONGEST_SHARED_RUN + 1
    abstracts: set[tuple[str, ...]] = set()
    for told in seed.values():
        abstracts |= _runs(told["abstract"] or "", length)

    shared_runs = [run for p in papers.values() for run in _runs(p["note"], length) & abstracts]

    assert shared_runs == []


def test_no_note_shares_seven_words_in_a_row_with_the_thread_but_titles(
    reading_list: dict[str, Any], papers: dict[str, dict[str, Any]]
) -> None:
    length = _LONGEST_SHARED_RUN + 1
    file = reading_list["threads"][0]["file"]
    thread = (resources.files("ingest.starter") / file).read_text(encoding="utf-8")
    titles = {run for paper in papers.values() for run in _runs(paper["title"], length)}

    told = _runs(thread, length) - titles

    assert [run for p in papers.values() for run in _runs(p["note"], length) & told] == []

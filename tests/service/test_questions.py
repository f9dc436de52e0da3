"""Our own questions can be read, ask for every paper, and demand only what the library holds."""

import json
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from service.evaluation.questions import read_questions

QUESTIONS = Path(__file__).parents[2] / "benchmarks" / "questions"
FILES = ("good-readings-2019.jsonl", "good-readings-2019-held.jsonl")
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!\b[A-Z]\.)\s+|\n+")  # an initial ends no sentence


def test_our_questions_can_be_read_and_no_two_share_an_id() -> None:
    questions = [question for name in FILES for question in read_questions(QUESTIONS / name)]

    assert len(questions) >= 100
    assert len({question.id for question in questions}) == len(questions)
    assert len({(question.question, question.history) for question in questions}) == len(questions)


def test_our_questions_ask_for_each_paper_and_only_for_papers_of_the_starter() -> None:
    papers = {paper["id"] for paper in _starter()["papers"]}
    for name in FILES:
        asked = {paper for q in read_questions(QUESTIONS / name) for paper in q.papers}
        assert asked == papers


def test_the_starter_library_holds_the_evidence_that_our_questions_demand(shared: Path) -> None:
    sentences = _library(shared)
    questions = [question for name in FILES for question in read_questions(QUESTIONS / name)]

    unmet = [
        (question.id, pattern)
        for question in questions
        for pattern in question.evidence
        if not any(
            re.search(pattern, sentence, re.IGNORECASE)
            for paper, kind, sentence in sentences
            if (kind == "comment" or not question.papers or paper in question.papers)
            and (not question.sources or kind in question.sources)
        )
    ]

    assert unmet == []


def _starter() -> dict[str, Any]:
    path = resources.files("ingest.starter") / "good-readings-2019.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _library(shared: Path) -> list[tuple[str, str, str]]:
    seed = shared / "seed" / "papers.json"
    if not seed.is_file():
        pytest.skip(f"{seed} is absent")
    abstracts = {row["arxiv_id"]: row["abstract"] for row in json.loads(seed.read_text("utf-8"))}
    thread = resources.files("ingest.starter") / "good-readings-2019.txt"
    texts = [("", "comment", thread.read_text(encoding="utf-8"))]
    for paper in _starter()["papers"]:
        texts.append((paper["id"], "abstract", abstracts[paper["id"]] or ""))
        texts.append((paper["id"], "note", paper["note"]))
        texts.append((paper["id"], "record", _record(paper)))
    return [
        (paper, kind, sentence)
        for paper, kind, text in texts
        for sentence in _SENTENCE_END.split(text)
    ]


def _record(paper: dict[str, Any]) -> str:
    lines = [paper["title"], ", ".join(paper["authors"]), paper["published"].isoformat()]
    if "updated" in paper:
        lines.append(paper["updated"].isoformat())
    return "\n".join([*lines, ", ".join(paper.get("categories", [])), paper.get("comments", "")])

"""A question's demands are judged one by one, and broken files of questions are refused."""

import json
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from index import Document, Kind, Store, make_entries
from service.answers import Answer, Citation, Question, Timings
from service.cli import cli
from service.evaluation.errors import BadFile
from service.evaluation.questions import EvalQuestion, evaluate, judge, read_questions, report
from service.evaluation.runs import read_measures
from tests.service.shell import Shell, posing

LAMPS = "Lamps dim when the voltage drops. Bulbs last two years."
EMPTY = {
    "questions": 0,
    "met": 0,
    "share": 0.0,
    "kinds": (),
    "failures": (),
    "citations": 0,
    "quotes_checked": 0,
    "quotes_false": 0,
}


def _citation(
    quote: str = "Lamps dim when the voltage drops.", kind: Kind = "abstract"
) -> Citation:
    start = LAMPS.find(quote)
    return Citation(
        document="arxiv:1901.00001:abstract",
        kind=kind,
        title="On Lamps",
        authors=("Ada Lamb",),
        date="2019-01-01",
        url=None,
        arxiv_id="1901.00001",
        version=1,
        topic_id=None,
        post_number=None,
        about=(),
        works=(),
        withdrawn=False,
        revision=1,
        quote=quote,
        start=start,
        end=start + len(quote),
        score=0.9,
        number=1,
    )


def _answer(*citations: Citation) -> Answer:
    return Answer(
        id="a1",
        conversation_id=None,
        question="When do lamps dim?",
        standalone_question="When do lamps dim?",
        answer=" ".join(citation.quote for citation in citations),
        abstained=not citations,
        abstain_reason=None if citations else "nothing near",
        confidence=0.5,
        sentences=(),
        citations=citations,
        sources=(),
        suggestions=(),
        mode="extractive",
        model=None,
        embedding_model="none",
        generation=1,
        timings_ms=Timings(0, 0, 0, 0, 0),
    )


def _asks(**demands: Any) -> EvalQuestion:
    return EvalQuestion("lamps", "fact", "When do lamps dim?", **demands)


def _written(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "questions.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def test_a_question_without_demands_is_met_by_any_cited_answer() -> None:
    assert judge(_asks(), _answer(_citation())) == ()


def test_an_answer_that_neither_cites_nor_abstains_is_not_met() -> None:
    assert judge(_asks(), replace(_answer(), abstained=False)) == ("cites nothing",)


def test_abstaining_is_right_only_where_it_is_expected() -> None:
    assert judge(_asks(abstain=True), _answer()) == ()
    assert judge(_asks(), _answer()) == (
        "abstained, where the library has an answer: nothing near",
    )
    assert judge(_asks(abstain=True), _answer(_citation())) == (
        "answered, where it should abstain: Lamps dim when the voltage drops.",
    )


def test_any_of_the_papers_will_do() -> None:
    assert judge(_asks(papers=("1801.00009", "1901.00001")), _answer(_citation())) == ()
    assert judge(_asks(papers=("1801.00009",)), _answer(_citation())) == (
        "cites none of 1801.00009 (papers cited: 1901.00001)",
    )


def test_a_comment_about_a_paper_counts_for_it() -> None:
    comment = replace(_citation(kind="comment"), arxiv_id=None, about=("1801.00009",))

    assert judge(_asks(papers=("1801.00009",)), _answer(comment)) == ()


def test_each_piece_of_evidence_must_stand_in_some_quote_whatever_the_case() -> None:
    answer = _answer(_citation(), _citation("Bulbs last two years."))

    assert judge(_asks(evidence=("VOLTAGE", r"two\s+years")), answer) == ()
    assert judge(_asks(evidence=("voltage", "three")), answer) == ("no quote matches 'three'",)


def test_each_kind_of_source_must_be_cited() -> None:
    answer = _answer(_citation(kind="record"))

    assert judge(_asks(sources=("record",)), answer) == ()
    assert judge(_asks(sources=("record", "comment")), answer) == ("cites no comment",)


def test_every_unmet_demand_is_told() -> None:
    question = _asks(papers=("1801.00009",), evidence=("x{3}",), sources=("note",))

    assert len(judge(question, _answer(_citation()))) == 3


def test_earlier_questions_are_passed_on_oldest_first() -> None:
    heard: list[Question] = []

    def ask(question: Question) -> Answer:
        heard.append(question)
        return _answer(_citation())

    evaluate([_asks(history=("What is a lamp?", "Who made it?"))], ask)

    assert [turn.question for turn in heard[0].history] == ["What is a lamp?", "Who made it?"]
    assert heard[0].question == "When do lamps dim?"


def test_the_share_met_is_told_over_all_and_for_each_kind() -> None:
    questions = [
        _asks(),
        replace(_asks(), id="f2", evidence=("sun",)),
        EvalQuestion("d1", "date", "When?"),
    ]

    found = evaluate(questions, lambda question: _answer(_citation()))

    assert (found.questions, found.met, round(found.share, 3)) == (3, 2, 0.667)
    assert [(k.kind, k.questions, k.met, k.share) for k in found.kinds] == [
        ("fact", 2, 1, 0.5),
        ("date", 1, 1, 1.0),
    ]
    assert [(f.id, f.reasons) for f in found.failures] == [("f2", ("no quote matches 'sun'",))]
    assert found.citations == 3


def test_no_questions_are_no_division_by_zero() -> None:
    assert asdict(evaluate([], lambda question: _answer())) == EMPTY


def test_quotes_are_held_against_the_stored_text() -> None:
    found = evaluate([_asks()], lambda question: _answer(_citation()), lambda citation: LAMPS)

    assert (found.met, found.quotes_checked, found.quotes_false) == (1, 1, 0)


@pytest.mark.parametrize("text", [None, "", LAMPS[1:], LAMPS.upper()])
def test_a_quote_that_is_not_where_it_says_fails_its_question(text: str | None) -> None:
    found = evaluate([_asks()], lambda question: _answer(_citation()), lambda citation: text)

    assert (found.met, found.quotes_checked, found.quotes_false) == (0, 1, 1)
    assert found.failures[0].reasons == (
        "the quote [1] is not at 0..33 of arxiv:1901.00001:abstract",
    )


def test_an_evaluation_can_be_written_as_json() -> None:
    found = evaluate([_asks(evidence=("sun",))], lambda question: _answer(_citation()))

    assert json.loads(json.dumps(asdict(found)))["failures"][0]["id"] == "lamps"


def test_the_report_has_a_row_for_each_kind_and_every_failure() -> None:
    questions = [_asks(evidence=("sun",)), EvalQuestion("d1", "date", "When?")]

    told = report(evaluate(questions, lambda question: _answer(_citation()))).splitlines()

    assert told == [
        "kind  questions   met   share",
        "fact          1     0    0.0%",
        "date          1     1  100.0%",
        "all           2     1   50.0%",
        "",
        "2 citations, 0 quotes checked, 0 false",
        "",
        "lamps (fact): When do lamps dim?",
        "  - no quote matches 'sun'",
    ]


def test_questions_are_read_in_order_with_everything_they_demand(tmp_path: Path) -> None:
    full = {
        "id": "a",
        "kind": "fact",
        "question": "Why?",
        "history": ["What?"],
        "papers": ["1901.00001"],
        "evidence": ["dim(s|med)?"],
        "sources": ["comment"],
        "abstain": False,
    }
    path = _written(tmp_path, full, "", {"id": "b", "kind": "abstain", "question": "Whither?"})

    first, second = read_questions(path)

    assert first == EvalQuestion(
        "a", "fact", "Why?", ("What?",), ("1901.00001",), ("dim(s|med)?",), ("comment",)
    )
    assert second == EvalQuestion("b", "abstain", "Whither?")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": ""}, "id must be a text"),
        ({"question": None}, "question must be a text"),
        ({"kind": 3}, "kind must be a text"),
        ({"paper": "1901.00001"}, "unknown field paper"),
        ({"papers": "1901.00001"}, "papers must be a list"),
        ({"history": [1]}, "history must be a list of texts"),
        ({"evidence": ["("]}, r"evidence '\(' is no regular expression"),
        ({"sources": ["post"]}, "unknown source post"),
        ({"abstain": "no"}, "abstain must be true or false"),
        ({"abstain": True, "papers": ["1901.00001"]}, "abstain stands alone"),
        ({"id": "first"}, "the id 'first' is taken"),
    ],
)
def test_a_broken_question_is_refused_with_file_and_line(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    good = {"id": "first", "kind": "fact", "question": "Why?"}
    path = _written(tmp_path, good, {**good, "id": "second", **change})

    with pytest.raises(BadFile, match=said) as refused:
        read_questions(path)

    assert (refused.value.path, refused.value.line) == (path, 2)
    assert str(refused.value).startswith(f"{path}, line 2: ")


@pytest.mark.parametrize("line", ["{", "[]", '"why"', "nothing", "[" * 100_000])
def test_a_line_that_is_no_json_object_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(BadFile, match="line 1: is not"):
        read_questions(_written(tmp_path, line))


def test_a_file_that_cannot_be_used_is_refused_as_a_whole(tmp_path: Path) -> None:
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")

    for path, line, said in [
        (tmp_path / "absent.jsonl", None, "cannot be read"),
        (tmp_path, None, "cannot be read"),
        (binary, 1, "is not UTF-8"),
        (_written(tmp_path, ""), None, "holds no questions"),
    ]:
        with pytest.raises(BadFile, match=said) as refused:
            read_questions(path)
        assert refused.value.line == line


# -- the command line -----------------------------------------------------------------------


@pytest.mark.parametrize("command", ["questions", "beir", "compare"])
def test_every_measurement_has_help(command: str) -> None:
    result = CliRunner().invoke(cli, ["eval", command, "--help"])

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Usage: cli eval {command} [OPTIONS]")


@pytest.mark.model
def test_what_each_question_showed_is_written_to_a_file(tmp_path: Path) -> None:
    lamps = Document("note:lamps", "note", "On Lamps", LAMPS, context="On Lamps")
    with closing(Store.create(tmp_path / "library")) as store:
        entries, _ = make_entries([lamps], posing(), store.known_vectors)
        store.replace(entries, posing().identity)
    asked = {"kind": "fact", "question": "When do lamps dim?"}
    met, unmet = asked | {"id": "met"}, asked | {"id": "unmet", "evidence": ["sun"]}
    path, runs = _written(tmp_path, met, unmet), tmp_path / "runs.jsonl"

    told = Shell(tmp_path).invoke("eval", "questions", path, "--runs", runs).stdout

    assert "all           2     1   50.0%" in told.splitlines()
    assert read_measures(runs, "met") == {"answer": {"met": 1.0, "unmet": 0.0}}

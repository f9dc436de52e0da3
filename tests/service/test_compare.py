"""Two settings are compared query by query, with a paired randomisation test."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import cli
from service.evaluation.comparing import compared, comparison_text, comparisons
from service.evaluation.errors import BadFile, EvaluationError
from service.evaluation.questions import EvalQuestion, Evaluation, Failure, question_runs
from service.evaluation.runs import (
    QueryRun,
    check_writable,
    read_measures,
    usual_measure,
    write_runs,
)

FILES = ("a.jsonl", "b.jsonl")


def _values(*values: float) -> dict[str, float]:
    return {f"q{number:03}": value for number, value in enumerate(values)}


def _runs(search: str, *values: float) -> list[QueryRun]:
    return [
        QueryRun(q, search, 3, {"ndcg@10": v}, (("a", 0.5),)) for q, v in _values(*values).items()
    ]


def _invoke(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["eval", "compare", *map(str, arguments)])


def test_differences_wins_losses_and_ties_are_those_of_b_against_a() -> None:
    found = compared(_values(0.5, 0.5, 0.5, 0.2), _values(1.0, 0.5, 0.4, 0.4), ("a", "b"), FILES)

    assert (found.queries, found.wins, found.losses, found.ties) == (4, 2, 1, 1)
    assert [found.mean_a, found.mean_b] == pytest.approx([0.425, 0.575])
    assert found.difference == pytest.approx(0.15)
    assert found.low < 0.15 < found.high


def test_p_is_the_share_of_all_swaps_that_are_as_far_apart() -> None:
    found = compared(_values(0, 0, 0, 0, 0), _values(0.1, 0.2, 0.3, 0.4, 0.5), ("a", "b"), FILES)

    assert found.p == pytest.approx(2 / 2**5)  # only all swapped, and none, are as far apart
    assert found.low == pytest.approx(0.3 - 2.776445 * 0.158114 / 5**0.5, abs=1e-5)


def test_many_queries_are_swapped_at_random_and_the_same_way_each_time() -> None:
    a = _values(*(n % 7 / 10 for n in range(60)))
    slightly = {
        query: value + (0.05 if n % 2 else -0.045) for n, (query, value) in enumerate(a.items())
    }
    clearly = {query: value + 0.1 + n % 3 / 100 for n, (query, value) in enumerate(a.items())}

    first = compared(a, slightly, ("a", "b"), FILES)

    assert first == compared(a, slightly, ("a", "b"), FILES)
    assert first.p > 0.5
    assert first.low < 0 < first.high
    assert compared(a, clearly, ("a", "b"), FILES).p < 0.001


def test_the_same_setting_twice_differs_by_nothing() -> None:
    found = compared(_values(0.1, 0.7, 0.3), _values(0.1, 0.7, 0.3), ("a", "b"), FILES)

    assert (found.difference, found.low, found.high, found.p, found.ties) == (0, 0, 0, 1, 3)


def test_queries_of_one_file_only_are_left_out_and_counted() -> None:
    found = compared(_values(0.1, 0.7, 0.3), _values(0.1, 0.7), ("a", "b"), FILES)

    assert (found.queries, found.left_out) == (2, 1)
    told = comparison_text([found], "ndcg@10")
    assert "queries in one of the two only, left out: 1" in told
    said = "dense in a.jsonl and dense in b.jsonl share 1 queries"
    with pytest.raises(EvaluationError, match=said):
        compared(_values(0.1, 0.7, 0.3), _values(0.1), ("dense", "dense"), FILES)


def test_what_was_written_is_read_again_by_search_and_query(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    check_writable(path)

    write_runs(path, [*_runs("dense", 0.25, 1.0), *_runs("fused", 0.5, 0.75)])

    assert read_measures(path, "ndcg@10") == {
        "dense": {"q000": 0.25, "q001": 1.0},
        "fused": {"q000": 0.5, "q001": 0.75},
    }
    assert json.loads(path.read_text("utf-8").splitlines()[0]) == {
        "query": "q000",
        "search": "dense",
        "words": 3,
        "measures": {"ndcg@10": 0.25},
        "documents": [["a", 0.5]],
    }


GOOD = '{"query": "q", "search": "fused", "measures": {"ndcg@10": 0.5}}\n'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", None, "is empty"),
        ("{\n", 1, "is not JSON"),
        (GOOD + '{"search": "fused"}\n', 2, "query must be a text"),
        (GOOD + GOOD, 2, "fused has query 'q' twice"),
        (GOOD.replace("ndcg@10", "met"), 1, "has no ndcg@10; it has met. Choose by --measure"),
        (GOOD.replace("0.5", '"0.5"'), 1, "must be a number from 0 to 1"),
        (GOOD.replace("0.5", "NaN"), 1, "must be a number from 0 to 1"),
        (GOOD.replace("0.5", "1" + "0" * 400), 1, "must be a number from 0 to 1"),
        (GOOD.replace('{"ndcg@10": 0.5}', "[]"), 1, "measures must be an object"),
    ],
)
def test_a_file_that_is_none_of_runs_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int | None, said: str
) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text(text)

    with pytest.raises(BadFile, match=said) as refused:
        read_measures(path, "ndcg@10")

    assert refused.value.line == line


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for act in (check_writable, lambda path: write_runs(path, [])):
        with pytest.raises(BadFile, match=r"cannot be written \(Not a directory\)"):
            act(tmp_path / "file" / "runs.jsonl")


def test_the_folder_of_a_file_is_made(tmp_path: Path) -> None:
    path = tmp_path / "build" / "today" / "runs.jsonl"

    check_writable(path)
    write_runs(path, _runs("dense", 0.25))

    assert read_measures(path, "ndcg@10") == {"dense": {"q000": 0.25}}


def test_questions_can_be_compared_by_whether_they_were_met() -> None:
    questions = [EvalQuestion("a", "fact", "What is it?"), EvalQuestion("b", "fact", "And who?")]
    failure = Failure("b", "fact", "And who?", ("cites nothing",), "")
    judged = Evaluation(2, 1, 0.5, (), (failure,), 1, 1, 0)

    assert list(question_runs(questions, judged)) == [
        QueryRun("a", "answer", 3, {"met": 1.0}),
        QueryRun("b", "answer", 2, {"met": 0.0}),
    ]


def test_searches_are_held_against_the_same_ones_and_those_of_one_file_against_the_last() -> None:
    a = {"dense": _values(0.1, 0.2), "words": _values(0.3, 0.1), "fused": _values(0.4, 0.4)}

    assert [(row.a, row.b) for row in comparisons(a, {"fused": _values(1, 1)}, FILES)] == [
        ("fused", "fused")
    ]
    assert [(row.a, row.b, row.wins) for row in comparisons(a, None, FILES)] == [
        ("dense", "fused", 2),
        ("words", "fused", 2),
    ]


def test_files_in_which_there_is_nothing_to_compare_are_named() -> None:
    searches = {name: _values(0.1, 0.2) for name in ("dense", "fused")}
    answers = {"answer": _values(1, 1)}

    with pytest.raises(EvaluationError, match=r"a\.jsonl holds dense, fused, and b\.jsonl answer"):
        comparisons(searches, answers, FILES)
    with pytest.raises(EvaluationError, match=r"a\.jsonl holds answer alone.*a second file"):
        comparisons(answers, None, FILES)


def test_the_command_prints_a_line_for_each_search_or_json(tmp_path: Path) -> None:
    a, b = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    write_runs(a, [*_runs("dense", 0.0, 0.0, 0.0), *_runs("fused", 0.5, 0.5, 0.5)])
    write_runs(b, [*_runs("dense", 0.0, 0.0, 0.0), *_runs("fused", 1.0, 0.5, 0.75)])

    told = json.loads(_invoke(a, b, "--json").stdout)
    shown = _invoke(a, b).stdout.splitlines()
    alone = _invoke(a).stdout.splitlines()

    assert (told["a"], told["b"], told["measure"]) == (str(a), str(b), "ndcg@10")
    assert [(row["a"], row["difference"], row["wins"]) for row in told["comparisons"]] == [
        ("dense", 0.0, 0),
        ("fused", 0.25, 2),
    ]
    assert shown[6].split()[:5] == ["fused", "fused", "0.5000", "0.7500", "+0.2500"]
    assert shown[6].split()[-4:] == ["2", "0", "1", "0.5000"]
    assert alone[5].split()[:5] == ["dense", "fused", "0.0000", "0.5000", "+0.5000"]
    assert _invoke(a, tmp_path / "c.jsonl").exit_code == 2


def test_files_that_hold_one_measure_are_compared_by_it(tmp_path: Path) -> None:
    a, b = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    write_runs(a, [QueryRun(q, "answer", 3, {"met": 0.0}) for q in "xyz"])
    write_runs(b, [QueryRun(q, "answer", 3, {"met": 1.0}) for q in "xyz"])

    told = json.loads(_invoke(a, b, "--json").stdout)
    shown = _invoke(a, b).stdout.splitlines()
    other = _invoke(a, b, "--measure", "ndcg@10").exception

    assert (told["measure"], told["comparisons"][0]["wins"]) == ("met", 3)
    assert shown[2].startswith("met, b - a, with its 95 % interval")
    assert "has no ndcg@10; it has met. Choose by --measure." in str(other)


@pytest.mark.parametrize("first", ["", "{", "[]", '{"measures": []}', '{"measures": {}}'])
def test_what_is_wrong_in_the_first_line_is_left_to_the_reading(tmp_path: Path, first: str) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text(first)

    assert usual_measure(path) == "ndcg@10"

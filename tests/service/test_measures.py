"""The measures are those of trec_eval, ties and negative grades included."""

import math

import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from service.evaluation.measures import measured, ndcg, ranked, recall, reciprocal_rank

IDS = st.text(st.sampled_from("abz019-éß🙂"), min_size=1, max_size=3)
# Few values, some apart by less than single precision can tell: many ties.
SCORES = st.sampled_from([0.0, -1.0, 0.5, 0.1, 0.1 + 1e-12, 1.0, 1.00000001, 17.25])
RUNS = st.dictionaries(IDS, SCORES, min_size=1, max_size=130)
GRADES = st.dictionaries(IDS, st.integers(-1, 3), min_size=1, max_size=20)


@given(RUNS, GRADES)
def test_measures_are_those_of_trec_eval(run: dict[str, float], judged: dict[str, int]) -> None:
    reference = pytrec_eval.RelevanceEvaluator(
        {"q": judged}, {"ndcg_cut.10", "recall.10,100", "recip_rank"}
    ).evaluate({"q": run})["q"]
    first = reference["recip_rank"]

    found = measured(ranked(run), judged)

    assert found == {
        "ndcg@10": pytest.approx(reference["ndcg_cut_10"], abs=1e-12),
        "recall@10": pytest.approx(reference["recall_10"], abs=1e-12),
        "recall@100": pytest.approx(reference["recall_100"], abs=1e-12),
        "mrr@10": pytest.approx(first if first >= 0.1 else 0.0, abs=1e-12),
    }


def test_ndcg_is_the_gain_by_grade_over_the_best_there_could_be() -> None:
    judged = {"a": 1, "b": 2, "c": 0}

    found = ndcg(["c", "b", "a"], judged, 10)

    best = 2 / math.log2(2) + 1 / math.log2(3)
    assert found == pytest.approx((2 / math.log2(3) + 1 / math.log2(4)) / best)
    assert ndcg(["b", "a"], judged, 10) == 1.0
    assert ndcg(["c", "b"], judged, 1) == 0.0


def test_of_equal_scores_the_greater_id_comes_first_and_what_single_precision_loses_is_equal() -> (
    None
):
    assert ranked({"a": 1.0, "b": 1.0, "c": 0.5}) == ["b", "a", "c"]
    assert ranked({"a": 1.0 + 1e-12, "b": 1.0}) == ["b", "a"]
    assert ranked({"9": 0.2, "10": 0.2}) == ["9", "10"]


def test_recall_and_reciprocal_rank_stop_at_their_depth() -> None:
    ranking = [str(n) for n in range(20)]

    assert recall(ranking, {"3": 1, "15": 2, "gone": 1, "4": 0}, 10) == pytest.approx(1 / 3)
    assert reciprocal_rank(ranking, {"3": 1}, 10) == 0.25
    assert reciprocal_rank(ranking, {"10": 1}, 10) == 0.0


def test_nothing_found_and_nothing_to_find_are_zero() -> None:
    assert measured([], {"a": 1}) == dict.fromkeys(measured([], {"a": 1}), 0.0)
    assert set(measured(["a"], {}).values()) == {0.0}

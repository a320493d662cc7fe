"""Scores to reach, and the labels that this takes."""

import numpy as np
import pytest

from active_learning.analysis import targets
from active_learning.data.files import rounded
from tests.analysis.test_comparison import RANDOM, comparison

LABELS = {"low": 14, "high": 20}


@pytest.mark.parametrize(
    "value", [0.9, 1, np.int64(1), np.float32(0.5), -0.3, "50%", "7%", "99.5%", "100%"]
)
def test_scores_and_percentages_are_targets(value):
    assert targets.is_target(value)
    (score,) = targets.target_scores([value], 0.5, 0.9, greater_is_better=True).values()
    assert type(score) is float


@pytest.mark.parametrize("value", ["0.9", "50", "%", "120%", "-5%", "5 %", float("nan"), None, [1]])
def test_nothing_else_is_a_target(value):
    assert not targets.is_target(value)


def test_shares_are_of_the_gap_from_initial_score_to_ceiling():
    scores = targets.target_scores(["50%", 0.7, "90%"], 0.5, 0.9, greater_is_better=True)
    assert scores == pytest.approx({"50%": 0.7, "0.7": 0.7, "90%": 0.86})
    scores = targets.target_scores(["50%"], 0.5, 0.1, greater_is_better=False)
    assert scores == pytest.approx({"50%": 0.3})


@pytest.mark.parametrize(("ceiling", "greater_is_better"), [(0.5, True), (0.4, True), (0.6, False)])
def test_without_a_gap_there_are_no_shares(ceiling, greater_is_better):
    scores = targets.target_scores(["50%", 0.7], 0.5, ceiling, greater_is_better=greater_is_better)
    assert scores == {"0.7": 0.7}


def said(greater_is_better=True, forecast=None, **options):
    """What is said of random, which starts at .5 and gains .1 a label; the ceiling is .9."""
    made = rounded(comparison(greater_is_better, random=RANDOM, **options).to_dict())
    made["strategies"]["random"]["more_labels"] = forecast and {"labels_to_reach": forecast}
    return made, targets.in_words("random", made)


def test_labels_include_the_initial_ones():
    _, words = said(targets=[0.4, 0.6, "50%"])
    assert words == {"0.4": "10", "0.6": "11", "50%": "12"}


def test_what_is_not_reached_is_foretold_if_possible():
    forecast = {
        "0.75": {"low": 14, "high": 20},
        "0.8": {"low": 14, "high": None},
        "0.85": {"low": None, "high": None},
    }
    _, words = said(targets=[0.75, 0.8, 0.85, "90%"], forecast=forecast)
    assert words == {
        "0.75": "14 to 20",
        "0.8": "at least 14",
        "0.85": "cannot be said",
        "90%": "not reached",
    }


@pytest.mark.parametrize(("greater_is_better", "score"), [(True, 0.91), (False, 0.09)])
def test_a_score_better_than_the_ceiling_is_not_foretold(greater_is_better, score):
    forecast = {str(score): LABELS}
    _, words = said(greater_is_better, targets=[score], forecast=forecast)
    assert words == {str(score): "better than the ceiling"}


def test_the_ceiling_itself_may_be_foretold():
    _, words = said(targets=["100%"], forecast={"100%": LABELS})
    assert words == {"100%": "14 to 20"}


def test_sentence():
    made, _ = said(targets=[0.6, "50%", "90%"])
    assert targets.sentence("random", made) == (
        "random: labels in all to reach accuracy 0.6000: 11; accuracy 0.7000 (50% of the gap): 12; "
        "accuracy 0.8600 (90% of the gap): not reached."
    )

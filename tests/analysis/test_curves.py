"""Learning curves and their sums, worked by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from active_learning.analysis import curves
from active_learning.analysis.curves import LearningCurve
from active_learning.core.errors import ArtifactError


def curve(*scores, labels=(10, 11, 12, 14), greater_is_better=True):
    return LearningCurve(np.array(labels), np.array(scores, dtype=float), greater_is_better)


def test_aubc_lu2023_by_hand():
    # (.6 + .8) / 2 + (.8 + .9) / 2 = 1.55 over three queries; the .5 of step 0 plays no part.
    assert curves.aubc_lu2023([0.5, 0.6, 0.8, 0.9]) == pytest.approx(1.55 / 3)
    assert curves.aubc_lu2023([[0, 1, 1], [0, 0, 0]]).tolist() == [0.5, 0]


@pytest.mark.parametrize(
    ("labels", "scores", "expected"),
    [
        # (.5 + .7) / 2 + (.7 + .6) / 2 + 2 (.6 + .8) / 2 = .6 + .65 + 1.4 = 2.65, over 14 - 10.
        ([10, 11, 12, 14], [0.5, 0.7, 0.6, 0.8], 2.65 / 4),
        ([3, 4, 90], [0.7, 0.7, 0.7], 0.7),  # flat: its height, whatever the steps
        # Of each repeat: 1 + 3 over 2 steps of one label; the second curve is twice the first.
        ([0, 1, 2], [[1, 2, 1], [2, 4, 2]], [1.5, 3.0]),
        ([10], [[0.5], [0.7]], [0.5, 0.7]),  # of a single point: its score
    ],
)
def test_aulc_is_the_trapezoid_area_over_the_width(labels, scores, expected):
    np.testing.assert_allclose(curves.aulc(labels, scores), expected)


@pytest.mark.parametrize(
    ("initial", "final", "ceiling", "greater_is_better", "expected"),
    [
        (0.8, 0.9, 1.0, True, 0.5),  # .1 of .2
        (0.8, 0.7, 1.0, True, -0.5),  # got worse
        (0.8, 0.95, 0.9, True, 1.5),  # above the ceiling
        (0.8, 0.9, 0.8, True, math.nan),  # nothing to gain
        (0.8, 0.9, 0.7, True, math.nan),  # full supervision is worse than the start
        (0.6, 0.5, 0.2, False, 0.25),  # a loss: -.1 of -.4
        (0.6, 0.7, 0.2, False, -0.25),
        (0.6, 0.5, 0.6, False, math.nan),
        (0.6, 0.5, 0.8, False, math.nan),
        (0.1 + 0.2, 0.5, 0.3, True, math.nan),  # equal but for the rounding of a mean
        (0.3, 0.5, 0.1 + 0.2, True, math.nan),
    ],
)
def test_gap_closed(initial, final, ceiling, greater_is_better, expected):
    closed = curves.gap_closed(initial, final, ceiling, greater_is_better)
    assert closed == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("target", "greater_is_better", "expected"),
    [
        (0.5, True, 0),  # at the start already
        (0.55, True, 1),  # 11 labels are 1 bought
        (0.7, True, 1),  # at the target is enough
        (0.75, True, 4),  # not before 14 labels
        (0.8 + 2e-9, True, 4),  # equal but for the rounding of scores
        (0.81, True, None),
        (0.5, False, 0),
        (0.49, False, None),
        (0.9, False, 0),
    ],
)
def test_bought_to_reach(target, greater_is_better, expected):
    scores = curve([0.5, 0.7, 0.6, 0.8], greater_is_better=greater_is_better)
    assert scores.bought_to_reach(target) == expected


def test_bought_to_reach_is_of_the_mean_curve_not_the_mean_of_the_repeats():
    # The means are .5, .5, .55, .9; each repeat alone is there after 1 and after 4 labels.
    scores = curve([0.5, 0.9, 0.1, 0.9], [0.5, 0.1, 1.0, 0.9])
    assert scores.bought_to_reach(0.54) == 2


RISING = [0.5, 0.6, 0.7, 0.8]


@pytest.mark.parametrize(
    ("ours", "random", "greater_is_better", "expected"),
    [
        # random ends at .8 after 4 labels; the strategy is there after 1: 1 - 1/4.
        ([0.5, 0.8, 0.8, 0.9], RISING, True, 0.75),
        # A loss: random ends at .4 after 4 labels; the strategy is there after 2: 1 - 2/4.
        ([0.9, 0.5, 0.4, 0.3], [0.9, 0.8, 0.6, 0.4], False, 0.5),
        # random's best is its last but one; its final .7 is reached after 1 label, ours after 4.
        ([0.5, 0.5, 0.6, 0.7], [0.5, 0.7, 0.8, 0.7], True, -3.0),
        ([0.8, 0.8, 0.8, 0.8], RISING, True, 1.0),  # the start is good enough
        ([0.5, 0.6, 0.7, 0.79], RISING, True, math.nan),  # never reached
        ([0.9, 0.9, 0.9, 0.9], [0.8, 0.7, 0.7, 0.8], True, math.nan),  # random needs no label
    ],
)
def test_label_savings(ours, random, greater_is_better, expected):
    ours, random = (curve(each, greater_is_better=greater_is_better) for each in (ours, random))
    assert curves.label_savings(ours, random) == pytest.approx(expected, nan_ok=True)


def test_label_savings_over_chosen_repeats():
    # Repeat 1 twice: random ends at .6 after 2 labels, the strategy is there after 1.
    labels = (10, 11, 12)
    random = curve([0.5, 0.6, 0.7], [0.4, 0.5, 0.6], labels=labels)
    ours = curve([0.5, 0.5, 0.5], [0.4, 0.6, 0.6], labels=labels)
    assert curves.label_savings(ours, random, np.array([1, 1])) == pytest.approx(0.5)
    assert math.isnan(curves.label_savings(ours, random, np.array([0])))


def test_curve_from_a_table_whatever_the_order_of_its_rows():
    table = pd.DataFrame(
        {"repeat": [1, 0, 1, 0], "labels": [12, 10, 10, 12], "accuracy": [0.8, 0.5, 0.6, 0.7]}
    )
    made = LearningCurve.from_table(table, "accuracy", greater_is_better=True)
    assert made.labels.tolist() == [10, 12]
    assert made.scores.tolist() == [[0.5, 0.7], [0.6, 0.8]]
    assert made.initial.tolist() == [0.5, 0.6]
    assert made.final.tolist() == [0.7, 0.8]
    assert made.mean.tolist() == pytest.approx([0.55, 0.75])


# Two repeats, the second of which ended at 11 labels.
RAGGED = pd.DataFrame(
    {
        "repeat": [0, 0, 0, 1, 1],
        "labels": [10, 11, 12, 10, 11],
        "accuracy": [0.1, 0.2, 0.3, 0.5, 0.6],
    }
)


def test_a_run_that_ended_early_keeps_its_last_score():
    made = LearningCurve.from_table(RAGGED, "accuracy", True, np.array([10, 11, 12, 13]))
    assert made.labels.tolist() == [10, 11, 12, 13]
    assert made.scores.tolist() == [[0.1, 0.2, 0.3, 0.3], [0.5, 0.6, 0.6, 0.6]]
    assert made.ends.tolist() == [12, 11]
    assert made.final.tolist() == [0.3, 0.6]


@pytest.mark.parametrize(
    ("table", "grid"),
    [(RAGGED, None), (RAGGED.drop(index=1), np.array([10, 11, 12]))],
    ids=["a run may not end early", "a gap"],
)
def test_curves_of_different_lengths_are_refused(table, grid):
    with pytest.raises(ArtifactError, match="accuracy differ in length"):
        LearningCurve.from_table(table, "accuracy", True, grid)


def test_all_runs_end_at_the_last_point_unless_they_may_end_early():
    made = LearningCurve.from_table(RAGGED.drop(index=2), "accuracy", greater_is_better=True)
    assert made.ends.tolist() == [11, 11]

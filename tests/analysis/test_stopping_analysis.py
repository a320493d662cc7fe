"""What stopping rules would have given and cost, by hand."""

import numpy as np
import pandas as pd
import pytest

from active_learning.analysis import stopping
from active_learning.analysis.curves import LearningCurve
from active_learning.data.files import rounded
from tests.analysis.test_comparison import comparison

# Three repeats at 10, 11 and 12 labels.
SCORES = np.array([[0.5, 0.7, 0.8], [0.4, 0.6, 0.6], [0.5, 0.5, 0.9]])


def checks(*stops, binding=False):
    """Checks at 10, 11 and 12 labels; ``stops``: at how many labels each repeat was stopped."""
    return pd.DataFrame(
        [
            (repeat, labels, "plateau", at is not None and labels >= at, binding)
            for repeat, at in enumerate(stops)
            for labels in (10, 11, 12)
        ],
        columns=["repeat", "labels", "rule", "stopped", "binding"],
    )


def analysis(*stops, greater_is_better=True, **options):
    made = comparison(greater_is_better, margin=SCORES)
    return rounded(stopping.to_dict(made, {"margin": checks(*stops, **options)}))


def test_means_are_those_of_runs_that_the_rule_ends():
    result = analysis(11, 10, None)
    assert result["headline"] == "accuracy"
    assert result["binding"] is None
    row = result["strategies"]["margin"]["plateau"]
    assert row["stopped"] == pytest.approx(2 / 3, abs=1e-6)
    assert row["labels"]["repeats"] == [11, 10, None]
    assert row["labels"]["mean"] == 11  # 11, 10, and 12 at the end of the budget
    assert row["score"]["repeats"] == [0.7, 0.4, 0.9]
    assert row["score_lost"]["repeats"] == [0.1, 0.2, 0.0]
    assert row["score_lost"]["mean"] == 0.1
    assert row["score_lost"]["low"] <= 0.1 <= row["score_lost"]["high"]


def test_score_lost_of_a_loss():
    row = analysis(11, 10, None, greater_is_better=False)["strategies"]["margin"]["plateau"]
    assert row["score"]["repeats"] == [0.3, 0.6, 0.1]
    assert row["score_lost"]["repeats"] == [0.1, 0.2, 0.0]


def test_score_lost_is_unknown_where_the_rule_is_binding():
    result = analysis(11, 10, None, binding=True)
    assert result["binding"] == "plateau"
    assert result["strategies"]["margin"]["plateau"]["score_lost"] is None


def test_no_rules_no_sentences():
    made = comparison(margin=SCORES)
    result = stopping.to_dict(made, {"margin": checks().astype({"stopped": bool, "binding": bool})})
    assert result["strategies"] == {"margin": {}}
    assert stopping.sentences(result) == []


WOULD = (
    "margin: plateau would have stopped 2 of 3 repeats: on average 11.0 labels and accuracy 0.6667"
)
SAME = (
    "margin: plateau would have stopped 1 of 3 repeats: on average 12.0 labels and accuracy 0.7667"
)
ENDED = "margin: plateau stopped 3 of 3 repeats: on average 12.0 labels and accuracy 0.7667."
NEVER = "No repeat would have been stopped within the budget by plateau."


@pytest.mark.parametrize(
    ("stops", "binding", "text"),
    [
        ((11, 10, None), False, f"{WOULD}, 0.1000 worse than with the full budget."),
        ((12, None, None), False, f"{SAME}, the same as with the full budget."),
        ((None, None, None), False, NEVER),
        ((12, 12, 12), True, ENDED),
    ],
)
def test_sentences(stops, binding, text):
    assert stopping.sentences(analysis(*stops, binding=binding)) == [text]


def test_a_rule_that_stops_only_one_strategy_is_said_of_all():
    made = comparison(margin=SCORES, random=SCORES)
    result = stopping.to_dict(made, {"margin": checks(11, 10, None), "random": checks(*[None] * 3)})
    (_, never) = stopping.sentences(result)
    assert never == "random: plateau would have stopped no repeat within the budget."


def test_runs_that_ended_early_end_there():
    made = comparison(margin=SCORES)
    ended = LearningCurve(
        np.array([10, 11, 12]), SCORES, greater_is_better=True, early_ends=np.array([11, 12, 10])
    )
    made.curves["margin"]["accuracy"] = ended
    assert made.labels_bought("margin") == 1
    result = stopping.to_dict(made, {"margin": checks(None, 12, 10, binding=True)})
    row = result["strategies"]["margin"]["plateau"]
    assert row["labels"]["mean"] == 11

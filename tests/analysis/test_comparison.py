"""Strategies against random and full supervision: the numbers, and the words for them."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from active_learning.analysis import report
from active_learning.analysis.comparison import Comparison
from active_learning.analysis.curves import LearningCurve
from active_learning.data.files import rounded

LABELS = np.array([10, 11, 12])
# Seven repeats: random starts at .5 and gains .1 a label, each repeat a little off.
OFFSETS = np.array([-0.03, -0.02, -0.01, 0.0, 0.01, 0.02, 0.03])
RANDOM = OFFSETS[:, None] + [0.5, 0.6, 0.7]
# What is better by about .2 after the first label, and by .1 at the end.
BETTER = RANDOM + [0, 0.2, 0.1] + 0.1 * OFFSETS[::-1, None] * [0, 1, 1]


def by_both(scores, greater_is_better):
    """The same scores by accuracy and, upside down, by loss; the first is the headline."""
    both = {"accuracy": np.asarray(scores), "loss": 1 - np.asarray(scores)}
    return both if greater_is_better else dict(reversed(both.items()))


def curves(scores, greater_is_better):
    return {
        scorer: LearningCurve(LABELS, values, greater_is_better=scorer == "accuracy")
        for scorer, values in by_both(scores, greater_is_better).items()
    }


def comparison(greater_is_better=True, same_as=(), targets=(), **scores):
    n_repeats = len(next(iter(scores.values())))
    return Comparison(
        curves={name: curves(values, greater_is_better) for name, values in scores.items()},
        ceilings=by_both(np.full(n_repeats, 0.9), greater_is_better),
        same_as=dict(same_as),
        test_per_train=0.25,
        targets=list(targets),
        confidence=0.95,
        power=0.8,
        difference=0.05,
        n_resamples=500,
        seed=0,
    )


TWO = {"margin": BETTER, "random": RANDOM}


def test_numbers_of_a_strategy_by_hand():
    made = comparison(**TWO, targets=[0.65, 0.95])
    row = rounded(made.to_dict())["strategies"]["margin"]
    scores = row["scores"]["accuracy"]
    # (.5 + .8) / 2 + (.8 + .8) / 2 over two labels: .65 + .8 = 1.45, halved.
    means = {name: scores[name]["mean"] for name in ("initial", "final", "aulc")}
    assert means == {"initial": 0.5, "final": 0.8, "aulc": 0.725}
    assert (scores["change"], scores["gap_closed"]) == (0.3, 0.75)  # .3 of .9 - .5
    assert row["labels_bought"] == 2
    assert row["bought_to_reach"] == {"0.65": 1, "0.95": None}
    # Random's final .7 is random's after 2 labels, and the strategy's after 1.
    savings = {"target": 0.7, "bought": 1, "bought_by_random": 2, "savings": 0.5}
    assert row["label_savings"].items() >= savings.items()


def test_difference_is_paired_and_holds_every_repeat():
    row = comparison(**TWO).differences()["margin"]
    # Each repeat differs by (0 + .2) / 2 + (.2 + .1) / 2 = .25 over two labels, and by what its
    # offset makes of it: (1/2 + 1) / 2 of a tenth of the offset of the repeat opposite.
    expected = 0.125 + 0.075 * OFFSETS[::-1]
    np.testing.assert_allclose(row["aulc"]["repeats"], expected)
    np.testing.assert_allclose(row["final"]["repeats"], 0.1 + 0.1 * OFFSETS[::-1])
    assert row["aulc"]["difference"] == pytest.approx(0.125)
    assert row["aulc"]["low"] < 0.125 < row["aulc"]["high"]
    assert row["aulc"]["p_wilcoxon"] == pytest.approx(2 / 2**7)  # all of one sign
    assert row["aulc"]["verdict"] == "better"


def test_holm_is_over_the_challengers():
    made = comparison(margin=BETTER, entropy=BETTER + 0.01, random=RANDOM)
    for row in made.differences().values():
        assert row["aulc"]["p_holm"] == pytest.approx(2 * 2 / 2**7)


def test_strategy_of_the_same_rows_is_no_test_of_its_own():
    made = comparison(margin=BETTER, entropy=BETTER, random=RANDOM, same_as={"entropy": "margin"})
    assert made.legends == {"margin": "margin = entropy", "random": "random"}
    assert made.challengers == ["margin"]
    assert made.differences()["margin"]["aulc"]["p_holm"] == pytest.approx(2 / 2**7)
    rows = made.to_dict()["strategies"]
    assert rows["entropy"]["same_as"] == "margin"
    assert rows["entropy"]["vs_random"] is rows["margin"]["vs_random"]
    assert set(made.curve_table()["strategy"]) == {"margin = entropy", "random"}


def test_numbers_of_a_strategy_do_not_depend_on_what_else_is_compared():
    alone = comparison(**TWO)
    among = comparison(entropy=BETTER - 0.1, random=RANDOM, margin=BETTER)
    first, second = (made.to_dict()["strategies"]["margin"] for made in (alone, among))
    assert rounded(first["scores"]) == rounded(second["scores"])
    assert rounded(first["label_savings"]) == rounded(second["label_savings"])
    for end in ("low", "high", "difference", "p_wilcoxon"):
        assert first["vs_random"]["aulc"][end] == second["vs_random"]["aulc"][end]


def test_tables_hold_every_point_of_the_mean_curves():
    made = comparison(**TWO)
    table = made.curve_table()
    assert table["strategy"].tolist() == ["margin"] * 3 + ["random"] * 3
    assert table["labels"].tolist() == [10, 11, 12] * 2
    np.testing.assert_allclose(table["score"], [0.5, 0.8, 0.8, 0.5, 0.6, 0.7])
    assert (table["low"] < table["score"]).all()
    assert (table["score"] < table["high"]).all()
    table = made.difference_table()
    assert table["strategy"].tolist() == ["margin"] * 3
    np.testing.assert_allclose(table["difference"], [0, 0.2, 0.1], atol=1e-12)
    assert table[["low", "high"]].iloc[0].tolist() == pytest.approx([0, 0], abs=1e-12)


def test_summary_has_nine_numbers_about_the_first_strategy_that_is_not_random():
    made = comparison(random=RANDOM, least_confidence=BETTER, entropy=RANDOM)
    summary = report.summary(rounded(made.to_dict()))
    low, high = summary.pop("gain_low"), summary.pop("gain_high")
    assert summary.pop("strategy") == "least_confidence"
    scores = {"initial": 0.5, "final": 0.8, "random": 0.7, "ceiling": 0.9, "gain": 0.125}
    assert summary == {"labels": 12} | scores
    assert low < 0.125 < high


def test_first_repeat_is_that_of_the_summarised_strategy():
    made = comparison(random=RANDOM, margin=BETTER)
    expected = {"initial": 0.47, "final": 0.773, "ceiling": 0.9}
    assert rounded(made.to_dict())["first_repeat"] == expected


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({"margin": BETTER}, ("margin", 0.8, None)),
        ({"random": RANDOM}, ("random", 0.7, 0.7)),
        ({"margin": BETTER[:1], "random": RANDOM[:1]}, ("margin", 0.773, 0.67)),
    ],
    ids=["without random", "random alone", "one repeat"],
)
def test_summary_of_what_cannot_be_compared(scores, expected):
    summary = report.summary(rounded(comparison(**scores).to_dict()))
    assert (summary["strategy"], summary["final"], summary["random"]) == expected
    assert (summary["gain_low"], summary["gain_high"]) == (None, None)
    one_repeat = len(scores) == 2
    assert summary["gain"] == (0.1273 if one_repeat else None)


SIGNS = np.array([1, -1, 1, -1, 1, -1, 1])[:, None]
FLAT = RANDOM[:, :1] + [0, 0, 0]
# Random is at its final score after one label, the other after two.
EARLY, LATER = RANDOM[:, :1] + [0, 0.2, 0.2], RANDOM[:, :1] + [0, 0.1, 0.2]
OVER = "over the whole curve"
# What is compared, and what is said of margin unless another is named; … is left out.
SENTENCES = [
    (TWO, "random: accuracy 0.5000 → 0.7000 with 2 labels bought, ceiling 0.9000; the control."),
    (
        TWO,
        "margin: accuracy 0.5000 → 0.8000 with 2 labels bought, ceiling 0.9000; beats random on t…",
    ),
    (
        TWO,
        (
            f"…0; beats random on this table (+0.1250 {OVER}, 95% interval +0.12…, p = 0.016, "
            "7 repeats); on another table like it the interval is +0.12… to +0.12…; …"
        ),
    ),
    (TWO, "…; reaches random's final accuracy of 0.7000 with 1 label bought, random with 2: …"),
    (TWO, "…, random with 2: saves 50 to 50% of the labels."),
    (
        TWO | {"margin": RANDOM - [0, 0.2, 0.1]},
        f"…; is worse than random on this table (-0.1250 {OVER}…",
    ),
    (TWO | {"margin": LATER, "random": EARLY}, "…, random with 1: needs 100 to 100% more labels."),
    (TWO | {"margin": RANDOM - [0, 0.2, 0.1]}, "…; never reaches random's final accuracy of 0.7…"),
    # Differences of ±.015 over the curve, spread .016: .05 is three times that, and four repeats
    # would do, but that the signed-rank test takes six to say anything.
    (
        TWO | {"margin": RANDOM + 0.02 * SIGNS * [0, 1, 1]},
        (
            "…; not significantly different from random on this table (…, 7 repeats; 7 repeats can "
            "detect 0.0…; 6 would detect 0.05); on another table like it the interval is -0.0… to "
            "+0.0…, which more repeats hardly narrow; reaches random's final accuracy of …; "
            "savings not shown: the repeats vary too much for an interval."
        ),
    ),
    (
        {"margin": BETTER[:5], "random": RANDOM[:5]},
        "…; with 5 repeats no difference can be significant; 6 would detect 0.05); …",
    ),
    (
        {"margin": BETTER[:1], "random": RANDOM[:1]},
        f"… {OVER} against random in one repeat: one run proves nothing.",
    ),
    (
        TWO | {"greater_is_better": False},
        "margin: loss (lower is better) 0.5000 → 0.2000…; beats random on this table (-0.1250…",
    ),
    (
        TWO | {"greater_is_better": False},
        "…reaches random's final loss of 0.3000 with 1 label bought, ran…",
    ),
    ({"margin": BETTER}, "…; not compared, since the control, random, was not run."),
    (
        {"entropy": BETTER, **TWO, "same_as": {"entropy": "margin"}},
        "entropy: …; same queries as margin.",
    ),
    (
        {"margin": BETTER, "random": FLAT},
        "…has no labels to save, since random's final accuracy of 0.5000 is no better than its …",
    ),
]


@pytest.mark.parametrize(("scores", "expected"), SENTENCES)
def test_sentence(scores, expected):
    name = expected.partition(":")[0] if ": " in expected[:12] else "margin"
    said = report.sentence(name, rounded(comparison(**scores).to_dict()))
    assert re.fullmatch(".*".join(map(re.escape, expected.split("…"))), said)


def test_verdict_of_a_loss():
    """The loss of a better strategy is lower."""
    for scores, difference, verdict in (
        (TWO, -0.125, "better"),
        ({"margin": RANDOM, "random": BETTER}, 0.125, "worse"),
    ):
        row = comparison(greater_is_better=False, **scores).differences()["margin"]["aulc"]
        assert row["difference"] == pytest.approx(difference)
        assert row["verdict"] == verdict


def test_one_repeat_shows_nothing():
    made = comparison(margin=BETTER[:1], random=RANDOM[:1])
    row = rounded(made.to_dict())["strategies"]["margin"]
    against = row["vs_random"]["aulc"]
    for part in ("low", "high", "p_wilcoxon", "p_holm", "smallest_detectable", "repeats_to_detect"):
        assert against[part] is None
    assert against["verdict"] == "undecided"
    assert row["scores"]["accuracy"]["final"]["sd"] is None


def test_without_random_there_are_no_differences():
    made = comparison(margin=BETTER)
    assert made.to_dict()["greater_is_better"] == {"accuracy": True, "loss": False}
    assert made.differences() == {}
    assert list(made.difference_table()) == ["strategy", "labels", "difference", "low", "high"]
    assert made.difference_table().empty


def test_interval_and_test_must_agree():
    """Six repeats of one sign give p = 2 / 2**6 = .03, which Holm doubles for two challengers."""
    made = comparison(margin=BETTER[:6], random=RANDOM[:6])
    assert made.differences()["margin"]["aulc"]["verdict"] == "better"
    made = comparison(margin=BETTER[:6], entropy=BETTER[:6] + 0.01, random=RANDOM[:6])
    row = made.differences()["margin"]["aulc"]
    assert row["low"] > 0
    assert row["verdict"] == "undecided"
    assert math.isnan(row["smallest_detectable"])
    assert row["repeats_to_detect"] == 7


def test_more_confidence_is_harder_to_satisfy():
    made = comparison(**TWO)
    sure = replace(made, confidence=0.999)
    assert ", 99.9% interval " in report.sentence("margin", rounded(sure.to_dict()))
    assert made.differences()["margin"]["aulc"]["verdict"] == "better"
    assert sure.differences()["margin"]["aulc"]["verdict"] == "undecided"


@pytest.mark.parametrize("scorer", ["accuracy", "balanced_accuracy"])
def test_more_labels_are_spoken_of_for_accuracy_only(scorer):
    labels = np.arange(10, 21)
    rising = 0.9 - 0.4 * 10 / labels + OFFSETS[:, None] / 10
    curve = LearningCurve(labels, rising, greater_is_better=True)
    made = Comparison(
        {"random": {scorer: curve}}, {scorer: np.full(7, 0.9)}, same_as={}, test_per_train=0.25
    )
    assert (made.to_dict()["strategies"]["random"]["more_labels"] is None) == (scorer != "accuracy")

"""What more labels would bring: curves whose continuation is known."""

import numpy as np
import pandas as pd
import pytest

from active_learning.analysis.curves import LearningCurve
from active_learning.analysis.more_labels import (
    exponential,
    extrapolate,
    fit,
    more_labels,
    power_law,
    sentence,
)
from active_learning.core.rng import generator
from scripts import more_labels as study

LABELS = np.arange(20, 81, 4)


def noisy(mean, n_repeats=20, spread=0.01):
    shifts = np.random.default_rng(0).normal(0, spread, (n_repeats, 1))
    noise = np.random.default_rng(1).normal(0, spread, (n_repeats, len(mean)))
    return np.asarray(mean) + shifts + noise


def curve(mean, **options):
    return LearningCurve(LABELS, noisy(mean, **options), greater_is_better=True)


def rising(labels):
    return 0.9 - 0.9 * labels**-0.5


@pytest.mark.parametrize(
    ("family", "mean"),
    [
        (power_law, lambda u: 0.9 - 0.1 * u ** -np.geomspace(0.1, 3, 24)[9]),
        (exponential, lambda u: 0.9 - 0.3 * np.exp(-np.geomspace(0.3, 12, 24)[9] * u)),
    ],
)
def test_a_curve_of_the_family_is_continued_exactly(family, mean):
    seen, later = np.linspace(0.2, 1, 15), np.array([2.0, 3.0])
    fitted = fit(family(seen), family(later), mean(seen)[None])
    np.testing.assert_allclose(fitted[0], mean(later), atol=1e-12)


def test_fits_never_fall_and_never_exceed_1():
    seen, later = np.linspace(0.2, 1, 15), np.array([1.0, 2.0, 3.0])
    beyond = 1.2 - 0.25 * seen**-0.8
    means = np.stack([beyond, np.linspace(0.9, 0.7, 15), np.full(15, 0.8)])
    for family in (power_law, exponential):
        fitted = fit(family(seen), family(later), means)
        assert (np.diff(fitted, axis=1) >= 0).all()
        assert fitted.max() <= 1
        np.testing.assert_allclose(fitted[1:], [[0.8] * 3] * 2)


def test_a_limit_beyond_1_is_1_and_the_drop_fits_it():
    seen, later = np.linspace(0.2, 1, 15), np.array([2.0, 3.0])
    shape, mean = power_law(seen)[9:10], 1.2 - 0.25 * seen**-0.8
    drop = np.linalg.lstsq(shape.T, 1 - mean)[0]
    fitted = fit(shape, power_law(later)[9:10], mean[None])
    np.testing.assert_allclose(fitted[0], 1 - drop * power_law(later)[9])


@pytest.mark.parametrize("mean", [rising, lambda labels: 0.9 - 0.3 * np.exp(-labels / 40)])
def test_the_interval_has_the_continuation_of_either_family(mean):
    later, holds = np.array([160, 240]), []
    for seed in range(50):
        random = generator(seed, "test")
        shifts = random.normal(0, 0.01, (20, 1))
        scores = mean(LABELS) + shifts + random.normal(0, 0.01, (20, len(LABELS)))
        low, high = extrapolate(LABELS, scores, later, random)
        truth = mean(later) + shifts.mean()
        holds.append((low <= truth) & (truth <= high))
    assert (np.mean(holds, axis=0) >= 0.7).all()


def test_the_interval_grows_with_the_labels_and_shrinks_with_the_repeats():
    def width(n_repeats):
        scores = noisy(rising(LABELS), n_repeats, 0.03)
        low, high = extrapolate(LABELS, scores, np.array([100, 160, 240]), generator(0, "test"))
        return high - low

    assert (np.diff(width(20)) > 0).all()
    assert (width(80) < width(5)).all()


def test_twice_and_three_times_the_labels():
    forecast = more_labels(curve(rising(LABELS)), {}, generator(0, "test"))
    assert [row["labels"] for row in forecast["scores"]] == [160, 240]
    again = more_labels(curve(rising(LABELS)), {}, generator(0, "test"))
    assert forecast == again


def test_labels_to_a_target():
    forecast = more_labels(
        curve(rising(LABELS)), {"a": 0.7, "b": 0.798, "c": 0.82, "d": 0.99}, generator(0, "test")
    )
    reached = forecast["labels_to_reach"]
    assert "a" not in reached  # the curve is there
    assert 80 <= reached["b"]["low"] < 90 < reached["b"]["high"] < 160
    assert 100 < reached["c"]["low"] < 160
    assert reached["c"]["high"] is None
    assert reached["d"] == {"low": None, "high": None}
    said = sentence("margin", forecast, "accuracy")
    assert "with 160 labels" in said
    assert said.endswith("with 240 labels (80% intervals, extrapolated).")


@pytest.mark.parametrize(
    "options",
    [
        {"scores": noisy(rising(LABELS), n_repeats=4)},
        {"greater_is_better": False},
        {"early_ends": np.full(20, 60)},
        {"labels": LABELS[:4], "scores": noisy(rising(LABELS[:4]))},
        {"labels": LABELS + 1000},
        {"labels": LABELS - 20},
    ],
    ids=["repeats", "loss", "ended early", "points", "span", "no label"],
)
def test_nothing_is_said_beyond_what_was_measured(options):
    given = {"labels": LABELS, "scores": noisy(rising(LABELS)), "greater_is_better": True}
    assert more_labels(LearningCurve(**given | options), {"a": 0.9}, generator(0, "test")) is None


def test_a_flat_curve_stays_flat():
    flat = LearningCurve(LABELS, np.full((20, len(LABELS)), 0.8), greater_is_better=True)
    forecast = more_labels(flat, {"a": 0.9}, generator(0, "test"))
    for row in forecast["scores"]:
        assert row["low"] == pytest.approx(0.8)
        assert row["high"] == pytest.approx(0.8)


def run(later=rising):
    labels = np.arange(20, 241, 4)
    mean = np.where(labels <= 120, rising(labels), later(labels))
    return study.Run("data", True, "svm_rbf", "margin", labels, noisy(mean), 0.9)


def test_the_study_continues_what_was_cut():
    table = study.forecasts([run()])
    assert table.groupby("prefix", sort=False)["times"].agg(list).to_dict() == {
        "1/6": [2, 3],
        "1/4": [2, 3],
        "1/3": [2, 3],
        "1/2": [2],
    }
    assert (table["truth"] > table["last"]).all()


def test_the_study_sees_nothing_beyond_the_cut():
    true = study.forecasts([run()])
    other = study.forecasts([run(lambda labels: np.full(len(labels), 0.3))])
    half, wrong = (table[table["prefix"] == "1/2"] for table in (true, other))
    assert half[["low", "high"]].equals(wrong[["low", "high"]])
    assert (wrong["truth"] < wrong["low"]).all()


def test_the_summary_counts_what_holds():
    ends = {"low": [0.5] * 4, "high": [0.7] * 4, "last": [0.5] * 4, "by": ["all"] * 4}
    table = pd.DataFrame(ends | {"truth": [0.4, 0.5, 0.7, 0.8]})
    assert study.summary(table, ["by"]).splitlines()[-1].split()[1:5] == [
        "0.5",
        "0.25",
        "0.25",
        "0.2",
    ]

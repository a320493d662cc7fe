"""Intervals, tests and what so many repeats can show: against scipy, by hand, by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from active_learning.analysis import statistics
from active_learning.analysis.curves import LearningCurve

SCORES = np.array([0.90, 0.87, 0.91, 0.88, 0.86, 0.93, 0.89, 0.90, 0.84, 0.95])
# Accuracies of a small test set tie often, losses never do, and sums of either may be tiny.
SAMPLES = st.lists(
    st.integers(-5, 5).map(lambda count: count / 100) | st.floats(-1e3, 1e3),
    min_size=2,
    max_size=25,
)


def interval(values, confidence=0.95, n_resamples=200, seed=0):
    return statistics.mean_interval(values, confidence, n_resamples, np.random.default_rng(seed))


def test_mean_interval_is_scipys_bca():
    expected = stats.bootstrap(
        (SCORES,), np.mean, confidence_level=0.9, n_resamples=999, method="BCa",
        rng=np.random.default_rng(4),
    ).confidence_interval  # fmt: skip
    low, high = interval(SCORES, 0.9, 999, seed=4)
    assert (low, high) == pytest.approx((expected.low, expected.high))


def test_mean_interval_of_every_column_and_shape():
    values = np.stack([SCORES, SCORES + 1, np.full(10, 0.5)], axis=1)
    low, high = interval(values)
    assert low.shape == high.shape == (3,)
    assert low[1] == pytest.approx(low[0] + 1)
    assert (low[2], high[2]) == (0.5, 0.5)
    low, high = interval(values.reshape(10, 3, 1))
    assert low.shape == high.shape == (3, 1)


def test_wider_for_more_confidence():
    narrow, wide = interval(SCORES, 0.5), interval(SCORES, 0.99)
    assert wide[0] < narrow[0] < SCORES.mean() < narrow[1] < wide[1]


def test_one_repeat_shows_nothing():
    low, high = interval(np.array([[0.9, 0.8]]))
    assert np.isnan([*low, *high]).all()
    assert math.isnan(statistics.wilcoxon_p([0.1]))
    assert math.isnan(statistics.smallest_detectable_difference([0.1], 0.95, 0.8))
    curve = LearningCurve(np.array([0, 1]), np.array([[0.5, 0.6]]), greater_is_better=True)
    saved = statistics.savings_interval(curve, curve, 0.95, 100, np.random.default_rng(0))
    assert np.isnan(saved).all()


@settings(deadline=None, max_examples=50)
@given(SAMPLES)
def test_two_repeats_or_more_always_show_something_and_have_a_p(values):
    low, high = interval(values)
    assert np.isfinite(low)
    assert low <= high < np.inf
    slack = 1e-9 * max(1, np.abs(values).max())
    assert min(values) - slack <= low
    assert high <= max(values) + slack
    assert 0 <= statistics.smallest_detectable_difference(values, 0.95, 0.8) < np.inf
    assert 0 <= statistics.wilcoxon_p(values[:8]) <= 1
    assert 0 <= statistics.wilcoxon_p([*values, *np.arange(12)]) <= 1


@pytest.mark.parametrize("values", [[0.0, 1e-200], [0.3, 0.1 + 0.2], [0.0] * 24 + [1.0]])
def test_interval_of_repeats_that_hardly_differ(values):
    low, high = interval(values, n_resamples=100)
    assert min(values) <= low <= high <= max(values)


def test_wilcoxon_is_scipys_and_keeps_zeros():
    values = [0.01, 0.0, -0.02, 0.03, 0.0, 0.02, 0.01, 0.04]
    expected = stats.wilcoxon(values, zero_method="pratt").pvalue
    assert statistics.wilcoxon_p(values) == pytest.approx(expected)
    assert statistics.wilcoxon_p(values) == statistics.wilcoxon_p(np.negative(values))


@pytest.mark.parametrize(
    ("values", "p"),
    [
        *(([0.01] * 4 + [0.0] * zeros, 2 / 16) for zeros in (0, 4, 16, 60, 400)),
        ([0.1, 0.2, 0.3, 0.4, 0.5], 2 / 32),
        ([0.0, 0.0, 0.0], 1),  # no difference at all is no evidence
    ],
)
def test_wilcoxon_of_differences_of_one_sign_however_many_tie(values, p):
    """Of the 2^n equally likely signs two are as extreme: all plus and all minus."""
    assert statistics.wilcoxon_p(values) == pytest.approx(p)


@pytest.mark.parametrize("repeats", [20, 50, 90, 110])
def test_wilcoxon_is_scipys_without_ties(repeats):
    values = np.random.default_rng(repeats).normal(0.1, size=repeats)
    expected = stats.wilcoxon(values, method="exact" if repeats < 100 else "approx").pvalue
    assert statistics.wilcoxon_p(values) == pytest.approx(expected)


@pytest.mark.parametrize("last", [1e-16, 1e-9])  # of floats, and of nine significant digits
@pytest.mark.parametrize("repeats", [12, 20])
def test_wilcoxon_ranks_no_last_digits(repeats, last):
    generator = np.random.default_rng(repeats)
    hundredths = generator.integers(60, 99, size=(2, repeats))
    hundredths[1, :3] = hundredths[0, :3]  # three zeros
    one, other = hundredths / 100
    last_digits = generator.choice([-last, last], repeats)
    p = statistics.wilcoxon_p(one - other + last_digits)
    assert p == statistics.wilcoxon_p(hundredths[0] - hundredths[1])
    assert statistics.wilcoxon_p(last_digits) == 1.0


@pytest.mark.parametrize("n", range(2, 9))
def test_wilcoxon_of_few_repeats_is_scipys_with_ties_and_zeros(n):
    # Ours does not try all signs one by one; where every pair of settings is tested, that counts.
    generator = np.random.default_rng(n)
    for _ in range(5):
        values = np.r_[0.01, generator.integers(-2, 3, n - 1) / 100]
        expected = stats.wilcoxon(values, zero_method="pratt").pvalue
        assert statistics.wilcoxon_p(values) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("p_values", "expected"),
    [
        # Sorted .01 .02 .03 .04 times 4 3 2 1: .04 .06 .06 .04, never below the one before.
        ([0.03, 0.01, 0.04, 0.02], [0.06, 0.04, 0.06, 0.06]),
        ([0.5, math.nan, 0.01], [0.5, math.nan, 0.02]),  # two tests: .01 times 2, .5 times 1
        ([], []),
    ],
)
def test_holm_by_hand(p_values, expected):
    np.testing.assert_allclose(statistics.holm(p_values), expected)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_keeps_the_order_and_only_adds_doubt(p_values):
    adjusted = statistics.holm(p_values)
    assert ((adjusted >= p_values) & (adjusted <= 1)).all()
    assert (adjusted <= np.minimum(1, len(p_values) * np.array(p_values))).all()
    assert (np.diff(adjusted[np.argsort(p_values)]) >= 0).all()


@pytest.mark.parametrize(("n", "power"), [(5, 0.8), (20, 0.8), (20, 0.5)])
def test_smallest_detectable_difference_is_detected_with_that_power(n, power):
    """Shift samples of the same spread by it, and count how often a t test finds it."""
    generator = np.random.default_rng(0)
    samples = generator.normal(size=(20_000, n))
    one = np.linspace(-1, 1, n)
    one /= one.std(ddof=1)
    shift = statistics.smallest_detectable_difference(one, 0.95, power)
    detected = stats.ttest_1samp(samples + shift, 0, axis=1).pvalue < 0.05
    assert detected.mean() == pytest.approx(power, abs=0.015)


def test_smallest_detectable_difference_of_many_repeats_is_the_normal_formula():
    # (z_.975 + z_.8) / sqrt(n) for a spread of 1: (1.9600 + 0.8416) / 100.
    one = np.tile([-1.0, 1.0], 5000)
    smallest = statistics.smallest_detectable_difference(one, 0.95, 0.8)
    assert smallest == pytest.approx(2.8016 / 100, rel=1e-3)


@pytest.mark.parametrize("n", [2, 3, 30])
@pytest.mark.parametrize("confidence", [0.01, 0.95, 0.999])
def test_smallest_detectable_difference_for_any_power(n, confidence):
    powers = [0.001, 0.01, 0.5, 0.9, 0.999]
    smallest = [
        statistics.smallest_detectable_difference(range(n), confidence, power) for power in powers
    ]
    assert np.isfinite(smallest).all()
    assert (np.diff(smallest) >= 0).all()


def test_smallest_detectable_difference_scales_with_the_spread():
    one, ten = (
        statistics.smallest_detectable_difference(scale * SCORES, 0.95, 0.8) for scale in (1, 10)
    )
    assert ten == pytest.approx(10 * one)
    assert statistics.smallest_detectable_difference([0.1, 0.1], 0.95, 0.8) == 0


@pytest.mark.parametrize(("effect", "n"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_repeats_to_detect_small_medium_and_large_effects(effect, n):
    """G*Power 3.1: paired t test, two-sided, level 0.05, power 0.8; 199, 34 and 15 pairs."""
    one = np.array([-1.0, 0.0, 1.0])  # standard deviation 1
    assert statistics.repeats_to_detect(one, effect, 0.95, 0.8) == n
    assert statistics.repeats_to_detect(10 * one, 10 * effect, 0.95, 0.8) == n


@given(st.floats(0.01, 30), st.sampled_from([0.8, 0.95, 0.999]), st.sampled_from([0.5, 0.9]))
@settings(deadline=None, max_examples=40)
def test_repeats_to_detect_is_the_least_number_that_detects(effect, confidence, power):
    def smallest(n):
        spread = np.linspace(-1, 1, n)
        spread /= spread.std(ddof=1)
        return statistics.smallest_detectable_difference(spread, confidence, power)

    n = statistics.repeats_to_detect([-1.0, 0.0, 1.0], effect, confidence, power)
    assert smallest(n) <= effect * (1 + 1e-9)
    assert n == statistics.fewest_repeats(confidence) or smallest(n - 1) > effect * (1 - 1e-9)


def test_repeats_to_detect_what_is_tiny_or_does_not_vary():
    # The normal formula: ((1.9600 + 0.8416) / 1e-4)^2.
    many = statistics.repeats_to_detect([-1.0, 0.0, 1.0], 1e-4, 0.95, 0.8)
    assert many == pytest.approx(7.849e8, rel=1e-3)
    assert statistics.repeats_to_detect([0.1, 0.1], 0.01, 0.95, 0.8) == 6
    assert statistics.repeats_to_detect([0.1], 0.01, 0.95, 0.8) is None


@pytest.mark.parametrize(("confidence", "n"), [(0.75, 4), (0.95, 6), (0.99, 8), (0.999, 11)])
def test_fewest_repeats_that_can_be_significant(confidence, n):
    assert statistics.fewest_repeats(confidence) == n
    assert statistics.wilcoxon_p([0.1] * n) < 1 - confidence
    assert statistics.wilcoxon_p([0.1] * (n - 1)) >= 1 - confidence


def test_repeats_to_detect_around_where_t_is_taken_for_normal():
    one = np.array([-1.0, 0.0, 1.0])
    repeats = [
        statistics.repeats_to_detect(one, effect, 0.95, 0.8)
        for effect in (0.00890, 0.00885, 0.00880)
    ]
    assert repeats == sorted(repeats)
    assert repeats[1] == pytest.approx((2.80159 / 0.00885) ** 2, rel=1e-3)


@pytest.mark.parametrize(
    ("ours", "confidence", "expected"),
    [
        ([[0.5, 0.7, 0.7]] * 4, 0.9, (0.5, 0.5)),  # always where random ends after 1 label of 2
        # A quarter of the resamples saves nothing, a half one label of two, a quarter both.
        ([[0.7, 0.9, 0.9], [0.3, 0.5, 0.7]], 0.6, (0, 1)),
        ([[0.7, 0.9, 0.9], [0.3, 0.5, 0.7]], 0.4, (0.5, 0.5)),
        # Open below where some resamples never get there, unknown where none does.
        ([[0.5, 0.9, 0.9], [0.5, 0.6, 0.6]] * 2, 0.9, (math.nan, 0.5)),
        ([[0.5, 0.5, 0.5]] * 4, 0.9, (math.nan, math.nan)),
    ],
)
def test_savings_interval_leaves_out_half_of_the_rest_on_each_side(ours, confidence, expected):
    ours, random = (
        LearningCurve(np.array([0, 1, 2]), np.array(scores), greater_is_better=True)
        for scores in (ours, [[0.5, 0.6, 0.7]] * len(ours))
    )
    rng = np.random.default_rng(0)
    interval = statistics.savings_interval(ours, random, confidence, 500, rng)
    np.testing.assert_array_equal(interval, expected)

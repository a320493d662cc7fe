"""Intervals, tests and what so many repeats can show: against scipy, by hand, by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from active_learning.analysis import statistics
from active_learning.analysis.curves import LearningCurve
from scripts import evidence

SCORES = np.array([0.90, 0.87, 0.91, 0.88, 0.86, 0.93, 0.89, 0.90, 0.84, 0.95])
# Accuracies of a small test set tie often, losses never do, and sums of either may be tiny.
SAMPLES = st.lists(
    st.integers(-5, 5).map(lambda count: count / 100) | st.floats(-1e3, 1e3),
    min_size=2,
    max_size=25,
)


def test_mean_interval_of_values_without_skewness_is_students():
    values = np.array([0.01, 0.03, 0.04, 0.05, 0.07])
    expected = stats.t.interval(0.9, 4, values.mean(), stats.sem(values))
    assert statistics.mean_interval(values, 0.9) == pytest.approx(expected)


def test_mean_interval_follows_the_skewness():
    """By hand: Student's t below, Hall's transform above, where the sample has its long tail."""
    values = np.array([0.0, 0.0, 0.0, 1.0, 4.0])  # mean 1, deviations −1 −1 −1 0 3
    # Variance 12/5, third moment 24/5: skewness g = 4.8 / 2.4^1.5 = 1.29099; standard error
    # √(2.4 / 4) = 0.774597; t of 4 degrees of freedom 2.776445; a = g / √5 = 0.577350.
    # 3/a (∛(1 + a (−2.776445 − a/6)) − 1) = 3/a (∛(−0.658536) − 1) = 5.196152 × −1.870033.
    low, high = statistics.mean_interval(values, 0.95)
    assert low == pytest.approx(1 - 2.776445 * 0.774597)
    assert high == pytest.approx(1 + 5.196152 * 1.870033 * 0.774597, rel=1e-5)
    mirrored = statistics.mean_interval(-values, 0.95)
    assert mirrored == pytest.approx((-high, -low))


def test_mean_interval_of_every_column_and_shape():
    values = np.stack([SCORES, SCORES + 1, np.full(10, 0.5)], axis=1)
    low, high = statistics.mean_interval(values, 0.95)
    assert low.shape == high.shape == (3,)
    assert low[1] == pytest.approx(low[0] + 1)
    assert (low[2], high[2]) == (0.5, 0.5)
    low, high = statistics.mean_interval(values.reshape(10, 3, 1), 0.95)
    assert low.shape == high.shape == (3, 1)


def test_wider_for_more_confidence():
    narrow, wide = (statistics.mean_interval(SCORES, confidence) for confidence in (0.5, 0.99))
    assert wide[0] < narrow[0] < SCORES.mean() < narrow[1] < wide[1]


def test_unpaired_interval_is_welchs_without_skewness():
    one, other = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([1.0, 4.0, 7.0])
    expected = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.9)
    low, high = statistics.unpaired_interval(one, other, 0.9)
    assert (low, high) == pytest.approx((expected.low, expected.high))


def test_unpaired_interval_corrects_the_skewness_of_the_difference():
    skewed = np.array([0.0, 0.0, 0.0, 1.0, 4.0])
    unpaired = statistics.unpaired_interval(skewed, np.zeros(5), 0.95)
    np.testing.assert_allclose(unpaired, statistics.mean_interval(skewed, 0.95))
    low, high = statistics.unpaired_interval(skewed, skewed, 0.95)
    assert low == pytest.approx(-high)


def test_interval_of_a_new_table_by_hand():
    """Nadeau & Bengio: s² (1/5 + 1/4), Student's t of 4 degrees of freedom."""
    values = np.array([-1.0, 0.0, 1.0, 2.0, 3.0])  # s² = 10/4
    low, high = statistics.new_table_interval(values, 0.95, 0.25)
    half = 2.776445 * math.sqrt(2.5 * (1 / 5 + 1 / 4))
    assert (low, high) == pytest.approx((1 - half, 1 + half), rel=1e-6)


def test_another_table_is_never_more_certain():
    skewed = np.array([0.0, 0.0, 0.0, 1.0, 4.0])
    low, high = statistics.mean_interval(skewed, 0.95)
    lowest, highest = statistics.new_table_interval(skewed, 0.95, 0.01)
    assert lowest < low
    assert highest == high


@pytest.mark.parametrize("kind", evidence.DIFFERENCES)
@pytest.mark.parametrize("n_repeats", evidence.REPEATS)
def test_mean_interval_covers_what_it_says(kind, n_repeats):
    covered = evidence.coverage(kind, n_repeats, 10_000, np.random.default_rng(7))
    assert 0.92 < covered < 0.98


def test_one_repeat_shows_nothing():
    low, high = statistics.mean_interval(np.array([[0.9, 0.8]]), 0.95)
    assert np.isnan([*low, *high]).all()
    assert math.isnan(statistics.wilcoxon_p([0.1]))
    assert math.isnan(statistics.smallest_detectable_difference([0.1], 0.95, 0.8))
    curve = LearningCurve(np.array([0, 1]), np.array([[0.5, 0.6]]), greater_is_better=True)
    saved = statistics.savings_interval(curve, curve, 0.95, 100, np.random.default_rng(0))
    assert np.isnan(saved).all()


@settings(max_examples=50)
@given(SAMPLES)
def test_two_repeats_or_more_always_show_something_and_have_a_p(values):
    low, high = statistics.mean_interval(values, 0.95)
    assert -np.inf < low <= np.mean(values) + 1e-9 * max(1, np.abs(values).max())
    assert np.mean(values) - 1e-9 * max(1, np.abs(values).max()) <= high < np.inf
    others = statistics.new_table_interval(values, 0.95, 0.25)
    assert np.isfinite(others).all()
    assert 0 <= statistics.wilcoxon_p(values[:8]) <= 1
    assert 0 <= statistics.wilcoxon_p([*values, *np.arange(12)]) <= 1


@pytest.mark.parametrize("values", [[0.0, 1e-200], [0.3, 0.1 + 0.2]])
def test_interval_of_repeats_that_agree_is_their_mean(values):
    low, high = statistics.mean_interval(values, 0.95)
    assert low == high == np.mean(values)


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


@pytest.mark.parametrize(("n_repeats", "n_rivals"), [(6, 1), (10, 1), (10, 5), (20, 1), (20, 5)])
def test_what_is_claimed_to_be_detectable_is_detected_with_that_power(n_repeats, n_rivals):
    detected = evidence.power("normal", n_repeats, n_rivals, 1500, np.random.default_rng(3))
    assert detected == pytest.approx(evidence.POWER, abs=0.06)


def test_what_too_few_repeats_can_detect():
    # 2/2^7 = .0156 is above .05/5, 2/2^8 = .0078 below.
    assert math.isnan(statistics.smallest_detectable_difference(SCORES[:7], 0.95, 0.8, 5))
    assert statistics.smallest_detectable_difference(SCORES[:8], 0.95, 0.8, 5) > 0


def test_smallest_detectable_difference_of_many_repeats_is_the_normal_formula():
    # (z_.975 + z_.8) / sqrt(3/π n) for a spread of 1: (1.9600 + 0.8416) / 97.72.
    one = np.tile([-1.0, 1.0], 5000)
    smallest = statistics.smallest_detectable_difference(one, 0.95, 0.8)
    assert smallest == pytest.approx(2.8016 / 97.72, rel=1e-3)


@pytest.mark.parametrize("confidence", [0.01, 0.95, 0.999])
def test_smallest_detectable_difference_for_any_power(confidence):
    powers = [0.001, 0.01, 0.5, 0.9, 0.999]
    smallest = [
        statistics.smallest_detectable_difference(range(30), confidence, power) for power in powers
    ]
    assert np.isfinite(smallest).all()
    assert (np.diff(smallest) >= 0).all()


def test_smallest_detectable_difference_scales_with_the_spread():
    one, ten = (
        statistics.smallest_detectable_difference(scale * SCORES, 0.95, 0.8) for scale in (1, 10)
    )
    assert ten == pytest.approx(10 * one)
    assert statistics.smallest_detectable_difference([0.5] * 6, 0.95, 0.8) == 0


@pytest.mark.parametrize(("effect", "n"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_repeats_to_detect_is_some_more_than_for_a_t_test(effect, n):
    """G*Power 3.1: paired t test, two-sided, level 0.05, power 0.8; 199, 34 and 15 pairs.

    The signed-rank test needs π/3 times as many, and the true spread is not known.
    """
    many = np.tile([-1.0, 1.0], 500)
    needed = statistics.repeats_to_detect(many, effect, 0.95, 0.8)
    assert math.pi / 3 * n - 1 <= needed <= math.pi / 3 * n + 3
    assert statistics.repeats_to_detect(10 * many, 10 * effect, 0.95, 0.8) == needed
    few = math.sqrt(3 / 4) * np.array([-1.0, 1.0, -1.0, 1.0])  # as large a spread, less certain
    assert statistics.repeats_to_detect(few, effect, 0.95, 0.8) > needed
    assert statistics.repeats_to_detect(many, effect, 0.95, 0.8, 5) > 1.2 * needed


def test_detectable_difference_and_repeats_to_detect_it_agree():
    for n_tests in (1, 5):
        smallest = statistics.smallest_detectable_difference(SCORES, 0.95, 0.8, n_tests)
        for difference, expected in ((smallest * 1.001, 10), (smallest * 0.999, 11)):
            assert statistics.repeats_to_detect(SCORES, difference, 0.95, 0.8, n_tests) == expected


def test_repeats_to_detect_what_is_tiny_or_does_not_vary():
    # The normal formula: π/3 ((1.9600 + 0.8416) / 1e-3)^2.
    many = statistics.repeats_to_detect(np.tile([-1.0, 1.0], 5000), 1e-3, 0.95, 0.8)
    assert many == pytest.approx(math.pi / 3 * 7.849e6, rel=1e-3)
    assert statistics.repeats_to_detect([0.1, 0.1], 0.01, 0.95, 0.8) == 6
    assert statistics.repeats_to_detect([0.1, 0.1], 0.01, 0.95, 0.8, 5) == 8
    assert statistics.repeats_to_detect([0.1], 0.01, 0.95, 0.8) is None


@pytest.mark.parametrize(("confidence", "n"), [(0.75, 4), (0.95, 6), (0.99, 8), (0.999, 11)])
def test_fewest_repeats_that_can_be_significant(confidence, n):
    assert statistics.fewest_repeats(confidence) == n
    assert statistics.wilcoxon_p([0.1] * n) < 1 - confidence
    assert statistics.wilcoxon_p([0.1] * (n - 1)) >= 1 - confidence


def test_repeats_to_detect_around_where_t_is_taken_for_normal():
    one = np.tile([-1.0, 1.0], 5000)
    repeats = [
        statistics.repeats_to_detect(one, effect, 0.95, 0.8)
        for effect in (0.0092, 0.0091, 0.0090, 0.0089)
    ]
    assert repeats == sorted(repeats)
    expected = [math.pi / 3 * (2.80159 / effect) ** 2 for effect in (0.0092, 0.0089)]
    assert [repeats[0], repeats[-1]] == pytest.approx(expected, rel=1e-3)


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

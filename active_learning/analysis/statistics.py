"""Statistics over repeats: intervals, tests and power."""

import math
from bisect import bisect_left
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from active_learning.analysis.curves import AGREE, LearningCurve, label_savings

# Limit for the exact signed-rank test, some milliseconds: 99 repeats with nonzero differences, more
# if some are 0.
_MOST_STEPS = 1_000_000

# Above this, t equals the normal distribution to five digits, and scipy's noncentral t is inexact.
_NORMAL_FROM = 100_000

# Below this, correcting an interval for skewness changes less than rounding does.
_NO_SKEW = 1e-6

# Up to this many repeats, the p-values of the signed-rank test are coarse enough to matter.
_COARSE_TO = 50

# Points to average a power over.
_RATIOS = 64

Ends = tuple[NDArray[np.float64], NDArray[np.float64]]


def mean_interval(values: ArrayLike, confidence: float) -> Ends:
    """Confidence interval of the mean over repeats.

    Student's t interval, where needed extended to Hall's interval with its correction for skewness
    ("On the removal of skewness by transformation", 1992). docs/metrics.md has its coverage. If all
    repeats agree (``AGREE``), the interval is their mean.

    Parameters
    ----------
    values : array-like of shape (n_repeats, ...)
    confidence : float in (0, 1)

    Returns
    -------
    low, high : ndarray of shape (...)
        NaN with a single repeat.

    Examples
    --------
    >>> low, high = mean_interval([0.01, 0.02, 0.04, 0.03, 0.02, 0.06], 0.95)
    >>> print(f"{low:.4f} to {high:.4f}")
    0.0113 to 0.0600
    """
    data = np.asarray(values, dtype=np.float64)
    mean, variance, third = _moments(data)
    return _interval(mean, variance, third, len(data) - 1.0, confidence)


def unpaired_interval(values: ArrayLike, others: ArrayLike, confidence: float) -> Ends:
    """Confidence interval of the difference between the means of two independent samples.

    As ``mean_interval``, with the degrees of freedom of Welch ("The generalization of 'Student's'
    problem when several different population variances are involved", 1947).

    Parameters
    ----------
    values, others : array-like of shape (n_repeats, ...), (n_other_repeats, ...)
        The difference is the mean of ``values`` minus the mean of ``others``.
    confidence : float in (0, 1)

    Returns
    -------
    low, high : ndarray of shape (...)
        NaN if either has a single repeat.
    """
    ours, theirs = np.asarray(values, np.float64), np.asarray(others, np.float64)
    (mean, variance, third), (other_mean, other_variance, other_third) = map(
        _moments, (ours, theirs)
    )
    total = variance + other_variance
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = total**2 / (variance**2 / (len(ours) - 1) + other_variance**2 / (len(theirs) - 1))
    return _interval(mean - other_mean, total, third - other_third, freedom, confidence)


def new_table_interval(values: ArrayLike, confidence: float, test_per_train: float) -> Ends:
    """Confidence interval of the mean that repeats on another table like this one would give.

    Repeats split one table, so their rows overlap and more of them do not make up for the rows that
    the table lacks. Corrected resampled t (Nadeau & Bengio, "Inference for the generalization
    error", 2003): the variance of the mean is s² (1 / n_repeats + n_test / n_train). It contains
    that of ``mean_interval``, since another table is never more certain than this one.

    Parameters
    ----------
    values : array-like of shape (n_repeats, ...)
    confidence : float in (0, 1)
    test_per_train : float
        Test rows for each other row of a split.

    Returns
    -------
    low, high : ndarray of shape (...)
        NaN with a single repeat.
    """
    data = np.asarray(values, dtype=np.float64)
    mean, variance, third = _moments(data)
    variance = variance * (1 + len(data) * test_per_train)
    low, high = _interval(mean, variance, np.zeros_like(third), len(data) - 1.0, confidence)
    lowest, highest = mean_interval(data, confidence)
    return np.minimum(low, lowest), np.maximum(high, highest)


def _moments(data: NDArray[np.float64]) -> tuple[Any, Any, Any]:
    """Mean over the repeats, and an estimate of variance and third central moment of this mean."""
    n = len(data)
    mean = data.mean(axis=0)
    if n == 1:
        return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    deviations = data - mean
    second = (deviations**2).mean(axis=0)
    second = np.where(np.ptp(data, axis=0) > AGREE, second, 0.0)
    # Skewness, third / variance^1.5, is that of the sample / √n: not corrected for its bias, which
    # would only make it vary more.
    third = (deviations**3).mean(axis=0) / math.sqrt(n) / (n - 1) ** 1.5
    return mean, second / (n - 1), third


def _interval(mean: Any, variance: Any, third: Any, freedom: Any, confidence: float) -> Ends:
    error = np.sqrt(variance)
    with np.errstate(invalid="ignore", divide="ignore"):
        skewness = np.where(variance > 0, third / error**3, 0.0)
    quantile = np.where(variance == 0, 0.0, special.stdtrit(freedom, (1 + confidence) / 2))
    low = np.fmax(quantile, _without_skewness(quantile, skewness))
    high = np.fmin(-quantile, _without_skewness(-quantile, skewness))
    return np.asarray(mean - low * error), np.asarray(mean - high * error)


def _without_skewness(quantile: Any, skewness: Any) -> Any:
    """Quantile of (mean − its expectation) / error, given that of Hall's transform of it.

    The inverse of Hall's (1992) cubic, with ``skewness`` that of the mean. NaN without skewness.
    """
    skewness = np.where(np.abs(skewness) > _NO_SKEW, skewness, np.nan)
    return 3 / skewness * (np.cbrt(1 + skewness * (quantile - skewness / 6)) - 1)


def savings_interval(
    curve: LearningCurve,
    control: LearningCurve,
    confidence: float,
    n_resamples: int,
    generator: np.random.Generator,
) -> tuple[float, float]:
    """Percentile bootstrap interval of the label savings, over the paired repeats.

    Resamples in which the strategy never reaches the control's final score, or the control does
    not improve, rank below all others.

    Returns
    -------
    low, high : float
        NaN if the end falls among those resamples, or with a single repeat.
    """
    n_repeats = len(curve.scores)
    if n_repeats == 1:
        return math.nan, math.nan
    resamples = generator.integers(0, n_repeats, size=(n_resamples, n_repeats))
    savings = np.array([label_savings(curve, control, repeats) for repeats in resamples])
    savings = np.sort(np.where(np.isnan(savings), -np.inf, savings))
    tail = (1 - confidence) / 2
    ends = np.quantile(savings, [tail, 1 - tail], method="closest_observation")
    low, high = (float(end) if np.isfinite(end) else math.nan for end in ends)
    return low, high


def wilcoxon_p(differences: ArrayLike) -> float:
    """P-value of the two-sided Wilcoxon signed-rank test for differences centred on 0.

    Zeros are ranked and then dropped (Pratt, 1959): accuracies on a small test set tie in many
    repeats, and dropping them first would overstate the evidence. Differences within ``AGREE`` tie,
    so that rounding (0.91 − 0.9 against 0.57 − 0.56) is no evidence. NaN with one repeat, 1 if all
    differences are 0.

    Exact, with ties and zeros, up to about a hundred repeats; normal approximation beyond. scipy
    switches to the approximation from 14 repeats with ties, which is anti-conservative if most are
    0: four better out of twenty, the others tied, would give p = 0.046 instead of 2/2^4.
    """
    values = _with_ties(np.asarray(differences, dtype=np.float64))
    if len(values) == 1:
        return math.nan
    if not values.any():
        return 1.0
    sizes = np.abs(values).astype(int)
    counts = np.bincount(sizes)
    ranks = (2 * counts.cumsum() - counts + 1)[sizes]  # twice the mean ranks, so that all are whole
    signed = values != 0
    if signed.sum() * ranks[signed].sum() > _MOST_STEPS:
        from scipy import stats

        return float(stats.wilcoxon(values, zero_method="pratt").pvalue)
    return _exact_p(ranks[signed], int(ranks[values > 0].sum()))


def tied(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Dense ranks of values from 0; neighbours within ``AGREE`` share a rank."""
    order = np.argsort(values)
    ranks = np.empty(len(values))
    ranks[order] = np.cumsum(np.diff(values[order], prepend=values.min()) > AGREE)
    return ranks


def _with_ties(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Dense ranks of |differences| with their signs: 0 for 0, equal where they tie.

    Rounding the differences instead could separate some that agree.
    """
    return np.copysign(tied(np.append(np.abs(differences), 0.0))[:-1], differences)


def _exact_p(ranks: NDArray[np.int64], positive: int) -> float:
    """Share of all sign assignments with a sum of positive ranks as extreme, two-sided."""
    ways = _count_ways(ranks)
    tail = min(ways[: positive + 1].sum(), ways[positive:].sum())
    return float(min(1.0, 2 * tail / ways.sum()))


def _count_ways(ranks: Collection[int]) -> NDArray[np.float64]:
    """Number of sign assignments for each sum of positive ranks, from 0."""
    ways = np.zeros(sum(ranks) + 1)
    ways[0] = 1
    for rank in ranks:
        ways[rank:] += ways[:-rank]
    return ways


def fewest_repeats(confidence: float, n_tests: int = 1) -> int:
    """Least repeats with which the signed-rank test can be significant.

    The least p-value of n repeats is 2/2^n; with several tests Holm's first step requires
    (1 − confidence) / n_tests.
    """
    return math.floor(1 - math.log2((1 - confidence) / n_tests)) + 1


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values for the number of tests (Holm, "A simple sequentially rejective…", 1979).

    NaN stays NaN and is not counted as a test.
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    tests = np.flatnonzero(~np.isnan(p))
    order = tests[np.argsort(p[tests], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * factors))
    return adjusted


def smallest_detectable_difference(
    differences: ArrayLike, confidence: float, power: float, n_tests: int = 1
) -> float:
    """Smallest true mean difference that as many repeats would detect with this power.

    To detect it is to reach the verdict "better": a signed-rank test that stays significant after
    Holm's adjustment, and an interval that excludes 0. This is approximated by a t test of normal
    differences (noncentral t: Cohen, "Statistical power analysis", 1988, §2) at the level that the
    signed-rank test attains, with its efficiency of 3/π (Hodges & Lehmann, "The efficiency of some
    nonparametric competitors of the t-test", 1956) and one repeat less; docs/metrics.md has the
    power that simulated experiments reach. It allows for the standard deviation being an
    estimate, and takes the other strategies as no different from the control: where they differ,
    Holm's adjustment is milder.

    Parameters
    ----------
    differences : array-like of shape (n_repeats,)
    confidence, power : float in (0, 1)
    n_tests : int
        Number of p-values that Holm's adjustment is for.

    Returns
    -------
    float
        NaN with fewer repeats than ``fewest_repeats``; 0 if the test has this power without any
        difference.
    """
    values = np.asarray(differences, dtype=np.float64)
    n = len(values)
    if n < fewest_repeats(confidence, n_tests):
        return math.nan
    deviation = float(values.std(ddof=1))

    def shortfall(effect: float) -> float:
        return _power(n, effect, n - 1, (1 - confidence) / n_tests) - power

    if shortfall(0) >= 0:
        return 0.0
    from scipy.optimize import brentq

    high = 1.0
    while shortfall(high) < 0:
        high *= 2
    return deviation * float(brentq(shortfall, 0, high))


def _power(n: int, effect: float, freedom: int, level: float) -> float:
    """Probability that n repeats detect an effect, in estimated standard deviations.

    The mean over what the true standard deviation may be, given an estimate with this many degrees
    of freedom. The other tail, which detects the opposite, is negligible and ignored.
    """
    attained = _attained(n, level)
    if attained == 0:
        return 0.0
    quantiles = (np.arange(_RATIOS) + 0.5) / _RATIOS
    ratios = np.sqrt(2 * special.gammaincinv(freedom / 2, quantiles) / freedom)
    noncentrality = effect * ratios * math.sqrt(3 / math.pi * n - 1)
    critical = -special.stdtrit(n - 1, attained / 2)
    if n > _NORMAL_FROM:
        return float(np.mean(special.ndtr(noncentrality - critical)))
    # scipy gives NaN for some probabilities below 1e-200.
    missed = np.nan_to_num(special.nctdtr(n - 1, noncentrality, critical))
    return float(np.mean(1 - missed))


def _attained(n: int, level: float) -> float:
    """Largest p-value below ``level`` of the signed-rank test of n repeats; 0 if there is none."""
    if n > _COARSE_TO:
        return level
    ways = _count_ways(range(1, n + 1))
    p_values = 2 * ways.cumsum() / ways.sum()
    return float(p_values[p_values < level].max(initial=0.0))


def repeats_to_detect(
    differences: ArrayLike, difference: float, confidence: float, power: float, n_tests: int = 1
) -> int | None:
    """Number of repeats that would detect a true mean difference of this size with this power.

    The least number that would, in the sense of ``smallest_detectable_difference``; never below
    ``fewest_repeats``.

    Parameters
    ----------
    differences : array-like of shape (n_repeats,)
    difference : float, above 0
        Absolute difference in units of the score.
    confidence, power : float in (0, 1)
    n_tests : int
        Number of p-values that Holm's adjustment is for.

    Returns
    -------
    int or None
        ``None`` with one repeat.
    """
    values = np.asarray(differences, dtype=np.float64)
    if len(values) == 1:
        return None
    effect = difference / max(float(values.std(ddof=1)), AGREE)

    def enough(n: int) -> bool:
        return _power(n, effect, len(values) - 1, (1 - confidence) / n_tests) >= power

    low = high = fewest_repeats(confidence, n_tests)
    while not enough(high):
        low, high = high, 2 * high
    return low + bisect_left(range(low, high), True, key=enough)

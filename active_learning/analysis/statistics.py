"""Statistics over repeats: intervals, tests and power."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from active_learning.analysis.curves import AGREE, LearningCurve, label_savings

# Limit for the exact signed-rank test, some milliseconds: 99 repeats with nonzero differences, more
# if some are 0.
_MOST_STEPS = 1_000_000

# Above this, t equals the normal distribution to five digits, and scipy's noncentral t is inexact.
_NORMAL_FROM = 100_000


def mean_interval(
    values: ArrayLike,
    confidence: float,
    n_resamples: int,
    generator: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bootstrap interval of the mean over repeats.

    Bias-corrected and accelerated (Efron, "Better bootstrap confidence intervals", 1987), by
    ``scipy.stats.bootstrap``. If all repeats agree (``AGREE``), the interval is their mean.

    Parameters
    ----------
    values : array-like of shape (n_repeats, ...)
    confidence : float in (0, 1)
    n_resamples : int
    generator : numpy.random.Generator

    Returns
    -------
    low, high : ndarray of shape (...)
        NaN with a single repeat.
    """
    data = np.asarray(values, dtype=np.float64)
    shape = data.shape[1:]
    columns = data.reshape(len(data), -1)
    low, high = columns.mean(axis=0), columns.mean(axis=0)
    if len(data) == 1:
        return np.full(shape, np.nan), np.full(shape, np.nan)
    varies = np.ptp(columns, axis=0) > AGREE
    if varies.any():
        result = stats.bootstrap(
            (columns[:, varies].T,),
            np.mean,
            axis=-1,
            confidence_level=confidence,
            n_resamples=n_resamples,
            method="BCa",
            batch=max(1, int(2e7 / columns.size)),
            rng=generator,
        )
        low[varies], high[varies] = result.confidence_interval
    return low.reshape(shape), high.reshape(shape)


def unpaired_interval(
    values: ArrayLike,
    others: ArrayLike,
    confidence: float,
    n_resamples: int,
    generator: np.random.Generator,
) -> tuple[float, float]:
    """Bootstrap interval of the difference between the means of two independent samples.

    As ``mean_interval``, but each sample is resampled separately (Efron & Tibshirani, "An
    introduction to the bootstrap", 1993, §8.3).

    Parameters
    ----------
    values, others : array-like of shape (n_repeats,), (n_other_repeats,)
        The difference is the mean of ``values`` minus the mean of ``others``.
    confidence : float in (0, 1)
    n_resamples : int
    generator : numpy.random.Generator

    Returns
    -------
    low, high : float
        NaN if either has a single repeat.
    """
    ours, theirs = np.asarray(values, np.float64), np.asarray(others, np.float64)
    if min(len(ours), len(theirs)) == 1:
        return math.nan, math.nan
    if max(np.ptp(ours), np.ptp(theirs)) <= AGREE:
        difference = float(ours.mean() - theirs.mean())
        return difference, difference
    result = stats.bootstrap(
        (ours, theirs),
        lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
        vectorized=True,
        confidence_level=confidence,
        n_resamples=n_resamples,
        method="BCa",
        rng=generator,
    )
    low, high = result.confidence_interval
    return float(low), float(high)


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
    ranks = np.rint(2 * stats.rankdata(np.abs(values))).astype(int)  # whole, even where they tie
    signed = values != 0
    if signed.sum() * ranks[signed].sum() > _MOST_STEPS:
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
    ways = np.ones(1)
    for rank in ranks:
        ways = np.pad(ways, (0, rank)) + np.pad(ways, (rank, 0))
    tail = min(ways[: positive + 1].sum(), ways[positive:].sum())
    return float(min(1.0, 2 * tail / ways.sum()))


def fewest_repeats(confidence: float) -> int:
    """Least repeats with which the signed-rank test can be significant: 2/2^n < 1 − confidence."""
    return math.floor(1 - math.log2(1 - confidence)) + 1


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
    differences: ArrayLike, confidence: float, power: float
) -> float:
    """Smallest true mean difference that this many repeats would detect with this power.

    For a two-sided paired t test at level 1 − confidence with the observed standard deviation, by
    the noncentral t distribution (Cohen, "Statistical power analysis", 1988, §2). NaN with one
    repeat; 0 if the test has this power without any difference.
    """
    values = np.asarray(differences, dtype=np.float64)
    n = len(values)
    if n == 1:
        return math.nan
    return float(values.std(ddof=1) * _noncentrality(n, confidence, power) / math.sqrt(n))


def _noncentrality(n: int, confidence: float, power: float) -> float:
    """True mean over its standard error that a t test of n repeats detects with this power.

    The other tail, below (1 − confidence) / 2 and negligible near the root, is ignored.
    """
    critical = stats.t.ppf((1 + confidence) / 2, n - 1)
    if n > _NORMAL_FROM:
        return float(critical + stats.norm.ppf(power))

    def shortfall(noncentrality: float) -> float:
        return float(stats.nct.sf(critical, n - 1, noncentrality) - power)

    if shortfall(0) >= 0:
        return 0.0
    # An upper bound: sample mean and standard deviation are both favourable (Bonferroni).
    each = (1 + power) / 2
    largest = critical * math.sqrt(stats.chi2.ppf(each, n - 1) / (n - 1)) + stats.norm.ppf(each)
    return float(optimize.brentq(shortfall, 0, largest))


def repeats_to_detect(
    differences: ArrayLike, difference: float, confidence: float, power: float
) -> int | None:
    """Number of repeats that would detect a true mean difference of this size with this power.

    The least number whose ``smallest_detectable_difference`` is at most ``difference``, given the
    observed standard deviation; never below ``fewest_repeats``. That standard deviation is an
    estimate too: with n repeats it may be off by a factor of 1 ± 1.4/√n, the result by its square.

    Parameters
    ----------
    differences : array-like of shape (n_repeats,)
    difference : float, above 0
        Absolute difference in units of the score.
    confidence, power : float in (0, 1)

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
        return _noncentrality(n, confidence, power) <= effect * math.sqrt(n)

    high = fewest_repeats(confidence)
    low = high - 1
    while not enough(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high

"""Strategies over many data sets: ranks, tests, and which cannot be told apart.

The unit is the data set: repeats on one data set share its rows, and many of them say nothing of
another. Demšar, "Statistical comparisons of classifiers over multiple data sets", 2006; Benavoli,
Corani & Mangili, "Should we really use post-hoc tests based on mean-ranks?", 2016.
"""

import math
from collections.abc import Container, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from active_learning.analysis import statistics

_FEWEST = 3  # strategies, or data sets, for Friedman's test to mean anything


def rank(
    scores: Mapping[str, NDArray[np.float64]], *, greater_is_better: bool, confidence: float
) -> dict[str, Any]:
    """Rank strategies on each data set, and test what the ranks show.

    Parameters
    ----------
    scores : dict of str to ndarray of shape (n_datasets,)
        One number for each strategy and data set, such as the mean AULC; those that
        agree (``AGREE``) tie, and ties share their ranks.
    greater_is_better : bool
    confidence : float in (0, 1)

    Returns
    -------
    dict
        ``n_datasets``; ``average_ranks`` by strategy, from the best, which is near 1;
        ``p_friedman`` of Friedman's test that all ranks are alike, NaN with fewer than three of
        either; ``pairs``, each with the adjusted p of the Wilcoxon signed-rank test over data sets,
        NaN with a single one; ``alike``, as below; and Nemenyi's ``critical_difference`` of two
        average ranks: shown as a scale only, since it depends on which other strategies are
        compared (Benavoli 2016).
    """
    table = np.apply_along_axis(statistics.tied, 1, np.column_stack(list(scores.values())))
    ranks = stats.rankdata(-table if greater_is_better else table, axis=1).mean(axis=0)
    by_name = dict(zip(scores, map(float, ranks), strict=True))
    names = sorted(by_name, key=by_name.__getitem__)
    pairs = list(combinations(names, 2))
    p_values = statistics.holm([statistics.wilcoxon_p(scores[a] - scores[b]) for a, b in pairs])
    differ = {pair for pair, p in zip(pairs, p_values, strict=True) if p < 1 - confidence}
    return {
        "n_datasets": len(table),
        "average_ranks": {name: by_name[name] for name in names},
        "p_friedman": _friedman_p(table),
        "pairs": [
            {"pair": list(pair), "p_holm": float(p)}
            for pair, p in zip(pairs, p_values, strict=True)
        ],
        "alike": alike(names, differ),
        "critical_difference": nemenyi(len(names), len(table), confidence),
    }


def alike(names: Sequence[str], differ: Container[tuple[str, str]]) -> list[list[str]]:
    """Longest runs of neighbours of which no pair differs significantly: the bars of the plot.

    One strategy alone makes no run.

    Parameters
    ----------
    names : sequence of str
        Strategies from the best.
    differ : container of (str, str)
        Pairs that differ significantly, the better one first.
    """
    runs: list[list[str]] = []
    for start, stop in combinations(range(len(names) + 1), 2):
        run = list(names[start:stop])
        if len(run) > 1 and not any(pair in differ for pair in combinations(run, 2)):
            runs.append(run)
    return [run for run in runs if not any(set(run) < set(longer) for longer in runs)]


def _friedman_p(table: NDArray[np.float64]) -> float:
    """P of Friedman's chi-squared test, corrected for ties: (n_datasets, n_strategies)."""
    if min(table.shape) < _FEWEST:
        return math.nan
    if not np.ptp(table, axis=1).any():
        return 1.0
    return float(stats.friedmanchisquare(*table.T).pvalue)


def nemenyi(n_strategies: int, n_datasets: int, confidence: float) -> float:
    """Critical difference of two average ranks: q √(k (k + 1) / 6 N), q studentized range / √2.

    Reference: Nemenyi, "Distribution-free multiple comparisons", 1963; Demšar 2006, §3.2.2. NaN
    with a single strategy.
    """
    if n_strategies == 1:
        return math.nan
    q = stats.studentized_range.ppf(confidence, n_strategies, math.inf) / math.sqrt(2)
    return float(q * math.sqrt(n_strategies * (n_strategies + 1) / (6 * n_datasets)))

"""Strategies over many data sets: ranks, tests, and which cannot be told apart.

The unit is the data set: repeats on one data set share its rows, and many of them say nothing of
another. Demšar, "Statistical comparisons of classifiers over multiple data sets", 2006; Benavoli,
Corani & Mangili, "Should we really use post-hoc tests based on mean-ranks?", 2016.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from active_learning.analysis import statistics

_FEWEST = 3  # strategies, or data sets, for Friedman's test to mean anything


@dataclass(frozen=True)
class Ranking:
    """Strategies by their average rank over data sets.

    Attributes
    ----------
    average_ranks : dict of str to float
        1 is the best; best first.
    n_datasets : int
    p_friedman : float
        Of Friedman's test that all ranks are alike; NaN with fewer than three of either.
    p_values : dict of (str, str) to float
        Of the Wilcoxon signed-rank test over data sets for every pair, adjusted by Holm; NaN
        with a single data set.
    critical_difference : float
        Nemenyi's, of two average ranks: shown as a scale only, since it depends on which other
        strategies are compared (Benavoli 2016).
    confidence : float
    """

    average_ranks: Mapping[str, float]
    n_datasets: int
    p_friedman: float
    p_values: Mapping[tuple[str, str], float]
    critical_difference: float
    confidence: float

    def p_value(self, one: str, other: str) -> float:
        """Adjusted p of a pair, in either order."""
        pair = (one, other) if (one, other) in self.p_values else (other, one)
        return self.p_values[pair]

    def alike(self) -> list[list[str]]:
        """Longest runs of neighbours of which no pair differs significantly: the bars of the plot.

        One strategy alone makes no run.
        """
        names = list(self.average_ranks)
        runs: list[list[str]] = []
        for start in range(len(names)):
            stop = start + 1
            while stop < len(names) and all(
                not self.p_value(names[before], names[stop]) < 1 - self.confidence
                for before in range(start, stop)
            ):
                stop += 1
            run = names[start:stop]
            if len(run) > 1 and not any(set(run) <= set(longer) for longer in runs):
                runs.append(run)
        return runs


def rank(
    scores: Mapping[str, NDArray[np.float64]], *, greater_is_better: bool, confidence: float
) -> Ranking:
    """Rank strategies on each data set, and test what the ranks show.

    Parameters
    ----------
    scores : dict of str to ndarray of shape (n_datasets,)
        One number for each strategy and data set, such as the mean AULC; those that
        agree (``AGREE``) tie, and ties share their ranks.
    greater_is_better : bool
    confidence : float in (0, 1)
    """
    names = list(scores)
    table = np.apply_along_axis(statistics.tied, 1, np.column_stack(list(scores.values())))
    ranks = stats.rankdata(-table if greater_is_better else table, axis=1).mean(axis=0)
    order = sorted(range(len(names)), key=lambda i: (ranks[i], i))
    pairs = list(combinations([names[i] for i in order], 2))
    p_values = statistics.holm([statistics.wilcoxon_p(scores[a] - scores[b]) for a, b in pairs])
    return Ranking(
        average_ranks={names[i]: float(ranks[i]) for i in order},
        n_datasets=len(table),
        p_friedman=_friedman_p(table),
        p_values={pair: float(p) for pair, p in zip(pairs, p_values, strict=True)},
        critical_difference=nemenyi(len(names), len(table), confidence),
        confidence=confidence,
    )


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

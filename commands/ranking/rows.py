"""The ranking: candidates in order, each against the best."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from active_learning import rng
from active_learning.base.errors import UserError
from active_learning.evidence import statistics
from active_learning.evidence.curves import LearningCurve
from commands.ranking import candidates as of
from commands.ranking.candidates import Candidate
from stages.params.sections import Compare

# Scores are committed to six decimals: what is less than that is rounding.
DECIMALS = 6


@dataclass(frozen=True)
class Row:
    """A setting in the ranking.

    Attributes
    ----------
    label : str
    members : list of Candidate
        Those with the very same scores in every repeat: one setting as far as these labels tell.
    curve : LearningCurve
        Over the labels that all rows have.
    values : ndarray of shape (n_repeats,)
        What the ranking is by.
    difference, low, high : float
        Mean difference to the best and its interval; NaN where there is none.
    p_wilcoxon, p_holm : float
        NaN where the repeats are not paired with the best's.
    unpaired_because : str or None
        Why they are not.
    verdict : str
        ``best``, ``worse`` or ``undecided``.
    """

    label: str
    members: list[Candidate]
    curve: LearningCurve
    values: NDArray[np.float64]
    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p_wilcoxon: float = math.nan
    p_holm: float = math.nan
    unpaired_because: str | None = None
    verdict: str = "best"

    @property
    def mean(self) -> float:
        """Mean over the repeats."""
        return float(self.values.mean())

    @property
    def sources(self) -> list[str]:
        """Experiments that have this setting."""
        return list(dict.fromkeys(member.experiment.name for member in self.members))

    @property
    def longest(self) -> LearningCurve:
        """Whole curve of the member with the largest budget."""
        curves = [member.curve for member in self.members]
        return max(curves, key=lambda curve: int(curve.labels[-1]))


@dataclass(frozen=True)
class Ranking:
    """Settings from best to worst, and how they were compared.

    Attributes
    ----------
    rows : list of Row
    left_out : dict of str to str
        What is not ranked, and why.
    first : str
        Experiment with which the labels of the others compare their params.
    measure : str
        ``aulc`` or ``final``.
    labels : tuple of int
        First and last number of labels that all have.
    params : Compare
        Confidence, resamples and seed.
    unpaired_level : float
        Confidence of an interval without pairs, widened for the number of comparisons.
    """

    rows: list[Row]
    left_out: Mapping[str, str]
    first: str
    measure: str
    labels: tuple[int, int]
    params: Compare
    unpaired_level: float

    @property
    def best(self) -> Row:
        """First row."""
        return self.rows[0]

    @property
    def headline(self) -> str:
        """Scorer that the ranking is by."""
        return self.best.members[0].metrics.headline

    @property
    def candidates(self) -> list[Candidate]:
        """All that are ranked."""
        return [member for row in self.rows for member in row.members]


def rank(
    candidates: Sequence[Candidate], left_out: Mapping[str, str], measure: str, params: Compare
) -> Ranking:
    """Rank candidates by their mean, and compare each with the best.

    The best is chosen by the very values that are tested. So p is corrected (Holm 1979) for all
    pairs that could have been looked at, not only for those with the best (Demšar, "Statistical
    comparisons of classifiers", 2006, §3.2.2), and an interval without pairs is widened for as
    many (Bonferroni).

    Raises
    ------
    UserError
        If there are less than two settings.
    """
    labels = of.common_range(candidates)
    rows = merged(candidates, labels, measure)
    if len(rows) < 2:  # noqa: PLR2004 - a comparison needs two
        raise UserError(
            f"there is one setting only, {rows[0].label} ({', '.join(rows[0].sources)}); "
            "run experiments to compare it with, as in docs/experiments.md."
        )
    sign = 1 if rows[0].curve.greater_is_better else -1
    rows.sort(key=lambda row: -sign * round(row.mean, DECIMALS))
    pairs = list(combinations(range(len(rows)), 2))
    raw = [_p(rows[one], rows[other]) for one, other in pairs]
    corrected = dict(zip(pairs, zip(raw, statistics.holm(raw), strict=True), strict=True))
    level = 1 - (1 - params.confidence) / len(pairs)
    judged = [rows[0]]
    for index, row in enumerate(rows[1:], start=1):
        p, p_holm = corrected[0, index]
        row = replace(row, p_wilcoxon=p, p_holm=float(p_holm))  # noqa: PLW2901 - the same row, more of it
        judged.append(_judged(row, rows[0], params, level))
    return Ranking(judged, left_out, candidates[0].experiment.name, measure, labels, params, level)


def merged(candidates: Sequence[Candidate], labels: tuple[int, int], measure: str) -> list[Row]:
    """Candidates as rows, one for all that have the same scores in every repeat.

    A longer budget continues the curve of a shorter one, and some strategies query the same rows.
    """
    groups: list[tuple[LearningCurve, list[Candidate]]] = []
    for candidate in candidates:
        curve = of.cut(candidate.curve, *labels)
        for known, members in groups:
            if _same(curve, known) and of.unpaired_because(candidate, members[0]) is None:
                members.append(candidate)
                break
        else:
            groups.append((curve, [candidate]))
    experiments = [candidate.experiment for candidate in candidates]
    params = of.differing(experiments)
    names = [of.label(members, params, experiments[0]) for _, members in groups]
    twice = {name for name, count in Counter(names).items() if count > 1}
    return [
        Row(
            f"{name} ({members[0].experiment.name})" if name in twice else name,
            members,
            curve,
            of.values(curve, measure),
        )
        for name, (curve, members) in zip(names, groups, strict=True)
    ]


def _same(curve: LearningCurve, other: LearningCurve) -> bool:
    return np.array_equal(curve.labels, other.labels) and np.array_equal(curve.scores, other.scores)


def _differences(row: Row, other: Row) -> NDArray[np.float64]:
    """Paired differences, free of what rounding left: (n_repeats,)."""
    return np.round(row.values - other.values, DECIMALS) + 0.0


def _p(row: Row, other: Row) -> float:
    if of.unpaired_because(row.members[0], other.members[0]):
        return math.nan
    return statistics.wilcoxon_p(_differences(row, other))


def _judged(row: Row, best: Row, params: Compare, level: float) -> Row:
    """Difference to the best, its interval, and what the two say."""
    reason = of.unpaired_because(row.members[0], best.members[0])
    names = [row.members[0].strategy, row.members[0].experiment.name]
    generator = rng.generator(params.seed, "rank", *names)
    if reason is None:
        low, high = map(
            float,
            statistics.mean_interval(
                _differences(row, best), params.confidence, params.n_resamples, generator
            ),
        )
    else:
        low, high = statistics.unpaired_interval(
            row.values, best.values, level, params.n_resamples, generator
        )
    sign = 1 if row.curve.greater_is_better else -1
    beyond = max(sign * low, sign * high) < 0  # never with NaN
    sure = reason is not None or row.p_holm < 1 - params.confidence
    return replace(
        row,
        difference=row.mean - best.mean,
        low=low,
        high=high,
        unpaired_because=reason,
        verdict="worse" if beyond and sure else "undecided",
    )

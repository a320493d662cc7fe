"""The settings that can be chosen, from best to worst, each compared with the best."""

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from active_learning.analysis import statistics
from active_learning.analysis.curves import LearningCurve
from active_learning.core.errors import ArtifactError, UserError
from active_learning.data.files import DECIMALS
from commands.checks import lock, metrics
from commands.checks.metrics import Metrics
from commands.ranking.experiments import Experiment, curve_params
from stages.params.sections import Compare
from stages.paths import REPEATS


@dataclass(frozen=True)
class Candidate:
    """A strategy in an experiment, and its learning curve in the headline score."""

    experiment: Experiment
    metrics: Metrics
    strategy: str
    curve: LearningCurve

    @property
    def name(self) -> str:
        """Strategy and experiment."""
        return f"{self.strategy} of {self.experiment.name}"

    @property
    def label(self) -> str:
        """The strategy, and those of the experiment that query the same rows."""
        return str(self.metrics.content.get("legends", {}).get(self.strategy, self.strategy))

    @cached_property
    def params(self) -> dict[str, Any]:
        """What the curve depends on, by dotted name."""
        return curve_params(self.experiment.params, self.strategy)


@dataclass(frozen=True)
class Setting:
    """A row of the ranking; NaN for the best itself, and for what a single repeat does not have."""

    candidate: Candidate
    mean: float
    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p_holm: float = math.nan
    verdict: str = "best"


@dataclass(frozen=True)
class Ranking:
    """Settings from best to worst, and how they were compared."""

    settings: list[Setting]
    candidates: Sequence[Candidate]  # the same in the order of the experiments
    labels: tuple[int, int]  # first and last that all curves have
    measure: str  # aulc or final
    confidence: float


def read(experiment: Experiment) -> list[Candidate]:
    """Strategies of an experiment, from the metrics files of its revision.

    Raises
    ------
    ArtifactError
        If it has no results, or a file is missing or damaged, or not what dvc.lock says it is.
    """
    commit = experiment.commit
    if fault := experiment.fault or (lock.stale() if commit is None else None):
        raise ArtifactError(fault)
    loaded = metrics.load(commit)
    curves = metrics.read(REPEATS, partial(_curves, loaded), commit, loaded.hashes)
    return [Candidate(experiment, loaded, name, curve) for name, curve in curves.items()]


def _curves(loaded: Metrics, content: bytes) -> dict[str, LearningCurve]:
    curves = {}
    columns = [f"{repeat}" for repeat in range(loaded.n_repeats)]
    greater_is_better = loaded.direction(loaded.headline) > 0
    for name, part in pd.read_csv(io.BytesIO(content)).groupby("strategy", sort=False):
        labels, scores = part["labels"].to_numpy(np.int64), part[columns].to_numpy(np.float64).T
        curves[str(name)] = LearningCurve(labels, scores, greater_is_better)
    if not curves or not all(np.isfinite(curve.scores).all() for curve in curves.values()):
        raise ValueError("a score is missing")
    return curves


def collect(experiments: Iterable[Experiment]) -> tuple[list[Candidate], dict[str, str]]:
    """Candidates that are comparable with the first, and why the others are not.

    Raises
    ------
    UserError
        If there is nothing to rank.
    """
    candidates: list[Candidate] = []
    left_out: dict[str, str] = {}
    for experiment in experiments:
        try:
            new = read(experiment)
            if candidates:
                _check_comparable(new[0].metrics, candidates[0])
        except ArtifactError as error:
            left_out[experiment.name] = str(error).rstrip(".")
            continue
        for each in new:
            reasons = (_redundant_because(each, other) for other in candidates)
            if reason := next(filter(None, reasons), None):
                left_out[each.name] = reason
            else:
                candidates.append(each)
    if not candidates:
        faults = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise UserError(f"there is nothing to rank. {faults}.")
    return candidates, left_out


def _check_comparable(ours: Metrics, first: Candidate) -> None:
    theirs, name = first.metrics, first.experiment.name
    if ours.headline != theirs.headline:
        reason = f"its score is {ours.headline}, not {theirs.headline}"
    else:
        reason = metrics.unpaired_because(ours, theirs) or ""
    if reason:
        raise ArtifactError(f"not comparable with {name}: {reason}")


def _redundant_because(candidate: Candidate, other: Candidate) -> str | None:
    """Why a candidate is no setting of its own beside another, ``None`` if it is."""
    if _differ_by_seed(candidate, other):
        return f"differs from {other.experiment.name} by seeds only"
    # A longer budget continues the curve of a shorter one, and some strategies query the same rows.
    ours, theirs = candidate.curve, other.curve
    n = min(len(ours.labels), len(theirs.labels))
    same_labels = np.array_equal(ours.labels[:n], theirs.labels[:n])
    if same_labels and np.array_equal(ours.scores[:, :n], theirs.scores[:, :n]):
        return f"has the scores of {other.name}"
    return None


def _differ_by_seed(candidate: Candidate, other: Candidate) -> bool:
    """Whether two candidates are the same but for seeds: the better one is only luckier."""
    ours, theirs = candidate.params, other.params
    changed = [name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name)]
    same_strategy = candidate.strategy == other.strategy
    return bool(same_strategy and changed) and all(name.endswith(".seed") for name in changed)


def rank(candidates: Sequence[Candidate], measure: str, params: Compare) -> Ranking:
    """Rank settings by their mean ``measure``, ``aulc`` or ``final``; compare each with the best.

    The best is chosen by the very values that are tested. So p is corrected (Holm 1979) for all
    pairs, not only for those with the best (Demšar, "Statistical comparisons of classifiers",
    2006, §3.2.2), and the intervals of all pairs hold together (Bonferroni).

    Raises
    ------
    UserError
        If there is only one setting.
    """
    first = candidates[0]
    if len(candidates) == 1:
        raise UserError(
            f"there is only one setting, {first.name}; run experiments to compare it with, as in "
            "docs/experiments.md."
        )
    end = min(int(each.curve.labels[-1]) for each in candidates)
    curves = [cut(each.curve, end) for each in candidates]
    values = np.array([curve.aulc if measure == "aulc" else curve.final for curve in curves])
    sign = -1 if first.curve.greater_is_better else 1
    order = np.argsort(sign * values.mean(axis=1).round(DECIMALS), kind="stable")
    values = values[order]
    p = statistics.holm([statistics.wilcoxon_p(a - b) for a, b in combinations(values, 2)])
    simultaneous = 1 - (1 - params.confidence) / len(p)
    settings = [Setting(candidates[order[0]], float(values[0].mean()))]
    # The pairs with the best come first.
    for place, ours, p_holm in zip(order[1:], values[1:], p, strict=False):
        each, differences = candidates[place], np.round(ours - values[0], DECIMALS) + 0.0  # no -0.0
        low, high = map(float, statistics.mean_interval(differences, simultaneous))
        worse = min(sign * low, sign * high) > 0 and p_holm < 1 - params.confidence
        verdict = "worse" if worse else "unclear"
        mean, difference = float(ours.mean()), float(differences.mean())
        settings.append(Setting(each, mean, difference, low, high, p_holm, verdict))
    labels = (int(first.curve.labels[0]), end)
    return Ranking(settings, candidates, labels, measure, params.confidence)


def cut(curve: LearningCurve, end: int) -> LearningCurve:
    """The curve up to a number of labels; a straight line from the last measurement before it."""
    labels = np.array([*curve.labels[curve.labels < end], end])
    scores = np.array([np.interp(labels, curve.labels, row) for row in curve.scores])
    return LearningCurve(labels, scores, curve.greater_is_better)

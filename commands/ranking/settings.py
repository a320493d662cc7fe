"""The settings that can be chosen, from best to worst, each compared with the best."""

import hashlib
import io
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.analysis import statistics
from active_learning.analysis.curves import LearningCurve
from active_learning.core import rng
from active_learning.core.errors import ArtifactError, UserError
from active_learning.data.files import DECIMALS
from commands.gate import metrics, revisions
from commands.gate.metrics import Metrics
from commands.ranking.experiments import Experiment, concerns
from stages.params.sections import Compare
from stages.paths import RAW, REPEATS, SPLITS


@dataclass(frozen=True)
class Candidate:
    """A strategy in an experiment, and its learning curve in the headline score."""

    experiment: Experiment
    metrics: Metrics
    strategy: str
    curve: LearningCurve

    @property
    def strategies(self) -> list[str]:
        """The strategy, and those of the experiment that queried the same rows."""
        rows = self.metrics.evidence["strategies"].items()
        return [self.strategy, *(name for name, row in rows if row.get("same_as") == self.strategy)]


@dataclass
class Setting:
    """Candidates with the same scores in every repeat: one row of the ranking.

    ``repeats`` are the values that it is ranked by. The rest compares it with the best: NaN for the
    best itself, for what a single repeat does not have, and for p without pairs.
    """

    members: list[Candidate]
    repeats: NDArray[np.float64]
    label: str = ""
    mean: float = math.nan
    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p_wilcoxon: float = math.nan
    p_holm: float = math.nan
    unpaired_because: str | None = None
    verdict: str = "best"


@dataclass(frozen=True)
class Ranking:
    """Settings from best to worst, and how they were compared."""

    settings: list[Setting]
    candidates: Sequence[Candidate]  # labels of settings name what differs from the first
    labels: tuple[int, int]  # first and last that all curves have
    measure: str  # aulc or final
    params: Compare
    unpaired_confidence: float  # of intervals without pairs


def read(experiment: Experiment) -> list[Candidate]:
    """Strategies of an experiment, from the metrics files of its revision.

    Raises
    ------
    ArtifactError
        If it has no results, or a file is missing or damaged, or not what dvc.lock says it is.
    """
    if experiment.fault:
        raise ArtifactError(experiment.fault)
    commit, where = experiment.revision, f"of {experiment.name}"
    read_file = revisions.read_here if commit is None else partial(revisions.read_at, commit)
    loaded = metrics.load(read_file, where)
    content = read_file(str(REPEATS))
    if content is None:
        raise ArtifactError(f"{REPEATS} {where} is missing; `dvc repro` makes it.")
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != loaded.hashes.get(str(REPEATS)):
        raise ArtifactError(f"{REPEATS} {where} is not what dvc.lock says; run `dvc repro`.")
    try:
        curves = _curves(content, loaded)
    except (KeyError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise ArtifactError(f"{REPEATS} {where} is damaged ({reason}); run `dvc repro`.") from None
    return [Candidate(experiment, loaded, name, curve) for name, curve in curves.items()]


def _curves(content: bytes, of: Metrics) -> dict[str, LearningCurve]:
    curves = {}
    columns = [f"{repeat}" for repeat in range(of.n_repeats)]
    for name, part in pd.read_csv(io.BytesIO(content)).groupby("strategy", sort=False):
        labels, scores = part["labels"].to_numpy(np.int64), part[columns].to_numpy(np.float64).T
        curves[str(name)] = LearningCurve(labels, scores, of.greater_is_better)
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
            other = next((known for known in candidates if _differ_by_seed(each, known)), None)
            if other is None:
                candidates.append(each)
            else:
                reason = f"differs from {other.experiment.name} by seeds only"
                left_out[f"{each.strategy} of {experiment.name}"] = reason
    if not candidates:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise UserError(f"there is nothing to rank. {reasons}.")
    return candidates, left_out


def _check_comparable(ours: Metrics, first: Candidate) -> None:
    theirs, name = first.metrics, first.experiment.name
    if ours.headline != theirs.headline:
        raise ArtifactError(
            f"not comparable: its score is {ours.headline}, that of {name} {theirs.headline}"
        )
    if ours.hashes.get(str(RAW)) != theirs.hashes.get(str(RAW)):
        raise ArtifactError(f"not comparable: its data ({RAW}) differs from that of {name}")


def _differ_by_seed(candidate: Candidate, other: Candidate) -> bool:
    """Whether two candidates are the same but for seeds: the better one is only luckier."""
    ours, theirs = candidate.experiment.params, other.experiment.params
    common = {*candidate.strategies} & {*other.strategies}
    changed = [
        name
        for name in {*ours, *theirs}
        if ours.get(name) != theirs.get(name) and concerns(name, common)
    ]
    return bool(common and changed) and all(name.endswith(".seed") for name in changed)


def rank(candidates: Sequence[Candidate], measure: str, params: Compare) -> Ranking:
    """Rank settings by their mean ``measure``, ``aulc`` or ``final``; compare each with the best.

    The best is chosen by the very values that are tested. So p is corrected (Holm 1979) for all
    pairs, not only for those with the best (Demšar, "Statistical comparisons of classifiers",
    2006, §3.2.2), and an interval without pairs is widened for as many (Bonferroni).

    Raises
    ------
    UserError
        If there is only one setting, or the curves have no range of labels in common.
    """
    labels = _common_range(candidates)
    settings = _merge(candidates, labels, measure)
    if len(settings) == 1:
        raise UserError(
            f"there is only one setting, {settings[0].label} ({candidates[0].experiment.name}); "
            "run experiments to compare it with, as in docs/experiments.md."
        )
    sign = -1 if candidates[0].metrics.greater_is_better else 1
    settings.sort(key=lambda setting: sign * round(setting.mean, DECIMALS))
    p = [_p(*pair) for pair in combinations(settings, 2)]
    unpaired_confidence = 1 - (1 - params.confidence) / len(p)
    # The pairs with the best come first.
    for setting, *tests in zip(settings[1:], p, statistics.holm(p), strict=False):
        setting.p_wilcoxon, setting.p_holm = map(float, tests)
        _compare(setting, settings[0], params, unpaired_confidence)
    return Ranking(settings, candidates, labels, measure, params, unpaired_confidence)


def _common_range(candidates: Sequence[Candidate]) -> tuple[int, int]:
    latest = max(candidates, key=lambda each: int(each.curve.labels[0]))
    shortest = min(candidates, key=lambda each: int(each.curve.labels[-1]))
    first, last = int(latest.curve.labels[0]), int(shortest.curve.labels[-1])
    if first >= last:
        raise UserError(
            f"the curves of {latest.experiment.name} begin at {first} labels, and those of "
            f"{shortest.experiment.name} end at {last}: name experiments that overlap."
        )
    return first, last


def cut(curve: LearningCurve, first: int, last: int) -> LearningCurve:
    """The curve between two numbers of labels; straight lines between measurements."""
    inside = curve.labels[(curve.labels > first) & (curve.labels < last)]
    labels = np.array([first, *inside, last])
    scores = np.array([np.interp(labels, curve.labels, row) for row in curve.scores])
    return LearningCurve(labels, scores, curve.greater_is_better)


def _merge(candidates: Sequence[Candidate], labels: tuple[int, int], measure: str) -> list[Setting]:
    """One setting for all candidates that have the same scores in every repeat.

    A longer budget continues the curve of a shorter one, and some strategies query the same rows.
    """
    settings: dict[tuple[object, ...], Setting] = {}
    for candidate in candidates:
        curve = cut(candidate.curve, *labels)
        splits = candidate.metrics.hashes.get(str(SPLITS))
        key = (splits, curve.labels.tobytes(), curve.scores.tobytes())
        repeats = curve.aulc if measure == "aulc" else curve.final
        settings.setdefault(key, Setting([], repeats)).members.append(candidate)
    differing = differing_params(candidates)
    for setting in settings.values():
        setting.mean = float(setting.repeats.mean())
        setting.label = _label(setting.members, differing, candidates[0].experiment)
    count = Counter(setting.label for setting in settings.values())
    for setting in settings.values():
        if count[setting.label] > 1:
            setting.label += f" ({setting.members[0].experiment.name})"
    return list(settings.values())


def _label(members: Sequence[Candidate], params: Sequence[str], first: Experiment) -> str:
    """Strategies, and the params that differ from the first experiment's."""
    strategies = dict.fromkeys(name for member in members for name in member.strategies)
    parts = [" = ".join(strategies)]
    for name in params:
        values = _distinct(members, name)
        if concerns(name, strategies) and values and values != [first.params.get(name)]:
            texts = (value if isinstance(value, str) else json.dumps(value) for value in values)
            parts.append(f"{name}={'|'.join(texts)}")
    return ", ".join(parts)


def differing_params(candidates: Iterable[Candidate]) -> list[str]:
    """Params that tell experiments apart; one that only some have goes with another that does."""
    names = dict.fromkeys(name for each in candidates for name in each.experiment.params)
    return [name for name in names if len(_distinct(candidates, name)) > 1]


def _distinct(candidates: Iterable[Candidate], name: str) -> list[Any]:
    """Values of a param, each once; numbers by size, others in order of appearance."""
    values: list[Any] = []
    for params in (each.experiment.params for each in candidates):
        if name in params and params[name] not in values:
            values.append(params[name])
    return sorted(values) if all(isinstance(value, int | float) for value in values) else values


def _unpaired_because(setting: Setting, other: Setting) -> str | None:
    return metrics.unpaired_because(setting.members[0].metrics, other.members[0].metrics)


def _differences(setting: Setting, other: Setting) -> NDArray[np.float64]:
    return np.round(setting.repeats - other.repeats, DECIMALS) + 0.0  # no -0.0


def _p(setting: Setting, other: Setting) -> float:
    unpaired = _unpaired_because(setting, other)
    return math.nan if unpaired else statistics.wilcoxon_p(_differences(setting, other))


def _compare(setting: Setting, best: Setting, params: Compare, unpaired_confidence: float) -> None:
    """Set the difference to the best, its interval and the verdict."""
    first, n_resamples = setting.members[0], params.n_resamples
    generator = rng.generator(params.seed, "rank", first.strategy, first.experiment.name)
    setting.difference = setting.mean - best.mean
    setting.unpaired_because = _unpaired_because(setting, best)
    if setting.unpaired_because:
        setting.low, setting.high = statistics.unpaired_interval(
            setting.repeats, best.repeats, unpaired_confidence, n_resamples, generator
        )
    else:
        differences = _differences(setting, best)
        ends = statistics.mean_interval(differences, params.confidence, n_resamples, generator)
        setting.low, setting.high = map(float, ends)
    worse = setting.high < 0 if first.metrics.greater_is_better else setting.low > 0
    significant = setting.unpaired_because or setting.p_holm < 1 - params.confidence
    setting.verdict = "worse" if worse and significant else "undecided"

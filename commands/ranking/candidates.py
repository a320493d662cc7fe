"""What can be chosen: each strategy of each experiment, with its learning curve in every repeat."""

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.base.errors import ArtifactError, UserError
from active_learning.evidence.curves import LearningCurve, aulc
from commands.gate import metrics, revisions
from commands.gate.metrics import Metrics
from commands.ranking.experiments import Experiment, concerns

REPEATS = "metrics/repeats.csv"
RAW = "data/raw"


@dataclass(frozen=True)
class Candidate:
    """A strategy in an experiment.

    Attributes
    ----------
    experiment : Experiment
    metrics : Metrics
        Of the experiment's revision.
    strategy : str
    curve : LearningCurve
        In the headline score.
    """

    experiment: Experiment
    metrics: Metrics
    strategy: str
    curve: LearningCurve

    @property
    def strategies(self) -> list[str]:
        """The strategy, and those of the same experiment that queried the very same rows."""
        rows: Mapping[str, Mapping[str, Any]] = self.metrics.evidence["strategies"]
        twins = [name for name, row in rows.items() if row.get("same_as") == self.strategy]
        return [self.strategy, *twins]


def read(experiment: Experiment) -> list[Candidate]:
    """Strategies of an experiment, from the metrics files of its revision.

    Raises
    ------
    ArtifactError
        If a file is missing or damaged, or not what dvc.lock says it is.
    """
    commit = experiment.revision
    read_file = revisions.read_here if commit is None else partial(revisions.read_at, commit)
    where = f"of {experiment.name}"
    found = metrics.load(read_file, where)
    content = read_file(REPEATS)
    if content is None or REPEATS not in found.hashes:
        raise ArtifactError(f"{REPEATS} {where} is missing; `dvc repro` makes it.")
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != found.hashes[REPEATS]:
        raise ArtifactError(f"{REPEATS} {where} is not what dvc.lock says; run `dvc repro`.")
    curves = _curves(content, found, where)
    return [Candidate(experiment, found, name, curve) for name, curve in curves.items()]


def _curves(content: bytes, found: Metrics, where: str) -> dict[str, LearningCurve]:
    """Curve of each strategy, from a table with a column for each repeat."""
    try:
        table = pd.read_csv(io.BytesIO(content))
        columns = [str(repeat) for repeat in range(found.n_repeats)]
        curves = {
            str(name): LearningCurve(
                part["labels"].to_numpy(np.int64),
                part[columns].to_numpy(np.float64).T,
                found.greater_is_better,
            )
            for name, part in table.groupby("strategy", sort=False)
        }
    except (KeyError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise ArtifactError(f"{REPEATS} {where} is damaged ({reason}); run `dvc repro`.") from None
    if not all(np.isfinite(curve.scores).all() for curve in curves.values()):
        raise ArtifactError(f"{REPEATS} {where} is damaged (a score is missing); run `dvc repro`.")
    return curves


def collect(experiments: Iterable[Experiment]) -> tuple[list[Candidate], dict[str, str]]:
    """All that can be compared with the first experiment, and why the others cannot.

    Returns
    -------
    candidates : list of Candidate
    left_out : dict of str to str
        Reason for each experiment.

    Raises
    ------
    UserError
        If there is nothing to rank.
    """
    candidates: list[Candidate] = []
    left_out: dict[str, str] = {}
    for experiment in experiments:
        try:
            found = [] if experiment.fault else read(experiment)
            fault = experiment.fault
        except ArtifactError as error:
            found, fault = [], str(error).rstrip(".")
        if found and candidates:
            fault = _incomparable(found[0], candidates[0])
        if fault:
            left_out[experiment.name] = fault
            continue
        for candidate in found:
            twin = next((each for each in candidates if _is_draw_of(candidate, each)), None)
            if twin is None:
                candidates.append(candidate)
            else:
                name = f"{candidate.strategy} of {experiment.name}"
                left_out[name] = f"another draw of {twin.experiment.name}: seeds are no settings"
    if not candidates:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise UserError(f"there is nothing to rank. {reasons}.")
    return candidates, left_out


def _incomparable(candidate: Candidate, first: Candidate) -> str:
    """Say why two candidates cannot be compared at all; empty if they can."""
    ours, theirs = candidate.metrics, first.metrics
    name = first.experiment.name
    if ours.headline != theirs.headline:
        return f"not comparable: its score is {ours.headline}, that of {name} {theirs.headline}"
    if ours.hashes.get(RAW) != theirs.hashes.get(RAW):
        return f"not comparable: its data ({RAW}) is not that of {name}"
    return ""


def _is_draw_of(candidate: Candidate, other: Candidate) -> bool:
    """Whether two candidates have the same settings but for seeds: the better is only luckier."""
    ours, theirs = candidate.experiment.params, other.experiment.params
    common = {*candidate.strategies} & {*other.strategies}
    changed = {
        name
        for name in {*ours, *theirs}
        if ours.get(name) != theirs.get(name) and concerns(name, common)
    }
    only_seeds = bool(changed) and all(name.endswith(".seed") for name in changed)
    return only_seeds and bool(common)


def common_range(candidates: Sequence[Candidate]) -> tuple[int, int]:
    """First and last number of labels that all curves have.

    Raises
    ------
    UserError
        If they have no stretch in common.
    """
    latest = max(candidates, key=lambda each: int(each.curve.labels[0]))
    shortest = min(candidates, key=lambda each: int(each.curve.labels[-1]))
    first, last = int(latest.curve.labels[0]), int(shortest.curve.labels[-1])
    if first >= last:
        raise UserError(
            f"the curves of {latest.experiment.name} begin at {first} labels, and those of "
            f"{shortest.experiment.name} end at {last}: there is no stretch to compare; name "
            "experiments that have one in common."
        )
    return first, last


def cut(curve: LearningCurve, first: int, last: int) -> LearningCurve:
    """The curve between two numbers of labels; straight lines between measurements.

    The trapezoid area is that of the same straight lines.
    """
    inside = curve.labels[(curve.labels > first) & (curve.labels < last)]
    labels = np.array([first, *inside, last])
    scores = np.array([np.interp(labels, curve.labels, row) for row in curve.scores])
    return LearningCurve(labels, scores, curve.greater_is_better)


def values(curve: LearningCurve, measure: str) -> NDArray[np.float64]:
    """AULC or final score of a curve in every repeat: (n_repeats,)."""
    return aulc(curve.labels, curve.scores) if measure == "aulc" else curve.final


def unpaired_because(candidate: Candidate, other: Candidate) -> str | None:
    """Say why two candidates cannot be compared repeat by repeat, ``None`` if they can."""
    return metrics.unpaired_because(candidate.metrics, other.metrics)


def differing(experiments: Sequence[Experiment]) -> list[str]:
    """Params that tell experiments apart; one that only some have goes with another that does."""
    names = dict.fromkeys(name for each in experiments for name in each.params)
    return [name for name in names if len(_distinct(experiments, name)) > 1]


def _distinct(experiments: Sequence[Experiment], name: str) -> list[Any]:
    """Values of a param, each once; numbers by size, others in order of appearance."""
    found: list[Any] = []
    for each in experiments:
        if name in each.params and each.params[name] not in found:
            found.append(each.params[name])
    numbers = all(isinstance(value, int | float) for value in found)
    return sorted(found) if numbers else found


def label(members: Sequence[Candidate], params: Sequence[str], first: Experiment) -> str:
    """What to call candidates that came out the same.

    Their strategies, and where any of them differs from the first experiment, the params.
    """
    names = dict.fromkeys(name for member in members for name in member.strategies)
    texts = [" = ".join(names)]
    for name in params:
        if not concerns(name, names):
            continue
        found = _distinct([member.experiment for member in members], name)
        if found and found != [first.params.get(name)]:
            texts.append(f"{name}={'|'.join(_shown(value) for value in found)}")
    return ", ".join(texts)


def _shown(value: Any) -> str:
    names: Mapping[Any, str] = {None: "null", True: "true", False: "false"}
    return names[value] if value is None or isinstance(value, bool) else str(value)

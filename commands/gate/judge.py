"""Compare metrics with the base and judge them by the rules; no file is read here."""

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from active_learning.analysis import statistics
from active_learning.core import rng
from active_learning.core.errors import ParamsError, unknown
from commands.gate.metrics import Metrics, unpaired_because
from commands.gate.rules import CHECKS, Checks, Rule, matches

# Metrics whose direction does not depend on the scorer: 1 if higher is better, −1 if lower.
DIRECTIONS = {"label_savings": 1, "n_labels": -1}

# Metrics have six decimals: whatever is smaller is the rounding error of a subtraction.
DECIMALS = 9


@dataclass(frozen=True)
class Change:
    """A metric now and at the base, and the interval of the difference now − base."""

    now: float | None  # None: the fault says why
    fault: str
    sign: int  # 1 if higher is better, −1 if lower
    n_repeats: int  # now; 0 if the metric is not a mean over repeats
    base: float | None = None  # None without a fault: nothing to compare with
    base_fault: str = ""
    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan
    paired: bool = False  # whether the interval is of differences within repeats


@dataclass(frozen=True)
class Verdict:
    """Outcome of one rule for one metric, or of a check of the files."""

    subject: str
    rule: str
    status: Literal["pass", "fail", "new"]
    reason: str = ""
    why: str = ""


def compare(current: Metrics, base: Metrics | None, checks: Checks) -> dict[str, Change]:
    """Change of every metric of either revision.

    A metric that only the base has is missing now, unless it is listed as ``removed``.
    """
    names = dict.fromkeys(current.summary)
    for name in base.summary if base else ():
        if not any(matches(pattern, name) for pattern in checks.removed):
            names.setdefault(name)
    return {name: _change(name, current, base, checks) for name in names}


def _change(name: str, current: Metrics, base: Metrics | None, checks: Checks) -> Change:
    now, fault = _number(current.summary, name)
    sign = DIRECTIONS.get(name.rpartition(".")[2], 1 if current.greater_is_better else -1)
    values = None if now is None else current.repeats(name)
    change = Change(now, fault, sign, 0 if values is None else len(values))
    if base is None or base.summary.get(name) is None:
        return change
    if base.headline != current.headline and name != "n_labels":
        return change
    before, base_fault = _number(base.summary, name)
    change = replace(change, base=before, base_fault=base_fault)
    if now is None or before is None:
        return change
    change = replace(change, difference=round(now - before, DECIMALS))
    others = base.repeats(name)
    if values is None or others is None:
        return change
    settings = (checks.confidence, checks.n_resamples, rng.generator(checks.seed, "gate", name))
    paired = unpaired_because(current, base) is None
    if paired:
        low, high = map(float, statistics.mean_interval(values - others, *settings))
    else:
        low, high = statistics.unpaired_interval(values, others, *settings)
    return replace(change, paired=paired, low=low, high=high)


def _number(summary: Mapping[str, Any], metric: str) -> tuple[float | None, str]:
    """Value of a metric, or ``None`` and the reason."""
    if metric not in summary:
        return None, "missing"
    value = summary[metric]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and abs(value) <= sys.float_info.max:  # not so for NaN
        return value, ""
    return None, f"not a finite number: {json.dumps(value):.40}"


def judge(checks: Checks, changes: Mapping[str, Change]) -> list[Verdict]:
    """Verdict of every rule on every metric that it matches.

    Raises
    ------
    ParamsError
        If ``no_regression`` is asked of a metric that is not a mean over repeats.
    """
    verdicts = []
    for index, rule in enumerate(checks.rules):
        matched = [name for name in changes if matches(rule.metric, name)]
        if not matched:
            reason = f"the rule matches nothing: {unknown('metric', rule.metric, changes)}"
            verdicts.append(Verdict(rule.metric, "matches", "fail", reason, rule.why))
        for name in matched:
            change = changes[name]
            if rule.no_regression is not None and not (change.n_repeats or change.fault):
                raise ParamsError(
                    f"{CHECKS}: rules.{index}.no_regression must be of a metric with a value for "
                    f"each repeat (initial, ceiling, a strategy's final, aulc or vs_random); "
                    f"got {name!r}."
                )
            for bound, limit in rule.bounds.items():
                status, reason = _judge(rule, bound, change, checks.confidence)
                verdicts.append(Verdict(name, f"{bound} {limit:g}", status, reason, rule.why))
    return verdicts


def _judge(
    rule: Rule, bound: str, change: Change, confidence: float
) -> tuple[Literal["pass", "fail", "new"], str]:
    limit, now, reason = rule.bounds[bound], change.now, ""
    if now is None:
        reason = f"is {change.fault}"
    elif bound == "min":
        reason = f"is {now:g}, below the minimum of {limit:g}" if now < limit else ""
    elif bound == "max":
        reason = f"is {now:g}, above the maximum of {limit:g}" if now > limit else ""
    elif change.base_fault:
        reason = f"at the base is {change.base_fault}"
    elif change.base is None:
        return "new", "the base has no value"
    else:
        reason = _loss(rule, bound, change, confidence)
    return "fail" if reason else "pass", reason


def _loss(rule: Rule, bound: str, change: Change, confidence: float) -> str:
    """How much worse than the base a metric is, if that is too much."""
    limit = rule.bounds[bound]
    sign = {"higher": 1, "lower": -1, None: change.sign}[rule.direction]
    loss = -sign * change.difference
    worse = f"is {loss:g} worse than the base, more than {limit:g}"
    if bound == "max_drop":
        return worse if loss > limit else ""
    if math.isnan(change.low):
        worse += "; with one repeat there is no interval, so the difference itself counts"
        return worse if regressed(-loss, limit) else ""
    least, most = sorted([-sign * change.low, -sign * change.high])
    kind = "paired" if change.paired else "unpaired"
    worse += (
        f"; with {100 * confidence:g} % confidence it is worse by {least:.4f} to {most:.4f} "
        f"({kind}, {change.n_repeats} repeats)"
    )
    return worse if regressed(-least, limit) else ""


def regressed(best: ArrayLike, margin: float) -> NDArray[np.bool_]:
    """Whether even the best difference that the interval allows is worse than −margin.

    Parameters
    ----------
    best : array-like of shape (...)
        Upper end of the interval of the difference, positive being an improvement.
    margin : float
    """
    return np.round(np.asarray(best, np.float64), DECIMALS) < -margin

"""Compare metrics with the base and judge them by the rules; no file is read here."""

import json
import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from active_learning.analysis import statistics
from active_learning.core import rng
from active_learning.core.errors import ParamsError, nearest
from commands.gate.metrics import Metrics, unpaired_because
from commands.gate.rules import CHECKS, Checks, Rule, matches
from stages import paths

# Metrics whose direction does not depend on the scorer: 1 if higher is better, −1 if lower.
DIRECTIONS = {
    "gap_closed": 1,
    "label_savings": 1,
    "bought": -1,
    "bought_to_reach": -1,
    "labels_bought": -1,
    "p_holm": -1,
    "p_wilcoxon": -1,
    "repeats_to_detect": -1,
    "sd": -1,
    "smallest_detectable": -1,
}

# The scorer that a metric is of, if its name says so; others are of the headline scorer.
SCORER = re.compile(r"(?:^ceilings|\.scores)\.(\w+)\.")

# Metrics of earlier versions, without the strategy in front, and what they are now.
EARLIER = {
    "n_labels": "strategies.{0}.labels_bought",
    "initial": "strategies.{0}.scores.{1}.initial.mean",
    "final": "strategies.{0}.scores.{1}.final.mean",
    "aulc": "strategies.{0}.scores.{1}.aulc.mean",
    "ceiling": "ceilings.{1}.mean",
    "vs_random": "strategies.{0}.vs_random.aulc.difference",
    "vs_random_low": "strategies.{0}.vs_random.aulc.low",
    "vs_random_high": "strategies.{0}.vs_random.aulc.high",
    "label_savings": "strategies.{0}.label_savings.savings",
    "aulc_over_cost": "over_cost.strategies.{0}.aulc.mean",
    "vs_random_over_cost": "over_cost.strategies.{0}.vs_random.difference",
}

# Metrics have six decimals: whatever is smaller is the rounding error of a subtraction.
DECIMALS = 9


@dataclass(frozen=True)
class Change:
    """A metric now and at the base, and the interval of the difference now − base."""

    now: float | None  # None: the fault says why
    fault: str
    n_repeats: int  # now; 0 if the metric is not a mean over repeats
    base: float | None = None  # None without a fault: nothing to compare with
    base_fault: str = ""
    sign: int = 1  # of the difference if it is an improvement
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
    """Change of every metric of either revision that a rule is about.

    A metric that only the base has is missing now, unless it is listed as ``removed``.
    """
    names = dict.fromkeys(current.values)
    for name in base.values if base else ():
        if not any(matches(pattern, name) for pattern in checks.removed):
            names.setdefault(name)
    return {
        name: _change(name, current, base, checks)
        for rule in checks.rules
        for name in names
        if matches(rule.metric, name)
    }


def _change(name: str, current: Metrics, base: Metrics | None, checks: Checks) -> Change:
    now, fault = _number(current.values, name)
    values = None if now is None else current.repeats(name)
    change = Change(now, fault, 0 if values is None else len(values))
    if base is None or base.values.get(name) is None:
        return change
    if base.headline != current.headline and not SCORER.search(name):
        return change
    before, base_fault = _number(base.values, name)
    change = replace(change, base=before, base_fault=base_fault)
    if now is None or before is None:
        return change
    difference = round(now - before, DECIMALS)
    change = replace(change, difference=difference, sign=_sign(name, current))
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


def _sign(name: str, current: Metrics) -> int:
    """1 if a higher value is better, −1 if a lower one is."""
    for strategy in current.evidence["strategies"]:  # whose name may be that of a measure
        name = name.replace(f"strategies.{strategy}.", "strategies..", 1)
    for part in reversed(name.split(".")):
        if part in DIRECTIONS:
            return DIRECTIONS[part]
    scorer = SCORER.search(name)
    return current.direction(scorer[1] if scorer else current.headline)


def _number(values: Mapping[str, Any], metric: str) -> tuple[float | None, str]:
    """Value of a metric, or ``None`` and the reason."""
    if metric not in values:
        return None, "missing"
    value = values[metric]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and abs(value) <= sys.float_info.max:  # not so for NaN
        return value, ""
    return None, f"not a finite number: {json.dumps(value):.40}"


def judge(checks: Checks, changes: Mapping[str, Change], current: Metrics) -> list[Verdict]:
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
            reason = f"{paths.STRATEGIES} has no such value{_suggestion(rule.metric, current)}"
            verdicts.append(Verdict(rule.metric, "matches", "fail", reason, rule.why))
        for name in matched:
            change = changes[name]
            if rule.no_regression is not None and not (change.n_repeats or change.fault):
                raise ParamsError(
                    f"{CHECKS}: rules.{index}.no_regression must be of a mean or difference "
                    f"over repeats; got {name!r}."
                )
            for bound, limit in rule.bounds.items():
                status, reason = _judge(rule, bound, change, checks.confidence)
                verdicts.append(Verdict(name, f"{bound} {limit:g}", status, reason, rule.why))
    return verdicts


def _suggestion(metric: str, current: Metrics) -> str:
    """What to write instead of a metric that there is not."""
    strategy, _, name = metric.rpartition(".")
    if name in EARLIER and metric.partition(".")[0] not in current.evidence:
        now = EARLIER[name].format(strategy or current.evidence["main"], current.headline)
        return f"; it is {now} now"
    near = nearest(metric, current.values)
    return f"; the nearest is {near}" if near else ""


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

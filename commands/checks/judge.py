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
from active_learning.core.errors import ArtifactError, ParamsError, nearest
from commands.checks.metrics import Metrics, unpaired_because
from commands.checks.rules import CHECKS, Checks, Rule, matches
from stages import paths

# Parts of names that tell the direction, whatever the scorer's is.
HIGHER_IS_BETTER = {"gap_closed", "label_savings"}
LOWER_IS_BETTER = {
    *("bought", "bought_to_reach", "labels_bought", "repeats_to_detect"),
    *("p_holm", "p_wilcoxon", "sd", "smallest_detectable"),
}

# The scorer that a metric is of, if its name says so; others are of the headline scorer.
SCORER = re.compile(r"(?:^ceilings|\.scores)\.(\w+)\.")

# Metrics have six decimals: whatever is smaller is the rounding error of a subtraction.
DECIMALS = 9


@dataclass(frozen=True)
class Change:
    """A metric now and at the base, and the interval of the difference now − base."""

    now: float | None  # None: the fault says why
    fault: str
    n_repeats: int  # now; 0 if the metric is not a mean over repeats
    base: float | None = None  # None: nothing to compare with
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

    Raises
    ------
    ArtifactError
        If a value at the base is not a number, or the values of the repeats are damaged.
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
    before, fault = _number(base.values, name)
    if before is None:
        raise ArtifactError(f"{paths.STRATEGIES}: {name} at the base is {fault}.")
    if now is None:
        return replace(change, base=before)
    difference, sign = round(now - before, DECIMALS), _sign(name, current)
    change = replace(change, base=before, difference=difference, sign=sign)
    others = base.repeats(name)
    if values is None or others is None:
        return change
    paired = unpaired_because(current, base) is None
    if paired:
        low, high = statistics.mean_interval(values - others, checks.confidence)
    else:
        low, high = statistics.unpaired_interval(values, others, checks.confidence)
    return replace(change, paired=paired, low=float(low), high=float(high))


def _sign(name: str, current: Metrics) -> int:
    """1 if a higher value is better, −1 if a lower one is."""
    for strategy in current.content["strategies"]:  # whose name may be that of a measure
        name = name.replace(f"strategies.{strategy}.", "strategies..", 1)
    parts = set(name.split("."))
    if parts & LOWER_IS_BETTER:
        return -1
    if parts & HIGHER_IS_BETTER:
        return 1
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
        matched = {name: each for name, each in changes.items() if matches(rule.metric, name)}
        if not matched:
            near = nearest(rule.metric, current.values)
            hint = f"; the nearest is {near}" if near else ""
            reason = f"{paths.STRATEGIES} has no such value{hint}"
            verdicts.append(Verdict(rule.metric, "matches", "fail", reason, rule.why))
        for name, change in matched.items():
            if rule.no_regression is not None and not (change.n_repeats or change.fault):
                raise ParamsError(
                    f"{CHECKS}: rules.{index}.no_regression must be of a mean or difference "
                    f"over repeats; got {name!r}."
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
        f"; with {100 * confidence:g}% confidence it is worse by {least:.4f} to {most:.4f} "
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

"""From changes to verdicts: pure functions that read no file."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from active_learning.base.errors import ParamsError, unknown
from commands.gate.changes import DECIMALS, Change
from commands.gate.metrics import has_repeats
from commands.gate.rules import CHECKS, Checks, Rule

Status = Literal["pass", "fail", "new"]


@dataclass(frozen=True)
class Verdict:
    """What came of one rule for one metric, or of a check of the files."""

    subject: str
    rule: str
    status: Status
    reason: str = ""
    why: str = ""


def regressed(best: ArrayLike, margin: float) -> NDArray[np.bool_]:
    """Whether a loss is beyond its interval: even the best that it allows is worse than −margin.

    Parameters
    ----------
    best : array-like of shape (...)
        End of the interval of the difference where it is best, positive being an improvement.
    margin : float
    """
    return np.round(np.asarray(best, np.float64), DECIMALS) < -margin


def judge(checks: Checks, changes: Mapping[str, Change]) -> list[Verdict]:
    """Verdict of every rule on every metric that it matches.

    Raises
    ------
    ParamsError
        If ``no_regression`` is asked of a metric that is no mean over repeats.
    """
    verdicts = []
    for index, rule in enumerate(checks.rules):
        names = [name for name in changes if rule.matches(name)]
        if not names:
            reason = f"the rule matches nothing: {unknown('metric', rule.metric, changes)}"
            verdicts.append(Verdict(rule.metric, "matches", "fail", reason, rule.why))
        for name in names:
            if rule.no_regression is not None and not has_repeats(name):
                raise ParamsError(
                    f"{CHECKS}: rules.{index}.no_regression must be of a metric with a value for "
                    f"each repeat (initial, ceiling, a strategy's final, aulc or vs_random); "
                    f"got {name!r}."
                )
            verdicts += [
                _verdict(rule, bound, changes[name], checks.confidence) for bound in rule.bounds
            ]
    return verdicts


def _verdict(rule: Rule, bound: str, change: Change, confidence: float) -> Verdict:
    limit = rule.bounds[bound]
    label = f"{bound} {limit:g}"
    if change.now.number is None:
        return Verdict(change.metric, label, "fail", change.now.fault, rule.why)
    if bound in ("min", "max"):
        reason = _out_of_range(bound, limit, change.now.number)
    elif change.base is None:
        return Verdict(change.metric, label, "new", "the base has no value", rule.why)
    elif change.base.number is None:
        reason = f"at the base {change.base.fault}"
    elif bound == "max_drop":
        reason = _dropped(limit, change, _sign(rule, change))
    else:
        reason = _regression(limit, change, _sign(rule, change), confidence)
    return Verdict(change.metric, label, "fail" if reason else "pass", reason, rule.why)


def _sign(rule: Rule, change: Change) -> int:
    return {"higher": 1, "lower": -1, None: change.sign}[rule.direction]


def _out_of_range(bound: str, limit: float, number: float) -> str:
    if bound == "min" and number < limit:
        return f"is {number:g}, below the minimum of {limit:g}"
    if bound == "max" and number > limit:
        return f"is {number:g}, above the maximum of {limit:g}"
    return ""


def _dropped(limit: float, change: Change, sign: int) -> str:
    drop = -sign * change.difference
    return f"is {drop:g} worse than the base, more than {limit:g}" if drop > limit else ""


def _regression(margin: float, change: Change, sign: int, confidence: float) -> str:
    ends = [sign * change.low, sign * change.high]
    known = not any(math.isnan(end) for end in ends)
    if not regressed(max(ends) if known else sign * change.difference, margin):
        return ""
    worse = f"is {-sign * change.difference:g} worse than the base, and the margin is {margin:g}"
    if not known:
        return f"{worse}; with one repeat there is no interval, so the difference itself counts"
    kind = "paired" if change.paired else "unpaired"
    return (
        f"{worse}; with {percent(confidence)} confidence it is worse by "
        f"{-max(ends):.4f} to {-min(ends):.4f} ({kind}, {change.n_repeats} repeats)"
    )


def percent(share: float) -> str:
    """Share in per cent: ``95 %``."""
    return f"{100 * share:g} %"

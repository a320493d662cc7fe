"""Every metric now and at the base, and the interval of the difference."""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning import rng
from active_learning.base.explain import shown
from active_learning.evidence import statistics
from commands.gate.metrics import Metrics, has_repeats, unpaired_because
from commands.gate.rules import Checks, matches

# Metrics whose direction does not hang on the scorer: 1 where higher is better, −1 where lower is.
DIRECTIONS = {"label_savings": 1, "n_labels": -1}

# Values are written to six decimals: what is less than that is the rounding of a subtraction.
DECIMALS = 9


@dataclass(frozen=True)
class Value:
    """A metric at a revision: a number, or what is wrong with it."""

    number: float | int | None
    fault: str = ""

    @classmethod
    def of(cls, summary: Mapping[str, Any], metric: str) -> "Value":
        """Read a leaf of the summary; null is a missing value."""
        if metric not in summary:
            return cls(None, "is missing")
        value = summary[metric]
        if value is None:
            return cls(None, "is null: it has no value")
        if isinstance(value, bool) or not isinstance(value, int | float):
            return cls(None, f"is not a number: {shown(value)}")
        if abs(value) > sys.float_info.max:
            return cls(None, "is infinite")
        return cls(None, "is NaN") if math.isnan(value) else cls(value)


@dataclass(frozen=True)
class Change:
    """A metric now and at the base.

    Attributes
    ----------
    metric : str
    now : Value
    base : Value or None
        ``None``: there is no base, or the base has no value to compare with.
    low, high : float
        Interval of the difference now − base; NaN where there is none.
    n_repeats : int
        Repeats now, of a metric that has a value for each; else 0.
    paired : bool
        Whether the interval is of differences within repeats.
    sign : {1, -1}
        1 if higher is better.
    """

    metric: str
    now: Value
    base: Value | None
    low: float
    high: float
    n_repeats: int
    paired: bool
    sign: int

    @property
    def difference(self) -> float:
        """Now − base, NaN where either is no number."""
        if self.now.number is None or self.base is None or self.base.number is None:
            return math.nan
        return round(self.now.number - self.base.number, DECIMALS)


def compare(current: Metrics, base: Metrics | None, checks: Checks) -> dict[str, Change]:
    """Every metric of either revision, with its change.

    A metric that only the base has is missing now, unless ``removed`` names it.
    """
    names = list(current.summary)
    for name in base.summary if base else ():
        gone = name not in current.summary
        if gone and not any(matches(pattern, name) for pattern in checks.removed):
            names.append(name)
    return {name: _change(name, current, base, checks) for name in names}


def _change(name: str, current: Metrics, base: Metrics | None, checks: Checks) -> Change:
    now, before = Value.of(current.summary, name), _base_value(name, current, base)
    low, high, n_repeats, paired = math.nan, math.nan, 0, False
    if now.number is not None and has_repeats(name):
        values, n_repeats = current.repeats(name), current.n_repeats
        if base and before and before.number is not None:
            paired = unpaired_because(current, base) is None
            low, high = _interval(values, base.repeats(name), paired, name, checks)
    sign = DIRECTIONS.get(name.rpartition(".")[2], 1 if current.greater_is_better else -1)
    return Change(name, now, before, low, high, n_repeats, paired, sign)


def _base_value(name: str, current: Metrics, base: Metrics | None) -> Value | None:
    """Value at the base, ``None`` where there is nothing to compare with."""
    if base is None or base.summary.get(name) is None:
        return None
    if base.headline != current.headline and name != "n_labels":
        return None
    return Value.of(base.summary, name)


def _interval(
    values: NDArray[np.float64],
    others: NDArray[np.float64],
    paired: bool,
    name: str,
    checks: Checks,
) -> tuple[float, float]:
    generator = rng.generator(checks.seed, "gate", name)
    if not paired:
        return statistics.unpaired_interval(
            values, others, checks.confidence, checks.n_resamples, generator
        )
    low, high = statistics.mean_interval(
        values - others, checks.confidence, checks.n_resamples, generator
    )
    return float(low), float(high)

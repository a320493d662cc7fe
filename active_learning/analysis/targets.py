"""Scores to report the number of labels for."""

import math
import re
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

from active_learning.analysis.curves import AGREE

Target = float | str
DEFAULT_TARGETS: tuple[Target, ...] = ("50%", "90%")
RULE = "must be a score, or a share of the gap from initial score to ceiling such as 50%"

_SHARE = re.compile(r"(\d{1,2}(\.\d+)?|100)%")


def is_target(value: object) -> bool:
    """Whether a value is a finite number or a percentage."""
    if isinstance(value, str):
        return _SHARE.fullmatch(value) is not None
    return isinstance(value, Real) and math.isfinite(value)


def target_scores(
    targets: Iterable[Target], initial: float, ceiling: float, *, greater_is_better: bool
) -> dict[str, float]:
    """Score of each target, by its name.

    Parameters
    ----------
    targets : iterable of float or str
        Scores, or shares of the gap from the initial score to the ceiling, such as ``"50%"``. If
        the ceiling is no better than the initial score, shares are left out.
    initial, ceiling : float
    greater_is_better : bool
    """
    gap = ceiling - initial
    is_gap = (gap if greater_is_better else -gap) > AGREE
    return {
        str(target): initial + float(target[:-1]) / 100 * gap
        if isinstance(target, str)
        else float(target)
        for target in targets
        if is_gap or not isinstance(target, str)
    }


def in_words(name: str, comparison: Mapping[str, Any]) -> dict[str, str]:
    """Labels, including the initial ones, with which a strategy reaches each target.

    Parameters
    ----------
    name : str
        Strategy.
    comparison : dict
        As returned by ``Comparison.to_dict``.
    """
    row, headline = comparison["strategies"][name], comparison["headline"]
    ceiling = comparison["ceilings"][headline]["mean"]
    sign = 1 if comparison["greater_is_better"][headline] else -1
    forecast = (row["more_labels"] or {}).get("labels_to_reach", {})
    words = {}
    for target, score in comparison["targets"].items():
        bought = row["bought_to_reach"][target]
        if bought is not None:
            words[target] = f"{comparison['initial_labels'] + bought}"
        elif sign * (score - ceiling) > AGREE:
            words[target] = "better than the ceiling"
        elif target in forecast:
            words[target] = _interval(**forecast[target])
        else:
            words[target] = "not reached"
    return words


def _interval(low: int | None, high: int | None) -> str:
    """Labels that are extrapolated."""
    if low is None:
        return "cannot be said"
    return f"at least {low}" if high is None else f"{low} to {high}"


def described(target: str, comparison: Mapping[str, Any]) -> str:
    """Score of a target, and the share of the gap that it is, if it was given as one."""
    score = f"{comparison['headline']} {comparison['targets'][target]:.4f}"
    return f"{score} ({target} of the gap)" if target.endswith("%") else score


def sentence(name: str, comparison: Mapping[str, Any]) -> str:
    """Labels in all with which a strategy reaches the targets; empty without targets."""
    parts = [
        f"{described(target, comparison)}: {words}"
        for target, words in in_words(name, comparison).items()
    ]
    return f"{name}: labels in all to reach {'; '.join(parts)}." if parts else ""

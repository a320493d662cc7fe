"""Where each stopping rule would have ended the runs, and the score that would have cost."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.analysis.comparison import Comparison

SAME = "the same"


def to_dict(comparison: Comparison, checks: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Result of every rule on every strategy, as JSON can hold it.

    Means are taken over all repeats; one in which the rule never stops counts with the end of its
    budget and no loss in score.

    Parameters
    ----------
    comparison : Comparison
        Only its headline score is used.
    checks : dict of str to DataFrame
        For each strategy, one row per repeat, rule and check: ``repeat``, ``labels``, ``rule``,
        ``stopped`` and ``binding``.
    """
    tables = list(checks.values())
    binding = {name for table in tables for name in table.loc[table["binding"], "rule"]}
    return {
        "headline": comparison.headline,
        "binding": next(iter(binding), None),
        "strategies": {
            strategy: {
                str(rule): _rule_result(comparison, strategy, rows, bool(binding))
                for rule, rows in table.groupby("rule", sort=False)
            }
            for strategy, table in checks.items()
        },
    }


def _rule_result(
    comparison: Comparison, strategy: str, rows: pd.DataFrame, bound: bool
) -> dict[str, Any]:
    curve = comparison.curve(strategy)
    first = rows[rows["stopped"]].groupby("repeat")["labels"].min()
    stops: NDArray[np.float64] = first.reindex(range(len(curve.scores))).to_numpy(dtype=float)
    stopped = ~np.isnan(stops)
    each = [None if np.isnan(stop) else int(stop) for stop in stops]
    labels = np.where(stopped, stops, curve.ends)
    scores = curve.scores[np.arange(len(labels)), np.searchsorted(curve.labels, labels)]
    lost = (curve.final - scores) * (1 if curve.greater_is_better else -1)
    return {
        "stopped": float(stopped.mean()),
        "labels": comparison.summary(labels) | {"repeats": each},
        "score": comparison.summary(scores),
        # Unknown if a rule ended the runs: the rest of the budget was never spent.
        "score_lost": None if bound else comparison.summary(lost),
    }


def sentences(stops: Mapping[str, Any]) -> list[str]:
    """Result of each rule on each strategy; rules that stop nothing are named once."""
    results = [
        (strategy, rule, row)
        for strategy, rules in stops["strategies"].items()
        for rule, row in rules.items()
    ]
    active = {stops["binding"], *(rule for _, rule, row in results if row["stopped"])}
    idle = dict.fromkeys(rule for _, rule, _ in results if rule not in active)
    said = [
        _sentence(f"{strategy}: {rule}", row, stops["headline"], bound=rule == stops["binding"])
        for strategy, rule, row in results
        if rule in active
    ]
    if idle:
        said.append(f"No repeat would have been stopped within the budget by {', '.join(idle)}.")
    return said


def _sentence(what: str, row: Mapping[str, Any], headline: str, *, bound: bool) -> str:
    verb = "stopped" if bound else "would have stopped"
    stops = row["labels"]["repeats"]
    count = sum(stop is not None for stop in stops)
    if not count:
        return f"{what} {verb} no repeat within the budget."
    text = (
        f"{what} {verb} {count} of {len(stops)} repeats: on average {row['labels']['mean']:.1f} "
        f"labels and {headline} {row['score']['mean']:.4f}"
    )
    if row["score_lost"] is None:
        return f"{text}."
    words = lost(row)
    return f"{text}, {words} {'as' if words == SAME else 'than'} with the full budget."


def lost(row: Mapping[str, Any]) -> str:
    """What a rule costs in score, in words."""
    mean = round(row["score_lost"]["mean"], 4)
    return f"{abs(mean):.4f} {'better' if mean < 0 else 'worse'}" if mean else SAME

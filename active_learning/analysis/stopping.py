"""Where stopping rules would have ended the runs, and what that would have cost."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.analysis.comparison import Comparison


def to_dict(comparison: Comparison, checks: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """What came of every rule on every strategy: the content of ``metrics/stopping.json``.

    All means are those of runs that the rule ends; a repeat in which it never stops goes on to the
    end of its budget, and costs no score.

    Parameters
    ----------
    comparison : Comparison
        Its headline score counts.
    checks : dict of str to DataFrame
        For each strategy, a row for each check of each rule in each repeat: ``repeat``,
        ``labels``, ``rule``, ``stopped`` and ``binding``.
    """
    tables = list(checks.values())
    binding = {name for table in tables for name in table.loc[table["binding"], "rule"]}
    return {
        "headline": comparison.headline,
        "binding": next(iter(binding), None),
        "strategies": {
            strategy: {
                str(rule): _of_rule(comparison, strategy, str(rule), rows, bool(binding))
                for rule, rows in table.groupby("rule", sort=False)
            }
            for strategy, table in checks.items()
        },
    }


def _of_rule(
    comparison: Comparison, strategy: str, rule: str, rows: pd.DataFrame, bound: bool
) -> dict[str, Any]:
    curve = comparison.curve(strategy)
    first = rows[rows["stopped"]].groupby("repeat")["labels"].min()
    stops: NDArray[np.float64] = first.reindex(range(len(curve.scores))).to_numpy(dtype=float)
    stopped = ~np.isnan(stops)
    each = [int(at) if known else None for at, known in zip(stops, stopped, strict=True)]
    labels = np.where(stopped, stops, curve.ends)
    scores = curve.scores[np.arange(len(labels)), np.searchsorted(curve.labels, labels)]
    lost = (curve.final - scores) * (1 if curve.greater_is_better else -1)
    return {
        "stopped": float(stopped.mean()),
        "labels": comparison.summary(labels, strategy, rule, "labels") | {"repeats": each},
        "score": comparison.summary(scores, strategy, rule, "score"),
        # Where a rule ends the runs, nobody knows what the rest of the budget would have brought.
        "score_lost": None if bound else comparison.summary(lost, strategy, rule, "lost"),
    }


def sentences(stops: Mapping[str, Any]) -> list[str]:
    """What came of each rule, in words."""
    return [
        _sentence(f"{strategy}: {rule}", row, stops["headline"], bound=rule == stops["binding"])
        for strategy, rules in stops["strategies"].items()
        for rule, row in rules.items()
    ]


def _sentence(what: str, row: Mapping[str, Any], headline: str, *, bound: bool) -> str:
    verb = "stopped" if bound else "would have stopped"
    stops = row["labels"]["repeats"]
    count = sum(stop is not None for stop in stops)
    if not count:
        return f"{what} {verb} no repeat within the budget."
    text = (
        f"{what} {verb} {count} of {len(stops)} repeats; with it, "
        f"{row['labels']['mean']:.1f} labels and {headline} {row['score']['mean']:.4f} on average"
    )
    if row["score_lost"] is None:
        return f"{text}."
    lost = row["score_lost"]["mean"]
    return f"{text}, {abs(lost):.4f} {'better' if lost < 0 else 'worse'} than at the end."

"""Learning curves as a function of labelling cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.analysis.comparison import CONTROL, Comparison
from active_learning.analysis.curves import LearningCurve, aulc

N_POINTS = 101


@dataclass(frozen=True)
class CostCurve(LearningCurve):
    """Learning curve on an even grid of costs; ``labels`` holds the cost since the start.

    Attributes
    ----------
    areas : ndarray of shape (n_repeats,)
        Area under each run's own curve (all its points, not the grid), divided by the cost range.
    """

    areas: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    @property
    def aulc(self) -> NDArray[np.float64]:
        """Normalized area under the curve over cost of each repeat: (n_repeats,)."""
        return self.areas


def cost_curve(table: pd.DataFrame, scorer: str, greater_is_better: bool, end: float) -> CostCurve:
    """Curve up to a given cost, from a table with ``repeat``, ``cost`` and the scorer's column.

    Scores are interpolated linearly between fits; a run that ended earlier keeps its last score.
    """
    grid = np.linspace(0, end, N_POINTS)
    scores, areas = [], []
    for _, run in table.groupby("repeat", sort=True):
        cost, score = run["cost"].to_numpy(), run[scorer].to_numpy()
        points = np.append(cost[cost < end], end)
        scores.append(np.interp(grid, cost, score))
        areas.append(aulc(points, np.interp(points, cost, score)))
    return CostCurve(grid, np.array(scores), greater_is_better, areas=np.array(areas))


def over_cost(
    comparison: Comparison, tables: Mapping[str, pd.DataFrame], *, early_ends: bool
) -> Comparison | None:
    """The same comparison with the headline score as a function of cost; ``None`` without costs.

    Parameters
    ----------
    comparison : Comparison
    tables : dict of str to DataFrame
        For each strategy ``repeat``, ``cost`` and the headline scorer's column.
    early_ends : bool
        Whether runs stop by themselves (stopping rule, cost budget). If so, curves extend to the
        largest final cost with the last score carried forward; if not, to the smallest, so that
        no score is extrapolated.
    """
    if not all("cost" in table for table in tables.values()):
        return None
    last = [table.groupby("repeat")["cost"].max() for table in tables.values()]
    ends = pd.concat(last)
    end = float(ends.max() if early_ends else ends.min())
    if end == 0:  # nothing could be bought
        return None
    headline = comparison.headline
    better = comparison.curve(comparison.primary).greater_is_better
    curves = {
        name: {headline: cost_curve(table, headline, better, end)} for name, table in tables.items()
    }
    return replace(comparison, curves=curves, targets=[])


def to_dict(comparison: Comparison) -> dict[str, Any]:
    """Results over cost, as JSON can hold them."""
    differences = comparison.differences()
    return {
        "end": float(comparison.curve(comparison.primary).labels[-1]),
        "strategies": {
            name: {
                "aulc": comparison.summary(comparison.curve(name).aulc),
                "vs_random": differences.get(comparison.same_as.get(name, name), {}).get("aulc"),
            }
            for name in comparison.curves
        },
    }


def table(comparison: Comparison | None) -> pd.DataFrame:
    """Mean curves over cost with their intervals: 101 rows per strategy; empty without costs."""
    if comparison is None:
        return pd.DataFrame(columns=["strategy", "cost", "score", "low", "high"])
    return comparison.curve_table().rename(columns={"labels": "cost"})


def sentences(comparison: Mapping[str, Any], headline: str) -> list[str]:
    """Result of each strategy over cost, one sentence each."""
    return [
        f"{name}: mean {headline} {row['aulc']['mean']:.4f} up to a cost of {comparison['end']:g}"
        + (_against(row["vs_random"]) if row["vs_random"] else "")
        + ("; the control." if name == CONTROL else ".")
        for name, row in comparison["strategies"].items()
    ]


def _against(row: Mapping[str, Any]) -> str:
    if row["low"] is None:
        return f", {row['difference']:+.4f} against random in one repeat"
    verdict = {"undecided": "not significantly different"}.get(
        row["verdict"], f"significantly {row['verdict']}"
    )
    return (
        f", {row['difference']:+.4f} against random (interval {row['low']:+.4f} to "
        f"{row['high']:+.4f}): {verdict}"
    )

"""Compare the strategies with random and with full supervision."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from active_learning.analysis import costs, report, stopping
from active_learning.analysis.comparison import CONTROL, Comparison
from active_learning.analysis.curves import LearningCurve
from active_learning.data import files
from stages import command, paths, results
from stages.params import Params


def main(params: Params) -> None:
    """Read runs and baseline, compare, and write metrics and tables."""
    query_loop = params.query_loop
    options: dict[str, Any] = params.compare.model_dump()
    strategies = query_loop.strategies
    greater_is_better, ceilings = results.read_baseline(Path())
    n_repeats = min(map(len, ceilings.values()))
    tables = {
        name: results.read_table(paths.loop(name), greater_is_better, n_repeats)
        for name in strategies
    }
    checks = {name: results.read_checks(name) for name in strategies}
    bound = any(table["binding"].any() for table in checks.values())
    early_ends = bound or query_loop.cost_budget is not None
    # All runs have the same batches, so these are the points of the longest.
    labels = np.unique(np.concatenate([table["labels"] for table in tables.values()]))
    points = labels if early_ends else None
    comparison = Comparison(
        curves={
            name: {
                scorer: LearningCurve.from_table(table, scorer, better, points)
                for scorer, better in greater_is_better.items()
            }
            for name, table in tables.items()
        },
        ceilings=ceilings,
        same_as=results.same_queries_as(Path(), strategies, CONTROL),
        test_per_train=results.read_test_per_train(Path()),
        **options,
    )
    write(comparison, costs.over_cost(comparison, tables, early_ends=early_ends), checks)


def write(
    comparison: Comparison, over_cost: Comparison | None, checks: Mapping[str, pd.DataFrame]
) -> None:
    """Write metrics and tables, and print the results."""
    written = files.rounded(comparison.to_dict())
    if over_cost:
        written["over_cost"] = files.rounded(costs.to_dict(over_cost))
    stops = files.rounded(stopping.to_dict(comparison, checks))
    files.write_json(paths.STRATEGIES, written)
    files.write_json(paths.STOPPING, stops)
    files.write_json(paths.SUMMARY, report.summary(written))
    files.write_table(paths.COST_CURVES, costs.table(over_cost))
    files.write_table(paths.CURVES, comparison.curve_table())
    files.write_table(paths.DIFFERENCES, comparison.difference_table())
    files.write_table(paths.REPEATS, comparison.repeat_table())
    for sentence in report.sentences(written):
        print(sentence)
    if over_cost:
        print("\n".join(costs.sentences(written["over_cost"], written["headline"])))
    for sentence in stopping.sentences(stops):
        print(sentence)


if __name__ == "__main__":
    command.stage(main, Params.read, stale=paths.PAGE)

"""Compare the strategies with random and with full supervision: the evidence."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.analysis import costs, report, stopping
from active_learning.analysis.comparison import CONTROL, Comparison
from active_learning.analysis.curves import LearningCurve
from active_learning.data import files
from stages import command, paths, results
from stages.params import read


def remove_strangers(folder: Path, strategies: list[str]) -> None:
    """Delete what a strategy left behind that is no longer on the list.

    DVC keeps the folder, and this stage depends on all of them: it would stay in dvc.lock, and
    no fresh clone could reproduce that. Its content is still in DVC's cache.
    """
    for path in sorted(folder.glob("*")):
        if path.name not in strategies:
            print(f"{path} is not of query_loop.strategies: removed")
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def longest(tables: Iterable[pd.DataFrame]) -> NDArray[np.int64]:
    """Points of the longest run; the runs buy in the same batches."""
    return np.unique(np.concatenate([table["labels"] for table in tables]))


def twins(strategies: list[str]) -> dict[str, str]:
    """Strategies that queried the very same rows as another one, and which; never the control.

    Where the control could only query the same rows, it is still what others differ from.
    """
    found = results.twins(paths.LOOPS, sorted(strategies, key=lambda name: name == CONTROL))
    return {name: owner for name, owner in found.items() if name != CONTROL}


def read_looks(name: str) -> pd.DataFrame:
    """What the stopping rules saw of a strategy."""
    return files.read_table(
        paths.LOOPS / name / "stopping.parquet",
        ["repeat", "labels", "rule", "stopped", "binding"],
    )


def main() -> None:
    """Read the loops and the baseline, compare, write metrics and tables."""
    params = read()
    compare, query_loop = params.compare, params.query_loop
    strategies = query_loop.names
    remove_strangers(paths.LOOPS, strategies)
    greater_is_better, ceilings = results.read_baseline(Path())
    n_repeats = min(map(len, ceilings.values()))
    tables = {
        name: results.read_table(paths.LOOPS / name, greater_is_better, n_repeats)
        for name in strategies
    }
    looks = {name: read_looks(name) for name in strategies}
    bound = any(table["binding"].any() for table in looks.values())
    early_ends = bound or query_loop.cost_budget is not None
    points = longest(tables.values()) if early_ends else None
    comparison = Comparison(
        curves={
            name: {
                scorer: LearningCurve.from_table(table, scorer, better, points)
                for scorer, better in greater_is_better.items()
            }
            for name, table in tables.items()
        },
        ceilings=ceilings,
        same_as=twins(strategies),
        targets=compare.targets,
        confidence=compare.confidence,
        power=compare.power,
        difference=compare.difference,
        n_resamples=compare.n_resamples,
        seed=compare.seed,
    )
    write(comparison, costs.over_cost(comparison, tables, early_ends=early_ends), looks)


def write(
    comparison: Comparison, over_cost: Comparison | None, looks: Mapping[str, pd.DataFrame]
) -> None:
    """Write everything, and say what came out."""
    evidence = files.rounded(comparison.strategies())
    if over_cost:
        evidence["over_cost"] = files.rounded(costs.evidence(over_cost))
    stops = files.rounded(stopping.evidence(comparison, looks))
    n_labels = int(comparison.curve(comparison.main).labels[-1])
    files.write_json(paths.STRATEGIES, evidence)
    files.write_json(paths.STOPPING, stops)
    files.write_json(paths.SUMMARY, report.summary(evidence, n_labels))
    files.write_table(paths.COST_CURVES, costs.table(over_cost))
    files.write_table(paths.CURVES, comparison.curve_table())
    files.write_table(paths.DIFFERENCES, comparison.difference_table())
    files.write_table(paths.REPEATS, comparison.repeat_table())
    for name in evidence["strategies"]:
        print(report.sentence(name, evidence))
    if over_cost:
        print("\n".join(costs.sentences(evidence["over_cost"], evidence["headline"])))
    for sentence in stopping.sentences(stops):
        print(sentence)


if __name__ == "__main__":
    command.run(main)

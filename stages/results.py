"""Readers for the outputs of query-loop and baseline."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.analysis.comparison import same_queries
from active_learning.analysis.curves import LearningCurve
from active_learning.core.errors import UnreadableError
from active_learning.data import files, splits
from stages.paths import BASELINE, SPLITS, loop


def read(experiment: Path, strategies: list[str]) -> dict[str, Any]:
    """Read the curves and ceilings of an experiment for a ``Comparison``.

    Parameters
    ----------
    experiment : Path
        Folder of the experiment.
    strategies : list of str

    Returns
    -------
    dict
        ``curves``, ``ceilings``, ``same_as`` and ``test_per_train``.

    Raises
    ------
    UnreadableError
        If a file is missing or damaged, or the runs do not match the baseline.
    """
    greater_is_better, ceilings = read_baseline(experiment)
    n_repeats = min(map(len, ceilings.values()))
    tables = {
        name: read_table(experiment / loop(name), greater_is_better, n_repeats)
        for name in strategies
    }
    return {
        "curves": {
            name: {
                scorer: LearningCurve.from_table(table, scorer, better)
                for scorer, better in greater_is_better.items()
            }
            for name, table in tables.items()
        },
        "ceilings": ceilings,
        "same_as": same_queries_as(experiment, strategies),
        "test_per_train": read_test_per_train(experiment),
    }


def read_table(folder: Path, greater_is_better: dict[str, bool], n_repeats: int) -> pd.DataFrame:
    """Read the learning curves of a strategy; they must match the baseline."""
    path = folder / "curves.parquet"
    table = files.read_table(path)
    missing = [scorer for scorer in greater_is_better if scorer not in table]
    if missing:
        raise UnreadableError(f"{path} has no column {missing[0]!r}.")
    if table["repeat"].nunique() != n_repeats:
        raise UnreadableError(
            f"{path} has {table['repeat'].nunique()} repeats, the baseline {n_repeats}."
        )
    return table


def read_checks(name: str) -> pd.DataFrame:
    """Read the checks of stopping rules in the runs of a strategy."""
    return files.read_table(
        loop(name) / "stopping.parquet", ["repeat", "labels", "rule", "stopped", "binding"]
    )


def same_queries_as(
    experiment: Path, strategies: list[str], control: str | None = None
) -> dict[str, str]:
    """Strategies that queried exactly the same rows as an earlier one, mapped to that one."""
    queries = {
        name: files.read_table(experiment / loop(name) / "queries.parquet", ["repeat", "row"])
        for name in strategies
    }
    return same_queries(queries, control)


def read_baseline(experiment: Path) -> tuple[dict[str, bool], dict[str, NDArray[np.float64]]]:
    """Direction of every scorer, and its ceiling in every repeat."""
    path = experiment / BASELINE
    card = files.read_json(path)
    with files.reading(path):
        greater_is_better = {name: bool(entry["greater_is_better"]) for name, entry in card.items()}
    table = files.read_table(path.with_suffix(".csv"), ["repeat", *card])
    ceilings = table.set_index("repeat").sort_index()
    return greater_is_better, {scorer: ceilings[scorer].to_numpy() for scorer in card}


def read_test_per_train(experiment: Path) -> float:
    """Test rows of a split for each of its other rows, the mean over the repeats."""
    path = experiment / SPLITS
    table = files.read_table(path, ["repeat", "row", "role"])
    with files.reading(path):
        return splits.mean_test_ratio(splits.from_table(table))

"""Runs as tables: learning curves, queries, and what stopping rules saw."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.simulation.monitor import Plan
from active_learning.simulation.simulate import Run

LONGEST_LOG = 40
CHECK_COLUMNS = {
    "repeat": "int64",
    "step": "int64",
    "labels": "int64",
    "rule": "str",
    "value": "float64",
    "stopped": "bool",
    "binding": "bool",
}


def curve_table(
    initial: int, scorers: list[str], repeat: int, run: Run, costs: NDArray[np.float64] | None
) -> pd.DataFrame:
    """Learning curve of one repeat: labels paid for, labelled rows, their cost, every score."""
    labels = {"labels": initial + run.bought, "labelled": initial + run.answered}
    paid = {} if costs is None else {"cost": run.paid(costs)}
    scores = dict(zip(scorers, run.scores.T, strict=True))
    steps = {"repeat": repeat, "step": np.arange(len(run.scores)), "converged": run.converged}
    return pd.DataFrame({**steps, **labels, **paid, **scores})


def query_table(
    pool_rows: NDArray[np.int64],
    classes: list[str],
    repeat: int,
    run: Run,
    ids: NDArray[Any] | None = None,
) -> pd.DataFrame:
    """Queries of one repeat: which row of the table and of the pool, when, and the answer."""
    named = {} if ids is None else {"id": ids[run.rows]}
    names = np.array([*classes, None], dtype=object)  # ABSTAINED is -1: the last
    order = np.argsort(pool_rows)
    return pd.DataFrame(
        {
            "repeat": repeat,
            "step": run.steps,
            "row": run.rows,
            **named,
            "pool_row": order[np.searchsorted(pool_rows, run.rows, sorter=order)],
            "informativeness": run.informativeness,
            "answer": names[run.answers],
        }
    )


def check_table(plan: Plan, batch_size: int, initial: int, repeat: int, run: Run) -> pd.DataFrame:
    """Checks of the stopping rules in one repeat, and from when on each says to stop."""
    steps = np.arange(len(run.looks)) * plan.steps(batch_size)
    rows = [
        (repeat, step, initial + bought, name, value, stopped, name == plan.binding)
        for name, values in zip(plan.rules, run.looks.T, strict=True)
        for step, bought, value, stopped in zip(
            steps, run.bought[steps], values, plan.stopped(name, values), strict=True
        )
    ]
    return pd.DataFrame(rows, columns=list(CHECK_COLUMNS)).astype(CHECK_COLUMNS)


def log(curve: pd.DataFrame, queries: pd.DataFrame, headline: str) -> str:
    """One repeat as the tutorial prints it: labels, score, and the row that is queried next."""
    lines = [f"{'labels':>8} {headline:>18} {'query row':>10} {'uncertainty':>12}"]
    first_rows = queries.drop_duplicates("step")
    for step in range(0, len(curve), -(-len(curve) // LONGEST_LOG)):
        line = f"{curve['labels'].iloc[step]:>8} {curve[headline].iloc[step]:>18.4f}"
        if step < len(first_rows):
            line += f" {first_rows['row'].iloc[step]:>10}"
            if not np.isnan(first_rows["informativeness"].iloc[step]):
                line += f" {first_rows['informativeness'].iloc[step]:>12.4f}"
        lines.append(line)
    return "\n".join(lines)

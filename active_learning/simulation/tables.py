"""Runs as tables: learning curves, queries, and the checks of stopping rules."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from active_learning.core.sentences import unconverged
from active_learning.simulation.experiment import Experiment
from active_learning.simulation.simulate import Run

MAX_LOG_LINES = 40
CHECK_COLUMNS = {
    "repeat": "int64",
    "step": "int64",
    "labels": "int64",
    "rule": "str",
    "value": "float64",
    "stopped": "bool",
    "binding": "bool",
}


def tables(experiment: Experiment, runs: Sequence[Run]) -> dict[str, pd.DataFrame]:
    """Tables of the runs of one strategy, one run per repeat.

    Returns
    -------
    dict of str to DataFrame
        ``curves``: labels paid for, labelled rows, cost, and every score after every step.
        ``queries``: every queried row, its position in the pool, and the answer.
        ``stopping``: every check of every stopping rule, and whether it has said to stop by then.
    """
    makers = {"curves": _curve, "queries": _queries, "stopping": _checks}
    return {
        kind: pd.concat(
            [make(experiment, repeat, run) for repeat, run in enumerate(runs)], ignore_index=True
        )
        for kind, make in makers.items()
    }


def _curve(experiment: Experiment, repeat: int, run: Run) -> pd.DataFrame:
    tasks, costs = experiment.tasks, experiment.settings.costs
    start = len(tasks.parts[repeat]["initial"])
    labels = {"labels": start + run.bought, "labelled": start + run.answered}
    paid = {} if costs is None else {"cost": run.paid(costs)}
    scores = dict(zip(tasks.scorers, run.scores.T, strict=True))
    steps = {"repeat": repeat, "step": np.arange(len(run.scores)), "converged": run.converged}
    return pd.DataFrame({**steps, **labels, **paid, **scores})


def _queries(experiment: Experiment, repeat: int, run: Run) -> pd.DataFrame:
    data, pool_rows = experiment.tasks.data, experiment.tasks.parts[repeat]["pool"]
    named = {} if data.ids is None else {"id": data.ids[run.rows]}
    names = np.array([*data.classes, None], dtype=object)  # ABSTAINED is -1: the last
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


def _checks(experiment: Experiment, repeat: int, run: Run) -> pd.DataFrame:
    plan, start = experiment.plan, len(experiment.tasks.parts[repeat]["initial"])
    steps = np.arange(len(run.checks)) * plan.steps(experiment.settings.batch_size)
    rows = [
        (repeat, step, start + bought, name, value, stopped, name == plan.binding)
        for name, values in zip(plan.rules, run.checks.T, strict=True)
        for step, bought, value, stopped in zip(
            steps, run.bought[steps], values, plan.stopped(name, values), strict=True
        )
    ]
    return pd.DataFrame(rows, columns=list(CHECK_COLUMNS)).astype(CHECK_COLUMNS)


def log(written: Mapping[str, pd.DataFrame], experiment: Experiment) -> str:
    """First repeat as the tutorial prints it: labels, score, and the row queried next."""
    curve, queries = (written[kind][written[kind]["repeat"] == 0] for kind in ("curves", "queries"))
    headline = next(iter(experiment.tasks.scorers))
    lines = [f"{'labels':>8} {headline:>18} {'query row':>10} {'informativeness':>16}"]
    first_rows = queries.drop_duplicates("step")
    for step in range(0, len(curve), -(-len(curve) // MAX_LOG_LINES)):
        line = f"{curve['labels'].iloc[step]:>8} {curve[headline].iloc[step]:>18.4f}"
        if step < len(first_rows):
            line += f" {first_rows['row'].iloc[step]:>10}"
            if not np.isnan(first_rows["informativeness"].iloc[step]):
                line += f" {first_rows['informativeness'].iloc[step]:>16.4f}"
        lines.append(line)
    return "\n".join(lines)


def notes(curves: pd.DataFrame, experiment: Experiment, budget: int) -> Iterator[str]:
    """Caveats for reading the curves; ``budget`` is the requested one."""
    binding, cost_budget = experiment.plan.binding, experiment.settings.cost_budget
    bought = int(curves["labels"].max() - curves["labels"].min())
    if binding is not None:
        yield (
            f"runs were ended by the stopping rule {binding}, after at most {bought} of {budget} "
            "labels."
        )
    elif cost_budget < math.inf:
        yield (
            f"runs ended with {curves.groupby('repeat')['labels'].max().min()} to "
            f"{curves['labels'].max()} labels at a cost of at most {curves['cost'].max():g}; the "
            f"budget is {budget} labels and a cost of {cost_budget:g}."
        )
    elif bought < budget:
        yield f"the pool was empty after {bought} labels; the budget is {budget}."
    if missed := unconverged(curves["converged"]):
        yield missed


def outcome(curves: pd.DataFrame, experiment: Experiment) -> str:
    """First and last score in one line, averaged over the repeats."""
    headline = next(iter(experiment.tasks.scorers))
    ends = curves.groupby("repeat")[["labels", headline]].agg(["first", "last"]).mean()
    (start, end), (initial, final) = ends["labels"], ends[headline]
    n_repeats = len(experiment.tasks)
    repeats = f"mean of {n_repeats} repeats" if n_repeats > 1 else "one repeat"
    return (
        f"{headline} {initial:.4f} → {final:.4f} from {start:.0f} to "
        f"{f'{end:.1f}'.removesuffix('.0')} labels, {repeats}"
    )

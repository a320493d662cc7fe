"""When to stop in each repeat, and the table of what the rules looked at."""

import numpy as np
import pandas as pd

from active_learning.simulation.monitor import Plan
from active_learning.simulation.simulate import Run
from stages.params.sections import Stopping

COLUMNS = {
    "repeat": "int64",
    "step": "int64",
    "labels": "int64",
    "rule": "str",
    "value": "float64",
    "stopped": "bool",
    "binding": "bool",
}


def plan(params: Stopping, repeat: int) -> Plan:
    """Plan of one repeat."""
    return Plan(
        rules={name: getattr(params, name) for name in params.rules},
        binding=params.binding,
        every=params.every,
        stop_set=params.stop_set,
        estimate=params.estimate,
        folds=params.folds,
        seed=params.seed + repeat,
    )


def stop_table(plan: Plan, batch_size: int, n_initial: int, repeat: int, run: Run) -> pd.DataFrame:
    """What each rule looked at in one repeat, when, and from when on it says to stop."""
    steps = np.arange(len(run.looks)) * plan.steps(batch_size)
    rows = [
        (repeat, step, n_initial + bought, name, value, stopped, name == plan.binding)
        for name, values in zip(plan.rules, run.looks.T, strict=True)
        for step, bought, value, stopped in zip(
            steps, run.bought[steps], values, plan.stopped(name, values), strict=True
        )
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)

"""Run every strategy on every repeat: learning curves, queries and checks of stopping rules."""

import math
import sys
from collections.abc import Sequence

from active_learning.core.bases import Strategy
from active_learning.core.errors import located
from active_learning.data import files
from active_learning.models.tasks import Tasks
from active_learning.simulation.experiment import Experiment, Failure
from active_learning.simulation.monitor import Plan
from active_learning.simulation.simulate import Run, Settings
from active_learning.simulation.store import Store
from active_learning.simulation.tables import log, notes, outcome, tables
from stages import command, paths
from stages.backend import read_backend
from stages.failures import fail
from stages.params import Params
from stages.params.changed import changed
from stages.params.config import ARGUMENTS, PARAMS
from stages.tasks import read_tasks

# Sections of params.yaml that the results depend on, beside that of the data.
USED = (
    "split",
    "learner",
    "evaluation",
    "query_loop",
    "strategies",
    "preprocess",
    "oracle",
    "stopping",
)


def make_experiment(strategies: dict[str, Strategy], tasks: Tasks, params: Params) -> Experiment:
    """Experiment with a budget that the pool of every repeat allows."""
    query_loop, oracle, stopping = params.query_loop, params.oracle, params.stopping
    # With groups, pools differ in size: runs end when the smallest is empty, to be comparable.
    budget = min(query_loop.budget, *tasks.pool_sizes)
    costs = query_loop.row_costs(tasks.data)
    cost_budget = math.inf if query_loop.cost_budget is None else query_loop.cost_budget
    settings = Settings(
        budget=budget,
        batch_size=query_loop.batch_size,
        seed=query_loop.seed,
        oracle_seed=oracle.seed,
        costs=costs,
        cost_budget=cost_budget,
    )
    plan = Plan(
        rules={name: stopping.make(name) for name in stopping.rules},
        binding=stopping.binding,
        every=stopping.every,
        stop_set=stopping.stop_set,
        estimate=stopping.estimate,
        folds=stopping.folds,
        seed=stopping.seed,
    )
    return Experiment(tasks, strategies, oracle.plugin, settings, plan, Store(paths.store()))


def write(name: str, runs: Sequence[Run], experiment: Experiment, params: Params) -> None:
    """Write the folder of a strategy, and print the results."""
    written = tables(experiment, runs)
    for kind, table in written.items():
        files.write_table(paths.loop(name) / f"{kind}.parquet", table)
    print(f"{name}, first repeat:", log(written, experiment), sep="\n")
    for note in notes(written["curves"], experiment, params.query_loop.budget):
        print(f"{name}: {note}")
    print(f"{name}: {outcome(written['curves'], experiment)}")


def main(params: Params) -> None:
    """Run all listed strategies, or those named on the command line."""
    if names := sys.argv[1:]:
        strategies = {name: params.strategies.make(name, "command line") for name in names}
    else:
        strategies = {name: params.strategy(name) for name in params.query_loop.strategies}
    experiment = make_experiment(strategies, read_tasks(params), params)
    backend = read_backend()
    with located(f"{PARAMS}: ", names=ARGUMENTS):
        outcomes = experiment.runs(backend)
    failures = {}
    for name, runs in outcomes.items():
        if isinstance(runs, Failure):
            failures[name] = runs
        else:
            write(name, runs, experiment, params)
    if failures:
        fail(failures, len(outcomes), Store(paths.store()))
    used = {
        "learner": params.learner.name,
        "batch_size": params.query_loop.batch_size,
        "changed": changed(params, *USED),
    }
    files.write_json(paths.USED, used)


if __name__ == "__main__":
    command.stage(main, Params.read, "STRATEGY", stale=paths.PAGE)

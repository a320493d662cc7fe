"""Run the loop of one strategy on every repeat: its learning curves and its queries."""

import math
import sys
from itertools import chain
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from active_learning.core import plugins
from active_learning.core.bases import Strategy
from active_learning.core.errors import ParamsError, PluginError, located
from active_learning.data import files
from active_learning.simulation import store
from active_learning.simulation.experiment import Experiment
from active_learning.simulation.monitor import Plan
from active_learning.simulation.parallel import Backend
from active_learning.simulation.simulate import Settings
from active_learning.simulation.tables import check_table, curve_table, log, query_table
from stages import command
from stages.params import Params, read
from stages.params.config import PARAMS
from stages.params.sections import QueryLoop, Stopping
from stages.paths import LOOPS
from stages.tasks import Tasks

WRAPPER = "--wrapper"  # the stage that runs it declares the options of all strategies


def command_line() -> tuple[str, bool]:
    """Strategy that the command line names, and whether it may call others."""
    name = " ".join(word for word in sys.argv[1:] if word != WRAPPER)
    try:
        plugins.load("strategies", name)
    except PluginError as error:
        raise ParamsError(f"command line: {error}") from None
    return name, WRAPPER in sys.argv


def experiment_of(strategy: Strategy, tasks: Tasks, params: Params) -> Experiment:
    """Experiment of a strategy, with the budget that there is in every repeat."""
    query_loop, oracle = params.query_loop, params.oracle
    # With groups pools differ in size: all runs end where the smallest is empty, to be compared.
    budget = min(query_loop.budget, *tasks.pools)
    costs = query_loop.row_costs(tasks.data)
    cost_budget = math.inf if query_loop.cost_budget is None else query_loop.cost_budget
    settings = [
        Settings(
            budget=budget,
            batch_size=query_loop.batch_size,
            seed=query_loop.seed + repeat,
            oracle_seed=oracle.seed + repeat,
            costs=costs,
            cost_budget=cost_budget,
        )
        for repeat in range(len(tasks))
    ]
    plans = [plan(params.stopping, repeat) for repeat in range(len(tasks))]
    return Experiment(tasks.__getitem__, strategy, oracle.plugin, settings, plans)


def plan(stopping: Stopping, repeat: int) -> Plan:
    """When stopping rules look at a repeat, and at what."""
    return Plan(
        rules={name: getattr(stopping, name) for name in stopping.rules},
        binding=stopping.binding,
        every=stopping.every,
        stop_set=stopping.stop_set,
        estimate=stopping.estimate,
        folds=stopping.folds,
        seed=stopping.seed + repeat,
    )


def checkpoint_files(name: str, strategy: Strategy, tasks: Tasks, params: Params) -> list[Path]:
    """File of each repeat that was or will be run with these params, whatever the budget."""
    learner, oracle = params.learner, params.oracle
    folder = store.folder(
        name,
        [
            tasks.data.digest,
            tasks.preprocess.model_dump(),
            learner.model_dump(include={"name", "seed", "standardize", learner.name}),
            oracle.model_dump(include={"name", "seed", oracle.name}),
            list(tasks.scorers),
            params.query_loop.model_dump(include={"seed", "batch_size"}),
            strategy.model_dump(),
            params.stopping.in_use(),
        ],
    )
    return [store.of_repeat(folder, repeat, parts) for repeat, parts in enumerate(tasks.parts)]


def title(name: str, params: QueryLoop) -> str:
    """Name of the bar: which of the strategies runs.

    The list is not read as a param of the stage: no result depends on it, and if it were declared,
    another strategy on it would run all of them again.
    """
    strategies = [*chain(*params.model_dump(include={"strategies", "wrappers"}).values())]
    if name not in strategies:
        return name
    return f"{name} (strategy {strategies.index(name) + 1} of {len(strategies)})"


def run(
    experiment: Experiment, paths: list[Path], tasks: Tasks, backend: Backend, title: str
) -> dict[str, pd.DataFrame]:
    """Run every repeat that is not finished yet: all curves, queries, and checks of rules."""
    runs = experiment.runs(paths, tasks.pools, backend, title)
    tables: dict[str, list[pd.DataFrame]] = {"curves": [], "queries": [], "stopping": []}
    with located(f"{PARAMS}: "):
        for repeat, (run, settings) in enumerate(zip(runs, experiment.settings, strict=True)):
            parts = tasks.parts[repeat]
            start = len(parts["initial"])
            curve = curve_table(start, list(tasks.scorers), repeat, run, settings.costs)
            queries = query_table(parts["pool"], tasks.data.classes, repeat, run, tasks.data.ids)
            plan, batch_size = experiment.plans[repeat], settings.batch_size
            checks = check_table(plan, batch_size, start, repeat, run)
            for kind, part in zip(tables, (curve, queries, checks), strict=True):
                tables[kind].append(part)
            if repeat == 0:
                tqdm.write(log(curve, queries, next(iter(tasks.scorers))))
    return {kind: pd.concat(parts, ignore_index=True) for kind, parts in tables.items()}


def notes(name: str, params: QueryLoop, stopping: Stopping, curves: pd.DataFrame) -> list[str]:
    """What a reader of the curves should know."""
    bought = int(curves["labels"].max() - curves["labels"].min())
    found = []
    if stopping.binding is not None:
        found.append(
            f"{name}: {stopping.binding} ends a run; at most {bought} labels were bought, the "
            f"budget is {params.budget}."
        )
    elif params.cost_budget is not None:
        found.append(
            f"{name}: runs end at {curves.groupby('repeat')['labels'].max().min()} to "
            f"{curves['labels'].max()} labels and a cost of at most {curves['cost'].max():g}; the "
            f"budget is {params.budget} labels and a cost of {params.cost_budget:g}."
        )
    elif bought < params.budget:
        found.append(
            f"{name}: the pool was empty after {bought} labels; "
            f"query_loop.budget is {params.budget}."
        )
    unconverged = int((~curves["converged"]).sum())
    if unconverged:
        found.append(
            f"{name}: {unconverged} of {len(curves)} fits stopped before they converged; allow "
            "the learner more iterations, or set learner.standardize."
        )
    return found


def main() -> None:
    """Run the repeats of one strategy and write its folder."""
    name, wrapper = command_line()
    params = read()
    strategy = params.strategy(name, wrapper=wrapper)
    tasks = Tasks.read(params)
    experiment = experiment_of(strategy, tasks, params)
    paths = checkpoint_files(name, strategy, tasks, params)
    backend = Backend.from_environment()
    tables = run(experiment, paths, tasks, backend, title(name, params.query_loop))
    for kind, table in tables.items():
        files.write_table(LOOPS / name / f"{kind}.parquet", table)
    curves, headline = tables["curves"], next(iter(tasks.scorers))
    for note in notes(name, params.query_loop, params.stopping, curves):
        print(note)
    ends = curves.groupby("repeat")[["labels", headline]].agg(["first", "last"]).mean()
    (first, last), (start, end) = ends["labels"], ends[headline]
    print(
        f"{name}: {headline} {start:.4f} → {end:.4f} from {first:.0f} to "
        f"{f'{last:.1f}'.removesuffix('.0')} labels, "
        f"mean of {len(tasks)} repeats"
    )


if __name__ == "__main__":
    command.run(main)

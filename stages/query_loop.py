"""Run the loop of one strategy on every repeat: its learning curves and its queries."""

import math
import sys
from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from active_learning.core import plugins
from active_learning.core.errors import ParamsError, PluginError, located
from active_learning.data import files
from active_learning.simulation import store
from active_learning.simulation.parallel import Backend, imap
from active_learning.simulation.progress import track
from active_learning.simulation.simulate import Run, Settings, Strategy, n_resumed, simulate
from stages import command
from stages.params import read
from stages.params.config import PARAMS
from stages.params.sections import Oracle, QueryLoop, Stopping
from stages.paths import LOOPS
from stages.stopping import plan, stop_table
from stages.tasks import Tasks

LONGEST_LOG = 40
WRAPPER = "--wrapper"  # the stage that runs it declares all strategies


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


def log(curve: pd.DataFrame, queries: pd.DataFrame, headline: str) -> str:
    """Repeat 0 as the tutorial prints it: labels, score, and the row that is queried next."""
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


def command_line() -> tuple[str, bool]:
    """Strategy that the command line names, and whether it may call others."""
    names = [word for word in sys.argv[1:] if word != WRAPPER]
    name = " ".join(names)
    try:
        plugins.load("strategies", name)
    except PluginError as error:
        raise ParamsError(f"command line: {error}") from None
    return name, WRAPPER in sys.argv


def settings_of(
    repeat: int,
    params: QueryLoop,
    oracle: Oracle,
    *,
    costs: NDArray[np.float64] | None,
    budget: int,
) -> Settings:
    """Settings of one repeat, with the budget that there is in every repeat."""
    return Settings(
        budget=budget,
        batch_size=params.batch_size,
        seed=params.seed + repeat,
        oracle_seed=oracle.seed + repeat,
        costs=costs,
        cost_budget=math.inf if params.cost_budget is None else params.cost_budget,
    )


def one_repeat(
    job: tuple[int, Run | None, Path | None],
    *,
    tasks: Tasks,
    strategy: Strategy,
    oracle: Oracle,
    settings: Callable[[int], Settings],
    stopping: Stopping,
) -> Run:
    """Run a repeat or continue it; save it on the way and at its end, if a file is given."""
    repeat, resumed, path = job
    with located(f"{PARAMS}: "):
        run = simulate(
            tasks[repeat],
            strategy,
            oracle.plugin,
            settings(repeat),
            on_step=store.periodic_saver(path) if path else lambda _: None,
            resumed=resumed,
            stopping=plan(stopping, repeat),
        )
    if path:
        store.save(path, run)
    return run


def checkpoint_files(
    name: str,
    strategy: plugins.Plugin,
    tasks: Tasks,
    oracle: Oracle,
    params: QueryLoop,
    *,
    stopping: Stopping,
) -> list[Path]:
    """File of each repeat that was or will be run with these params, whatever the budget."""
    learner = tasks.learner
    folder = store.folder(
        name,
        [],
        [
            tasks.data.digest,
            tasks.preprocess.model_dump(),
            learner.model_dump(include={"name", "seed", "standardize", learner.name}),
            oracle.model_dump(include={"name", "seed", oracle.name}),
            list(tasks.scorers),
            params.model_dump(include={"seed", "batch_size"}),
            strategy.model_dump(),
            stopping.in_use(),
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


def run_repeats(
    name: str,
    strategy: Any,
    tasks: Tasks,
    oracle: Oracle,
    params: QueryLoop,
    *,
    stopping: Stopping,
) -> dict[str, pd.DataFrame]:
    """Run every repeat that is not finished yet: all curves, queries, and looks of rules."""
    backend = Backend.from_environment()
    numbers = range(len(tasks))
    costs = params.row_costs(tasks.data)
    ids = tasks.data.ids
    pools = [len(parts["pool"]) for parts in tasks.parts]
    # With groups pools differ in size: all runs end where the smallest is empty, to be compared.
    budget = min(params.budget, *pools)
    settings = partial(settings_of, params=params, oracle=oracle, costs=costs, budget=budget)
    function = partial(
        one_repeat,
        tasks=tasks,
        strategy=strategy,
        oracle=oracle,
        settings=settings,
        stopping=stopping,
    )
    paths = checkpoint_files(name, strategy, tasks, oracle, params, stopping=stopping)
    resumed = [store.read(path) for path in paths]
    bought = [n_resumed(resumed[r], settings(r), pools[r]) for r in numbers]
    unfinished = [r for r in numbers if resumed[r] is None or bought[r] < budget]
    on_cluster = backend.name == "dask"  # whose workers may not see these files
    jobs = [(r, resumed[r], None if on_cluster else paths[r].absolute()) for r in unfinished]
    new_runs = track(
        imap(function, jobs, backend), title(name, params), len(tasks), "repeats",
        initial=len(tasks) - len(unfinished),
    )  # fmt: skip
    tables: dict[str, list[pd.DataFrame]] = {"curves": [], "queries": [], "stopping": []}
    for r in numbers:
        run = next(new_runs) if r in unfinished else function((r, resumed[r], None))
        if on_cluster:
            store.save(paths[r], run)
        initial = len(tasks.parts[r]["initial"])
        curve = curve_table(initial, list(tasks.scorers), r, run, costs)
        queries = query_table(tasks.parts[r]["pool"], tasks.data.classes, r, run, ids)
        checks = stop_table(plan(stopping, r), params.batch_size, initial, r, run)
        for kind, part in zip(tables, (curve, queries, checks), strict=True):
            tables[kind].append(part)
        if r == 0:
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
    query_loop, oracle, stopping = params.query_loop, params.oracle, params.stopping
    tasks = Tasks.read(params)
    tables = run_repeats(name, strategy, tasks, oracle, query_loop, stopping=stopping)
    for kind, table in tables.items():
        files.write_table(LOOPS / name / f"{kind}.parquet", table)
    curves, headline = tables["curves"], next(iter(tasks.scorers))
    for note in notes(name, query_loop, stopping, curves):
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

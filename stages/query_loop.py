"""Run the loop of one strategy on every repeat: its learning curves and its queries."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.base import command, config, files, plugins
from active_learning.base.errors import ParamsError, unknown
from active_learning.loop.simulate import Run, Settings, Strategy, simulate
from active_learning.training import repeats
from active_learning.training.progress import Progress
from active_learning.training.task import Task
from stages import checkpoints
from stages.live import Live
from stages.sections import QueryLoop
from stages.tasks import RAW, Tasks

LONGEST_LOG = 40


class Oracle(config.PluginSection):
    """Who answers the queries."""

    KIND: ClassVar[str] = "oracles"

    name: Annotated[str, config.PluginName("oracles")]
    """Oracle plug-in."""

    seed: config.Seed
    """Seed of an oracle that draws lots; repeat r takes seed + r."""


def curve_table(task: Task, repeat: int, run: Run) -> pd.DataFrame:
    """Learning curve of one repeat: labels paid for, labelled rows, and every score."""
    initial = len(task.parts["initial"])
    labels = {"labels": initial + run.bought, "labelled": initial + run.answered}
    scores = dict(zip(task.scorers, run.scores.T, strict=True))
    steps = {"repeat": repeat, "step": np.arange(len(run.scores)), "converged": run.converged}
    return pd.DataFrame({**steps, **labels, **scores})


def query_table(
    pool_rows: NDArray[np.int64], classes: list[str], repeat: int, run: Run
) -> pd.DataFrame:
    """Queries of one repeat: which row of the table and of the pool, when, and the answer."""
    names = np.array([*classes, None], dtype=object)  # ABSTAINED is -1: the last
    order = np.argsort(pool_rows)
    return pd.DataFrame(
        {
            "repeat": repeat,
            "step": run.steps,
            "row": run.rows,
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


def chosen_strategy() -> str:
    """Strategy that the command line names."""
    names = plugins.available("strategies")
    name = " ".join(sys.argv[1:])
    if name not in names:
        raise ParamsError(
            f"command line: {name!r} {unknown('plug-in in strategies', name, names)}."
        )
    return name


def one_repeat(
    tasks: Tasks,
    strategy: Strategy,
    oracle: Oracle,
    params: QueryLoop,
    repeat: int,
    *,
    kept: Path,
    on_bought: Callable[[int], None] = lambda _: None,
    on_score: Callable[[int, float], None] = lambda *_: None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run one repeat, or continue the one that was kept: its curve and its queries."""
    task = tasks[repeat]
    settings = Settings(
        budget=params.budget,
        batch_size=params.batch_size,
        seed=params.seed + repeat,
        oracle_seed=oracle.seed + repeat,
    )
    parts = tasks.parts[repeat]
    checkpoint = checkpoints.of_repeat(kept, repeat, parts)
    begun = checkpoints.read(checkpoint)
    initial = len(task.parts["initial"])
    run = simulate(
        task,
        strategy,
        oracle.plugin,
        settings,
        on_bought=on_bought,
        on_scores=lambda bought, scores: on_score(initial + bought, scores[0]),
        begun=begun,
    )
    checkpoints.keep(checkpoint, run, begun)
    queries = query_table(parts["pool"], tasks.data.classes, repeat, run)
    return curve_table(task, repeat, run), queries


def kept_folder(name: str, tasks: Tasks, oracle: Oracle, params: QueryLoop) -> Path:
    """Folder of the repeats that were run with these params, whatever the budget."""
    learner = tasks.learner
    return checkpoints.folder(
        name,
        [RAW / "table.parquet", RAW / "card.json"],
        [
            learner.model_dump(include={"name", "seed", "standardize", learner.name}),
            oracle.model_dump(include={"name", "seed", oracle.name}),
            list(tasks.scorers),
            params.model_dump(include={"seed", "batch_size"}),
        ],
    )


def run_repeats(
    name: str, tasks: Tasks, oracle: Oracle, params: QueryLoop
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run every repeat: all curves and all queries."""
    strategy = plugins.load("strategies", name)()
    kept = kept_folder(name, tasks, oracle, params)
    function = partial(one_repeat, tasks, strategy, oracle, params, kept=kept)
    jobs = repeats.jobs_from_environment()
    per_repeat = min(params.budget, len(tasks.parts[0]["pool"]))
    curves: list[pd.DataFrame] = []
    queries: list[pd.DataFrame] = []
    headline = next(iter(tasks.scorers))
    with (
        Progress(name, len(tasks) * per_repeat, "labels") as progress,
        Live(name, headline, len(tasks)) as live,
    ):
        here = partial(function, on_bought=progress.advance, on_score=live.scored)
        for curve, asked in repeats.each(function, len(tasks), jobs, here):
            if not curves:
                progress.write(log(curve, asked, headline))
            live.finished(curve)
            progress.reach((len(curves) + 1) * per_repeat)
            curves.append(curve)
            queries.append(asked)
    return pd.concat(curves, ignore_index=True), pd.concat(queries, ignore_index=True)


def notes(name: str, params: QueryLoop, curves: pd.DataFrame) -> list[str]:
    """What a reader of the curves should know."""
    bought = int(curves["labels"].max() - curves["labels"].min())
    found = []
    if bought < params.budget:
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
    name = chosen_strategy()
    params = config.load(QueryLoop, "query_loop")
    oracle = config.load(Oracle, "oracle")
    tasks = Tasks.read()
    curves, queries = run_repeats(name, tasks, oracle, params)
    folder = Path("data/query_loop") / name
    files.write_table(folder / "curves.parquet", curves)
    files.write_table(folder / "queries.parquet", queries)
    headline = next(iter(tasks.scorers))
    means = curves.groupby("labels")[headline].mean()
    for note in notes(name, params, curves):
        print(note)
    print(
        f"{name}: {headline} {means.iloc[0]:.4f} → {means.iloc[-1]:.4f} from {means.index[0]} to "
        f"{means.index[-1]} labels, mean of {len(tasks)} repeats"
    )


if __name__ == "__main__":
    command.run(main)

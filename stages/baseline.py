"""Score the initial model (floor) and the fully supervised one (ceiling) of every repeat."""

from pathlib import Path

import pandas as pd

from active_learning.base import command, files
from active_learning.training import repeats
from active_learning.training.backends import Backend
from active_learning.training.progress import Progress
from active_learning.training.task import Task, steady
from stages.params import read
from stages.tasks import Tasks

MODELS = ("floor", "ceiling")


def score(task: Task) -> list[list[float]]:
    """Scores of floor and ceiling, each by every scorer."""
    with steady():
        return [
            task.scores(task.fit_rows("initial")),
            task.scores(task.fit_rows("initial", "pool")),
        ]


def main() -> None:
    """Score both models on every repeat and write their means and a table of all."""
    tasks = Tasks.read(read())
    backend = Backend.from_environment()
    scores = []
    with Progress("baseline", len(tasks), "repeats") as progress:
        numbers = range(len(tasks))
        for both in repeats.each(lambda repeat, _: score(tasks[repeat]), numbers, backend):
            scores.append(both)
            progress.advance(1)
    table = pd.DataFrame(
        [
            {"repeat": repeat, "model": model, **dict(zip(tasks.scorers, values, strict=True))}
            for repeat, both in enumerate(scores)
            for model, values in zip(MODELS, both, strict=True)
        ]
    )
    means = table.groupby("model")[list(tasks.scorers)].mean()
    files.write_table(Path("metrics/baseline.csv"), table)
    files.write_json(
        Path("metrics/baseline.json"),
        {
            name: {"greater_is_better": scorer.greater_is_better}
            | {model: means.loc[model, name] for model in MODELS}
            for name, scorer in tasks.scorers.items()
        },
    )
    for name in tasks.scorers:
        floor, ceiling = means[name]["floor"], means[name]["ceiling"]
        print(f"{name}: floor {floor:.4f}, ceiling {ceiling:.4f}")


if __name__ == "__main__":
    command.run(main)

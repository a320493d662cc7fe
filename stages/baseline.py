"""Score the fully supervised model of every repeat: the ceiling."""

import pandas as pd

from active_learning.core.errors import located
from active_learning.data import files
from active_learning.models.task import Task, steady
from active_learning.simulation.parallel import Backend, imap
from active_learning.simulation.progress import track
from stages import command
from stages.params import read
from stages.params.config import PARAMS
from stages.paths import BASELINE
from stages.tasks import Tasks


def ceiling(task: Task) -> list[float]:
    """Scores of the model that has all labels of initial set and pool, by each scorer."""
    with steady(), located(f"{PARAMS}: "):
        return task.scores(task.fit_rows("initial", "pool"))


def main() -> None:
    """Score the ceiling of every repeat; write a table of all and their means."""
    tasks = Tasks.read(read())
    repeats = range(len(tasks))
    results = imap(lambda repeat: ceiling(tasks[repeat]), repeats, Backend.from_environment())
    scores = list(track(results, "baseline", len(tasks), "repeats"))
    table = pd.DataFrame(scores, columns=list(tasks.scorers))
    files.write_table(BASELINE.with_suffix(".csv"), table.rename_axis("repeat").reset_index())
    means = table.mean()
    files.write_json(
        BASELINE,
        {
            name: {"greater_is_better": scorer.greater_is_better, "ceiling": means[name]}
            for name, scorer in tasks.scorers.items()
        },
    )
    for name in tasks.scorers:
        print(f"{name}: ceiling {means[name]:.4f}")


if __name__ == "__main__":
    command.run(main)

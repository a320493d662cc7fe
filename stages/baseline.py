"""Score the fully supervised model of every repeat, the ceiling."""

import pandas as pd

from active_learning.core.errors import located
from active_learning.data import files
from active_learning.simulation.experiment import ceilings
from active_learning.simulation.store import Store
from stages import command, paths
from stages.backend import read_backend
from stages.params import Params
from stages.params.config import ARGUMENTS, PARAMS
from stages.tasks import read_tasks


def main(params: Params) -> None:
    """Compute the ceiling of every repeat; write the table and the means."""
    tasks = read_tasks(params)
    backend = read_backend()
    with located(f"{PARAMS}: ", names=ARGUMENTS):
        scores = ceilings(tasks, Store(paths.store()), backend)
    table = pd.DataFrame(scores, columns=list(tasks.scorers))
    files.write_table(paths.BASELINE.with_suffix(".csv"), table.rename_axis("repeat").reset_index())
    means = table.mean()
    files.write_json(
        paths.BASELINE,
        {
            name: {"greater_is_better": scorer.greater_is_better, "ceiling": means[name]}
            for name, scorer in tasks.scorers.items()
        },
    )
    for name in tasks.scorers:
        print(f"{name}: ceiling {means[name]:.4f}")


if __name__ == "__main__":
    command.stage(main, Params.read, stale=paths.PAGE)

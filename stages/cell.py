"""Run one cell of the benchmark: an experiment in a folder of its own."""

import os
import sys
from contextlib import chdir
from pathlib import Path
from typing import Any

from active_learning.core.errors import ParamsError
from active_learning.data import files
from stages import baseline, command, generate, paths, query_loop, split
from stages.params import Params, benchmark, yaml
from stages.params.config import PARAMS


def cell(params: benchmark.BenchmarkParams, dataset: str, learner: str) -> Params:
    """Params of a cell: those shared by all cells, with changes of the data set and the learner."""
    values = params.experiment(dataset)
    own: dict[str, dict[str, Any]] = {
        "generate": {},
        "learner": {"name": learner},
        "query_loop": {"strategies": params.benchmark.strategies},
    }
    for section, changes in own.items():
        given = benchmark.mapping(f"experiment.{section}", values.get(section, {}))
        values[section] = {**given, **changes}
    if values["generate"].get("dataset") == "table":
        raise ParamsError(
            f"{params.path}: settings.{dataset}.generate.dataset must not be table, since DVC "
            "would not notice changes of the file; use the pipeline in the root for your own table."
        )
    sections: dict[str, Any] = {name: {} for name in Params.sections()}
    experiment = Params(sections | values, Path(f"{params.path}: experiment of {dataset}"))
    experiment.check()
    return experiment


def main(params: benchmark.BenchmarkParams) -> None:
    """Run the cell named on the command line in its folder."""
    names = tuple(sys.argv[1:])
    if names not in set(params.benchmark.cells()):
        raise ParamsError(
            f"command line: must name a data set and a learner of {params.path}; "
            f"got {' '.join(names)!r}."
        )
    experiment = cell(params, *names)
    folder = benchmark.folder(*names)
    with files.replacing(folder / PARAMS) as temporary:
        temporary.write_text(yaml.dump(experiment.values), encoding="utf-8")
    sys.argv[1:] = []
    os.environ["AL_STORE"] = str(paths.store().absolute())  # before changing folders
    with chdir(folder):
        for stage in (generate, split, baseline, query_loop):
            stage.main(experiment)


if __name__ == "__main__":
    command.stage(main, benchmark.read, "DATASET LEARNER")

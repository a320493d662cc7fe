"""Write the params of one cell of the benchmark: an experiment like any other, in its folder."""

import sys
from typing import Any

from active_learning.core.errors import ParamsError
from active_learning.data import files
from stages import command
from stages.params import benchmark, yaml
from stages.params.config import PARAMS, for_values, validate
from stages.params.sections import Learner, QueryLoop


def cell(
    params: benchmark.BenchmarkParams, dataset: str, learner: str, strategies: list[str]
) -> dict[str, Any]:
    """Params of a cell: what all cells share, what the data set changes, and the learner.

    Options of other learners are left out, so that a change to them reruns nothing.
    """
    values = params.experiment(dataset)
    options = values.get("learner", {})
    kept = {"seed", "standardize", learner}
    values["learner"] = {"name": learner} | {k: v for k, v in options.items() if k in kept}
    values["query_loop"] = {"strategies": strategies} | values.get("query_loop", {})
    chosen = values.get("strategies", {})
    values["strategies"] = {name: chosen.get(name, {}) for name in strategies}
    if values.get("generate", {}).get("dataset") == "table":
        raise ParamsError(
            f"{params.path}: settings.{dataset}.generate.dataset must not be table: DVC would not "
            "see a change of the file; use the pipeline in the root for a table of your own."
        )
    validate(for_values(Learner, values["learner"]), values["learner"], "experiment.learner")
    validate(QueryLoop, values["query_loop"], "experiment.query_loop")
    return values


def main() -> None:
    """Write ``params.yaml`` into the folder of the cell that the command line names."""
    params = benchmark.read()
    cells = params.benchmark
    dataset, learner = [*sys.argv[1:], "", ""][:2]
    if (dataset, learner) not in set(cells.cells()):
        raise ParamsError(
            f"command line: must name a data set and a learner of {params.path}; "
            f"got {' '.join(sys.argv[1:])!r}."
        )
    text = yaml.dump(cell(params, dataset, learner, cells.strategies))
    with files.replacing(benchmark.folder(dataset, learner) / PARAMS) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    command.run(main)

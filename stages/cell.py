"""Write the params of one cell of the benchmark: an experiment like any other, in its folder."""

import sys
from typing import Any

import yaml

from active_learning.base import command, config, files
from active_learning.base.errors import ParamsError
from stages import benchmark
from stages.sections import Learner, QueryLoop


def params(dataset: str, learner: str, strategies: list[str]) -> dict[str, Any]:
    """Params of a cell: what all cells share, what the data set changes, and the learner.

    Options of other learners are left out, so that a change to them reruns nothing.
    """
    place = f"settings.{dataset}"
    values = benchmark.merged(config.read().get("experiment"), benchmark.settings()[dataset], place)
    options = values.get("learner", {})
    kept = {"seed", "standardize", learner}
    values["learner"] = {"name": learner} | {k: v for k, v in options.items() if k in kept}
    values["query_loop"] = {"strategies": strategies} | values.get("query_loop", {})
    chosen = values.get("strategies", {})
    values["strategies"] = {name: chosen.get(name, {}) for name in strategies}
    if values.get("generate", {}).get("dataset") == "table":
        raise ParamsError(
            f"{config.PARAMS}: {place}.generate.dataset must not be table: DVC would not see a "
            "change of the file; use the pipeline in the root for a table of your own."
        )
    config.check(Learner, values["learner"], "experiment.learner")
    config.check(QueryLoop, values["query_loop"], "experiment.query_loop")
    return values


def main() -> None:
    """Write ``params.yaml`` into the folder of the cell that the command line names."""
    cells = benchmark.read_benchmark()
    dataset, learner = [*sys.argv[1:], "", ""][:2]
    if (dataset, learner) not in set(cells.cells()):
        raise ParamsError(
            f"command line: must name a data set and a learner of {config.PARAMS}; "
            f"got {' '.join(sys.argv[1:])!r}."
        )
    text = yaml.safe_dump(params(dataset, learner, cells.strategies), sort_keys=False)
    with files.replacing(benchmark.folder(dataset, learner) / config.PARAMS) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    command.run(main)

"""Teach every learner the rows that every other learner chose."""

from contextlib import chdir
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from active_learning.base import command, config, files
from active_learning.benchmark.transfer import transferred
from active_learning.evidence.curves import aulc
from active_learning.training import repeats
from active_learning.training.progress import Progress
from stages import benchmark, loops
from stages.tasks import Tasks

OUT = Path("metrics/compatibility.csv")


class Compatibility(config.Section):
    """How learners are scored on what others chose."""

    points: Annotated[int, Field(ge=2)]
    """Points of the learning curve, first and last among them, at which a learner is taught."""


def read_tasks(dataset: str, learner: str) -> Tasks:
    """Tasks of a cell, read where it stands: its params and data are those of its folder."""
    with chdir(benchmark.folder(dataset, learner)):
        return Tasks.read()


def one_cell(
    cells: benchmark.Benchmark, points: int, pairs: list[tuple[str, str]], number: int
) -> pd.DataFrame:
    """Mean AULC of one learner on one data set, on the rows of every learner and strategy."""
    dataset, learner = pairs[number]
    tasks = read_tasks(dataset, learner)
    found = []
    for chooser in cells.learners:
        folder = benchmark.folder(dataset, chooser) / loops.LOOPS
        for strategy in cells.strategies:
            queries = files.read_table(folder / strategy / "queries.parquet")
            areas = [
                _area(tasks, repeat, queries[queries["repeat"] == repeat], points)
                for repeat in range(len(tasks))
            ]
            found.append((dataset, strategy, chooser, learner, float(np.mean(areas))))
    columns = ["dataset", "strategy", "query_model", "task_model", "aulc"]
    return pd.DataFrame(found, columns=columns)


def _area(tasks: Tasks, repeat: int, queries: pd.DataFrame, points: int) -> float:
    """AULC of one repeat at a few points; a row without an answer teaches nothing."""
    known = queries[queries["answer"].notna()]
    labels = pd.Index(tasks.data.classes).get_indexer(pd.Index(known["answer"]))
    counts = np.unique(np.linspace(0, len(known), points).round().astype(int))
    scores = transferred(tasks[repeat], known["row"].to_numpy(), labels, counts)
    return float(aulc(counts, scores))


def main() -> None:
    """Score all pairs of learners on all data sets; with a single learner there are none."""
    params = config.load(Compatibility, "compatibility")
    cells = benchmark.read_benchmark()
    pairs = list(cells.cells()) if len(cells.learners) > 1 else []
    work = partial(one_cell, cells, params.points, pairs)
    tables = [pd.DataFrame(columns=["dataset", "strategy", "query_model", "task_model", "aulc"])]
    with Progress("compatibility", len(pairs), "cells") as progress:
        for table in (
            repeats.each(work, len(pairs), repeats.jobs_from_environment()) if pairs else []
        ):
            tables.append(table)
            progress.advance(1)
    files.write_table(OUT, pd.concat(tables[1:] or tables, ignore_index=True))
    print(f"{len(pairs)} cells, each on the rows of {len(cells.learners)} learners")


if __name__ == "__main__":
    command.run(main)

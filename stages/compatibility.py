"""Teach every learner the rows that every other learner chose."""

from contextlib import chdir
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
import pandas as pd

from active_learning.analysis.benchmark.transfer import transfer_scores
from active_learning.analysis.curves import aulc
from active_learning.data import files
from active_learning.models.tasks import Tasks
from active_learning.simulation.parallel import imap
from active_learning.simulation.progress import track
from stages import command, paths
from stages.backend import read_backend
from stages.params import Params, benchmark
from stages.params.config import PARAMS
from stages.tasks import read_tasks

COLUMNS = ["dataset", "strategy", "query_model", "task_model", "aulc"]


@dataclass(frozen=True)
class Lesson:
    """A learner, a data set, and what every learner and strategy bought there."""

    dataset: str
    learner: str
    tasks: Tasks
    queries: dict[tuple[str, str], pd.DataFrame]

    @classmethod
    def read(cls, cells: benchmark.Benchmark, dataset: str, learner: str) -> Self:
        """Read a cell where it stands, since its params and data are those of its folder."""
        folder = benchmark.folder(dataset, learner)
        params = Params.read(folder / PARAMS)
        with chdir(folder):
            tasks = read_tasks(params)
        queries = {
            (strategy, name): files.read_table(
                benchmark.folder(dataset, name) / paths.loop(strategy) / "queries.parquet"
            )
            for name in cells.learners
            for strategy in cells.strategies
        }
        return cls(dataset, learner, tasks, queries)


def teach(points: int, lesson: Lesson) -> pd.DataFrame:
    """Mean AULC of one learner on one data set, on the rows of every learner and strategy."""
    rows = []
    for (strategy, chooser), queries in lesson.queries.items():
        areas = [
            area(lesson.tasks, repeat, queries[queries["repeat"] == repeat], points)
            for repeat in range(len(lesson.tasks))
        ]
        rows.append((lesson.dataset, strategy, chooser, lesson.learner, float(np.mean(areas))))
    return pd.DataFrame(rows, columns=COLUMNS)


def area(tasks: Tasks, repeat: int, queries: pd.DataFrame, points: int) -> float:
    """AULC of one repeat at a few points; a row without an answer teaches nothing."""
    known = queries[queries["answer"].notna()]
    labels = pd.Index(tasks.data.classes).get_indexer(pd.Index(known["answer"]))
    counts = np.unique(np.linspace(0, len(known), points).round().astype(int))
    scores = transfer_scores(tasks[repeat], known["row"].to_numpy(), labels, counts)
    return float(aulc(counts, scores))


def main(params: benchmark.BenchmarkParams) -> None:
    """Score all pairs of learners on all data sets; with a single learner there are none."""
    points, cells = params.compatibility.points, params.benchmark
    pairs = cells.cells() if len(cells.learners) > 1 else []
    lessons = [Lesson.read(cells, *pair) for pair in pairs]
    results = imap(partial(teach, points), lessons, read_backend())
    tables = list(track(results, "compatibility", len(lessons), "cells"))
    together = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)
    files.write_table(paths.COMPATIBILITY, together)
    print(f"{len(lessons)} cells, each on the rows of {len(cells.learners)} learners")


if __name__ == "__main__":
    command.stage(main, benchmark.read)

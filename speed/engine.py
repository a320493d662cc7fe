"""Cost of the loop by itself: shortlists, bookkeeping, many repeats, memory."""

import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, ClassVar
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Learner, Oracle, Scorer, Strategy
from active_learning.core.errors import UserError
from active_learning.core.pool import Pool, Query
from active_learning.core.prediction import Prediction
from active_learning.models.task import Task
from active_learning.simulation.parallel import Backend, imap
from active_learning.simulation.simulate import Settings, simulate
from active_learning.strategies import _boundary as boundary
from speed import loops
from speed.comparison import in_turn, ratio
from speed.workloads import Data, Workload, data, tutorial

# Where shortlists help least: many features, few labels.
HARD = [
    Workload("30k×10", 30_000, 10, 2, 100, 100, "logistic_regression", 0, 0),
    Workload("100k×50", 100_000, 50, 2, 100, 100, "logistic_regression", 0, 0),
    Workload("1M×10, few labels", 1_000_000, 10, 2, 100, 60, "logistic_newton", 0, 0),
    Workload("1M×50, few labels", 1_000_000, 50, 2, 100, 40, "logistic_newton", 0, 0),
]


class Nothing(Learner, Strategy, Oracle, Scorer):
    """Learner, strategy, oracle and scorer that do nothing, to time the loop itself."""

    STOCHASTIC: ClassVar[bool] = False

    def build(self, seed: int) -> "Nothing":  # noqa: ARG002 - as a learner has it
        """No model."""
        return self

    def fit(self, features: Any, labels: Any) -> "Nothing":  # noqa: ARG002 - as a model has it
        """No fit."""
        return self

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:  # noqa: ARG002
        """The next rows in order."""
        rows = np.arange(pool.n_labelled, pool.n_labelled + n)
        return Query(rows, np.full(n, np.nan))

    def start(self, n_rows: int, n_classes: int, generator: np.random.Generator) -> Any:  # noqa: ARG002
        """The truth."""
        return lambda rows, labels: labels  # noqa: ARG005

    def score(self, labels: NDArray[np.int64], prediction: Prediction) -> float:  # noqa: ARG002
        """No score."""
        return 0.0


def bookkeeping(n_queries: int = 2000) -> float:
    """CPU milliseconds per query of the loop itself."""
    rows = np.arange(100_000)
    nothing = Nothing()
    task = Task(
        features=np.zeros((len(rows), 10)),
        labels=np.zeros(len(rows), dtype=np.int64),
        parts={"initial": rows[:100], "pool": rows[100:-1000], "test": rows[-1000:]},
        classes=np.arange(2),
        learner=nothing,
        learner_seed=0,
        scorers={"nothing": nothing},
    )
    settings = Settings(budget=n_queries, batch_size=1, seed=0, oracle_seed=0)
    times = []
    for _ in range(5):
        start = time.process_time()
        simulate(task, nothing, nothing, settings)
        times.append(time.process_time() - start)
    return 1e3 * median(times) / n_queries


def shortlists(workload: Workload, rounds: int) -> dict[str, Any]:
    """Speed-up of the loop by shortlists, relative to a full pass at every query."""
    table = data(workload)

    def lazy() -> list[int]:
        return loops.ours(table, workload.learner, workload.n_queries)

    def full() -> list[int]:
        with patch.object(boundary, "_SMALL", sys.maxsize):
            return lazy()

    times = in_turn({"with": lazy, "without": full}, rounds, workload.name)
    return {"workload": workload.name, "times_full_pass": ratio(times["without"], times["with"])}


def many_repeats(
    rounds: int, n_repeats: int = 100, n_queries: int = 200, serial: int = 10
) -> dict[str, Any]:
    """Wall time of many repeats of the tutorial in processes, against a serial textbook loop.

    The textbook loop runs ``serial`` of the repeats, half before ours and half after, and its time
    is extrapolated.
    """
    exact = Workload("", 0, 0, 2, 0, n_queries, "logistic_newton", 0, 0).theirs()
    tables = [tutorial(seed) for seed in range(42, 42 + n_repeats)]
    two = Backend("loky", 2)
    one = partial(_one, n_queries)
    list(imap(one, tables[:2], two))  # start the processes before timing

    def ours() -> list[list[int]]:
        return list(imap(one, tables, two))

    def textbook(part: slice) -> list[list[int]]:
        return [loops.textbook(table, exact, n_queries) for table in tables[part]]

    times: dict[str, list[float]] = {"ours": [], "textbook": []}
    for _ in range(rounds):
        before, first = _time(lambda: textbook(slice(serial // 2)))
        seconds, rows = _time(ours)
        after, second = _time(lambda: textbook(slice(serial // 2, serial)))
        if rows[:serial] != first + second:
            raise UserError("bench: the repeats must query the rows of the textbook loop.")
        times["ours"].append(seconds)
        times["textbook"].append((before + after) * n_repeats / serial)
    return {
        "workload": f"{n_repeats} repeats × {n_queries} queries of the tutorial, exact",
        "seconds": median(times["ours"]),
        "times_serial_textbook": ratio(times["textbook"], times["ours"]),
    }


def _time(run: Callable[[], list[list[int]]]) -> tuple[float, list[list[int]]]:
    """Wall time in seconds, and the result."""
    start = time.perf_counter()
    rows = run()
    return time.perf_counter() - start, rows


def _one(n_queries: int, table: Data) -> list[int]:
    return loops.ours(table, "logistic_newton", n_queries)


def memory(n_rows: int, n_features: int, n_queries: int = 30) -> dict[str, Any]:
    """Peak memory of a process that reads a table and runs the loop on it."""
    with TemporaryDirectory() as folder:
        path = Path(folder)
        for script in ("write", "run"):
            done = subprocess.run(
                [sys.executable, "-m", "speed.memory", script, str(path), str(n_rows),
                 str(n_features), str(n_queries)],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
    peak = float(done.stdout)
    return {
        "workload": f"{n_rows / 1e6:g}M×{n_features}",
        "table_mb": n_rows * n_features * 8 / 1e6,
        "peak_mb": peak,
    }

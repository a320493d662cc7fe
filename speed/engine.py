"""Cost of the loop by itself: bookkeeping, many repeats, shortlists, memory."""

import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, ClassVar
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from active_learning.core import plugins
from active_learning.core.bases import Learner, Oracle, Scorer, Strategy
from active_learning.core.pool import Pool, Query
from active_learning.core.prediction import Prediction
from active_learning.data.dataset import Dataset
from active_learning.models.task import Task
from active_learning.models.tasks import Tasks
from active_learning.simulation.experiment import Experiment, Failure
from active_learning.simulation.monitor import NO_RULES
from active_learning.simulation.parallel import Backend
from active_learning.simulation.progress import silent
from active_learning.simulation.simulate import Settings, simulate
from active_learning.strategies import _boundary as boundary
from speed import data, loops
from speed.comparison import in_turn, ratio, require_same
from speed.data import Data
from speed.report import Record
from speed.workloads import EXACT, table

N_REPEATS = 100
N_QUERIES = 200
SERIAL = 10  # repeats of the textbook loop, whose time is extrapolated

# Where shortlists help least: many features, few labels.
HARD = {
    "30k×10": (table(30_000, n_initial=100), "logistic_regression", 100),
    "100k×50": (table(100_000, 50, n_initial=100), "logistic_regression", 100),
    "1M×10, few labels": (table(1_000_000, n_initial=100), "logistic_newton", 60),
    "1M×50, few labels": (table(1_000_000, 50, n_initial=100), "logistic_newton", 40),
}


def jobs(rounds: int) -> dict[str, Callable[[], list[Record]]]:
    """Every measurement by name."""
    measurements: list[tuple[str, Callable[[], float], str | None]] = [
        ("overhead of the loop per query, CPU ms", bookkeeping, "at most 0.05"),
        (
            f"{N_REPEATS} repeats in two processes: × the serial textbook loop",
            partial(many_repeats, rounds),
            "80",
        ),
    ]
    for name in HARD:
        what = f"shortlists at {name}: × a full pass at every query"
        measurements.append((what, partial(shortlists, name, rounds), "0.9"))
    for (n_rows, n_features), goal in {(10**6, 50): "at most 730", (10**7, 10): None}.items():
        what = f"peak memory at {n_rows // 10**6}M×{n_features}, "
        what += f"a table of {n_rows * n_features * 8 // 10**6} MB, in MB"
        measurements.append((what, partial(memory, n_rows, n_features), goal))
    return {what: partial(_measure, what, run, goal) for what, run, goal in measurements}


def _measure(what: str, run: Callable[[], float], goal: str | None) -> list[Record]:
    return [{"": what, "measured": run(), "goal": goal}]


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


def shortlists(name: str, rounds: int) -> float:
    """Speed-up of the loop by shortlists, relative to a full pass at every query."""
    make, learner, n_queries = HARD[name]
    lazy = partial(loops.ours, make(), learner, n_queries)

    def full() -> list[int]:
        with patch.object(boundary, "_SMALL", sys.maxsize):
            return lazy()

    times, rows = in_turn({"with": lazy, "without": full}, rounds)
    require_same(rows["with"], rows["without"], "a full pass", name)
    return ratio(times["without"], times["with"])


def many_repeats(rounds: int) -> float:
    """Speed-up of many repeats in two processes, in wall time, against a serial textbook loop.

    The textbook loop runs ``SERIAL`` of the repeats, half before ours and half after, and its time
    is extrapolated.
    """
    features, labels = data.tutorial_table()
    parts = [data.tutorial_split(labels, seed) for seed in range(42, 42 + N_REPEATS)]
    tables = [data.tutorial(seed) for seed in range(42, 42 + SERIAL)]
    _run_repeats(features, labels, parts, n_queries=2)  # starts the processes before timing
    times: dict[str, list[float]] = {"ours": [], "textbook": []}
    for _ in range(rounds):
        before, first = _time(lambda: _textbook(tables[: SERIAL // 2]))
        seconds, rows = _time(lambda: _run_repeats(features, labels, parts, N_QUERIES))
        after, second = _time(lambda: _textbook(tables[SERIAL // 2 :]))
        for repeat, expected in enumerate(first + second):
            order = np.concatenate([parts[repeat]["initial"], parts[repeat]["pool"]])
            theirs = order[expected].tolist()
            require_same(rows[repeat], theirs, "the textbook loop", f"repeat {repeat}")
        times["ours"].append(seconds)
        times["textbook"].append((before + after) * N_REPEATS / SERIAL)
    return ratio(times["textbook"], times["ours"])


def _textbook(tables: list[Data]) -> list[list[int]]:
    return [loops.textbook(table, clone(EXACT), N_QUERIES) for table in tables]


def _run_repeats(
    features: NDArray[np.float64],
    labels: NDArray[np.int64],
    parts: list[dict[str, NDArray[np.int64]]],
    n_queries: int,
) -> list[list[int]]:
    """Queried rows of each repeat, as the stage query-loop runs them."""
    tasks = Tasks(
        Dataset(features, labels, ["0", "1"]),
        parts,
        plugins.make("learners", "logistic_newton"),
        loops.SEED,
        {"accuracy": plugins.make("scorers", "accuracy")},
    )
    experiment = Experiment(
        tasks,
        {"least_confidence": plugins.make("strategies", "least_confidence")},
        plugins.make("oracles", "simulated"),
        Settings(n_queries, 1, seed=loops.SEED, oracle_seed=loops.SEED),
        NO_RULES,
    )
    (runs,) = experiment.runs(Backend("loky", 2), silent).values()
    if isinstance(runs, Failure):
        raise runs.error
    return [run.rows.tolist() for run in runs]


def _time(run: Callable[[], list[list[int]]]) -> tuple[float, list[list[int]]]:
    """Wall time in seconds, and the result."""
    start = time.perf_counter()
    rows = run()
    return time.perf_counter() - start, rows


def memory(n_rows: int, n_features: int, n_queries: int = 30) -> float:
    """Peak memory, in MB, of a process that reads a table and runs the loop on it."""
    with TemporaryDirectory() as folder:
        for script in ("write", "run"):
            done = subprocess.run(
                [sys.executable, "-m", "speed.memory", script, folder, str(n_rows),
                 str(n_features), str(n_queries)],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
    return float(done.stdout)

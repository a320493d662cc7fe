"""Time the loops in turn in one process; all must query the same rows."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median

import numpy as np
from sklearn.base import clone

from active_learning.core.errors import UserError
from speed import loops
from speed.data import Data
from speed.report import Record, cell
from speed.workloads import Workload

Run = Callable[[], list[int]]

RATIO = "× as fast"

# Quick loops take more rounds than asked for, until this many seconds or rounds.
ENOUGH = 3.0
MOST_ROUNDS = 25


def compare(workload: Workload, rounds: int, enough: float = ENOUGH) -> list[Record]:
    """CPU milliseconds per query of ours and of each other loop, and their ratio."""
    table, n = workload.data(), workload.n_queries
    runs: dict[str, Run] = {
        "ours": partial(loops.ours, table, workload.learner, n, workload.strategy)
    }
    for name, loop in workload.against.items():
        runs[name] = partial(loop, table, clone(workload.model), n)
    times, rows = in_turn(runs, rounds, enough)
    return [
        {
            "workload": workload.name,
            "queries": n,
            "other loop": name,
            "other, ms": 1e3 * median(times[name]) / n,
            "ours, ms": 1e3 * median(times["ours"]) / n,
            RATIO: ratio(times[name], times["ours"]),
            "same rows": same_rows(workload, table, rows["ours"], rows[name], name),
            "goal": workload.goal_against(name),
        }
        for name in workload.against
    ]


def below_goal(records: Sequence[Record]) -> str:
    """Sentence that names the comparisons which miss their goal."""
    missed = [
        f"{record['workload']} against {record['other loop']} ({cell(record[RATIO])} instead of "
        f"{cell(record['goal'])})"
        for record in records
        if record["goal"] and float(f"{record[RATIO]:.3g}") < float(record["goal"])
    ]
    return f"Goals not reached: {'; '.join(missed) or 'none'}.\n"


def in_turn(
    runs: Mapping[str, Run], rounds: int, enough: float = ENOUGH
) -> tuple[dict[str, list[float]], dict[str, list[int]]]:
    """CPU seconds of each run in every round, and the rows that it queries."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    rows: dict[str, list[int]] = {}
    begin = time.process_time()
    for number in range(max(rounds, MOST_ROUNDS)):
        if number >= rounds and time.process_time() - begin > enough:
            break
        for name, run in runs.items():
            start = time.process_time()
            rows[name] = run()
            times[name].append(time.process_time() - start)
    return times, rows


def same_rows(
    workload: Workload, table: Data, ours: list[int], theirs: list[int], name: str
) -> str:
    """Which rows are the same: all, or all until rounding makes a loop prefer another row."""
    shared = _shared(ours, theirs)
    if workload.rounding and shared < len(ours):
        labelled = [*range(table.n_initial), *ours[:shared]]
        model = clone(workload.model).fit(table.features[labelled], table.labels[labelled])
        pair = table.features[[ours[shared], theirs[shared]]]
        if np.ptp(loops.nearest_boundary(model, pair)) < workload.rounding:
            return f"first {shared}"
    require_same(ours, theirs, name, workload.name)
    return "all"


def require_same(ours: list[int], theirs: list[int], name: str, what: str) -> None:
    """Require the same rows of both loops.

    Raises
    ------
    UserError
        If they are not, with the first query that differs.
    """
    shared = _shared(ours, theirs)
    if shared < len(ours):
        raise UserError(
            f"bench: {name} must query the rows of ours on {what}; query {shared + 1} is row "
            f"{theirs[shared]}, not {ours[shared]}."
        )


def _shared(ours: list[int], theirs: list[int]) -> int:
    """Number of queries before the first that differs."""
    pairs = enumerate(zip(ours, theirs, strict=True))
    return next((number for number, (one, other) in pairs if one != other), len(ours))


def ratio(slower: list[float], faster: list[float]) -> float:
    """Median of the ratios within each round, under the same machine load."""
    return median(a / b for a, b in zip(slower, faster, strict=True))

"""Time the loops in turn in one process; all must query the same rows."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median

from sklearn.base import clone

from active_learning.core.errors import UserError
from speed import loops
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
    times = in_turn(runs, rounds, workload.name, enough)
    return [
        {
            "workload": workload.name,
            "queries": n,
            "other loop": name,
            "other, ms": 1e3 * median(times[name]) / n,
            "ours, ms": 1e3 * median(times["ours"]) / n,
            RATIO: ratio(times[name], times["ours"]),
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
        if record["goal"] and float(record[RATIO] or 0) < float(record["goal"])
    ]
    return f"Goals not reached: {'; '.join(missed) or 'none'}.\n"


def in_turn(
    runs: Mapping[str, Run], rounds: int, what: str, enough: float = ENOUGH
) -> dict[str, list[float]]:
    """CPU seconds of each run in every round.

    Raises
    ------
    UserError
        If two of them query different rows.
    """
    times: dict[str, list[float]] = {name: [] for name in runs}
    begin = time.process_time()
    for number in range(max(rounds, MOST_ROUNDS)):
        if number >= rounds and time.process_time() - begin > enough:
            break
        rows: dict[str, list[int]] = {}
        for name, run in runs.items():
            start = time.process_time()
            rows[name] = run()
            times[name].append(time.process_time() - start)
        require_same(rows, what)
    return times


def require_same(rows: Mapping[str, list[int]], what: str) -> None:
    """Require the same rows of each of these loops."""
    (first, expected), *others = rows.items()
    for name, queried in others:
        if queried != expected:
            pairs = enumerate(zip(queried, expected, strict=True), start=1)
            number, (row, other) = next(item for item in pairs if item[1][0] != item[1][1])
            raise UserError(
                f"bench: {name} must query the rows of {first} on {what}; query {number} is row "
                f"{row}, not {other}."
            )


def ratio(slower: list[float], faster: list[float]) -> float:
    """Median of the ratios within each round, under the same machine load."""
    return median(a / b for a, b in zip(slower, faster, strict=True))

"""Time the loops in turn in one process; all must query the same rows."""

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

from active_learning.core.errors import UserError
from speed import loops
from speed.workloads import Workload, data

Loop = Callable[[], list[int]]


def compare(workload: Workload, rounds: int) -> dict[str, Any]:
    """Run every library's loop in turn: CPU milliseconds per query and ratios."""
    table, n = data(workload), workload.n_queries
    times = in_turn(
        {
            "ours": lambda: loops.ours(table, workload.learner, n),
            "textbook": lambda: loops.textbook(table, workload.theirs(), n),
            "scikit-activeml": lambda: loops.skactiveml(table, workload.theirs(), n),
            "small-text": lambda: loops.small_text(table, workload.theirs(), n),
        },
        rounds,
        workload.name,
    )
    per_query = {name: 1e3 * median(seconds) / n for name, seconds in times.items()}
    ratios = {name: ratio(times[name], times["ours"]) for name in times if name != "ours"}
    peers = min(ratios["scikit-activeml"], ratios["small-text"])
    return {
        "workload": workload.name,
        "cpu_ms_per_query": per_query,
        "times_textbook": ratios["textbook"],
        "times_best_peer": peers,
        "targets": [workload.textbook_target, workload.peer_target],
    }


def in_turn(runs: Mapping[str, Loop], rounds: int, what: str) -> dict[str, list[float]]:
    """CPU seconds of each run in every round.

    Raises
    ------
    UserError
        If two of them query different rows.
    """
    times: dict[str, list[float]] = {name: [] for name in runs}
    rows: dict[str, list[int]] = {}
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.process_time()
            rows[name] = run()
            times[name].append(time.process_time() - start)
    (first, expected), *others = rows.items()
    for name, queried in others:
        if queried != expected:
            pairs = enumerate(zip(queried, expected, strict=True))
            number = next(number for number, (ours, theirs) in pairs if ours != theirs)
            raise UserError(
                f"bench: {name} must query the rows of {first} on {what}; query {number} is row "
                f"{queried[number]}, not {expected[number]}."
            )
    return times


def ratio(slower: list[float], faster: list[float]) -> float:
    """Median of the ratios within each round, under the same machine load."""
    return median(a / b for a, b in zip(slower, faster, strict=True))

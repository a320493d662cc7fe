"""Cost of every strategy per query, from a thousand to a million rows, and its memory."""

import time
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from pydantic import Field
from sklearn.isotonic import isotonic_regression

from active_learning.analysis import figures
from active_learning.core import plugins
from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query
from active_learning.simulation.simulate import Settings, simulate
from speed import data, loops
from speed.data import Data
from speed.report import Record

FIGURE = Path("docs/images/speed.svg")
SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000, "1M": 1_000_000}
LEARNER = "logistic_newton"
N_INITIAL = 100

# Queries of a run: many, unless few take longer than this many seconds.
FEW, MANY = 3, 20
_LONG = 1.0

# Strategies that are made for batches query as many rows at once.
BATCH = 10
BATCHES = ("badge", "cluster_margin", "diverse_batch", "typiclust")

GOALS = {"information_density": 100.0, "random": 0.1}

# Growth by more than this factor for ten times the rows is faster than linear; up to it, it can be
# that 80 MB do not fit into the processor's cache where 8 MB did.
_LINEAR = 20
_LABELS = 32  # that fit above each other in the figure
_NOISE = 1.0  # milliseconds; what is faster is not judged


class Timed(Strategy):
    """A strategy that writes down the CPU seconds of its queries."""

    strategy: Any
    """The strategy."""

    seconds: list[float] = Field(default_factory=list)
    """CPU seconds of each query so far."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query as the strategy does."""
        start = time.process_time()
        query: Query = self.strategy.query(model, pool, n, generator)
        self.seconds.append(time.process_time() - start)
        return query


def measure() -> list[Record]:
    """Cost and memory of every strategy."""
    names = plugins.available("strategies")
    costs: dict[str, Record] = {name: {} for name in names}
    firsts = dict.fromkeys(names, 0.0)
    for size, n_rows in SIZES.items():
        table = data.table(n_rows, 10, n_initial=N_INITIAL)
        for name in names:
            seconds = run(table, name, FEW)
            if sum(seconds) < _LONG:
                seconds = run(table, name, MANY)
            firsts[name], costs[name][f"{size}, ms"] = 1e3 * seconds[0], 1e3 * median(seconds[1:])
    return [
        {
            "strategy": f"`{name}`" + f", {BATCH} rows" * (name in BATCHES),
            **costs[name],
            "goal at 1M": GOALS.get(name),
            "first query at 1M, ms": firsts[name],
            "memory at 1M, MB": peak(table, name),
        }
        for name in names
    ]


def run(table: Data, strategy: str, n_queries: int) -> list[float]:
    """CPU seconds of each query of a run of the loop."""
    timed = Timed(strategy=plugins.make("strategies", strategy))
    batch = BATCH if strategy in BATCHES else 1
    settings = Settings(n_queries * batch, batch, seed=loops.SEED, oracle_seed=loops.SEED)
    simulate(loops.task(table, LEARNER), timed, plugins.make("oracles", "simulated"), settings)
    return timed.seconds


def peak(table: Data, strategy: str) -> float:
    """Peak memory of a run in MB, the table itself not counted."""
    tracemalloc.start()
    try:
        run(table, strategy, n_queries=2)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def costs_of(record: Record) -> list[float]:
    """Milliseconds per query, by size."""
    return [float(record[f"{size}, ms"] or 0) for size in SIZES]


def faster_than_linear(records: Sequence[Record]) -> str:
    """Sentence that names the strategies whose cost grows faster than linear."""
    factors = {str(record["strategy"]): costs_of(record)[-2:] for record in records}
    named = [
        f"{name} (× {large / small:.0f})"
        for name, (small, large) in factors.items()
        if large > max(_LINEAR * small, _NOISE)
    ]
    return (
        "From 100k to 1M rows, ten times as many, the cost of these grows more than "
        f"× {_LINEAR:g}: "
        f"{', '.join(named) or 'none'}.\n"
    )


def draw(records: Sequence[Record]) -> None:
    """Write the figure: the cost of each strategy against the rows."""
    with figures.drawing(9, 7, dpi=100) as (figure, axes):
        for number, record in enumerate(records):
            style = figures.line_style(number)
            axes.plot(
                list(SIZES.values()), costs_of(record), marker="o", markersize=4,
                color=style.colour, linestyle=style.line,
            )  # fmt: skip
        axes.set(xscale="log", yscale="log", xlabel="rows", ylabel="CPU time per query, ms")
        axes.set_xticks(list(SIZES.values()), list(SIZES))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        _label(axes, records)
        figures.save(figure, FIGURE)


def _label(axes: Axes, records: Sequence[Record]) -> None:
    """Names at the right end of the lines, moved apart by as little as possible."""
    ends = np.log10([costs_of(record)[-1] for record in records])
    order = ends.argsort()
    gaps = np.arange(len(ends)) * np.diff(np.log10(axes.get_ylim())) / _LABELS
    heights = isotonic_regression(ends[order] - gaps) + gaps
    for number, height in zip(order, heights, strict=True):
        colour = figures.line_style(number).colour
        axes.annotate(
            str(records[number]["strategy"]).replace("`", ""),
            (SIZES["1M"], 10 ** ends[number]),
            xytext=(1.6 * SIZES["1M"], 10**height),
            color=colour, va="center", fontsize=10, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.5, "relpos": (0, 0.5)},
        )  # fmt: skip

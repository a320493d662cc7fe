"""The learning curves of all settings over each other."""

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from active_learning import figures, rng
from active_learning.evidence import statistics
from commands.ranking.rows import Ranking, Row

# Bands of more settings than these would only hide each other.
MOST_BANDS = 3
WIDTH, HEIGHT, DPI = 7.0, 4.3, 144
LEGEND_ROW = 0.22  # inches


def draw(path: Path, ranking: Ranking) -> None:
    """Write the figure, as ``.png`` or ``.svg``; the order of the legend is that of the ranking."""
    height = HEIGHT + LEGEND_ROW * len(ranking.rows)
    with figures.drawing(WIDTH, height, DPI) as (figure, axes):
        for index, row in enumerate(ranking.rows):
            look = figures.look(index)
            _curve(axes, row, f"{index + 1}  {row.label}", look)
            if index < MOST_BANDS:
                _band(axes, row, ranking, look.colour)
        _finish(figure, axes, ranking)
        figures.save(figure, path)


def _curve(axes: Axes, row: Row, label: str, look: figures.Look) -> None:
    """Mean of the whole curve, on top of those that come after it in the ranking."""
    curve = row.longest
    style: dict[str, Any] = {"color": look.colour, "linestyle": look.line, "linewidth": 2}
    order = 3 - 0.001 * len(axes.lines)
    axes.plot(curve.labels, curve.mean, label=label, zorder=order, **style)


def _band(axes: Axes, row: Row, ranking: Ranking, colour: str) -> None:
    params, curve = ranking.params, row.longest
    generator = rng.generator(params.seed, "rank", "band", row.members[0].strategy)
    low, high = statistics.mean_interval(
        curve.scores, params.confidence, params.n_resamples, generator
    )
    axes.fill_between(curve.labels, low, high, color=colour, alpha=0.12, linewidth=0)


def _finish(figure: Figure, axes: Axes, ranking: Ranking) -> None:
    """Grey out the labels that do not count, name the axes, and list the settings below."""
    curves = [row.longest.labels for row in ranking.rows]
    ends = int(min(c[0] for c in curves)), int(max(c[-1] for c in curves))
    label = "labels that not all have"
    for outer, inner in zip(ends, ranking.labels, strict=True):
        if outer != inner:
            axes.axvspan(outer, inner, color="black", alpha=0.06, linewidth=0, label=label)
            label = "_"  # in the legend once
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.set_xlabel("labels")
    axes.set_ylabel(f"test {ranking.headline}\n(mean; the first {MOST_BANDS} with their intervals)")
    figure.legend(loc="outside lower left", ncols=1)

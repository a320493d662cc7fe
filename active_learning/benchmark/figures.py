"""Figures of the benchmark: critical differences, heat maps, learning curves of every cell."""

import base64
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from active_learning.figures import STYLE, Look

STYLE_HERE: dict[Any, Any] = STYLE | {
    "svg.fonttype": "none",  # text that can be found and read aloud, at a tenth of the size
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
}
_BEYOND = 0.02  # differences of this size and more have the deepest colour, unless all are smaller


@contextmanager
def sheet(width: float, height: float) -> Iterator[Figure]:
    """An empty sheet in the house style, in inches."""
    with mpl.rc_context(STYLE_HERE):
        yield Figure(figsize=(width, height), layout="constrained")


def data_uri(figure: Figure) -> str:
    """Figure as SVG within a ``data:`` address, without a date."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()


def critical_difference(axes: Axes, together: Mapping[str, Any]) -> None:
    """Average ranks on a line, best on the right, and bars over those that cannot be told apart.

    Reference: Demšar 2006, figure 1; the bars are by Wilcoxon tests with Holm's correction
    (Benavoli 2016), his scale of the critical difference is drawn above.

    Parameters
    ----------
    axes : matplotlib Axes
    together : dict
        ``average_ranks``, ``alike`` and ``critical_difference``, as in the leaderboard.
    """
    ranks = together["average_ranks"]
    worst, half = len(ranks), math.ceil(len(ranks) / 2)
    axes.set_xlim(worst + 0.15, 0.85)
    axes.set_ylim(-1.2 - 0.9 * half, 2.2)
    axes.axis("off")
    axes.plot([1, worst], [0, 0], color="black", linewidth=1)
    for tick in range(1, worst + 1):
        axes.plot([tick, tick], [0, 0.25], color="black", linewidth=1)
        axes.annotate(str(tick), (tick, 0.35), ha="center", va="bottom")
    for place, (name, rank) in enumerate(ranks.items()):
        right = place < half
        level = -1.2 - 0.9 * (place if right else worst - 1 - place)
        end = 0.85 if right else worst + 0.15
        axes.plot([rank, rank, end], [0, level, level], color="black", linewidth=0.8)
        text = f" {name}  {rank:.2f}" if right else f"{rank:.2f}  {name} "
        axes.annotate(text, (end, level), ha="left" if right else "right", va="center")
    for level, run in enumerate(together["alike"]):
        height = -0.25 - 0.25 * level
        ends = [ranks[run[0]] - 0.04, ranks[run[-1]] + 0.04]
        axes.plot(ends, [height, height], color="#d55e00", linewidth=3.5, solid_capstyle="butt")
    difference = together["critical_difference"]
    if difference is not None and difference < worst - 1:
        axes.plot([worst, worst - difference], [1.6, 1.6], color="grey", linewidth=1.5)
        axes.annotate(
            f"Nemenyi's critical difference {difference:.2f}", (worst - difference, 1.6),
            xytext=(5, 0), textcoords="offset points", va="center", color="grey", fontsize=8.5,
        )  # fmt: skip


def heat_map(
    axes: Axes,
    values: NDArray[np.float64],
    rows: Sequence[str],
    columns: Sequence[str],
    texts: Sequence[Sequence[str]],
    *,
    deepest: float | None = None,
) -> None:
    """Numbers on colours: blue above 0, orange below, white at 0, grey where there is none.

    Parameters
    ----------
    axes : matplotlib Axes
    values : ndarray of shape (n_rows, n_columns)
    rows, columns : list of str
    texts : n_rows lists of n_columns texts
    deepest : float, optional
        Value of the deepest colour; by default the largest there is, but 0.02 at most.
    """
    known = np.abs(values[np.isfinite(values)])
    scale = deepest or float(min(_BEYOND, known.max(initial=0)) or _BEYOND)
    ends = ["#d55e00", "white", "#0072b2"]
    colours = mpl.colors.LinearSegmentedColormap.from_list("", ends).with_extremes(bad="#dddddd")
    axes.imshow(np.ma.masked_invalid(values), cmap=colours, vmin=-scale, vmax=scale, aspect="auto")
    axes.set_xticks(range(len(columns)), columns, rotation=25, ha="left")
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)
    for (row, column), value in np.ndenumerate(values):
        strong = np.isfinite(value) and abs(value) > 0.6 * scale
        axes.annotate(
            texts[row][column], (column, row), ha="center", va="center", fontsize=9,
            color="white" if strong else "black",
        )  # fmt: skip


def small_curves(
    figure: Figure, curves: pd.DataFrame, ceilings: Mapping[str, float], palette: Mapping[str, Look]
) -> None:
    """Mean learning curves, one small axes for each data set, four in a row.

    Parameters
    ----------
    figure : matplotlib Figure
    curves : DataFrame with columns dataset, strategy, labels, score
    ceilings : dict of str to float
        For each data set, the mean score with every label.
    palette : dict of str to Look
    """
    n_rows = math.ceil(len(ceilings) / 4)
    grid = list(figure.subplots(n_rows, min(4, len(ceilings)), squeeze=False).flat)
    for axes, (dataset, ceiling) in zip(grid, ceilings.items(), strict=False):
        part = curves[curves["dataset"] == dataset]
        axes.axhline(ceiling, color="black", linestyle="--", linewidth=0.8, label="all labels")
        for name, look in palette.items():
            curve = part[part["strategy"] == name]
            style: dict[str, Any] = {"linestyle": look.line, "color": look.colour}
            axes.plot(curve["labels"], curve["score"], linewidth=1.3, label=name, **style)
        axes.set_title(dataset, fontsize=10)
        axes.tick_params(labelsize=8)
    for spare in grid[len(ceilings) :]:
        spare.axis("off")
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=5)
    figure.supxlabel("labels", fontsize=9)


def agreement(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    """Differences of our means to the published ones, in units of their bound."""
    for place, row in enumerate(rows):
        colour = "#0072b2" if row["agrees"] else "#d55e00"
        axes.plot(row["difference"] / row["bound"], place, "o", color=colour)
    axes.set_yticks(range(len(rows)), [f"{row['dataset']}, {row['published_as']}" for row in rows])
    axes.axvspan(-1, 1, color="grey", alpha=0.15, linewidth=0)
    axes.axvline(0, color="grey", linewidth=1)
    widest = max([1.5, *(1.1 * abs(row["difference"] / row["bound"]) for row in rows)])
    axes.set_xlim(-widest, widest)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel("difference of the means, in units of what was allowed")

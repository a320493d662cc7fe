"""Figures of the benchmark: critical differences, heat maps, learning curves of every cell."""

import math
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from active_learning.analysis.figures import COLOURS, LineStyle

BLUE, ORANGE = COLOURS[:2]
_BEYOND = 0.02  # differences of this size and more have the deepest colour, unless all are smaller


def critical_difference(figure: Figure, together: Mapping[str, Any]) -> None:
    """Average ranks on a line, best on the right, and bars over those that do not differ.

    Reference: Demšar 2006, figure 1; the bars are by Wilcoxon tests with Holm's correction
    (Benavoli 2016), his scale of the critical difference is drawn above.

    Parameters
    ----------
    figure : matplotlib Figure
    together : dict
        ``average_ranks``, ``alike`` and ``critical_difference``, as in the leaderboard.
    """
    ranks = together["average_ranks"]
    worst, half = len(ranks), math.ceil(len(ranks) / 2)
    figure.set_size_inches(8.5, 1.6 + 0.22 * worst)
    axes = figure.subplots()
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
        axes.annotate(
            f"{name}  {rank:.2f}" if right else f"{rank:.2f}  {name}", (end, level),
            xytext=(4 if right else -4, 0), textcoords="offset points",
            ha="left" if right else "right", va="center",
        )  # fmt: skip
    for level, run in enumerate(together["alike"]):
        height = -0.25 - 0.25 * level
        ends = [ranks[run[0]] - 0.04, ranks[run[-1]] + 0.04]
        axes.plot(ends, [height, height], color=ORANGE, linewidth=3.5, solid_capstyle="butt")
    difference = together["critical_difference"]
    if difference is not None and difference < worst - 1:
        axes.plot([worst, worst - difference], [1.6, 1.6], color="grey", linewidth=1.5)
        axes.annotate(
            f"Nemenyi's critical difference {difference:.2f}", (worst - difference, 1.6),
            xytext=(5, 0), textcoords="offset points", va="center", color="grey", fontsize=8.5,
        )  # fmt: skip


def heat_map(
    figure: Figure, values: pd.DataFrame, texts: pd.DataFrame, *, deepest: float | None = None
) -> None:
    """Numbers on colours: blue above 0, orange below, white at 0, grey where there is none.

    Parameters
    ----------
    figure : matplotlib Figure
    values : DataFrame of float
    texts : DataFrame of str
        What is written in the cells.
    deepest : float, optional
        Value of the deepest colour; by default the largest there is, but 0.02 at most.
    """
    numbers = values.to_numpy()
    largest = np.nan_to_num(np.abs(numbers)).max(initial=0)
    scale = deepest or float(min(_BEYOND, largest) or _BEYOND)
    colours = mpl.colors.LinearSegmentedColormap.from_list("", [ORANGE, "white", BLUE])
    style: dict[str, Any] = {"cmap": colours.with_extremes(bad="#dddddd"), "aspect": "auto"}
    figure.set_size_inches(2.2 + 1.15 * len(values.columns), 1.2 + 0.32 * len(values))
    axes = figure.subplots()
    axes.imshow(np.ma.masked_invalid(numbers), vmin=-scale, vmax=scale, **style)
    axes.set_xticks(range(len(values.columns)), values.columns, rotation=25, ha="left")
    axes.set_yticks(range(len(values)), values.index)
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)
    for (row, column), value in np.ndenumerate(numbers):
        axes.annotate(
            str(texts.iloc[row, column]), (column, row), ha="center", va="center", fontsize=9,
            color="white" if abs(value) > 0.6 * scale else "black",  # black where it is NaN
        )  # fmt: skip


def small_curves(
    figure: Figure,
    curves: pd.DataFrame,
    ceilings: Mapping[str, float],
    styles: Mapping[str, LineStyle],
) -> None:
    """Mean learning curves, one small axes for each data set, four in a row.

    Parameters
    ----------
    figure : matplotlib Figure
    curves : DataFrame with columns dataset, strategy, labels, score
    ceilings : dict of str to float
        For each data set, the mean score with every label.
    styles : dict of str to LineStyle
    """
    n_rows = math.ceil(len(ceilings) / 4)
    figure.set_size_inches(11, 1 + 2.1 * n_rows)
    grid = list(figure.subplots(n_rows, min(4, len(ceilings)), squeeze=False).flat)
    for axes, (dataset, ceiling) in zip(grid, ceilings.items(), strict=False):
        part = curves[curves["dataset"] == dataset]
        axes.axhline(ceiling, color="black", linestyle="--", linewidth=0.8, label="ceiling")
        for name, (colour, line, _) in styles.items():
            curve = part[part["strategy"] == name]
            style: dict[str, Any] = {"linestyle": line, "color": colour, "linewidth": 1.3}
            axes.plot(curve["labels"], curve["score"], label=name, **style)
        axes.set_title(dataset, fontsize=10)
        axes.tick_params(labelsize=8)
    for spare in grid[len(ceilings) :]:
        spare.axis("off")
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=5)
    figure.supxlabel("labels", fontsize=9)

"""Figures: learning curves, differences to random, label savings; byte-reproducible."""

import io
import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple, cast

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from active_learning.data import files

# Okabe & Ito, "Color universal design", 2008: safe for colour-blind readers.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
CONTROL_COLOUR = "#7f7f7f"
MARKS = ("s", "D", "^", "v", "P", "X")
Line = str | tuple[int, tuple[int, ...]]
# One pair for each cycle through the colours: the line, and the same with wider gaps for an older
# revision.
LINES: tuple[tuple[Line, Line], ...] = (
    ("-", "--"),
    (":", (0, (1, 4))),
    ("-.", (0, (6, 5, 1, 5))),
    ((0, (5, 1, 1, 1, 1, 1)), (0, (5, 4, 1, 4, 1, 4))),
)
_LEGEND_ROW = 0.22  # inches
_LEGEND_ROWS = 2  # that fit without growing the figure
_BANDS = 4  # intervals that can be told apart; more are drawn fainter
_BAR = 0.42  # inches, enough for two lines of text
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "active-learning",
    "text.parse_math": False,  # a $ in a name or title is a dollar
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
}
_INLINE_STYLE: dict[Any, Any] = STYLE | {
    "svg.fonttype": "none",  # text can be searched for, at a tenth of the size
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
}


@contextmanager
def drawing(width: float, height: float, dpi: int) -> Iterator[tuple[Figure, Axes]]:
    """An empty figure in the project's style; sizes in inches and dots per inch."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
        yield figure, figure.subplots()


def save(figure: Figure, path: Path) -> None:
    """Write a figure as ``.svg`` or ``.png``, atomically and without a date."""
    undated = {"Date": None} if path.suffix == ".svg" else {"Software": None}
    with files.replacing(path) as temporary:
        figure.savefig(temporary, format=path.suffix[1:], metadata=undated)


def inline_svg(plot: Callable[..., None], *arguments: Any, **options: Any) -> str:
    """Let a function plot on an empty figure, and return that as an ``<svg>`` element.

    Without metadata, background and the ids of groups, so that a page can hold several.
    """
    file = io.StringIO()
    metadata = dict.fromkeys(["Creator", "Date", "Format", "Type"])
    with mpl.rc_context(_INLINE_STYLE):
        figure = Figure(layout="constrained")
        plot(figure, *arguments, **options)
        figure.savefig(file, format="svg", metadata=metadata, transparent=True)
    svg = file.getvalue()
    return re.sub(r' id="[\w.]+_\d+"', "", svg[svg.index("<svg") :])


class LineStyle(NamedTuple):
    """Colour and line of a strategy, the same in every figure."""

    colour: str
    line: Line = "-"
    older: Line = "--"
    """Line for an older revision."""


def line_style(index: int) -> LineStyle:
    """Style of the line with this index; styles repeat after 28."""
    cycle_number, colour = divmod(index, len(COLOURS))
    return LineStyle(COLOURS[colour], *LINES[cycle_number % len(LINES)])


def line_styles(strategies: list[str], control: str) -> dict[str, LineStyle]:
    """Style of each strategy: grey for the control, the others in the order of the list."""
    others = [name for name in strategies if name != control]
    styles = {name: line_style(index) for index, name in enumerate(others)}
    return styles | ({control: LineStyle(CONTROL_COLOUR)} if control in strategies else {})


def repeats_in_words(n_repeats: int, confidence: float) -> str:
    """Description of what mean and interval are taken over."""
    if n_repeats == 1:
        return "one repeat"
    return f"mean of {n_repeats} repeats, {100 * confidence:g}% interval"


def _whole_numbers() -> MaxNLocator:
    return MaxNLocator(integer=True, steps=[1, 2, 5, 10])


def _legend(axes: Axes, columns: int = 4) -> None:
    """Add a legend above the axes, in as many columns as fit; the figure grows with a long one."""
    figure = cast("Figure", axes.figure)
    style: dict[str, Any] = {"loc": "outside upper left", "columnspacing": 1.2}
    legend = figure.legend(ncols=columns, **style)
    while columns > 1 and legend.get_window_extent().width > figure.bbox.width:
        legend.remove()
        columns -= 1
        legend = figure.legend(ncols=columns, **style)
    rows = math.ceil(len(legend.get_texts()) / columns)
    _grow(figure, _LEGEND_ROW * (rows - _LEGEND_ROWS))


def _grow(figure: Figure, inches: float) -> None:
    figure.set_figheight(figure.get_figheight() + max(inches, 0))


def _lines(
    axes: Axes, table: pd.DataFrame, column: str, styles: Mapping[str, LineStyle], x: str = "labels"
) -> None:
    """Draw mean and interval of every strategy."""
    names = table["strategy"].unique()
    alpha = 0.15 * min(1, _BANDS / max(len(names), 1))
    for name in names:
        part = table[table["strategy"] == name]
        colour, line, _ = styles[name]
        axes.fill_between(
            part[x], part["low"], part["high"], color=colour, alpha=alpha, linewidth=0
        )
        axes.plot(part[x], part[column], linestyle=line, color=colour, label=name, linewidth=2)
    axes.xaxis.set_major_locator(_whole_numbers())
    axes.set_xlabel("labels")


def learning_curves(
    axes: Axes,
    table: pd.DataFrame,
    *,
    styles: Mapping[str, LineStyle],
    scorer: str,
    ceiling: float,
    repeats: str,
    stops: Mapping[str, Mapping[str, tuple[float, float]]] | None = None,
) -> None:
    """Draw the mean score against labels with its interval, the initial score and the ceiling.

    Parameters
    ----------
    axes : matplotlib Axes
    table : DataFrame with columns strategy, labels, score, low, high
    styles : dict of str to LineStyle
    scorer : str
    ceiling : float
        Mean score with all labels.
    repeats : str
        What mean and interval are taken over, see ``repeats_in_words``.
    stops : dict of str to dict of str to tuple of float, optional
        For each stopping rule and strategy, mean labels and score with that rule, drawn as a mark.
    """
    _lines(axes, table, "score", styles)
    start = table.iloc[0]
    label = f"ceiling: {ceiling:.4f}"
    axes.axhline(ceiling, color="black", linestyle="--", linewidth=1, label=label)
    label = f"initial: {start['score']:.4f}"
    axes.plot(start["labels"], start["score"], "o", color="black", zorder=3, label=label)
    if stops:
        _marks(axes, stops, styles)
    axes.set_ylabel(f"test {scorer}\n({repeats})")
    _legend(axes, columns=3 if stops else 4)


def _marks(
    axes: Axes,
    stops: Mapping[str, Mapping[str, tuple[float, float]]],
    styles: Mapping[str, LineStyle],
) -> None:
    """Mark where each stopping rule ends each strategy, with one shape per rule."""
    for (rule, points), shape in zip(stops.items(), cycle(MARKS), strict=False):
        style: dict[str, Any] = {"marker": shape, "markersize": 8, "linestyle": "none"}
        for name, point in points.items():
            axes.plot(*point, color=styles[name].colour, markeredgecolor="black", zorder=4, **style)
        axes.plot([], [], color="white", markeredgecolor="black", label=rule, **style)


def cost_curves(
    axes: Axes, table: pd.DataFrame, *, styles: Mapping[str, LineStyle], scorer: str, repeats: str
) -> None:
    """Draw the mean score against the cost of the labels, with its interval.

    Parameters
    ----------
    axes : matplotlib Axes
    table : DataFrame with columns strategy, cost, score, low, high
    styles : dict of str to LineStyle
    scorer, repeats : str
    """
    _lines(axes, table, "score", styles, x="cost")
    axes.set_xlabel("cost of the labels bought")
    axes.set_ylabel(f"test {scorer}\n({repeats})")
    _legend(axes)


def revisions(axes: Axes, now: pd.DataFrame, base: pd.DataFrame | None, scorer: str) -> None:
    """Draw the mean learning curves of two revisions: now with intervals, the base dashed.

    Parameters
    ----------
    axes : matplotlib Axes
    now, base : DataFrame with columns strategy, labels, score, low, high
        Without a base, only the present curves are drawn.
    scorer : str
    """
    before = now.iloc[:0] if base is None else base
    styles = line_styles(list(dict.fromkeys([*now["strategy"], *before["strategy"]])), "random")
    _lines(axes, now, "score", styles)
    for name in before["strategy"].unique():
        part = before[before["strategy"] == name]
        # Strategies that both have are already in the legend.
        label = None if name in set(now["strategy"]) else f"{name} (base)"
        style: dict[str, Any] = {"linestyle": styles[name].older, "color": styles[name].colour}
        axes.plot(part["labels"], part["score"], label=label, linewidth=1.5, **style)
    if base is not None:
        axes.plot([], [], color="black", linewidth=2, label="now")
        axes.plot([], [], color="black", label="base", linestyle="--", linewidth=1.5)
    axes.set_ylabel(f"test {scorer}\n(mean; band: its interval now)")
    _legend(axes)


def differences(
    axes: Axes, table: pd.DataFrame, styles: Mapping[str, LineStyle], scorer: str, repeats: str
) -> None:
    """Draw the mean paired difference to random against labels, with its interval.

    Parameters
    ----------
    axes : matplotlib Axes
    table : DataFrame with columns strategy, labels, difference, low, high
    styles : dict of str to LineStyle
    scorer, repeats : str
    """
    _lines(axes, table, "difference", styles)
    axes.axhline(0, color=CONTROL_COLOUR, linewidth=1.5, label="random")
    axes.set_ylabel(f"test {scorer} minus random's\n({repeats})")
    _legend(axes)


def label_savings(
    axes: Axes,
    savings: Mapping[str, Mapping[str, Any]],
    styles: Mapping[str, LineStyle],
    scorer: str,
) -> None:
    """Draw the labels that each strategy and random buy to reach random's final mean score.

    Parameters
    ----------
    axes : matplotlib Axes
    savings : dict of str to dict
        For each strategy, as in ``Comparison.to_dict``.
    styles : dict of str to LineStyle
    scorer : str
    """
    first = next(iter(savings.values()))
    bars = {name: (row["bought"], _saved(row)) for name, row in savings.items()}
    bars["random"] = (first["bought_by_random"], "")
    longest = max([bought for bought, _ in bars.values() if bought is not None], default=0)
    for name, (bought, text) in bars.items():
        axes.barh(name, bought or 0, color=styles[name].colour, height=0.6)
        count = "never reached" if bought is None else f"{bought}"
        axes.annotate(
            f"{count}{text}", (bought or 0, name), xytext=(5, 0), textcoords="offset points",
            va="center",
        )  # fmt: skip
    axes.set_ylim(len(bars) - 0.4, -0.6)
    figure = cast("Figure", axes.figure)
    _grow(figure, _BAR * (len(bars) + 2) - figure.get_figheight())
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, 1.5 * max(longest, 1))
    axes.xaxis.set_major_locator(_whole_numbers())
    axes.set_xlabel(f"labels bought to reach\nrandom's final mean {scorer}, {first['target']:.4f}")


def _saved(savings: Mapping[str, Any]) -> str:
    low, high = savings["low"], savings["high"]
    if savings["bought"] is None or not savings["bought_by_random"] or high is None:
        return ""
    least = "at most" if low is None else f"{100 * low:.0f} to"
    return f"\nsaved: {least} {100 * high:.0f}%"

"""Draw the figures, and put the experiment on one page."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from active_learning.analysis import figures
from active_learning.data import files
from stages import command, experiment_page, paths
from stages.experiment_page import Draw
from stages.params import Params
from stages.params.sections import Plot

MIN_STOPPED = 0.5  # with fewer repeats, the mean is dominated by the end of the budget


def save(name: str, params: Plot, draw: Draw, title: str | None = None) -> None:
    """Draw a figure and write it as SVG and PNG."""
    with figures.drawing(params.width, params.height, params.dpi) as (figure, axes):
        draw(axes)
        if title:
            axes.set_title(title)
        for kind in ("svg", "png"):
            figures.save(figure, paths.PLOTS / f"{name}.{kind}")
    print(f"{paths.PLOTS / name}.svg and .png")


def read_stops(legends: Mapping[str, str]) -> dict[str, dict[str, tuple[float, float]]]:
    """Mean labels and score with each stopping rule that stops at least half of the repeats."""
    path = paths.STOPPING
    strategies = files.read_json(path, "strategies")["strategies"]
    stops: dict[str, dict[str, tuple[float, float]]] = {}
    with files.reading(path):
        for name, legend in legends.items():
            for rule, row in strategies[name].items():
                if row["stopped"] >= MIN_STOPPED:
                    point = row["labels"]["mean"], row["score"]["mean"]
                    stops.setdefault(rule, {})[legend] = point
    return stops


def drawings(comparison: Mapping[str, Any]) -> dict[str, Draw]:
    """Learning curves and, if there is a control, differences to it and label savings."""
    columns = ["strategy", "labels", "low", "high"]
    curves = files.read_table(paths.CURVES, [*columns, "score"])
    cost_columns = ["strategy", "cost", "score", "low", "high"]
    costs = files.read_table(paths.COST_CURVES, cost_columns)
    differences = files.read_table(paths.DIFFERENCES, [*columns, "difference"])
    legends, scorer = comparison["legends"], comparison["headline"]
    styles = figures.line_styles(list(legends.values()), comparison["control"])
    repeats = figures.repeats_in_words(comparison["n_repeats"], comparison["confidence"])
    style = {"styles": styles, "scorer": scorer}
    drawn: dict[str, Draw] = {
        "learning_curves": partial(
            figures.learning_curves,
            table=curves,
            ceiling=comparison["ceilings"][scorer]["mean"],
            repeats=repeats,
            stops=read_stops(legends),
            **style,
        )
    }
    if len(costs):
        drawn["cost_curves"] = partial(figures.cost_curves, table=costs, repeats=repeats, **style)
    savings = {
        legends[name]: row["label_savings"]
        for name, row in comparison["strategies"].items()
        if name in legends and row["label_savings"]
    }
    if savings:
        drawn["differences"] = partial(
            figures.differences, table=differences, repeats=repeats, **style
        )
        drawn["label_savings"] = partial(figures.label_savings, savings=savings, **style)
    return drawn


def main(params: Params) -> None:
    """Draw the figures, and write the page."""
    comparison = files.read_json(paths.STRATEGIES, "headline", "legends", "strategies")
    drawn = drawings(comparison)
    html = experiment_page.render(params, comparison, drawn)  # reads all that it needs
    for name, draw in drawn.items():
        title = params.plot.title if name == "learning_curves" else None
        save(name, params.plot, draw, title)
    with files.replacing(paths.PAGE) as temporary:
        temporary.write_text(html, encoding="utf-8")
    print(paths.PAGE)


if __name__ == "__main__":
    command.stage(main, Params.read)

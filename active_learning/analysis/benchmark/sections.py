"""What the report shows: the tables and figures that ``benchmark.html.j2`` puts on a page."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from active_learning.analysis.benchmark import figures
from active_learning.analysis.figures import inline_svg, line_styles
from active_learning.analysis.page import Cell
from active_learning.analysis.report import NOT_SHOWN, saved

Board = Mapping[str, Any]
_SMALLEST_P = 0.001


def content(
    board: Board,
    points: pd.DataFrame,
    transfers: pd.DataFrame,
    published: Sequence[Mapping[str, Any]],
    source: str,
) -> dict[str, Any]:
    """Values of the template.

    Parameters
    ----------
    board : dict
        The leaderboard.
    points : DataFrame with columns dataset, learner, strategy, labels, score
        Points of the learning curves.
    transfers : DataFrame with columns dataset, strategy, query_model, task_model, aulc
    published : list of dict
        Rows of ``agreement``; empty: nothing was published.
    source : str
        Who published it.
    """
    return {
        "board": board,
        "learners": [_learner(board, name, points) for name in board["learners"]],
        "transfer": transfer(board, transfers),
        "agreement": published
        and {"source": source, "rows": published, "table": agreement(published)},
    }


def _learner(board: Board, learner: str, points: pd.DataFrame) -> dict[str, Any]:
    together = board["learners"][learner]
    ceilings = {cell["dataset"]: cell["ceiling"] for cell in _cells(board, learner)}
    styles = line_styles(board["strategies"], board["control"])
    own_points = points[points["learner"] == learner]
    return {
        "name": learner,
        "together": together,
        "best": next(name for name in together["average_ranks"] if name != board["control"]),
        "scores": scores(board, learner),
        "diagram": inline_svg(figures.critical_difference, together),
        "p_values": p_values(board, learner),
        "differences": inline_svg(figures.heat_map, *differences(board, learner)),
        "new_tables": new_tables(board, learner),
        "savings": inline_svg(figures.heat_map, *savings(board, learner), deepest=1.0),
        "curves": inline_svg(figures.small_curves, own_points, ceilings, styles),
        "power": power(board, learner),
    }


def _cells(board: Board, learner: str) -> list[dict[str, Any]]:
    """Cells of one learner, one for each data set."""
    return [cell for cell in board["cells"] if cell["learner"] == learner]


def _strategies(board: Board, learner: str) -> pd.DataFrame:
    """Table of data sets and strategies; each cell holds what the leaderboard says of it."""
    rows = {cell["dataset"]: cell["strategies"] for cell in _cells(board, learner)}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=board["strategies"])
    return table.rename_axis("data set")


def _challengers(board: Board, learner: str) -> pd.DataFrame:
    """The same without the control."""
    return _strategies(board, learner).drop(columns=board["control"])


def scores(board: Board, learner: str) -> pd.DataFrame:
    """Table of data sets and strategies: AULC, and the difference to the control."""
    cells, together = _cells(board, learner), board["learners"][learner]
    table = _strategies(board, learner).map(_score)
    table.insert(0, "labels", ["{} → {}".format(*cell["labels"]) for cell in cells])
    table.insert(1, "ceiling", [f"{cell['ceiling']:.3f}" for cell in cells])
    summary = {
        "better / undecided / worse": {
            name: f"{count['better']} / {count['undecided']} / {count['worse']}"
            for name, count in together["against_control"].items()
        },
        "average rank": {name: f"{rank:.2f}" for name, rank in together["average_ranks"].items()},
    }
    both = pd.concat([table, pd.DataFrame.from_dict(summary, orient="index")])
    return both.fillna("").rename_axis("data set")


def _score(row: Mapping[str, Any]) -> Cell:
    value = f"{row['aulc']['mean']:.3f}"
    if "vs_control" not in row:
        return Cell(value)
    if row["same_as"]:
        return Cell(value, f"= {row['same_as']}", "same")
    against = row["vs_control"]
    note = f"{against['difference']:+.3f}"
    if against["low"] is not None:
        note += f" ({against['low']:+.3f} to {against['high']:+.3f})"
    return Cell(value, note, "" if against["verdict"] == "undecided" else against["verdict"])


def p_values(board: Board, learner: str) -> pd.DataFrame:
    """Table of p for every strategy against the control, over data sets."""
    rows = {
        next(name for name in pair["pair"] if name != board["control"]): _p(pair["p_holm"])
        for pair in board["learners"][learner]["pairs"]
        if board["control"] in pair["pair"]
    }
    return pd.DataFrame({"p": rows}).rename_axis("strategy")


def _p(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2g}" if value >= _SMALLEST_P else f"< {_SMALLEST_P}"


def differences(board: Board, learner: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Differences to the control, above 0 where a strategy is better, and how they are written."""
    rows, sign = _challengers(board, learner), 1 if board["greater_is_better"] else -1
    return rows.map(lambda row: sign * row["vs_control"]["difference"]), rows.map(_difference)


def _difference(row: Mapping[str, Any]) -> str:
    value = f"{row['vs_control']['difference']:+.3f}"
    return f"({value})" if row["vs_control"]["verdict"] == "undecided" else value


def new_tables(board: Board, learner: str) -> pd.DataFrame:
    """Table of the intervals of the differences on other tables like the data sets."""
    return _challengers(board, learner).map(_new_table)


def _new_table(row: Mapping[str, Any]) -> Cell:
    against = row["vs_control"]
    if row["same_as"]:
        return Cell("=", kind="same")
    if against["new_table_low"] is None:
        return Cell("–")
    return Cell(f"{against['new_table_low']:+.3f} to {against['new_table_high']:+.3f}")


def savings(board: Board, learner: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Least label savings of the interval, NaN where none are shown, and how they are written."""
    rows = _challengers(board, learner).map(lambda row: row["label_savings"])
    return rows.map(_certain).astype(float), rows.map(_saving)


def _certain(savings: Mapping[str, Any]) -> float:
    """The end of the interval that is nearer to 0."""
    if saved(savings) == NOT_SHOWN:
        return math.nan
    return float(min(savings["low"], savings["high"], key=abs))


def _saving(savings: Mapping[str, Any]) -> str:
    if savings["bought"] is None:
        return "never"
    return saved(savings) if savings["bought_by_random"] else "flat"


def transfer(board: Board, transfers: pd.DataFrame) -> pd.DataFrame | None:
    """Table of what rows chosen with one learner are worth to another, less the control's rows."""
    if transfers.empty:
        return None
    keys = ["query_model", "task_model"]
    wide = transfers.pivot(index=[*keys, "dataset"], columns="strategy", values="aulc")
    gains = wide.sub(wide[board["control"]], axis="index").groupby(keys)
    mean, worst = gains.mean(), gains.min() if board["greater_is_better"] else gains.max()
    learners = list(transfers["task_model"].unique())
    rows = {
        f"{name}, rows chosen with {chooser}": {
            f"train {learner}": Cell(
                f"{mean[name][chooser, learner]:+.4f}",
                f"worst data set {worst[name][chooser, learner]:+.3f}",
            )
            for learner in learners
        }
        for name in transfers["strategy"].unique()
        if name != board["control"]
        for chooser in learners
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("strategy")


def power(board: Board, learner: str) -> pd.DataFrame:
    """Table of how many repeats a difference would take, and what the present ones can show."""
    table = _challengers(board, learner).map(_power)
    table.insert(0, "repeats", [str(cell["n_repeats"]) for cell in _cells(board, learner)])
    return table


def _power(row: Mapping[str, Any]) -> Cell:
    against = row["vs_control"]
    if row["same_as"]:
        return Cell("=", kind="same")
    if against["repeats_to_detect"] is None:
        return Cell("–")
    smallest = against["smallest_detectable"]
    note = "" if smallest is None else f"≥ {smallest:.4f}"
    return Cell(f"{against['repeats_to_detect']}", note)


def agreement(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Table of our figures beside the published ones."""
    table = [
        {
            "published": f"{row['dataset']}, {row['published_as']}",
            "ours": row["strategy"],
            "ours: mean ± sd (seeds)": f"{row['ours']:.4f} ± {row['ours_sd']:.4f} ({row['seeds']})",
            "theirs": f"{row['theirs']:.4f} ± {row['theirs_sd']:.4f} ({row['published_seeds']})",
            "difference": f"{row['difference']:+z.4f}",
            "verdict": Cell(
                "agrees" if row["agrees"] else "disagrees",
                f"tolerance {row['bound']:.4f}",
                "better" if row["agrees"] else "worse",
            ),
            "our data": Cell(row["note"], kind="prose"),
        }
        for row in rows
    ]
    return pd.DataFrame(table).set_index("published")

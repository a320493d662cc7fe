"""The sections of the report: what came out, in words, tables and figures."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from active_learning import figures as house
from active_learning.benchmark import figures
from active_learning.benchmark.page import Cell, figure, heading, paragraph, table

Board = Mapping[str, Any]


def cells_of(board: Board, learner: str) -> list[dict[str, Any]]:
    """Cells of one learner, one for each data set."""
    return [cell for cell in board["cells"] if cell["learner"] == learner]


def rivals(board: Board) -> list[str]:
    """Strategies but the control."""
    return [name for name in board["strategies"] if name != board["control"]]


def how_many(items: Collection[Any], what: str) -> str:
    """How many there are, with the word for one or more of them."""
    return f"{len(items)} {what}" if len(items) == 1 else f"{len(items)} {what}s"


def percent(share: float) -> str:
    """Share as a percentage."""
    return f"{100 * share:.0f} %"


def lead(board: Board) -> str:
    """What came out, in a few sentences."""
    control = board["control"]
    repeats = sorted({cell["n_repeats"] for cell in board["cells"]})
    datasets = {cell["dataset"] for cell in board["cells"]}
    span = f"{repeats[0]}" if len(repeats) == 1 else f"{repeats[0]} to {repeats[-1]}"
    text = (
        f"{how_many(datasets, 'data set')}, {how_many(board['learners'], 'learner')}, "
        f"{len(board['strategies'])} strategies, {span} repeats of each, paired: every strategy "
        f"starts from the same labels as {control}. The score is {board['headline']} on a test "
        "set, averaged over the learning curve (AULC)."
    )
    html = paragraph(text, "lead")
    for learner, together in board["learners"].items():
        html += paragraph(_came_out(learner, together, board))
    return html


def _came_out(learner: str, together: Mapping[str, Any], board: Board) -> str:
    counts = together["against_control"]
    best = next(name for name in together["average_ranks"] if name in counts)
    found = counts[best]
    text = (
        f"With {learner}, {best} has the best average rank of those that choose "
        f"({together['average_ranks'][best]:.2f}; {board['control']} "
        f"{together['average_ranks'][board['control']]:.2f}): better than {board['control']} on "
        f"{found['better']} of {together['n_datasets']} data sets, worse on {found['worse']}, "
        f"undecided on {found['undecided']}; on average by {found['mean_difference']:+.3f}, from "
        f"{found['worst_difference']:+.3f} to {found['best_difference']:+.3f}. "
    )
    if together["p_friedman"] is None:
        return text + "So few say nothing of another data set."
    p, alike = together["p_friedman"], 1 - board["confidence"]
    told = "differ" if p < alike else "cannot be told apart"
    return f"{text}Over the data sets the strategies {told} (Friedman, p = {p:.2g})."


def scores(board: Board, learner: str) -> str:
    """Table of data sets and strategies: AULC, and the difference to the control."""
    rows: list[list[str | Cell]] = []
    for cell in cells_of(board, learner):
        shown = [_score(name, row, board) for name, row in cell["strategies"].items()]
        span = f"{cell['labels'][0]} → {cell['labels'][1]}"
        rows.append([cell["dataset"], span, f"{cell['ceiling']:.3f}", *shown])
    together = board["learners"][learner]
    counted: list[str | Cell] = ["better / undecided / worse", "", ""]
    for name in board["strategies"]:
        count = together["against_control"].get(name)
        words = ("better", "undecided", "worse")
        counted.append(" / ".join(str(count[word]) for word in words) if count else "")
    ranks = [f"{together['average_ranks'][name]:.2f}" for name in board["strategies"]]
    rows += [counted, ["average rank", "", "", *ranks]]
    level = percent(board["confidence"])
    return table(
        ["data set", "labels", "all labels", *board["strategies"]],
        rows,
        f"{learner}: mean AULC, and below it the paired difference to {board['control']} with its "
        f"{level} interval. Blue is better, orange worse, by interval and Wilcoxon test with "
        "Holm's correction. “=”: the very same rows, so no result of its own.",
    )


def _score(name: str, row: Mapping[str, Any], board: Board) -> Cell:
    value = f"{row['aulc']['mean']:.3f}"
    if name == board["control"]:
        return Cell(value)
    if row["same_as"]:
        return Cell(value, f"= {row['same_as']}", "twin")
    against = row["vs_control"]
    kind = "" if against["verdict"] == "undecided" else against["verdict"]
    return Cell(value, _interval(against), kind)


def _interval(against: Mapping[str, Any]) -> str:
    if against["low"] is None:
        return f"{against['difference']:+.3f}"
    return f"{against['difference']:+.3f} ({against['low']:+.3f} to {against['high']:+.3f})"


def ranks(board: Board, learner: str) -> str:
    """Average ranks with the tests over data sets, and the diagram of critical differences."""
    together = board["learners"][learner]
    if len(board["strategies"]) < 2:  # noqa: PLR2004 - nothing to rank
        return paragraph("One strategy has no rank.")
    with figures.sheet(8.5, 1.6 + 0.22 * len(board["strategies"])) as sheet:
        figures.critical_difference(sheet.subplots(), together)
        address = figures.data_uri(sheet)
    listed = ", ".join(f"{name} {rank:.2f}" for name, rank in together["average_ranks"].items())
    found = figure(
        address,
        f"Average ranks with {learner}, best first: {listed}",
        f"{learner}: average ranks over {together['n_datasets']} data sets, the best on the right. "
        "An orange bar joins strategies of which no pair differs significantly.",
    )
    shown = [pair for pair in together["pairs"] if board["control"] in pair["pair"]]
    against = [
        [next(name for name in pair["pair"] if name != board["control"]), _p(pair["p_holm"])]
        for pair in shown
    ]
    caption = (
        f"Wilcoxon signed-rank test over data sets against {board['control']}, adjusted by Holm "
        f"for {how_many(together['pairs'], 'pair')}"
    )
    return found + table(["strategy", "p"], against, caption)


def _p(value: float | None) -> str:
    return "–" if value is None else f"{value:.2g}" if value >= 0.001 else "< 0.001"  # noqa: PLR2004


def differences(board: Board, learner: str) -> str:
    """Heat map of the differences to the control."""
    cells, names = cells_of(board, learner), rivals(board)
    rows = [[cell["strategies"][name] for name in names] for cell in cells]
    sign = 1 if board["greater_is_better"] else -1
    values = np.array([[row["vs_control"]["difference"] for row in line] for line in rows])
    texts = [[_mark(row) for row in line] for line in rows]
    address = _map(sign * values, cells, names, texts)
    return figure(
        address,
        f"Differences to {board['control']} with {learner}, as in the leaderboard",
        f"{learner}: difference in AULC to {board['control']}; bold colours are ±0.02 and more. "
        "Brackets: undecided. The numbers are those of the leaderboard.",
    )


def _mark(row: Mapping[str, Any]) -> str:
    value = f"{row['vs_control']['difference']:+.3f}"
    return f"({value})" if row["vs_control"]["verdict"] == "undecided" else value


def _map(
    values: Any, cells: Sequence[Any], names: Sequence[str], texts: Any, **options: Any
) -> str:
    with figures.sheet(2.2 + 1.15 * len(names), 1.2 + 0.32 * len(cells)) as sheet:
        rows = [cell["dataset"] for cell in cells]
        figures.heat_map(sheet.subplots(), values, rows, names, texts, **options)
        return figures.data_uri(sheet)


def savings(board: Board, learner: str) -> str:
    """Heat map of the label savings."""
    cells, names = cells_of(board, learner), rivals(board)
    rows = [[cell["strategies"][name]["label_savings"] for name in names] for cell in cells]
    values = np.array(
        [[math.nan if row["savings"] is None else row["savings"] for row in line] for line in rows]
    )
    texts = [[_saved(row) for row in line] for line in rows]
    address = _map(values, cells, names, texts, deepest=1.0)
    return figure(
        address,
        f"Label savings with {learner}",
        f"{learner}: share of the labels saved on the way to {board['control']}'s final mean "
        "score. Never: not reached with the labels there were. Flat: "
        f"{board['control']} ended no better than it began.",
    )


def _saved(row: Mapping[str, Any]) -> str:
    if row["savings"] is not None:
        return percent(row["savings"])
    return "never" if row["bought_by_random"] else "flat"


def curves(board: Board, learner: str, points: pd.DataFrame) -> str:
    """Learning curves of every data set."""
    ceilings = {cell["dataset"]: cell["ceiling"] for cell in cells_of(board, learner)}
    palette = house.looks(board["strategies"], board["control"])
    ours = points[points["learner"] == learner]
    with figures.sheet(11, 1 + 2.1 * math.ceil(len(ceilings) / 4)) as sheet:
        figures.small_curves(sheet, ours, ceilings, palette)
        address = figures.data_uri(sheet)
    says = f"Mean {board['headline']} against labels with {learner}"
    return figure(address, says, f"{says}. Strategies that chose the same rows cover each other.")


def compatibility(points: pd.DataFrame, control: str) -> str:
    """What rows that one learner chose are worth to another, against the control's rows."""
    if points.empty:
        return paragraph("With a single learner there is nothing to compare.")
    keys = ["dataset", "query_model", "task_model"]
    base = points[points["strategy"] == control].set_index(keys)["aulc"]
    gains = points[points["strategy"] != control].copy()
    gains["gain"] = gains["aulc"] - base.reindex(pd.MultiIndex.from_frame(gains[keys])).to_numpy()
    means = gains.groupby(["strategy", "query_model", "task_model"], sort=False)["gain"]
    mean, worst = means.mean(), means.min()
    learners = list(dict.fromkeys(points["task_model"]))
    rows: list[list[str | Cell]] = [
        [
            f"{strategy}, rows chosen with {chooser}",
            *(
                Cell(
                    f"{mean[strategy, chooser, taught]:+.4f}",
                    f"worst data set {worst[strategy, chooser, taught]:+.3f}",
                )
                for taught in learners
            ),
        ]
        for strategy in dict.fromkeys(gains["strategy"])
        for chooser in learners
    ]
    return table(
        ["", *(f"taught to {name}" for name in learners)],
        rows,
        f"Difference in AULC, at a few points of the curve, between rows that were chosen with one "
        f"learner and {control}'s rows, both taught to the same learner; mean over data sets.",
    )


def power(board: Board, learner: str) -> str:
    """What so many repeats can show, and how many a difference would take."""
    wanted, names = board["difference"], rivals(board)
    rows: list[list[str | Cell]] = []
    for cell in cells_of(board, learner):
        shown: list[str | Cell] = [cell["dataset"], str(cell["n_repeats"])]
        for name in names:
            row = cell["strategies"][name]
            against = row["vs_control"]
            if row["same_as"]:
                shown.append(Cell("=", kind="twin"))
            elif against["repeats_to_detect"] is None:
                shown.append("–")
            else:
                below = f"{cell['n_repeats']} show {against['smallest_detectable']:.4f}"
                shown.append(Cell(f"{against['repeats_to_detect']}", below))
        rows.append(shown)
    return table(
        ["data set", "repeats", *names],
        rows,
        f"{learner}: repeats that it takes to see a difference in AULC of {wanted:g} to "
        f"{board['control']} with a chance of {percent(board['power'])}, and below it the smallest "
        "difference that the repeats there are would show with that chance.",
    )


def agreement(rows: Sequence[Mapping[str, Any]], source: str) -> str:
    """Our figures beside the published ones."""
    lines: list[list[str | Cell]] = []
    for row in rows:
        kind = "better" if row["agrees"] else "worse"
        words = "agrees" if row["agrees"] else "disagrees"
        lines.append(
            [
                f"{row['dataset']}, {row['published_as']}",
                row["strategy"],
                f"{row['ours']:.4f} ± {row['ours_sd']:.4f} ({row['seeds']})",
                f"{row['theirs']:.4f} ± {row['theirs_sd']:.4f} ({row['published_seeds']})",
                f"{round(row['difference'], 4) + 0.0:+.4f}",
                Cell(words, f"within {row['bound']:.4f}?", kind),
                Cell(row["note"], kind="text"),
            ]
        )
    headers = [
        "published",
        "ours",
        "ours: mean ± sd (seeds)",
        "theirs",
        "difference",
        "",
        "our data",
    ]
    with figures.sheet(7.5, 1 + 0.27 * len(rows)) as sheet:
        figures.agreement(sheet.subplots(), rows)
        address = figures.data_uri(sheet)
    return (
        paragraph(f"Published by {source}.")
        + table(headers, lines, "The mean may differ by what stands in the column before the last.")
        + figure(address, "Differences of the means in units of what was allowed, as in the table")
        + disagreements(rows)
    )


def disagreements(rows: Sequence[Mapping[str, Any]]) -> str:
    """Where and why we disagree, in words."""
    apart = [row for row in rows if not row["agrees"]]
    if not apart:
        return paragraph(f"All {len(rows)} figures agree.")
    said = [
        f"{row['dataset']}, {row['published_as']}: ours is {row['difference']:+.4f} away, "
        f"{abs(row['difference'] / row['bound']):.1f} times what was allowed. {_why(row)}"
        for row in apart
    ]
    count = f"{len(rows) - len(apart)} of {len(rows)} figures agree. Not these:"
    return paragraph(count) + "".join(paragraph(text) for text in said)


def _why(row: Mapping[str, Any]) -> str:
    """Why a figure may disagree."""
    if row["same_rows"]:
        return (
            f"Our data: {row['note']}. So the splits are theirs, and it is not chance: a library "
            "has another version, or one of the two programs has a fault."
        )
    text = f"Our data: {row['note']}. "
    if row["seeds"] != row["published_seeds"]:
        text += f"We took {row['seeds']} seeds, they took {row['published_seeds']}. "
    return text + "Other splits: of figures that agree, one in 20 is further away than was allowed."


def method(board: Board) -> str:
    """How it was measured, and the sources."""
    texts = [
        """AULC: trapezoid area under the learning curve over its width in labels. The interval of a
        difference is a bootstrap over the paired repeats (BCa; Efron 1987). A verdict needs the
        interval and the Wilcoxon signed-rank test, adjusted for the number of strategies (Holm
        1979), to agree.""",
        """Repeats are splits of one table: they say what another split would give, not another data
        set. So over data sets the unit is the data set: average ranks with Friedman's test (Demšar
        2006), and Wilcoxon signed-rank tests of every pair with Holm's correction rather than a
        test of mean ranks (Benavoli, Corani & Mangili 2016). Nemenyi's critical difference is drawn
        as a scale only.""",
        """With two classes least confidence, margin and entropy choose the same rows: they tie, and
        share their ranks.""",
        """Savings: 1 − labels bought / labels bought by the control, each until its mean curve
        first reaches the control's final mean score.""",
        f"""Power: paired t test at level {1 - board["confidence"]:.2g}, with the spread of the
        differences seen here (Cohen 1988).""",
    ]
    return "".join(paragraph(" ".join(text.split())) for text in texts)


def all_sections(
    board: Board,
    points: pd.DataFrame,
    transfers: pd.DataFrame,
    agreed: Sequence[Mapping[str, Any]],
    source: str,
) -> list[tuple[str, str]]:
    """Every section of the report: a heading and HTML."""
    learners = list(board["learners"])

    def each(section: Any, *arguments: Any) -> str:
        return "".join(heading(name) + section(board, name, *arguments) for name in learners)

    found = [("Agreement with published figures", agreement(agreed, source))] if agreed else []
    return [
        *found,
        ("Leaderboard", each(scores)),
        ("Ranks over data sets", each(ranks)),
        ("Where it helps and where it hurts", each(differences)),
        ("Labels saved", each(savings)),
        ("Learning curves", each(curves, points)),
        (
            "Rows chosen with one learner, taught to another",
            compatibility(transfers, board["control"]),
        ),
        ("What so many repeats can show", each(power)),
        ("How it was measured", method(board)),
    ]

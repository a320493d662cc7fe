"""What the figures and tables of the report show: the numbers that they were given."""

import re
from itertools import product

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from active_learning.analysis.benchmark import figures, sections
from active_learning.analysis.figures import inline_svg, line_styles
from active_learning.analysis.page import Cell
from tests.benchmark import conftest

TOGETHER = {
    "average_ranks": {"a": 1.25, "b": 2.0, "c": 2.75, "d": 4.0},
    "alike": [["a", "b", "c"], ["c", "d"]],
    "critical_difference": 1.5,
}
CHALLENGERS = ["least_confidence", "margin", "k_center_greedy"]


def plot(function, *arguments):
    """First axes of a figure that the function has filled."""
    figure = Figure()
    function(figure, *arguments)
    return figure.axes[0]


def texts(axes):
    return {text.get_text(): text for text in axes.texts}


def test_critical_difference_diagram():
    axes = plot(figures.critical_difference, TOGETHER)
    left, right = axes.get_xlim()
    assert left > 4
    assert right < 1  # the best on the right
    # Each name stands at an end of the line that begins at its rank, the better half on the right.
    lines = {tuple(line.get_xdata()) for line in axes.lines}
    heights = []
    for text, rank, end, alignment in (
        ("a  1.25", 1.25, right, "left"),
        ("b  2.00", 2.0, right, "left"),
        ("2.75  c", 2.75, left, "right"),
        ("4.00  d", 4.0, left, "right"),
    ):
        label = texts(axes)[text]
        assert (label.xy[0], label.get_ha()) == (end, alignment)
        assert (rank, rank, end) in lines
        heights.append(label.xy[1])
    assert heights[0] > heights[1]
    assert heights[3] > heights[2]
    bars = [line for line in axes.lines if line.get_color() == figures.ORANGE]
    np.testing.assert_allclose([bar.get_xdata() for bar in bars], [[1.21, 2.79], [2.71, 4.04]])
    assert len({bar.get_ydata()[0] for bar in bars}) == 2
    assert "Nemenyi's critical difference 1.50" in texts(axes)
    assert (4, 2.5) in lines


@pytest.mark.parametrize("difference", [3.0, None])
def test_a_critical_difference_as_wide_as_the_ranks_is_left_out(difference):
    axes = plot(figures.critical_difference, TOGETHER | {"critical_difference": difference})
    assert not [text for text in texts(axes) if "Nemenyi" in text]


def test_heat_map():
    values = pd.DataFrame({"p": [0.01, np.nan], "q": [-0.04, 0.0]}, index=["x", "y"])
    shown = pd.DataFrame({"p": ["one", "three"], "q": ["two", "four"]}, index=["x", "y"])
    axes = plot(figures.heat_map, values, shown)
    (image,) = axes.images
    np.testing.assert_array_equal(np.ma.filled(image.get_array(), np.nan), values)
    assert image.get_clim() == (-0.02, 0.02)
    red, _, blue, _ = image.to_rgba(np.array([[-1.0, 1.0]]), norm=True)[0].T
    assert red[0] > blue[0]  # orange below
    assert blue[1] > red[1]  # blue above
    assert {text.get_text(): text.xy for text in axes.texts} == {
        "one": (0, 0), "two": (1, 0), "three": (0, 1), "four": (1, 1)
    }  # fmt: skip
    assert [label.get_text() for label in axes.get_xticklabels()] == ["p", "q"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["x", "y"]


def test_a_figure_on_a_page_is_an_element_with_escaped_text():
    frame = pd.DataFrame({"<b>": [0.0]}, index=["x"])
    svg = inline_svg(figures.heat_map, frame, frame.map("{} &".format))
    assert svg.startswith("<svg ")
    assert "&lt;b&gt;" in svg
    assert "0.0 &amp;" in svg
    assert "metadata" not in svg
    assert not re.search(r' id="\w+_\d+"', svg)  # others hang on the content


def challengers(board):
    """Row by row, what the leaderboard says of the challengers with one learner."""
    cells = [cell["strategies"] for cell in board["cells"] if cell["learner"] == "svm_rbf"]
    return [cell[name] for cell in cells for name in CHALLENGERS]


@pytest.mark.parametrize("sign", [1, -1])
def test_differences_are_positive_where_a_strategy_is_better(board, sign):
    values, marks = sections.differences(board | {"greater_is_better": sign > 0}, "svm_rbf")
    for frame in (values, marks):
        assert list(frame.index) == list(conftest.DATASETS)
        assert list(frame.columns) == CHALLENGERS
    for value, mark, row in zip(
        values.to_numpy().flat, marks.to_numpy().flat, challengers(board), strict=True
    ):
        difference, verdict = row["vs_control"]["difference"], row["vs_control"]["verdict"]
        assert value == sign * difference
        assert mark == f"({difference:+.3f})" if verdict == "undecided" else f"{difference:+.3f}"


@pytest.mark.parametrize(
    ("greater_is_better", "worst"),
    [
        (True, ["+0.050", "+0.050", "-0.030", "+0.180"]),
        (False, ["+0.060", "+0.060", "-0.020", "+0.180"]),
    ],
)
def test_rows_for_another_learner_are_compared_with_the_control_s(greater_is_better, worst):
    rows = [
        (dataset, name, chooser, learner, score)
        for dataset, more in (("x", 0.0), ("y", 0.01))
        for name, chooser, learner, score in (
            ("margin", "p", "p", 0.85 + more), ("margin", "p", "q", 0.75 + more),
            ("margin", "q", "p", 0.78 - more), ("margin", "q", "q", 0.9),
            ("random", "p", "p", 0.8), ("random", "p", "q", 0.7),
            ("random", "q", "p", 0.8), ("random", "q", "q", 0.72),
        )
    ]  # fmt: skip
    columns = ["dataset", "strategy", "query_model", "task_model", "aulc"]
    board = {"control": "random", "greater_is_better": greater_is_better}
    table = sections.transfer(board, pd.DataFrame(rows, columns=columns))
    assert list(table.index) == ["margin, rows chosen with p", "margin, rows chosen with q"]
    assert list(table.columns) == ["train p", "train q"]
    means = ["+0.0550", "+0.0550", "-0.0250", "+0.1800"]
    expected = [Cell(a, f"worst data set {b}") for a, b in zip(means, worst, strict=True)]
    assert list(table.to_numpy().flat) == expected


def test_leaderboard_shows_each_difference_and_its_verdict(board):
    table = sections.scores(board, "svm_rbf")
    assert list(table.columns) == ["labels", "ceiling", *CHALLENGERS, "random"]
    cells, summary = table[:-2], table[-2:]
    assert list(cells.index) == list(conftest.DATASETS)
    assert set(zip(cells["labels"], cells["ceiling"], strict=True)) == {("20 → 50", "0.950")}
    assert {(cell.note, cell.kind) for cell in cells["random"]} == {("", "")}
    kinds = set()
    for cell, row in zip(cells[CHALLENGERS].to_numpy().flat, challengers(board), strict=True):
        assert cell.text == f"{row['aulc']['mean']:.3f}"
        against = row["vs_control"]
        if row["same_as"]:
            assert (cell.kind, cell.note) == ("same", "= least_confidence")
        else:
            assert cell.kind == {"undecided": ""}.get(against["verdict"], against["verdict"])
            ends = f"{against['low']:+.3f} to {against['high']:+.3f}"
            assert cell.note == f"{against['difference']:+.3f} ({ends})"
            kinds.add(cell.kind)
    assert kinds == {"better", "worse"}
    together = board["learners"]["svm_rbf"]
    count, rank = together["against_control"]["margin"], together["average_ranks"]["margin"]
    counts = f"{count['better']} / {count['undecided']} / {count['worse']}"
    assert list(summary["margin"]) == [counts, f"{rank:.2f}"]
    assert summary["random"].iloc[0] == ""


def test_ranks_are_tested_against_the_control(board):
    table = sections.p_values(board, "svm_rbf")
    assert set(table.index) == set(CHALLENGERS)
    pairs = board["learners"]["svm_rbf"]["pairs"]
    p_values = {frozenset(pair["pair"]): pair["p_holm"] for pair in pairs}
    for name, p in table["p"].items():
        assert float(p) == pytest.approx(p_values[frozenset((name, "random"))], rel=0.05)


def test_power_is_that_of_every_cell(board):
    table = sections.power(board, "svm_rbf")
    assert set(table["repeats"]) == {"12"}
    for cell, row in zip(table[CHALLENGERS].to_numpy().flat, challengers(board), strict=True):
        against = row["vs_control"]
        power = f"{against['repeats_to_detect']}", f"≥ {against['smallest_detectable']:.4f}"
        assert (cell.text, cell.note) == (("=", "") if row["same_as"] else power)


@pytest.mark.parametrize(
    ("low", "high", "bought", "bought_by_random", "colour", "text"),
    [
        (0.1, 0.4, 6, 8, 0.1, "10 to 40%"),
        (-0.4, -0.1, 12, 8, -0.1, "-40 to -10%"),
        (-0.1, 0.4, 6, 8, np.nan, "not shown"),
        (None, 0.4, 6, 8, np.nan, "not shown"),
        (None, None, None, 8, np.nan, "never"),
        (None, None, 0, 0, np.nan, "flat"),
    ],
)
def test_savings_in_words(low, high, bought, bought_by_random, colour, text):
    saved = {"low": low, "high": high, "bought": bought, "bought_by_random": bought_by_random}
    row = {"label_savings": saved}
    cell = {"dataset": "x", "learner": "p", "strategies": {"a": row, "random": {}}}
    board = {"cells": [cell], "strategies": ["a", "random"], "control": "random"}
    values, shown = sections.savings(board, "p")
    np.testing.assert_array_equal(values, [[colour]])
    assert shown.loc["x", "a"] == text


def test_intervals_of_another_table():
    against = {"new_table_low": -0.01, "new_table_high": 0.0304}
    same = {"same_as": "a", "vs_control": against}
    alone = {"same_as": None, "vs_control": {"new_table_low": None, "new_table_high": None}}
    row = {"a": {"same_as": None, "vs_control": against}, "b": same, "c": alone, "random": {}}
    cell = {"dataset": "x", "learner": "p", "strategies": row}
    board = {"cells": [cell], "strategies": list(row), "control": "random"}
    cells = sections.new_tables(board, "p").loc["x"]
    assert [each.text for each in cells] == ["-0.010 to +0.030", "=", "–"]


def test_learning_curves_of_every_data_set():
    ceilings, strategies = {"x": 0.9, "y": 0.95}, ["margin", "random"]
    curves = pd.DataFrame(product(ceilings, strategies, (10, 20)))
    curves.columns = ["dataset", "strategy", "labels"]
    curves["score"] = np.arange(8) / 10
    sheet, styles = Figure(), line_styles(strategies, "random")
    figures.small_curves(sheet, curves, ceilings, styles)
    assert [axes.get_title() for axes in sheet.axes] == list(ceilings)
    for axes, (dataset, own) in zip(sheet.axes, curves.groupby("dataset"), strict=True):
        top, *lines = axes.lines
        assert set(top.get_ydata()) == {ceilings[dataset]}
        assert [line.get_label() for line in lines] == strategies
        for line in lines:
            name = line.get_label()
            assert line.get_color() == styles[name].colour
            points = own.loc[own["strategy"] == name, ["labels", "score"]]
            np.testing.assert_allclose(line.get_xydata(), points)

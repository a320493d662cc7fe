"""What the figures and tables of the report show: the numbers that they were given."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from active_learning.analysis.benchmark import figures, sections
from active_learning.analysis.benchmark.page import Cell
from active_learning.analysis.figures import line_styles
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
    said = texts(axes)
    # Each name stands at an end of the line that begins at its rank, the better half on the right.
    lines = {tuple(line.get_xdata()) for line in axes.lines}
    names = ["a  1.25", "b  2.00", "2.75  c", "4.00  d"]
    for text, rank, on_the_right in zip(
        names, TOGETHER["average_ranks"].values(), (True, True, False, False), strict=True
    ):
        place, _ = said[text].xy
        assert place == (right if on_the_right else left)
        assert said[text].get_ha() == ("left" if on_the_right else "right")
        assert (rank, rank, place) in lines
    heights = [said[text].xy[1] for text in names]
    assert heights[0] > heights[1]
    assert heights[3] > heights[2]
    bars = [line for line in axes.lines if line.get_color() == figures.ORANGE]
    np.testing.assert_allclose([bar.get_xdata() for bar in bars], [[1.21, 2.79], [2.71, 4.04]])
    assert len({bar.get_ydata()[0] for bar in bars}) == 2
    assert "Nemenyi's critical difference 1.50" in said
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
    svg = figures.draw(figures.heat_map, frame, frame.map("{} &".format))
    assert svg.startswith("<svg ")
    assert "&lt;b&gt;" in svg
    assert "0.0 &amp;" in svg
    assert "metadata" not in svg
    assert not re.search(r' id="\w+_\d+"', svg)  # others hang on the content


@pytest.mark.parametrize("greater_is_better", [True, False])
def test_differences_are_positive_where_a_strategy_is_better(board, greater_is_better):
    shown = sections.differences(board | {"greater_is_better": greater_is_better}, "svm_rbf")
    for frame in shown:
        assert list(frame.index) == list(conftest.DATASETS)
        assert list(frame.columns) == CHALLENGERS
    for value, mark, against in zip(
        *(frame.to_numpy().flat for frame in shown), challengers(board), strict=True
    ):
        difference = against["vs_control"]["difference"]
        assert value == (1 if greater_is_better else -1) * difference
        assert mark.strip("()") == f"{difference:+.3f}"
        assert mark.startswith("(") == (against["vs_control"]["verdict"] == "undecided")


def challengers(board):
    """Row by row, what the leaderboard says of the challengers with one learner."""
    cells = [cell["strategies"] for cell in board["cells"] if cell["learner"] == "svm_rbf"]
    return [cell[name] for cell in cells for name in CHALLENGERS]


@pytest.mark.parametrize(
    ("greater_is_better", "worst"),
    [
        (True, ["+0.050", "+0.050", "-0.030", "+0.180"]),
        (False, ["+0.060"] * 2 + ["-0.020", "+0.180"]),
    ],
)
def test_rows_for_another_learner_are_compared_with_the_control_s(greater_is_better, worst):
    rows = [
        (dataset, name, chooser, taught, score)
        for dataset, more in (("x", 0.0), ("y", 0.01))
        for name, chooser, taught, score in (
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
    assert list(table.to_numpy().flat) == [
        Cell(mean, f"worst data set {end}") for mean, end in zip(means, worst, strict=True)
    ]


def test_leaderboard_shows_each_difference_and_its_verdict(board):
    table = sections.scores(board, "svm_rbf")
    assert list(table.index[:-2]) == list(conftest.DATASETS)
    assert list(table.columns) == ["labels", "all labels", *CHALLENGERS, "random"]
    assert set(table["labels"][:-2]) == {"20 → 50"}
    assert set(table["all labels"][:-2]) == {"0.950"}
    assert {(cell.note, cell.kind) for cell in table["random"][:-2]} == {("", "")}
    verdicts = set()
    for cell, row in zip(table[CHALLENGERS][:-2].to_numpy().flat, challengers(board), strict=True):
        assert cell.text == f"{row['aulc']['mean']:.3f}"
        if row["same_as"]:
            assert (cell.kind, cell.note) == ("same", "= least_confidence")
        else:
            against = row["vs_control"]
            assert cell.kind == {"undecided": ""}.get(against["verdict"], against["verdict"])
            ends = f"{against['low']:+.3f} to {against['high']:+.3f}"
            assert cell.note == f"{against['difference']:+.3f} ({ends})"
            verdicts.add(cell.kind)
    assert verdicts == {"better", "worse"}
    together = board["learners"]["svm_rbf"]
    count = together["against_control"]["margin"]
    assert list(table["margin"][-2:]) == [
        f"{count['better']} / {count['undecided']} / {count['worse']}",
        f"{together['average_ranks']['margin']:.2f}",
    ]
    assert table.loc["better / undecided / worse", "random"] == ""


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
        if row["same_as"]:
            assert cell.text == "="
        else:
            assert cell.text == str(row["vs_control"]["repeats_to_detect"])
            assert cell.note == f"≥ {row['vs_control']['smallest_detectable']:.4f}"


@pytest.mark.parametrize(
    ("saved", "bought_by_random", "text"),
    [(0.25, 8, "25%"), (None, 8, "never"), (None, 0, "flat")],
)
def test_savings_in_words(saved, bought_by_random, text):
    row = {"label_savings": {"savings": saved, "bought_by_random": bought_by_random}}
    cell = {"dataset": "x", "learner": "p", "strategies": {"a": row, "random": {}}}
    board = {"cells": [cell], "strategies": ["a", "random"], "control": "random"}
    values, shown = sections.savings(board, "p")
    np.testing.assert_array_equal(values, [[np.nan if saved is None else saved]])
    assert shown.loc["x", "a"] == text


def test_learning_curves_of_every_data_set():
    columns = ["dataset", "strategy", "labels", "score"]
    rows = [
        (dataset, name, labels, level + more + labels / 100)
        for dataset, level in (("x", 0.5), ("y", 0.6))
        for name, more in (("margin", 0.05), ("random", 0.0))
        for labels in (10, 20)
    ]
    sheet = Figure()
    styles = line_styles(["margin", "random"], "random")
    curves = pd.DataFrame(rows, columns=columns)
    figures.small_curves(sheet, curves, {"x": 0.9, "y": 0.95}, styles)
    for axes, dataset, level, ceiling in zip(
        sheet.axes, ("x", "y"), (0.5, 0.6), (0.9, 0.95), strict=True
    ):
        assert axes.get_title() == dataset
        top, *lines = axes.lines
        assert set(top.get_ydata()) == {ceiling}
        for line, (name, more) in zip(lines, (("margin", 0.05), ("random", 0.0)), strict=True):
            assert (line.get_label(), line.get_color()) == (name, styles[name].colour)
            expected = [[10, level + more + 0.1], [20, level + more + 0.2]]
            np.testing.assert_allclose(line.get_xydata(), expected)


def test_agreement_is_drawn_in_units_of_the_tolerance():
    rows = [
        {"dataset": "x", "published_as": "U", "difference": 0.01, "bound": 0.02, "agrees": True},
        {"dataset": "y", "published_as": "V", "difference": -0.06, "bound": 0.02, "agrees": False},
    ]
    axes = plot(figures.agreement, rows)
    points = [line for line in axes.lines if line.get_marker() == "o"]
    np.testing.assert_allclose([point.get_xydata()[0] for point in points], [[0.5, 0], [-3, 1]])
    assert points[0].get_color() != points[1].get_color()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["x, U", "y, V"]
    assert axes.get_xlim()[0] < -3

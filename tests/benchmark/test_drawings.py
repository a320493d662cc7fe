"""What the figures and tables of the report show: the numbers that they were given."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from active_learning.benchmark import figures, sections
from active_learning.figures import looks
from tests.benchmark import conftest

TOGETHER = {
    "average_ranks": {"a": 1.25, "b": 2.0, "c": 2.75, "d": 4.0},
    "alike": [["a", "b", "c"], ["c", "d"]],
    "critical_difference": 1.5,
}


@pytest.fixture
def axes():
    return Figure().subplots()


def texts(axes):
    return {text.get_text(): text for text in axes.texts}


def test_critical_difference_diagram(axes):
    figures.critical_difference(axes, TOGETHER)
    left, right = axes.get_xlim()
    assert left > 4
    assert right < 1  # the best on the right
    said = texts(axes)
    # Each name stands at an end of the line that begins at its rank, the better half on the right.
    lines = {tuple(line.get_xdata()) for line in axes.lines}
    for text, rank, on_the_right in (
        (" a  1.25", 1.25, True), (" b  2.00", 2.0, True),
        ("2.75  c ", 2.75, False), ("4.00  d ", 4.0, False),
    ):  # fmt: skip
        place, _ = said[text].xy
        assert place == (right if on_the_right else left)
        assert said[text].get_ha() == ("left" if on_the_right else "right")
        assert (rank, rank, place) in lines
    heights = [said[text].xy[1] for text in (" a  1.25", " b  2.00", "2.75  c ", "4.00  d ")]
    assert heights[0] > heights[1]
    assert heights[3] > heights[2]
    bars = [line for line in axes.lines if line.get_color() == "#d55e00"]
    np.testing.assert_allclose([bar.get_xdata() for bar in bars], [[1.21, 2.79], [2.71, 4.04]])
    assert len({bar.get_ydata()[0] for bar in bars}) == 2
    assert "Nemenyi's critical difference 1.50" in said
    assert (4, 2.5) in lines


def test_a_critical_difference_as_wide_as_the_ranks_is_left_out(axes):
    for difference in (3.0, None):
        figures.critical_difference(axes, TOGETHER | {"critical_difference": difference})
    assert not [text for text in texts(axes) if "Nemenyi" in text]


def test_heat_map(axes):
    values = np.array([[0.01, -0.04], [np.nan, 0.0]])
    shown = [["one", "two"], ["three", "four"]]
    figures.heat_map(axes, values, ["x", "y"], ["p", "q"], shown)
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


@pytest.mark.parametrize("greater_is_better", [True, False])
def test_map_of_differences_is_blue_where_a_strategy_is_better(
    board, monkeypatch, greater_is_better
):
    seen = {}
    monkeypatch.setattr(
        figures, "heat_map",
        lambda _, values, rows, names, texts: seen.update(
            values=values, rows=rows, names=names, texts=texts
        ),
    )  # fmt: skip
    sections.differences(board | {"greater_is_better": greater_is_better}, "svm_rbf")
    assert seen["rows"] == list(conftest.DATASETS)
    assert seen["names"] == ["least_confidence", "margin", "k_center_greedy"]
    cells = [cell for cell in board["cells"] if cell["learner"] == "svm_rbf"]
    for line, marks, cell in zip(seen["values"], seen["texts"], cells, strict=True):
        for value, mark, name in zip(line, marks, seen["names"], strict=True):
            against = cell["strategies"][name]["vs_control"]
            assert value == (1 if greater_is_better else -1) * against["difference"]
            assert mark.strip("()") == f"{against['difference']:+.3f}"
            assert mark.startswith("(") == (against["verdict"] == "undecided")


def test_rows_for_another_learner_are_compared_with_the_control_s():
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
    html = sections.compatibility(pd.DataFrame(rows, columns=columns), "random")
    found = re.findall(r"([+-]0\.\d{4})<small>worst data set ([+-]0\.\d{3})", html)
    assert found == [
        ("+0.0550", "+0.050"), ("+0.0550", "+0.050"),
        ("-0.0250", "-0.030"), ("+0.1800", "+0.180"),
    ]  # fmt: skip
    assert html.index("margin, rows chosen with p") < html.index("margin, rows chosen with q")


def cells_in(html):
    """Rows of a table: the head of each, and class, value and what stands below of its cells."""
    cell = re.compile(r'<td(?: class="(\w+)")?>([^<]*)(?:<small>([^<]*)</small>)?</td>')
    rows = re.findall(r'<tr><th scope="row">([^<]*)</th>(.*?)</tr>', html)
    return [(head, cell.findall(rest)) for head, rest in rows]


def of_svm(board):
    return [cell["strategies"] for cell in board["cells"] if cell["learner"] == "svm_rbf"]


def test_leaderboard_shows_each_difference_and_its_verdict(board):
    rows = cells_in(sections.scores(board, "svm_rbf"))
    assert [head for head, _ in rows[:-2]] == list(conftest.DATASETS)
    verdicts = set()
    for (_, row), cell in zip(rows, of_svm(board), strict=False):
        (_, span, _), (_, ceiling, _), *shown = row
        assert (span, ceiling) == ("20 → 50", "0.950")
        for (kind, value, below), (name, known) in zip(shown, cell.items(), strict=True):
            assert value == f"{known['aulc']['mean']:.3f}"
            if name == "random":
                assert (kind, below) == ("", "")
            elif known["same_as"]:
                assert (kind, below) == ("twin", "= least_confidence")
            else:
                against = known["vs_control"]
                assert kind == {"undecided": ""}.get(against["verdict"], against["verdict"])
                ends = f"{against['low']:+.3f} to {against['high']:+.3f}"
                assert below == f"{against['difference']:+.3f} ({ends})"
                verdicts.add(kind)
    assert verdicts == {"better", "worse"}


def test_ranks_are_tested_against_the_control(board):
    together = board["learners"]["svm_rbf"]
    rows = cells_in(sections.ranks(board, "svm_rbf"))
    assert {head for head, _ in rows} == {"least_confidence", "margin", "k_center_greedy"}
    p_values = {frozenset(pair["pair"]): pair["p_holm"] for pair in together["pairs"]}
    for head, [(_, p, _)] in rows:
        assert float(p) == pytest.approx(p_values[frozenset((head, "random"))], rel=0.05)


def test_power_is_that_of_every_cell(board):
    for (_, row), cell in zip(
        cells_in(sections.power(board, "svm_rbf")), of_svm(board), strict=True
    ):
        (_, repeats, _), *shown = row
        assert repeats == "12"
        for (_, value, below), name in zip(shown, list(cell)[:3], strict=True):
            against = cell[name]["vs_control"]
            if name == "margin":
                assert value == "="
            else:
                assert value == str(against["repeats_to_detect"])
                assert below == f"12 show {against['smallest_detectable']:.4f}"


@pytest.mark.parametrize(
    ("savings", "bought_by_random", "text"),
    [(0.25, 8, "25 %"), (None, 8, "never"), (None, 0, "flat")],
)
def test_savings_in_words(savings, bought_by_random, text):
    assert sections._saved({"savings": savings, "bought_by_random": bought_by_random}) == text


def test_one_is_no_plural(board):
    alone = board | {"learners": {"svm_rbf": board["learners"]["svm_rbf"]}}
    assert "8 data sets, 1 learner, 4 strategies, 12 repeats" in sections.lead(alone)
    assert "adjusted by Holm for 6 pairs" in sections.ranks(alone, "svm_rbf")


def test_learning_curves_of_every_data_set():
    columns = ["dataset", "strategy", "labels", "score"]
    rows = [
        (dataset, name, labels, level + more + labels / 100)
        for dataset, level in (("x", 0.5), ("y", 0.6))
        for name, more in (("margin", 0.05), ("random", 0.0))
        for labels in (10, 20)
    ]
    sheet = Figure()
    palette = looks(["margin", "random"], "random")
    curves = pd.DataFrame(rows, columns=columns)
    figures.small_curves(sheet, curves, {"x": 0.9, "y": 0.95}, palette)
    for axes, dataset, level, ceiling in zip(
        sheet.axes, ("x", "y"), (0.5, 0.6), (0.9, 0.95), strict=True
    ):
        assert axes.get_title() == dataset
        top, *lines = axes.lines
        assert set(top.get_ydata()) == {ceiling}
        for line, (name, more) in zip(lines, (("margin", 0.05), ("random", 0.0)), strict=True):
            assert (line.get_label(), line.get_color()) == (name, palette[name].colour)
            expected = [[10, level + more + 0.1], [20, level + more + 0.2]]
            np.testing.assert_allclose(line.get_xydata(), expected)


def test_agreement_is_drawn_in_units_of_what_was_allowed(axes):
    rows = [
        {"dataset": "x", "published_as": "U", "difference": 0.01, "bound": 0.02, "agrees": True},
        {"dataset": "y", "published_as": "V", "difference": -0.06, "bound": 0.02, "agrees": False},
    ]
    figures.agreement(axes, rows)
    points = [line for line in axes.lines if line.get_marker() == "o"]
    np.testing.assert_allclose([point.get_xydata()[0] for point in points], [[0.5, 0], [-3, 1]])
    assert points[0].get_color() != points[1].get_color()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["x, U", "y, V"]
    assert axes.get_xlim()[0] < -3

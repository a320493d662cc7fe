"""The figures say what the tables say, and are the same bytes every time."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from active_learning.analysis import figures

NAMES = ["margin = entropy", "random"]
PALETTE = figures.line_styles(NAMES, "random")
CURVES = pd.DataFrame(
    {
        "strategy": [name for name in NAMES for _ in range(3)],
        "labels": [10, 11, 12] * 2,
        "score": [0.5, 0.8, 0.85, 0.5, 0.6, 0.7],
        "low": [0.4, 0.7, 0.8, 0.4, 0.5, 0.6],
        "high": [0.6, 0.9, 0.9, 0.6, 0.7, 0.8],
    }
)
SAVINGS = {
    "target": 0.7, "bought": 1, "bought_by_random": 2, "savings": 0.5, "low": 0.2, "high": 0.6
}  # fmt: skip
NEVER = SAVINGS | {"bought": None, "savings": None, "low": None, "high": None}


@pytest.fixture
def axes():
    with figures.drawing(7.0, 4.3, 100) as (_, empty):
        yield empty


def learning_curves(axes, table=CURVES, **options):
    style = {"styles": PALETTE, "scorer": "accuracy", "repeats": "mean of 7 repeats"}
    figures.learning_curves(axes, table, ceiling=0.9, **style | options)


def legend(axes):
    return [text.get_text() for text in axes.figure.legends[0].get_texts()]


def test_learning_curves_are_named_and_drawn(axes):
    learning_curves(axes)
    assert legend(axes) == ["margin = entropy", "random", "ceiling: 0.9000", "initial: 0.5000"]
    first, second, ceiling, start = axes.lines
    assert first.get_xydata().tolist() == [[10, 0.5], [11, 0.8], [12, 0.85]]
    assert second.get_xydata().tolist() == [[10, 0.5], [11, 0.6], [12, 0.7]]
    assert second.get_color() == figures.CONTROL_COLOUR
    assert set(ceiling.get_ydata()) == {0.9}
    assert start.get_xydata().tolist() == [[10, 0.5]]
    assert axes.get_xlabel() == "labels"
    assert axes.get_ylabel() == "test accuracy\n(mean of 7 repeats)"
    assert len(axes.collections) == 2


def test_a_dollar_is_a_dollar_in_every_text(axes, tmp_path):
    names = {"margin = entropy": "US$ 5_a or US$ 10", "random": r"$\frac$"}
    table = CURVES.replace({"strategy": names})
    styles = figures.line_styles(list(names.values()), "random")
    learning_curves(axes, table, styles=styles, scorer=r"$\nosuch$", repeats="$_$")
    axes.set_title(r"A $\frac$ B")
    axes.set_yticks([0.5], [r"$\alpha$"])
    figures.save(axes.figure, tmp_path / "dollars.svg")
    assert "Oblique" not in (tmp_path / "dollars.svg").read_text()  # as formulas are set


def test_stopping_rules_are_marks_of_one_shape_each(axes):
    plateau = {"random": (11, 0.6), "margin = entropy": (10.5, 0.7)}
    learning_curves(axes, stops={"plateau": plateau, "max_confidence": {"random": (12, 0.7)}})
    assert legend(axes)[-2:] == ["plateau", "max_confidence"]
    marks = [line for line in axes.lines[4:] if len(line.get_xdata())]
    assert [tuple(*mark.get_xydata()) for mark in marks] == [(11, 0.6), (10.5, 0.7), (12, 0.7)]
    names = "random", "margin = entropy", "random"
    assert [mark.get_color() for mark in marks] == [PALETTE[name].colour for name in names]
    shapes = [mark.get_marker() for mark in marks]
    assert shapes[0] == shapes[1] != shapes[2]


def test_curves_over_cost(axes):
    table = CURVES.rename(columns={"labels": "cost"})
    figures.cost_curves(axes, table, styles=PALETTE, scorer="accuracy", repeats="one repeat")
    assert legend(axes) == NAMES
    assert axes.lines[0].get_xydata().tolist() == [[10, 0.5], [11, 0.8], [12, 0.85]]
    assert axes.get_xlabel() == "cost of the labels bought"


def test_one_repeat_has_no_band(axes):
    learning_curves(axes, CURVES.assign(low=float("nan"), high=float("nan")))
    axes.figure.draw_without_rendering()
    assert len(axes.lines) == 4


def test_differences_are_drawn_against_a_line_for_random(axes):
    table = CURVES[:3].rename(columns={"score": "difference"})
    figures.differences(axes, table, PALETTE, "accuracy", "one repeat")
    assert legend(axes) == ["margin = entropy", "random"]
    assert set(axes.lines[1].get_ydata()) == {0}
    assert axes.get_ylabel() == "test accuracy minus random's\n(one repeat)"


def test_label_savings_are_bars_from_the_first_strategy_down_to_random(axes):
    styles = figures.line_styles(["margin", "entropy", "random"], "random")
    figures.label_savings(axes, {"margin": SAVINGS, "entropy": NEVER}, styles, "accuracy")
    assert [bar.get_width() for bar in axes.patches] == [1, 0, 2]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["margin", "entropy", "random"]
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["1\nsaved: 20 to 60%", "never reached", "2"]
    bottom, top = axes.get_ylim()
    assert bottom > top
    assert axes.get_xlabel() == "labels bought to reach\nrandom's final mean accuracy, 0.7000"


@pytest.mark.parametrize(
    ("savings", "expected"),
    [
        (SAVINGS | {"low": None, "high": None}, ["1", "2"]),  # one repeat
        (SAVINGS | {"low": None}, ["1\nsaved: at most 60%", "2"]),
        (SAVINGS | {"low": -0.1}, ["1\nsaved: -10 to 60%", "2"]),
        (SAVINGS | {"bought": 0, "bought_by_random": 0}, ["0", "0"]),
        (NEVER | {"bought_by_random": 0}, ["never reached", "0"]),
    ],
)
def test_label_savings_that_are_not_sure(axes, savings, expected):
    figures.label_savings(axes, {NAMES[0]: savings}, PALETTE, "accuracy")
    axes.figure.draw_without_rendering()
    assert [text.get_text() for text in axes.texts] == expected


def test_line_styles_do_not_depend_on_where_random_stands():
    last = figures.line_styles(["a", "b", "random"], "random")
    assert last == figures.line_styles(["random", "a", "b"], "random")
    assert last["random"].colour == figures.CONTROL_COLOUR
    assert figures.line_styles(["a"], "random") == {"a": figures.LineStyle(figures.COLOURS[0])}


def test_two_dozen_strategies_are_told_apart_and_from_an_older_revision():
    styles = figures.line_styles([*map(str, range(24)), "random"], "random")
    assert [styles[str(n)].line for n in range(7)] == ["-"] * 7
    lines = {
        (to_hex(colour), line) for colour, now, older in styles.values() for line in (now, older)
    }
    assert len(lines) == 50


def test_lines_are_drawn_in_their_styles(axes):
    names = [str(n) for n in range(8)]
    table = pd.concat([CURVES[:3].assign(strategy=name) for name in names])
    figures.revisions(axes, table, table[table["strategy"] == "7"], "accuracy")
    assert [line.get_linestyle() for line in axes.lines[:8]] == ["-"] * 7 + [":"]
    now, base = axes.lines[7:9]
    assert now.get_color() == base.get_color() == axes.lines[0].get_color()
    assert now.get_linestyle() != base.get_linestyle() != "-"


@pytest.mark.parametrize("n_strategies", [12, 24])
def test_many_long_names_fit_above_the_curves(axes, n_strategies):
    names = [f"a_strategy_with_a_name_{n}" for n in range(n_strategies - 1)] + ["random"]
    table = pd.concat([CURVES[:3].assign(strategy=name) for name in names])
    styles = figures.line_styles(names, "random")
    figures.cost_curves(
        axes, table.rename(columns={"labels": "cost"}), styles=styles, scorer="f1", repeats="one"
    )
    figure = axes.figure
    figure.draw_without_rendering()
    assert figure.legends[0].get_window_extent().x1 <= figure.bbox.width
    assert axes.get_window_extent().height > 2 * figure.dpi


def test_bars_of_many_strategies_leave_room_for_two_lines_each(axes):
    names = [str(n) for n in range(20)]
    styles = figures.line_styles([*names, "random"], "random")
    figures.label_savings(axes, dict.fromkeys(names, SAVINGS | {"low": 0.1}), styles, "accuracy")
    axes.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert all(above.y0 >= below.y1 for above, below in pairwise(boxes))


DRAW = """
import sys
from pathlib import Path
root, folder = map(Path, sys.argv[1:])
sys.path.insert(0, str(root))
from tests.analysis.test_figures import learning_curves
from active_learning.analysis import figures
with figures.drawing(7.0, 4.3, 72) as (figure, axes):
    learning_curves(axes)
    for kind in ("svg", "png"):
        figures.save(figure, folder / f"figure.{kind}")
"""


@pytest.mark.slow
def test_same_bytes_in_every_process(tmp_path):
    root, written = Path(__file__).parents[2], []
    for seed in ("0", "1"):
        subprocess.run(
            [sys.executable, "-c", DRAW, str(root), str(tmp_path)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
        )
        written.append([path.read_bytes() for path in sorted(tmp_path.iterdir())])
    png, svg = written[0]
    assert svg.startswith(b"<?xml")
    assert png[1:4] == b"PNG"
    assert written[0] == written[1]

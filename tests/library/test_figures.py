"""The figures say what the tables say, and are the same bytes every time."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from active_learning import figures

NAMES = ["margin = entropy", "random"]
PALETTE = figures.colours(NAMES, "random")
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
    "target": 0.7, "bought": 1, "bought_by_random": 2, "savings": 0.5, "low": None, "high": 0.5
}  # fmt: skip
NEVER = SAVINGS | {"bought": None, "savings": None, "low": None, "high": None}


@pytest.fixture
def axes():
    with figures.drawing(7.0, 4.3, 100) as (_, empty):
        yield empty


def learning_curves(axes, table=CURVES, **options):
    style = {"palette": PALETTE, "scorer": "accuracy", "repeats": "mean of 7 repeats"}
    figures.learning_curves(axes, table, ceiling=0.9, **style, **options)


def legend(axes):
    return [text.get_text() for text in axes.figure.legends[0].get_texts()]


def test_learning_curves_are_named_and_drawn(axes):
    learning_curves(axes)
    assert legend(axes) == ["margin = entropy", "random", "all labels: 0.900", "start: 0.500"]
    first, second, ceiling, start = axes.lines
    assert first.get_xydata().tolist() == [[10, 0.5], [11, 0.8], [12, 0.85]]
    assert second.get_xydata().tolist() == [[10, 0.5], [11, 0.6], [12, 0.7]]
    assert second.get_color() == figures.CONTROL_COLOUR
    assert set(ceiling.get_ydata()) == {0.9}
    assert start.get_xydata().tolist() == [[10, 0.5]]
    assert axes.get_xlabel() == "labels"
    assert axes.get_ylabel() == "test accuracy\n(mean of 7 repeats)"
    assert len(axes.collections) == 2


def test_stopping_rules_are_marks_of_one_shape_each(axes):
    learning_curves(
        axes,
        stops={
            "plateau": {"random": (11, 0.6), "margin = entropy": (10.5, 0.7)},
            "max_confidence": {"random": (12, 0.7)},
        },
    )
    assert legend(axes)[-2:] == ["plateau", "max_confidence"]
    marks = [line for line in axes.lines[4:] if len(line.get_xdata())]
    assert [mark.get_xydata().tolist() for mark in marks] == [
        [[11, 0.6]],
        [[10.5, 0.7]],
        [[12, 0.7]],
    ]
    assert [mark.get_color() for mark in marks] == [
        PALETTE[name] for name in ("random", "margin = entropy", "random")
    ]
    shapes = [mark.get_marker() for mark in marks]
    assert shapes[0] == shapes[1] != shapes[2]


def test_curves_over_cost(axes):
    table = CURVES.rename(columns={"labels": "cost"})
    figures.cost_curves(axes, table, palette=PALETTE, scorer="accuracy", repeats="one repeat")
    assert legend(axes) == NAMES
    assert axes.lines[0].get_xydata().tolist() == [[10, 0.5], [11, 0.8], [12, 0.85]]
    assert axes.get_xlabel() == "cost of the labels bought"


def test_one_repeat_has_no_band_and_no_trouble(axes):
    learning_curves(axes, CURVES.assign(low=float("nan"), high=float("nan")))
    axes.figure.canvas.draw()
    assert axes.lines[0].get_xydata().tolist() == [[10, 0.5], [11, 0.8], [12, 0.85]]


def test_differences_are_drawn_against_a_line_for_random(axes):
    table = CURVES[:3].rename(columns={"score": "difference"})
    figures.differences(axes, table, PALETTE, "accuracy", "one repeat")
    assert legend(axes) == ["margin = entropy", "random"]
    assert set(axes.lines[1].get_ydata()) == {0}
    assert axes.get_ylabel() == "test accuracy less random's\n(one repeat)"


def test_label_savings_are_bars_from_the_first_strategy_down_to_random(axes):
    palette = figures.colours(["margin", "entropy", "random"], "random")
    figures.label_savings(axes, {"margin": SAVINGS, "entropy": NEVER}, palette, "accuracy")
    assert [bar.get_width() for bar in axes.patches] == [1, 0, 2]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["margin", "entropy", "random"]
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["1 = 50% saved\n(interval: never to 50%)", "never reached", "2"]
    bottom, top = axes.get_ylim()
    assert bottom > top
    assert axes.get_xlabel() == "labels bought to reach random's final mean accuracy, 0.700"


def test_label_savings_of_one_repeat_have_no_interval(axes):
    figures.label_savings(axes, {NAMES[0]: SAVINGS | {"high": None}}, PALETTE, "accuracy")
    assert [text.get_text() for text in axes.texts] == ["1 = 50% saved", "2"]


def test_label_savings_where_nobody_gets_anywhere(axes):
    figures.label_savings(axes, {NAMES[0]: NEVER | {"bought_by_random": 0}}, PALETTE, "accuracy")
    axes.figure.canvas.draw()
    assert [text.get_text() for text in axes.texts] == ["never reached", "0"]


def test_colours_are_distinct_and_do_not_depend_on_where_random_stands():
    last = figures.colours(["a", "b", "random"], "random")
    first = figures.colours(["random", "a", "b"], "random")
    assert last == first
    assert len({to_hex(colour) for colour in last.values()}) == 3
    assert figures.colours(["a"], "random") == {"a": figures.COLOURS[0]}
    assert len(figures.colours([str(n) for n in range(20)], "random")) == 20


DRAW = """
import io, sys
sys.path[:0] = [{root!r}]
from tests.library.test_figures import learning_curves
from active_learning import figures
for kind, undated in (("svg", {{"Date": None}}), ("png", {{"Software": None}})):
    with figures.drawing(7.0, 4.3, 72) as (figure, axes):
        learning_curves(axes)
        figure.savefig(sys.stdout.buffer, format=kind, metadata=undated)
"""


def test_same_bytes_in_every_process():
    digests = set()
    for seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", DRAW.format(root=str(Path(__file__).parents[2]))],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        assert done.stdout.startswith(b"<?xml")
        assert b"PNG" in done.stdout
        digests.add(hashlib.sha256(done.stdout).hexdigest())
    assert len(digests) == 1

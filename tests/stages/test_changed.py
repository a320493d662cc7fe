"""Params in use that differ from their defaults."""

import copy

import pytest

from stages.params import Params
from stages.params.changed import changed
from tests.examples import PARAMS


def changes(**sections):
    values = copy.deepcopy(PARAMS)
    for name, section in sections.items():
        values[name] |= section
    return changed(Params(values), *Params.sections())


def test_the_params_of_the_tutorial_are_the_defaults():
    assert changes() == {}


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ({"split": {"repeats": 3}}, {"split.repeats": {"value": 3, "default": 20}}),
        (
            {"learner": {"logistic_regression": {"C": 2.0}}},
            {"learner.logistic_regression.C": {"value": 2.0, "default": 1.0}},
        ),
        ({"learner": {"random_forest": {"max_depth": 3}}}, {}),  # not in use
        ({"stopping": {"plateau": {"checks": 9}}}, {}),
        (
            {"query_loop": {"strategies": ["own", "random"]},
             "strategies": {"own": {"use": "epsilon_greedy", "explore": "five"},
                            "five": {"use": "typiclust", "neighbours": 5}}},
            {
                "query_loop.strategies": {
                    "value": ["own", "random"], "default": ["least_confidence", "random"]
                },
                "strategies.own.use": {"value": "epsilon_greedy"},
                "strategies.own.explore": {"value": "five", "default": "random"},
                "strategies.five.use": {"value": "typiclust"},
                "strategies.five.neighbours": {"value": 5, "default": 20},
            },
        ),
        (
            {"learner": {"name": "b", "b": {"use": "sklearn.svm.LinearSVC", "C": 1.0}}},
            {
                "learner.name": {"value": "b", "default": "logistic_regression"},
                "learner.b.use": {"value": "sklearn.svm.LinearSVC"},
                "learner.b.C": {"value": 1.0},
            },
        ),
        (
            {"generate": {"dataset": "table", "table": {
                "path": "t.csv", "target": "y", "csv": {"separator": ";"}}}},
            {
                "generate.dataset": {"value": "table", "default": "synthetic"},
                "generate.table.path": {"value": "t.csv"},
                "generate.table.target": {"value": "y"},
                "generate.table.csv.separator": {"value": ";", "default": None},
            },
        ),
    ],
)  # fmt: skip
def test_what_is_in_use_and_changed(sections, expected):
    assert changes(**sections) == expected

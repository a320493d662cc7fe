"""Which problems the check of the data describes, and what it leaves alone."""

import numpy as np
import pandas as pd
import pytest

from active_learning.core import plugins
from active_learning.data import checks
from active_learning.data.table import validate_table


def find(columns, target):
    return checks.find_problems(validate_table(pd.DataFrame(columns).assign(y=target), target="y"))


def noise(n=200, seed=0):
    return np.random.default_rng(seed).normal(size=n)


CLASSES = np.arange(200) % 2


def test_sound_table():
    assert find({"a": noise(), "b": noise(seed=1) + CLASSES}, CLASSES) == {}


@pytest.mark.parametrize(
    "name", [pytest.param("digits", marks=pytest.mark.slow), "breast_cancer", "wine", "iris"]
)
def test_real_data_raise_no_false_alarm(name):
    table = plugins.load("datasets", "toy")(name=name).load(0)
    problems = checks.find_problems(validate_table(table, target="target"))
    # Iris has one plant twice, and three corners of the digits are always white.
    expected = {"iris": {"duplicate_rows"}, "digits": {"constant_columns"}}
    assert set(problems) == expected.get(name, set())


def test_duplicates_are_counted_with_those_of_another_class():
    values = [1.0, 1.0, 2.0, 2.0, 2.0, *range(3, 8)]
    problems = find({"a": values, "b": ["x"] * 4 + ["z"] * 6}, list("ppqpq" + "pqpqp"))
    assert problems["duplicate_rows"].startswith("4 of 10 rows have a duplicate")
    assert "; 2 of them have one of another class." in problems["duplicate_rows"]


def test_small_classes():
    problems = find({"a": noise(9)}, list("aaaabbccc"))
    assert problems["small_classes"].startswith("1 of 3 classes have fewer than 3 rows")
    assert "'b' (2)" in problems["small_classes"]


def test_alike_categories():
    problems = find({"a": noise(), "c": ["Red", "red ", "blue", "green"] * 50}, CLASSES)
    assert "'c': 'Red' (50 rows) and 'red ' (50 rows)." in problems["alike_categories"]


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        ({3: -999, 5: -999, 7: -999}, "'a' (-999 in 3 rows)"),
        ({3: 9999, 5: 9999, 7: 9999, 9: 9999}, "'a' (9999 in 4 rows)"),
        ({3: -999}, None),
        ({3: 2.5, 5: 2.5, 7: 2.5}, None),
    ],
)
def test_number_that_stands_for_a_missing_value(marks, said):
    column = noise()
    column[list(marks)] = list(marks.values())
    problems = find({"a": column, "score": np.arange(200) % 100}, CLASSES)
    assert (said in problems["missing_as_number"]) if said else not problems


@pytest.mark.parametrize("name", ["?", "Unlabeled", "unknown "])
def test_class_that_stands_for_a_missing_label(name):
    problems = find({"a": noise()}, np.where(np.arange(200) % 3, CLASSES, name))
    assert f"{name!r} (67 rows)" in problems["missing_as_class"]


def test_constant_columns():
    problems = find({"a": noise(), "b": 3, "c": None, "d": "x"}, CLASSES)
    assert "3 columns ('b', 'c', 'd') are constant" in problems["constant_columns"]


def test_ids_left_among_the_features_and_no_measurements():
    generator = np.random.default_rng(0)
    numbered, shuffled = np.arange(200), generator.permutation(200) + 1000
    named = [f"id-{number}" for number in range(200)]
    columns = {"one": numbered, "two": numbered[::-1] * 7, "three": shuffled, "four": named}
    measured = {"a": noise(), "b": generator.choice(100_000, size=200, replace=False)}
    problems = find(measured | columns, CLASSES)
    expected = "4 columns ('one', 'two', 'three', 'four') are different in every row"
    assert expected in problems["id_columns"]


def test_numbers_among_which_some_are_spoilt():
    values = [f"{value:.2f}" for value in noise()]
    values[3], values[7] = "?", "n.a."
    problems = find({"a": values, "b": list("xyzw") * 50}, CLASSES)
    assert "mostly numbers" in problems["numbers_as_texts"]
    assert "'a' (2 of 200, such as '?', 'n.a.')" in problems["numbers_as_texts"]


def test_groups_stay_together_when_looking_for_a_leak():
    group = np.repeat(np.arange(60), 12)
    frame = pd.DataFrame(
        {
            "a": [f"k{number}" for number in group],
            "b": noise(len(group)),
            "group": [f"p{number}" for number in group],
            "y": np.random.default_rng(3).permutation(np.arange(60) % 2)[group],
        }
    )
    whole = checks.find_problems(validate_table(frame, target="y", roles={"group": "group"}))
    assert "target_given_away" not in whole
    torn = checks.find_problems(validate_table(frame.drop(columns="group"), target="y"))
    assert "'a' (1.000; " in torn["target_given_away"]

"""What the check of the data finds, in words, and what it leaves alone."""

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


@pytest.mark.parametrize("name", ["breast_cancer", "digits", "wine", "iris"])
def test_real_data_raise_no_false_alarm(name):
    table = plugins.load("datasets", "toy")(name=name).load(0)
    found = checks.find_problems(validate_table(table, target="target"))
    # Iris has one plant twice, and three corners of the digits are always white.
    assert set(found) == {"iris": {"duplicate_rows"}, "digits": {"constant_columns"}}.get(
        name, set()
    )


def test_duplicates_are_counted_with_those_of_another_class():
    values = [1.0, 1.0, 2.0, 2.0, 2.0, *range(3, 8)]
    found = find({"a": values, "b": ["x"] * 4 + ["z"] * 6}, list("ppqpq" + "pqpqp"))
    assert found["duplicate_rows"].startswith("4 of 10 rows have a duplicate")
    assert "; 2 of them have one of another class." in found["duplicate_rows"]


def test_small_classes():
    found = find({"a": noise(9)}, list("aaaabbccc"))
    assert found["small_classes"].startswith("1 of 3 classes have fewer than 3 rows")
    assert "'b' (2)" in found["small_classes"]


def test_constant_columns():
    found = find({"a": noise(), "b": 3, "c": None, "d": "x"}, CLASSES)
    assert "3 columns ('b', 'c', 'd') are the same in every row" in found["constant_columns"]


@pytest.mark.parametrize(
    "values",
    [
        np.arange(200),
        np.arange(200)[::-1] * 7,
        np.random.default_rng(0).permutation(200) + 1000,
        [f"id-{number}" for number in range(200)],
    ],
    ids=["numbered", "falling", "shuffled", "named"],
)
def test_id_left_among_the_features(values):
    found = find({"a": noise(), "key": values}, CLASSES)
    assert "1 column ('key') is different in every row" in found["id_columns"]


def test_measurements_are_no_ids():
    generator = np.random.default_rng(0)
    whole = generator.choice(100_000, size=200, replace=False)
    assert "id_columns" not in find({"a": noise(), "b": whole}, CLASSES)


def test_numbers_among_which_some_are_spoilt():
    values = [f"{value:.2f}" for value in noise()]
    values[3], values[7] = "?", "n.a."
    found = find({"a": values, "b": list("xyzw") * 50}, CLASSES)
    assert "1 column is numbers but for a few texts" in found["numbers_as_texts"]
    assert "'a' (2 of 200, such as '?')" in found["numbers_as_texts"]


@pytest.mark.parametrize(
    "leak",
    [CLASSES * 2.0 + noise() / 100, np.where(CLASSES, "yes", "no"), np.where(CLASSES, 1, np.nan)],
    ids=["number", "category", "gaps"],
)
def test_target_given_away(leak):
    table = {"a": noise(seed=2) + CLASSES, "leak": leak, "b": noise(seed=3)}
    found = find(table, CLASSES)["target_given_away"]
    assert found.startswith("1 column predicts the target almost alone")
    assert "'leak' (1.000; the others 0." in found


def test_numbers_too_large_for_a_tree_are_no_trouble():
    sound = {"a": noise(seed=2) + CLASSES, "b": 1e300 * noise(seed=3)}
    assert find(sound, CLASSES) == {}
    assert "'leak' (" in find(sound | {"leak": 1e300 * CLASSES}, CLASSES)["target_given_away"]


@pytest.mark.parametrize(("rows", "learnt"), [(19, None), (2000, 2000), (3999, 2000), (9000, 2000)])
def test_learns_from_two_thousand_rows_at_most(rows, learnt):
    found = checks._rows_to_learn(pd.Series(["a", "b"] * rows).head(rows))
    assert (None if found is None else len(found)) == learnt


def test_two_columns_that_give_it_away_do_not_hide_each_other():
    sound = {"a": noise(seed=2) + CLASSES, "b": noise(seed=3)}
    table = sound | {"one": CLASSES, "two": np.where(CLASSES, "x", "y")}
    assert find(table, CLASSES)["target_given_away"].startswith("2 columns predict")


def test_problem_that_is_easy_for_every_column_gives_nothing_away():
    table = {name: CLASSES * 3 + noise(seed=seed) / 2 for seed, name in enumerate("abcd")}
    assert "target_given_away" not in find(table, CLASSES)

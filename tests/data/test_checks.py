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
    assert "'a' (2 of 200, such as '?')" in problems["numbers_as_texts"]


@pytest.mark.parametrize(
    "leak",
    [CLASSES * 2.0 + noise() / 100, np.where(CLASSES, "yes", "no"), np.where(CLASSES, 1, np.nan)],
    ids=["number", "category", "gaps"],
)
def test_target_given_away(leak):
    table = {"a": noise(seed=2) + CLASSES, "leak": leak, "b": noise(seed=3)}
    problems = find(table, CLASSES)["target_given_away"]
    assert problems.startswith("1 column predicts the target almost perfectly")
    assert "'leak' (1.000; all others together 0." in problems


def test_numbers_too_large_for_a_tree():
    sound = {"a": noise(seed=2) + CLASSES, "b": 1e300 * noise(seed=3)}
    assert find(sound, CLASSES) == {}
    assert "'leak' (" in find(sound | {"leak": 1e300 * CLASSES}, CLASSES)["target_given_away"]


@pytest.mark.parametrize(("rows", "learnt"), [(19, None), (2000, 2000), (3999, 2000), (9000, 2000)])
def test_learns_from_two_thousand_rows_at_most(rows, learnt):
    sample = checks._rows_to_learn(pd.Series(["a", "b"] * rows).head(rows))
    assert (None if sample is None else len(sample)) == learnt


def test_two_columns_that_give_it_away_do_not_hide_each_other():
    sound = {"a": noise(seed=2) + CLASSES, "b": noise(seed=3)}
    table = sound | {"one": CLASSES, "two": np.where(CLASSES, "x", "y")}
    assert find(table, CLASSES)["target_given_away"].startswith("2 columns predict")


@pytest.mark.parametrize("leak", [CLASSES, 1e300 * CLASSES, np.where(CLASSES, "x", "y")])
def test_target_given_away_among_many_columns(leak):
    table = {f"x{seed}": noise(seed=seed) for seed in range(4, 84)}
    problems = find(table | {"leak": leak}, CLASSES)
    assert "1 column predicts" in problems["target_given_away"]
    assert "'leak' (1.000" in problems["target_given_away"]


def test_problem_that_is_easy_for_every_column_gives_nothing_away():
    table = {name: CLASSES * 3 + noise(seed=seed) / 2 for seed, name in enumerate("abcd")}
    assert "target_given_away" not in find(table, CLASSES)


def grouped(n_groups, size):
    """Classes of groups, a column that tells the groups apart, and one without meaning."""
    group = np.repeat(np.arange(n_groups), size)
    random = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "a": [f"k{number}" for number in group],
            "b": random.normal(size=len(group)),
            "group": [f"p{number}" for number in group],
            "y": random.permutation(np.arange(n_groups) % 2)[group],
        }
    )


@pytest.mark.parametrize("n_groups", [2, 3, 6, 60])
def test_a_column_that_names_the_group_gives_nothing_away(n_groups):
    frame = grouped(n_groups, 12)
    roles = {"group": "group"}
    problems = checks.find_problems(validate_table(frame, target="y", roles=roles))
    assert "target_given_away" not in problems
    if n_groups == 60:
        torn = checks.find_problems(validate_table(frame.drop(columns="group"), target="y"))
        assert "'a' (1.000; " in torn["target_given_away"]
        leaking = validate_table(frame.assign(leak=2.0 * frame["y"]), target="y", roles=roles)
        assert "'leak' (1.000; " in checks.find_problems(leaking)["target_given_away"]

"""Columns that give the target away, and those that only look like it."""

import numpy as np
import pandas as pd
import pytest

from active_learning.data import leaks
from active_learning.data.table import validate_table

CLASSES = np.arange(200) % 2
THREE = np.array(["neg", "neutral", "pos"])[np.arange(300) % 3]


def noise(n=200, seed=0):
    return np.random.default_rng(seed).normal(size=n)


SOUND = {"a": noise(seed=2) + CLASSES, "b": noise(seed=3)}
SOUND_3 = {"a": noise(300, 2) + (THREE == "pos"), "b": noise(300, 3)}


def find(columns, target):
    table = validate_table(pd.DataFrame(columns).assign(y=target), target="y")
    return leaks.target_given_away(table.features, table.labels, table.kinds)


@pytest.mark.parametrize(
    "leak",
    [CLASSES * 2.0 + noise() / 100, np.where(CLASSES, "yes", "no")],
    ids=["number", "category"],
)
def test_target_given_away(leak):
    said = find(SOUND | {"leak": leak}, CLASSES)
    assert said.startswith("1 column predicts the target almost perfectly")
    assert "'leak' (1.000; all others together 0." in said


@pytest.mark.parametrize(
    "leak",
    [(THREE == "neg") * 2.0 + noise(300) / 100, np.where(THREE == "neg", "x", "z")],
    ids=["number", "category"],
)
def test_one_class_given_away(leak):
    said = find(SOUND_3 | {"leak": leak}, THREE)
    assert said.startswith("1 column predicts the target or a class almost perfectly")
    assert "'leak' (class 'neg' against the rest 1.000; all others together 0." in said


def test_one_class_of_several_that_is_easy_for_others_too():
    easy = {name: (THREE == "neg") * 9 + noise(300, seed) for seed, name in enumerate("cde")}
    assert find(SOUND_3 | {"c": easy["c"], "d": easy["d"] / 9}, THREE) is not None
    assert find(easy, THREE) is None


@pytest.mark.parametrize(
    "filled", ["late", 1.5, True, "2024-05-06", "some words of free text"], ids=str
)
@pytest.mark.parametrize(("labels", "sound"), [(CLASSES, SOUND), (THREE, SOUND_3)])
@pytest.mark.parametrize("inside", [True, False])
def test_filled_or_missing_for_one_class(filled, labels, sound, inside):
    first = labels == labels[0]
    column = pd.Series([filled if each == inside else None for each in first], dtype=object)
    column[5] = filled if column[5] is None else None
    said = find(sound | {"reason": column}, labels)
    assert said.startswith("1 column gives a class away by whether a value is missing: 'reason' (")
    assert f"(class {str(labels[0])!r}, 0.9" in said


def test_filled_for_a_part_of_one_class_only():
    column = np.where(CLASSES & (np.arange(200) % 5 == 0), 1.0, np.nan)  # 20 rows
    missing = np.where(np.isnan(column), 1.0, np.nan)
    said = find(SOUND, CLASSES)
    assert said is None
    said = find(SOUND | {"some": column, "gaps": missing}, CLASSES)
    assert "'some' (filled only for class '1')" in said
    assert "'gaps' (missing only for class '1')" in said


def test_gaps_at_random_give_nothing_away():
    gaps = {f"g{i}": np.where(noise(seed=i) > 0, noise(seed=i), np.nan) for i in range(20)}
    few = {f"f{i}": np.where(np.arange(200) < i, 1.0, np.nan) for i in range(1, 9)}
    assert find(SOUND | gaps | few, CLASSES) is None


def test_many_columns_missing_together_do_not_hide_each_other():
    gaps = {f"g{i}": np.where(CLASSES, noise(seed=i), np.nan) for i in range(9)}
    assert find(SOUND | gaps, CLASSES).startswith("9 columns give a class away")


def test_numbers_too_large_for_a_tree():
    sound = {"a": noise(seed=2) + CLASSES, "b": 1e300 * noise(seed=3)}
    assert find(sound, CLASSES) is None
    assert "'leak' (" in find(sound | {"leak": 1e300 * CLASSES}, CLASSES)


@pytest.mark.parametrize(("rows", "learnt"), [(19, None), (2000, 2000), (3999, 2000), (9000, 2000)])
def test_learns_from_two_thousand_rows_at_most(rows, learnt):
    sample = leaks._rows_to_learn(pd.Series(["a", "b"] * rows).head(rows))
    assert (None if sample is None else len(sample)) == learnt


def test_two_columns_that_give_it_away_do_not_hide_each_other():
    table = SOUND | {"one": CLASSES, "two": np.where(CLASSES, "x", "y")}
    assert find(table, CLASSES).startswith("2 columns predict")


def test_problem_that_is_easy_for_every_column_gives_nothing_away():
    table = {name: CLASSES * 3 + noise(seed=seed) / 2 for seed, name in enumerate("abcd")}
    assert find(table, CLASSES) is None


@pytest.mark.parametrize("shift", [0, 2.6, 4], ids=["hard", "suspicious", "perfect"])
def test_wide_table_takes_about_one_fit_a_column(monkeypatch, shift):
    fits, score = [], leaks._Folds._count
    monkeypatch.setattr(leaks._Folds, "_count", lambda *a: fits.append(1) or score(*a))
    values = np.random.default_rng(0).normal(size=(200, 90))
    values[:, :30] += shift * CLASSES[:, None]
    find({f"e{i}": column for i, column in enumerate(values.T)}, CLASSES)
    assert len(fits) <= (90 if shift == 0 else 90 + 3 * (30 + 2))


@pytest.mark.parametrize("leak", [CLASSES, 1e300 * CLASSES, np.where(CLASSES, "x", "y")])
def test_target_given_away_among_many_columns(leak):
    said = find({f"x{seed}": noise(seed=seed) for seed in range(4, 84)} | {"leak": leak}, CLASSES)
    assert said.startswith("1 column predicts")
    assert "'leak' (1.000" in said


def test_one_class_given_away_among_many_columns_that_separate_the_others():
    classes = np.arange(600) % 10
    others = np.where(classes == 3, np.arange(600) // 10 % 10, classes)
    columns = {f"x{seed}": others + noise(600, seed) for seed in range(60)}
    said = find(columns | {"leak": (classes == 3) + noise(600, 60) / 10}, classes)
    assert said.startswith("1 column predicts")
    assert "'leak' (class '3' against the rest 1.000" in said


def test_rare_class_given_away_by_texts():
    rare = np.arange(300) % 30 == 0
    codes = np.where(rare, 20 + np.arange(300) // 30, np.arange(300) % 20)
    said = find(
        {f"x{seed}": noise(300, seed) for seed in range(60)}
        | {"leak": [f"c{code}" for code in codes]},
        rare,
    )
    assert "'leak' (" in said


@pytest.mark.parametrize("n_groups", [2, 3, 6, 60])
def test_column_that_names_the_group_gives_nothing_away(n_groups):
    group = np.repeat(np.arange(n_groups), 12)
    classes = np.random.default_rng(3).permutation(np.arange(n_groups) % 2)[group]
    columns = {"a": [f"k{number}" for number in group], "b": noise(len(group))}
    columns["first"] = np.where((group == 0) & (n_groups > 2), 1.0, np.nan)
    table = validate_table(pd.DataFrame(columns).assign(y=classes), target="y")
    assert leaks.target_given_away(table.features, table.labels, table.kinds, group) is None
    if n_groups == 60:
        assert "'a' (1.000; " in find(columns, classes)
        features = table.features.assign(leak=2.0 * classes)
        kinds = table.kinds | {"leak": "number"}
        assert "'leak' (1.000; " in leaks.target_given_away(features, table.labels, kinds, group)

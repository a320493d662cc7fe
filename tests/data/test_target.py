"""Which values are classes, and which classes are likely mistakes."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from active_learning.core.errors import DataError
from active_learning.data.target import (
    alike_classes,
    cast_labels,
    frequent_class,
    likely_typos,
    quantity_as_classes,
)


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        (["b", None, "a"], ["b", "a"]),
        (["None", "NA", "nan", "inf"], ["None", "NA", "nan", "inf"]),
        (["1", "0"], ["1", "0"]),
        (["1.0", "-2.", "30"], ["1", "-2", "30"]),
        (["1.0", "beta"], ["1.0", "beta"]),
        (["01", "1", "1e3"], ["01", "1", "1e3"]),
        (["a", "", "  ", "b"], ["a", "b"]),
        (["12345678901234567890123", "1"], ["12345678901234567890123", "1"]),
        ([1, 0], ["1", "0"]),
        ([1.0, np.nan, 2.0**53], ["1", str(2**53)]),
        ([True, False], ["True", "False"]),
        ([True, None], ["True"]),
        ([2**60 + 1, 0], [str(2**60 + 1), "0"]),
        ([Decimal("3.00"), Decimal(10) ** 20], ["3", str(10**20)]),
        (pd.Categorical([2, 1]), ["2", "1"]),
        (pd.array([1, None], dtype="Int64"), ["1"]),
        (pd.array([True, None], dtype="boolean"), ["True"]),
        ([None, None], []),
    ],
)
def test_classes(values, classes):
    assert cast_labels(pd.Series(values)).tolist() == classes


@pytest.mark.parametrize(
    ("values", "what", "got"),
    [
        ([1.0, None, 0.5], "fractions", "0.5"),
        (np.array([1, 1, 0.5], dtype=np.float32), "fractions", "0.5"),
        ([Decimal(1), Decimal(2), Decimal("0.5")], "fractions", r"Decimal\('0.5'\)"),
        ([1, "a", Fraction(1, 2)], "fractions", r"Fraction\(1, 2\)"),
        (["1", "2", "0.5"], "fractions", "'0.5'"),
        (pd.Categorical([1.0, 2.0, 0.5]), "fractions", "0.5"),
        ([1.0, 2.0, np.inf], "fractions", "inf"),
        ([1.0, 2.0, 1e20], r"floats beyond 2\^53, which are not exact", r"1e\+20"),
        (["a", "b", date(2024, 1, 2)], "dates", "datetime.date"),
        (["a", "b", [1, 2]], "lists", r"\[1, 2\]"),
        (["a", "b", np.array([1, 2])], "lists", "array"),
        (["a", "b", {"k": 1}], "mappings", "{'k': 1}"),
        (["a", "b", b"c"], "bytes", "b'c'"),
        (["a", "b", pd.Timedelta(1)], "values of type Timedelta", "Timedelta"),
    ],
)
def test_no_classes(values, what, got):
    message = rf"^target 'y' must hold classes, not {what}; got {got}.* in row 2\.$"
    with pytest.raises(DataError, match=message):
        cast_labels(pd.Series(values, name="y"))


@pytest.mark.parametrize(
    "values", [["2024-01-02", "2024-01-03"], pd.to_datetime(["2024-01-02", "2024-01-03"])]
)
def test_column_of_dates(values):
    with pytest.raises(DataError, match=r"not dates; got .*2024.* in row 0, and 1 more row\.$"):
        cast_labels(pd.Series(values, name="y"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("yes", "yes "),
        ("yes", "Yes"),
        ("two words", "two  words"),
        ("yes", "yes\u200b"),
        ("two words", "two\u00a0words"),
        ("é", "e\u0301"),
        ("01", "1"),
        ("1.0", "1"),
    ],
)
def test_alike_classes_are_named_with_their_rows(one, other):
    said = alike_classes(pd.Series([one] * 3 + [other] * 2 + ["no"] * 4))
    assert f"{one!r} (3 rows)" in said
    assert f"{other!r} (2 rows)" in said
    assert "'no'" not in said


def test_other_classes_are_not_alike():
    assert alike_classes(pd.Series(["-1", "1", "10", "a", "b", "a b", "ab", "1a", "1b"])) is None


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (["Yes", "no", "noo", "yes"], "'no' and 'noo', 'Yes' and 'yes'"),
        (["spam", "ham", "sapm"], "'spam' and 'sapm'"),
        (["Straße", "STRASSE"], "'Straße' and 'STRASSE'"),
        (["01", "1", "10"], "'1' and '01'"),
        (["cats", "Cat"], "'Cat' and 'cats'"),
    ],
)
def test_likely_typos(names, pairs):
    said = likely_typos(names)
    assert said.startswith(f"classes are nearly the same: {pairs}. ")


@pytest.mark.parametrize(
    "names",
    [
        ["male", "female"], ["ham", "spam"], ["I", "II", "III", "IV", "VI"], ["A", "B", "AB"],
        ["1", "10", "11", "100"], ["class_a", "class_b"], ["v1", "v11"], ["legal", "illegal"],
        ["a", "aa"], ["", "b"],
    ],
)  # fmt: skip
def test_no_typos(names):
    assert likely_typos(names) is None


@pytest.mark.parametrize(
    "values",
    [
        range(1000, 9000, 100),
        [f"{n}%" for n in range(5, 90)],
        [f"${n},{n}00" for n in range(100, 150)],
        range(18, 90),
        [*range(30), *range(30), *range(29)],  # counts, the largest of them rare
    ],
)
def test_target_that_looks_like_a_quantity(values):
    said = quantity_as_classes(pd.Series(list(values)).astype(str))
    assert "looks like a quantity" in said


@pytest.mark.parametrize(
    "values", [range(10), list(range(26)) * 3, [*range(1, 101)] * 5, [*"abc", *range(50)]]
)
def test_codes_are_classes(values):
    assert quantity_as_classes(pd.Series(list(values)).astype(str)) is None


def test_class_of_more_than_four_fifths_of_the_rows():
    labels = pd.Series(["no"] * 81 + ["yes"] * 19)
    assert frequent_class(labels).startswith("81.0% of the rows are of class 'no', so accuracy")
    assert "balanced_accuracy" in frequent_class(labels)
    assert frequent_class(pd.Series(["no"] * 80 + ["yes"] * 20)) is None

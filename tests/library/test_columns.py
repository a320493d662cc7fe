"""Kinds of columns, and the numbers that stand for them."""

from datetime import date, datetime
from decimal import Decimal
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from active_learning.base.columns import Column, coded, kind_of, typed
from active_learning.base.errors import DataError

KINDS = [
    ("number", [1, 2.5, None]),
    ("boolean", [True, None, False]),
    ("date", ["2024-02-29", None, "2024-03-01 12:30"]),
    ("date", ["2024-02-29T12:00:00Z", "2024-03-01T00:00:00+01:00"]),
    ("category", ["2024-02-29", "soon"]),
    ("category", ["a", None, "b"]),
    ("category", ["1", "2", "x"]),
    ("category", ["one and the same", "one and the same", "one and the same"]),
    ("category", ["two words", "other words"]),
    ("text", ["a b c", None, "four words stand here"]),
]


@pytest.mark.parametrize(("kind", "values"), KINDS)
def test_kind_is_that_of_a_csv_too(kind, values):
    table = pd.DataFrame({"a": values, "row": range(len(values))})
    assert kind_of(table["a"]) == kind
    read = pd.read_csv(StringIO(table.to_csv(index=False)))
    assert kind_of(read["a"]) == kind


def test_kind_of_columns_that_say_it_themselves():
    assert kind_of(pd.Series(pd.Categorical([1, 2, 1]))) == "category"
    assert kind_of(pd.to_datetime(pd.Series(["2024-01-01", None]))) == "date"
    assert kind_of(pd.Series([None, None], dtype=object)) == "category"


@pytest.mark.parametrize(
    ("kind", "values", "numbers"),
    [
        ("date", [date(2000, 1, 3), None, date(9999, 12, 31)], [2.0, np.nan, 2921939.0]),
        ("date", [date(2000, 1, 3), datetime(2000, 1, 1, 6)], [2.0, 0.25]),
        ("number", [Decimal("1.50"), None], [1.5, np.nan]),
        ("number", [1, 2.5, True], [1.0, 2.5, 1.0]),
    ],
)
def test_values_of_a_parquet_that_pandas_has_no_type_for(kind, values, numbers):
    column = pd.Series(values, dtype=object, name="a")
    assert kind_of(column) == kind
    features, _ = coded([("a", typed(column, kind, "x"))], (len(values), 1), {"a": kind})
    np.testing.assert_array_equal(features[:, 0], numbers)


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("number", ["1", "two"], "must be a number; got 'two' in row 1"),
        ("boolean", [True, "yes"], "must be true or false; got 'yes' in row 1"),
        ("date", ["2024-01-01", "31.12.2024"], "an ISO 8601 date; got '31.12.2024' in row 1"),
        ("date", [2024.0, 2025.0], r"an ISO 8601 date; got .*2024.0.* in row 0"),
    ],
)
def test_value_that_is_not_of_its_kind(kind, values, message):
    with pytest.raises(DataError, match=message):
        typed(pd.Series(values, name="a"), kind, "mine.csv")


def test_numbers_can_be_categories():
    assert typed(pd.Series([1.0, None, 2.0]), "category", "x").tolist()[::2] == ["1", "2"]
    assert typed(pd.Series([1.5, 2.0]), "category", "x").tolist() == ["1.5", "2.0"]
    assert typed(pd.Series([1e20, 2.0]), "category", "x").tolist() == ["1e+20", "2.0"]


def test_number_too_large_for_single_precision():
    table = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [np.nan, 1.5, -1e39]})
    features, _ = coded(table.items(), table.shape, {})
    assert features[2, 1] == -1e39
    message = (
        r"preprocess\.dtype must be float64 for feature 'b': -1e\+39 in row 2 is too large for "
        r"float32\."
    )
    with pytest.raises(DataError, match=message):
        coded(table.items(), table.shape, {}, np.float32)


def test_numbers_that_stand_for_a_table():
    table = pd.DataFrame(
        {
            "n": [1.5, np.nan],
            "b": pd.array([True, None], dtype="boolean"),
            "d": pd.to_datetime(["2000-01-02 12:00", None]),
            "c": pd.Series(["y", "x"], dtype="str"),
            "t": pd.Series([None, "some free text"], dtype="str"),
        }
    )
    kinds = {"b": "boolean", "d": "date", "c": "category", "t": "text"}
    features, columns = coded(table.items(), table.shape, kinds)
    np.testing.assert_array_equal(
        features, [[1.5, 1, 1.5, 1, np.nan], [np.nan, np.nan, np.nan, 0, 0]]
    )
    assert features.flags.c_contiguous
    assert columns == (
        Column("n", "number"),
        Column("b", "boolean"),
        Column("d", "date"),
        Column("c", "category", ("x", "y")),
        Column("t", "text", ("some free text",)),
    )

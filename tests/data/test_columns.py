"""Kinds of columns, and the floats that stand for them."""

from datetime import date, datetime
from decimal import Decimal
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from active_learning.core.errors import DataError, ParamsError
from active_learning.data.columns import Column, encode_columns

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
    assert Column(table["a"]).kind == kind
    read = pd.read_csv(StringIO(table.to_csv(index=False)))
    assert Column(read["a"]).kind == kind


def test_kind_of_columns_that_say_it_themselves():
    assert Column(pd.Series(pd.Categorical([1, 2, 1]))).kind == "category"
    assert Column(pd.to_datetime(pd.Series(["2024-01-01", None]))).kind == "date"
    assert Column(pd.Series([None, None], dtype=object)).kind == "category"


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
    assert Column(column).kind == kind
    features = encode_columns([("a", Column(column).cast(kind))], {"a": kind}, len(values))
    np.testing.assert_array_equal(features[:, 0], numbers)


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("number", ["1", "two"], "must be a number; got 'two' in row 1"),
        ("boolean", [True, "yes"], "must be true or false; got 'yes' in row 1"),
        ("date", ["2024-01-01", "3/4/2024"], "set day_first or .*; got '3/4/2024' in row 1"),
        ("date", [2024.0, 2025.0], r"must be a date .*; got 2024.0 in row 0, and 1 more row"),
        ("date", pd.to_timedelta(["1h", "2h"]), r"must be a date .*; got Timedelta.* in row 0"),
        ("number", [1 + 2j, 2], r"must be a number; got \(1\+2j\) in row 0"),
    ],
)
def test_value_that_is_not_of_its_kind(kind, values, message):
    with pytest.raises(DataError, match=message):
        Column(pd.Series(values, name="a")).cast(kind)


def test_numbers_can_be_categories():
    assert Column(pd.Series([1.0, None, 2.0])).cast("category").tolist()[::2] == ["1", "2"]
    assert Column(pd.Series([1.5, 2.0])).cast("category").tolist() == ["1.5", "2.0"]
    assert Column(pd.Series([1e20, 2.0])).cast("category").tolist() == ["1e+20", "2.0"]


@pytest.mark.parametrize("kind", ["category", "text"])
@pytest.mark.parametrize("values", [["a", None], [True, None], [1.0, np.nan], [0.5, np.nan]])
def test_missing_category_or_text_stays_missing(kind, values):
    assert Column(pd.Series(values)).cast(kind).isna().tolist() == [False, True]


def encode(frame, kinds=None, dtype=np.float64):
    kinds = dict.fromkeys(frame, "number") | (kinds or {})
    return encode_columns(frame.items(), kinds, len(frame), dtype)


def test_number_too_large_for_single_precision():
    table = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [np.nan, 1.5, -1e39]})
    assert encode(table)[2, 1] == -1e39
    message = r"^dtype must be float64 for feature 'b': -1e\+39 is too large for float32\."
    with pytest.raises(ParamsError, match=message):
        encode(table, dtype=np.float32)


def test_floats_that_stand_for_a_table():
    table = pd.DataFrame(
        {
            "n": [1.5, np.nan],
            "b": pd.array([True, None], dtype="boolean"),
            "d": pd.to_datetime(["2000-01-02 12:00", None]),
        }
    )
    features = encode(table, {"b": "boolean", "d": "date"})
    np.testing.assert_array_equal(features, [[1.5, 1, 1.5], [np.nan, np.nan, np.nan]])
    assert features.flags.c_contiguous
    texts = table.assign(c=["y", "x"], t=pd.Series([None, "some free text"], dtype="str"))
    kinds = {"b": "boolean", "d": "date", "c": "category", "t": "text"}
    mixed = encode(texts, kinds, np.float32)
    np.testing.assert_array_equal(mixed[["n", "b", "d"]].to_numpy(np.float32), features)
    assert set(mixed[["n", "b", "d"]].dtypes) == {np.dtype(np.float32)}
    pd.testing.assert_frame_equal(mixed[["c", "t"]], texts[["c", "t"]])

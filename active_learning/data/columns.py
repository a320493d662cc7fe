"""Kinds of table columns: infer them, cast columns to them, encode columns as floats."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from numbers import Real
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray

from active_learning.core.errors import DataError, ParamsError, shown

Kind = Literal["number", "boolean", "category", "date", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FLOATS: tuple[Kind, ...] = ("number", "boolean", "date")  # kinds that are encoded as floats
TEXTS: tuple[Kind, ...] = ("category", "text")  # kinds that are read as strings: 01 is not 1

# A text column has at least this mean number of words per value and this share of unique values.
_WORDS_OF_TEXT = 3
_SHARE_OF_UNIQUE_TEXTS = 0.5
_WORD = r"\S+"
_ISO_DATE = r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_2000 = pd.Timestamp("2000-01-01")
_EXACT = 2**53  # floats represent all integers up to here exactly


def infer_kind(column: "pd.Series[Any]") -> Kind:
    """Kind of a column, by the first rule that applies.

    ``boolean``: every value is true or false. ``number``: every value is a number. ``date``: every
    value is a date or an ISO 8601 string. ``text``: at least half of the values are distinct, and
    they have three words or more on average. ``category``: anything else. Missing values are
    ignored.
    """
    present = column.dropna()
    if pd.api.types.is_bool_dtype(column) or _all(present, bool):
        return "boolean"
    objects = present if pd.api.types.is_object_dtype(column) else present[:0]
    if pd.api.types.is_numeric_dtype(column) or _all(objects, (Real, Decimal)):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(column) or _all(objects, date):
        return "date"
    if isinstance(column.dtype, pd.CategoricalDtype) or not _all(present, str):
        return "category"
    if present.str.fullmatch(_ISO_DATE).all():
        return "date"
    distinct = present.nunique() >= _SHARE_OF_UNIQUE_TEXTS * len(present)
    words = present.str.count(_WORD).mean()
    return "text" if distinct and words >= _WORDS_OF_TEXT else "category"


def _all(values: "pd.Series[Any]", kind: type | tuple[type, ...]) -> bool:
    return len(values) > 0 and all(isinstance(value, kind) for value in values)


def cast_column(column: "pd.Series[Any]", kind: Kind) -> "pd.Series[Any]":
    """Cast a column to its kind: float64 (or float32), boolean, datetime64 in UTC, or string.

    Raises
    ------
    DataError
        On the first value that is not of this kind.
    """
    casts = {
        "number": (_numbers, "a number"),
        "boolean": (_booleans, "true or false"),
        "date": (_dates, "an ISO 8601 date"),
    }
    if kind not in casts:
        return _texts(column)
    cast, what = casts[kind]
    values = cast(column)
    bad = (values.isna() & column.notna()).to_numpy()
    if bad.any():
        row = int(bad.argmax())
        raise DataError(
            f"feature {column.name!r} must be {what}; got {shown(column.iloc[row])} in row {row}. "
            "If the column is of another kind, set it in kinds."
        )
    return values


def _numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if not pd.api.types.is_numeric_dtype(column):
        column = pd.to_numeric(column.astype(object), errors="coerce")
    return column if column.dtype == np.float32 else column.astype("float64")


def _booleans(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return column.astype(object).map({True: True, False: False}).astype("boolean")


def _dates(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if pd.api.types.is_numeric_dtype(column):
        return pd.Series(pd.NaT, index=column.index, name=column.name)
    dates = pd.to_datetime(column, errors="coerce", utc=True, format="ISO8601")
    return dates.dt.tz_localize(None).astype("datetime64[us]")


def _texts(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if pd.api.types.is_float_dtype(column):
        present = column.dropna()
        if ((present % 1 == 0) & (present.abs() <= _EXACT)).all():
            column = column.astype("Int64")  # "1" rather than "1.0" if values are missing
    return column.astype(object).map(str, na_action="ignore").astype("str")


def encode_columns(
    columns: "Iterable[tuple[Any, pd.Series[Any]]]",
    kinds: Mapping[str, Kind],
    n_rows: int,
    dtype: DTypeLike = np.float64,
) -> NDArray[np.floating] | pd.DataFrame:
    """Encode numbers, booleans (0 or 1) and dates (days since 2000) as floats.

    Parameters
    ----------
    columns : iterable of (name, Series)
        As returned by ``cast_column``; consumed one at a time.
    kinds : dict of str to str
        Kind of each column.
    n_rows : int
    dtype : data-type, optional
        float64 or float32.

    Returns
    -------
    ndarray of shape (n_rows, n_columns), C order, or DataFrame
        A DataFrame if there are categories or texts. NaN is a missing value.

    Raises
    ------
    ParamsError
        If a number is too large for ``dtype``.
    """
    if not all(kind in FLOATS for kind in kinds.values()):
        encoded = {n: _floats(c, dtype) if kinds[n] in FLOATS else c for n, c in columns}
        return pd.DataFrame(encoded, copy=False)
    features = np.empty((n_rows, len(kinds)), dtype=dtype)
    for out, (_, column) in zip(features.T, columns, strict=True):
        out[:] = _floats(column, dtype)
    return features


def _floats(column: "pd.Series[Any]", dtype: DTypeLike) -> NDArray[np.floating]:
    if pd.api.types.is_datetime64_any_dtype(column):
        column = (column - _YEAR_2000) / pd.Timedelta(days=1)
    with np.errstate(over="ignore"):
        floats = column.astype("float64").to_numpy().astype(dtype, copy=False)
    if np.isinf(floats).any():
        row = int(np.isinf(floats).argmax())
        raise ParamsError(
            f"dtype must be float64 for feature {column.name!r}: {column.iloc[row]} in row {row} "
            f"is too large for {floats.dtype}."
        )
    return floats

"""Kinds of the columns of a table: inferring them, casting columns to them, encoding as floats."""

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
FLOATS: tuple[Kind, ...] = ("number", "boolean", "date")  # kinds that floats can stand for

# A text column has, on average, this many words in a value, and differs from row to row.
_WORDS_OF_TEXT = 3
_SHARE_OF_DIFFERENT_TEXTS = 0.5
_WORD = r"\S+"
_ISO_DATE = r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_2000 = pd.Timestamp("2000-01-01")
_EXACT = 2**53  # up to here, every whole number has a float of its own


def infer_kind(column: "pd.Series[Any]") -> Kind:
    """Kind of a column, by the first of these rules that holds.

    ``boolean``: every value is true or false. ``number``: every value is a number. ``date``: every
    value is a date, or a text that is one by ISO 8601. ``text``: at least half of the values differ
    and they have three words or more on average. ``category``: anything else. Missing values are
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
    different = present.nunique() >= _SHARE_OF_DIFFERENT_TEXTS * len(present)
    words = present.str.count(_WORD).mean()
    return "text" if different and words >= _WORDS_OF_TEXT else "category"


def _all(values: "pd.Series[Any]", kind: type | tuple[type, ...]) -> bool:
    return len(values) > 0 and all(isinstance(value, kind) for value in values)


def cast_column(column: "pd.Series[Any]", kind: Kind) -> "pd.Series[Any]":
    """Column of this kind: float64, nullable boolean, datetime64 in UTC, or text.

    Raises
    ------
    DataError
        With the first value that is not of this kind.
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
            "Say in kinds what it is."
        )
    return values


def _numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if not pd.api.types.is_numeric_dtype(column):
        column = pd.to_numeric(column.astype(object), errors="coerce")
    return column.astype("float64")


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
            column = column.astype("Int64")  # so that a 1 beside a gap reads "1" and not "1.0"
    return column.astype(object).map(str, na_action="ignore").astype("str")


def encode_columns(
    columns: "Iterable[tuple[Any, pd.Series[Any]]]",
    kinds: Mapping[str, Kind],
    n_rows: int,
    dtype: DTypeLike = np.float64,
) -> NDArray[np.floating] | pd.DataFrame:
    """Features with a float for every number, boolean (0 or 1) and date (days since 2000).

    Parameters
    ----------
    columns : iterable of (name, Series)
        As ``cast_column`` returns them; only one at a time has to be in memory.
    kinds : dict of str to str
        Kind of each column.
    n_rows : int
    dtype : data-type, optional
        Of the floats: float64 or float32.

    Returns
    -------
    ndarray of shape (n_rows, n_columns), C order, or DataFrame
        A DataFrame where there are categories or texts. NaN is a missing value.

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

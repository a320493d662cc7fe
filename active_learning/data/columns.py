"""Kinds of table columns: infer them, cast columns to them, encode columns as floats."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from numbers import Real
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray

from active_learning.core.errors import DataError, ParamsError, shown
from active_learning.data import notations
from active_learning.data.notations import Notation

Kind = Literal["number", "boolean", "category", "date", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)
KindOption = Kind | Notation  # a notation is a kind and how its values are written
FLOATS: tuple[Kind, ...] = ("number", "boolean", "date")  # kinds that are encoded as floats
TEXTS: tuple[Kind, ...] = ("category", "text")  # kinds that are read as strings: 01 is not 1

# A text column has at least this mean number of words per value and this share of unique values.
_WORDS_OF_TEXT = 3
_SHARE_OF_UNIQUE_TEXTS = 0.5
_WORD = r"\S+"
ISO_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_2000 = pd.Timestamp("2000-01-01")
_HOUR = 3600  # seconds
_EXACT = 2**53  # floats represent all integers up to here exactly


def plain_kind(option: KindOption) -> Kind:
    """Kind of a column, without the notation of its values."""
    return _KIND_OF.get(option, option)  # type: ignore[arg-type]


_KIND_OF: dict[str, Kind] = {
    "decimal_comma": "number", "time": "number", "day_first": "date", "month_first": "date",
}  # fmt: skip


def infer_kind(column: "pd.Series[Any]") -> KindOption:
    """Kind of a column, by the first rule that applies, or the notation that shows the kind.

    ``boolean``: every value is true or false. ``number``: every value is a number. ``date``: every
    value is a date or an ISO 8601 string. Texts of one notation of numbers, dates or times, see
    ``notations.parse``. ``text``: at least half of the values are distinct, they have three words
    or more on average, and fewer than half of them are numbers, dates or times. ``category``:
    anything else. Missing values are ignored.
    """
    present = column.dropna()
    return _kind_of_type(column, present) or _kind_of_texts(present)


def _kind_of_type(column: "pd.Series[Any]", present: "pd.Series[Any]") -> KindOption | None:
    """Kind of a column whose values are not all texts; else ``None``."""
    if pd.api.types.is_numeric_dtype(column):
        return "boolean" if pd.api.types.is_bool_dtype(column) else "number"
    objects = present if pd.api.types.is_object_dtype(column) else present[:0]
    is_texts = not isinstance(column.dtype, pd.CategoricalDtype) and _all(present, str)
    kind_of: dict[KindOption, bool] = {
        "boolean": _all(present, bool),
        "number": _all(objects, (Real, Decimal)),
        "date": _is_datetime(column) or _all(objects, date),
        "time": pd.api.types.is_timedelta64_dtype(column) or _all(objects, (time, timedelta)),
        "category": not is_texts,
    }
    return next((kind for kind, holds in kind_of.items() if holds), None)


def _kind_of_texts(present: "pd.Series[Any]") -> KindOption:
    """Kind of a column of texts, without missing ones."""
    texts = present.unique().tolist()
    if all(map(ISO_DATE.fullmatch, texts)):
        return "date"
    if notation := notations.infer_notation(texts):
        return notation
    distinct = len(texts) >= _SHARE_OF_UNIQUE_TEXTS * len(present)
    words = present.str.count(_WORD).mean()
    is_text = distinct and words >= _WORDS_OF_TEXT and not notations.family(texts)
    return "text" if is_text else "category"


def _is_datetime(column: "pd.Series[Any]") -> bool:
    is_period = isinstance(column.dtype, pd.PeriodDtype)
    return is_period or pd.api.types.is_datetime64_any_dtype(column)


def _all(values: "pd.Series[Any]", kind: type | tuple[type, ...]) -> bool:
    return len(values) > 0 and all(isinstance(value, kind) for value in values)


def cast_column(
    column: "pd.Series[Any]", kind: KindOption, *, inferred: bool = False
) -> "pd.Series[Any]":
    """Cast a column to its kind: float64 (or float32), boolean, datetime64 in UTC, or string.

    Messages give the label of a row in the index, and advise to set a kind that was inferred.

    Raises
    ------
    DataError
        On the first value that is not of this kind.
    """
    if kind in TEXTS:
        return _texts(column)
    if kind == "boolean":
        values = _booleans(column)
    elif plain_kind(kind) == "date":
        values = _dates(column, kind)
    else:
        values = _numbers(column, kind)
    bad = (values.isna() & column.notna()).to_numpy()
    if bad.any():
        row = int(bad.argmax())
        advice = " If the column is of another kind, set it in kinds." if inferred else ""
        raise DataError(
            f"feature {column.name!r} must be {_WHAT[kind]}; got {shown(column.iloc[row])} in row "
            f"{column.index[row]}.{advice}"
        )
    return values


_WHAT: dict[KindOption, str] = {
    "number": "a number",
    "decimal_comma": "a number with a decimal comma",
    "time": "a time of day or a duration",
    "boolean": "true or false",
    "date": "a date that shows what is day and month (if not, set day_first or month_first)",
    "day_first": "a date",
    "month_first": "a date",
}


def _parse(column: "pd.Series[Any]", notation: KindOption) -> "pd.Series[Any]":
    """Values of the texts in a column; others are missing."""
    texts = [each for each in column.dropna().unique() if isinstance(each, str)]
    values = {each: notations.parse(each, notation) for each in texts}  # type: ignore[arg-type]
    return column.astype(object).map(values)


def _numbers(column: "pd.Series[Any]", notation: KindOption) -> "pd.Series[Any]":
    if pd.api.types.is_timedelta64_dtype(column):
        seconds: pd.Series[Any] = column.dt.total_seconds()
        return seconds / _HOUR
    if pd.api.types.is_numeric_dtype(column):
        return column if column.dtype == np.float32 else column.astype("float64")
    objects = column.astype(object)
    if notation == "number":
        numbers = pd.to_numeric(objects, errors="coerce").astype("float64")
    else:
        numbers = objects.map(_hours).astype("float64")
    if (numbers.isna() & column.notna()).any():
        numbers = numbers.fillna(_parse(column, notation).astype("float64"))
    return numbers


def _hours(value: Any) -> float | None:
    if isinstance(value, timedelta):
        return value.total_seconds() / _HOUR
    if isinstance(value, time):
        return value.hour + value.minute / 60 + (value.second + value.microsecond / 1e6) / _HOUR
    return None


def _booleans(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return column.astype(object).map({True: True, False: False}).astype("boolean")


def _dates(column: "pd.Series[Any]", notation: KindOption) -> "pd.Series[Any]":
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    if pd.api.types.is_numeric_dtype(column):  # 20240229
        whole = column.dropna() % 1 == 0
        column = column.astype("Int64") if whole.all() else column * float("nan")
        column = column.astype("str").where(column.notna())
        return pd.to_datetime(column, errors="coerce", format="%Y%m%d").astype("datetime64[us]")
    dates = pd.to_datetime(column, errors="coerce", utc=True, format="ISO8601")
    left = dates.isna() & column.notna()
    if left.any():
        parsed = _parse(column[left], notation)
        dates[left] = pd.to_datetime(parsed, errors="coerce", utc=True, format="ISO8601")
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
        value = column[np.isinf(floats)].iloc[0]
        raise ParamsError(
            f"dtype must be float64 for feature {column.name!r}: {value} is too large for "
            f"{floats.dtype}."
        )
    return floats

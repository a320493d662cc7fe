"""Columns of a table: of which kind each one is, and the matrix of numbers that stands for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from numbers import Real
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray

from active_learning.base.errors import DataError
from active_learning.base.explain import shown

Kind = Literal["number", "boolean", "category", "date", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# A text column has, on average, this many words in a value, and differs from row to row.
_WORDS_OF_TEXT = 3
_SHARE_OF_DIFFERENT_TEXTS = 0.5
_WORD = r"\S+"
_ISO_DATE = r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_2000 = pd.Timestamp("2000-01-01")


@dataclass(frozen=True)
class Column:
    """What a column of the matrix stands for.

    Attributes
    ----------
    name : str
    kind : str
        ``number``, ``boolean`` (0 and 1), ``date`` (days since 2000), ``category`` or ``text``
        (code ``k`` stands for ``values[k]``); a missing value is NaN in all of them.
    values : tuple of str
        Of a category or a text: its different values, sorted.
    """

    name: str
    kind: Kind
    values: tuple[str, ...] = ()


def kind_of(column: "pd.Series[Any]") -> Kind:
    """Kind of a column, by the first of these rules that holds.

    ``boolean``: every value is true or false. ``number``: every value is a number. ``date``: every
    value is a date, or a text that is one by ISO 8601. ``text``: at least half of the values differ
    and they have three words or more on average. ``category``: anything else. Missing values are
    left aside.
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


def typed(column: "pd.Series[Any]", kind: Kind, source: str) -> "pd.Series[Any]":
    """Column of this kind: float64, nullable boolean, datetime64 in UTC, or text.

    Raises
    ------
    DataError
        With the first value that is not of this kind.
    """
    readers = {"number": _numbers, "boolean": _booleans, "date": _dates}
    if kind not in readers:
        return _texts(column)
    found = readers[kind](column)
    bad = (found.isna() & column.notna()).to_numpy()
    if bad.any():
        row = int(bad.argmax())
        what = {"number": "a number", "boolean": "true or false", "date": "an ISO 8601 date"}[kind]
        raise DataError(
            f"{source}: feature {column.name!r} must be {what}; got {shown(column.iloc[row])} in "
            f"row {row}. Say in generate.kinds what it is."
        )
    return found


def _numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if not pd.api.types.is_numeric_dtype(column):
        column = pd.to_numeric(column.astype(object), errors="coerce")
    return column.astype("float64")


def _booleans(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return column.astype(object).map({True: True, False: False}).astype("boolean")


def _dates(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if pd.api.types.is_numeric_dtype(column):
        return pd.Series(pd.NaT, index=column.index, name=column.name)
    found = pd.to_datetime(column, errors="coerce", utc=True, format="ISO8601")
    return found.dt.tz_localize(None).astype("datetime64[us]")


def _texts(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    present = column.dropna()
    if pd.api.types.is_float_dtype(column) and (present % 1 == 0).all() and _exact(present):
        column = column.astype("Int64")  # so that a 1 beside a gap reads "1" and not "1.0"
    return column.astype(object).map(str, na_action="ignore").astype("str")


def _exact(numbers: "pd.Series[Any]") -> bool:
    """Whether floats are so small that every whole number among them is one of its own."""
    return bool((numbers.abs() <= 2**53).all())


def coded(
    items: "Iterable[tuple[Any, pd.Series[Any]]]",
    shape: tuple[int, int],
    kinds: Mapping[str, Kind],
    dtype: DTypeLike = np.float64,
) -> tuple[NDArray[np.floating], tuple[Column, ...]]:
    """Matrix of numbers that stands for a table, and what its columns mean.

    Nothing is learnt from the rows: a code only tells values apart.

    Parameters
    ----------
    items : iterable of (name, Series)
        Columns as ``typed`` gives them; only one at a time has to be in memory.
    shape : tuple of int
        Number of rows and of columns.
    kinds : dict of str to str
        Kind of each column that is not a number.
    dtype : data-type, optional
        Of the matrix: float64 or float32.

    Returns
    -------
    features : ndarray of shape (n_rows, n_columns), C order
    columns : tuple of Column

    Raises
    ------
    DataError
        If a number is too large for ``dtype``.
    """
    features = np.empty(shape, dtype=dtype)
    columns = tuple(
        _column(str(name), series, kinds, out)
        for (name, series), out in zip(items, features.T, strict=True)
    )
    return features, columns


def _column(
    name: str, series: "pd.Series[Any]", kinds: Mapping[str, Kind], out: NDArray[np.floating]
) -> Column:
    """Write one column's numbers to ``out``."""
    kind = kinds.get(name, "number")
    if kind in ("category", "text"):
        codes, values = pd.factorize(series, sort=True)
        out[:] = np.where(codes < 0, np.nan, codes)
        return Column(name, kind, tuple(map(str, values)))
    if kind == "date":
        series = (series - _YEAR_2000) / pd.Timedelta(days=1)
    with np.errstate(over="ignore"):
        out[:] = series.astype("float64").to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(out).any():
        row = int(np.isinf(out).argmax())
        raise DataError(
            f"params.yaml: preprocess.dtype must be float64 for feature {name!r}: "
            f"{series.iloc[row]} in row {row} is too large for {out.dtype}."
        )
    return Column(name, kind)

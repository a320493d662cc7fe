"""Kinds of table columns: infer them, cast columns to them, encode columns as floats."""

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cached_property
from numbers import Real
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray
from pandas.api.extensions import take

from active_learning.core.errors import DataError, ParamsError, shown
from active_learning.core.sentences import rows_where
from active_learning.data import notations
from active_learning.data.notations import Notation, Texts

Kind = Literal["number", "boolean", "category", "date", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)
KindOption = Kind | Notation  # a notation is a kind and how its values are written
FLOATS: tuple[Kind, ...] = ("number", "boolean", "date")  # kinds that are encoded as floats
TEXTS: tuple[Kind, ...] = ("category", "text")  # kinds that are read as strings: 01 is not 1

# A text column has at least this mean number of words per value and this share of unique values.
_WORDS_OF_TEXT = 3
_SHARE_OF_UNIQUE_TEXTS = 0.5
_YEAR_2000 = pd.Timestamp("2000-01-01")
_HOUR = 3600  # seconds
_EXACT = 2**53  # floats represent all integers up to here exactly


def plain_kind(option: KindOption) -> Kind:
    """Kind of a column, without the notation of its values."""
    return _KIND_OF.get(option, option)  # type: ignore[arg-type]


_KIND_OF: dict[str, Kind] = {
    "decimal_comma": "number", "time": "number", "day_first": "date", "month_first": "date",
}  # fmt: skip


class Column:
    """A column as it was read; each of its distinct texts is parsed once.

    Parameters
    ----------
    series : Series
    """

    def __init__(self, series: "pd.Series[Any]") -> None:
        self.series = series

    @cached_property
    def texts(self) -> Texts | None:
        """Distinct texts, in the order of the rows; ``None`` if a value is anything else."""
        if not pd.api.types.is_string_dtype(self.series.dtype) or not self._all(str):
            return None
        return Texts(self._distinct[1].tolist())

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Number of rows of each distinct value."""
        codes = self._distinct[0]
        return np.bincount(codes[codes >= 0])

    @cached_property
    def kind(self) -> KindOption:
        """Kind, by the first rule that applies, or the notation that shows the kind.

        ``boolean``: every value is true or false. ``number``: every value is a number. ``date``:
        every value is a date or an ISO 8601 string. Texts of one notation of numbers, dates or
        times, see ``notations.parse``. ``text``: at least half of the values are distinct, they
        have three words or more on average, and fewer than half of them are numbers, dates or
        times. ``category``: anything else. Missing values are ignored.
        """
        return self._kind_of_texts(self.texts) if self.texts else self._kind_of_type()

    def cast(self, kind: KindOption, *, inferred: bool = False) -> "pd.Series[Any]":
        """Cast to a kind: float64 (or float32), boolean, datetime64 in UTC, or string.

        Messages give the label of a row in the index, and advise to set a kind that was inferred.

        Raises
        ------
        DataError
            On the first value that is not of this kind.
        """
        column = self.series
        if kind in TEXTS:
            return _texts(column)
        values = self._cast(kind)
        missing = values.isna()
        if missing.any() and (bad := missing & column.notna()).any():
            advice = (
                " List the value under missing, or set another kind of the column in kinds."
                if inferred
                else ""
            )
            raise DataError(
                f"feature {column.name!r} must be {_WHAT[kind]}; got "
                f"{shown(column[bad].iloc[0])} in {rows_where(bad)}.{advice}"
            )
        return values

    @cached_property
    def _distinct(self) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Position of each row's value among the distinct ones, -1 if missing, and these."""
        codes, values = pd.factorize(self.series)
        return codes, np.asarray(values, dtype=object)

    @cached_property
    def _types(self) -> set[type]:
        """Types of the values that are not missing."""
        if isinstance(self.series.dtype, pd.StringDtype):
            return {str} if len(self._distinct[1]) else set()
        values = self._distinct[1] if _is_categorical(self.series) else self.series.dropna()
        return set(map(type, values))

    def _all(self, kind: type | tuple[type, ...]) -> bool:
        return bool(self._types) and all(issubclass(each, kind) for each in self._types)

    def _kind_of_type(self) -> KindOption:
        column = self.series
        if pd.api.types.is_numeric_dtype(column):
            return "boolean" if pd.api.types.is_bool_dtype(column) else "number"
        if _is_datetime(column):
            return "date"
        if pd.api.types.is_timedelta64_dtype(column):
            return "time"
        types_of: dict[KindOption, Any] = {"boolean": bool}
        if not _is_categorical(column):
            types_of |= {"number": (Real, Decimal), "date": date, "time": (time, timedelta)}
        return next((kind for kind, types in types_of.items() if self._all(types)), "category")

    def _kind_of_texts(self, texts: Texts) -> KindOption:
        if texts.are_iso_dates:
            return "date"
        if len(texts.notations) == 1:
            return texts.notations[0]
        n_rows = self.counts.sum()
        if len(texts.texts) < _SHARE_OF_UNIQUE_TEXTS * n_rows:
            return "category"
        words = np.array([len(text.split()) for text in texts.texts]) @ self.counts / n_rows
        return "text" if words >= _WORDS_OF_TEXT and not texts.family else "category"

    def _cast(self, kind: KindOption) -> "pd.Series[Any]":
        """Values, missing where one is not of this kind, which is neither a category nor a text."""
        column, is_date = self.series, plain_kind(kind) == "date"
        if kind == "boolean":
            is_bool = pd.api.types.is_bool_dtype(column.dtype)
            truths = column if is_bool else column.astype(object).map({True: True, False: False})
            return truths.astype("boolean")
        if pd.api.types.is_complex_dtype(column):
            return pd.Series(np.nan, column.index)
        if pd.api.types.is_numeric_dtype(column):
            return dates_of_numbers(column) if is_date else _floats_of_numbers(column)
        if pd.api.types.is_timedelta64_dtype(column) and not is_date:
            seconds: pd.Series[Any] = column.dt.total_seconds()
            return seconds / _HOUR
        if _is_datetime(column) and is_date:
            dates = column.dt.to_timestamp() if isinstance(column.dtype, pd.PeriodDtype) else column
            return pd.to_datetime(dates, utc=True).dt.tz_localize(None).astype("datetime64[us]")
        codes, objects = self._distinct
        values = (self._dates if is_date else self._numbers)(objects, kind)
        return pd.Series(take(values, codes, allow_fill=True), column.index, name=column.name)

    def _dates(self, objects: NDArray[Any], notation: KindOption) -> NDArray[np.datetime64]:
        dates = _iso_dates(objects)
        left = np.isnat(dates)
        if left.any():
            dates[left] = _iso_dates([self._parse(each, notation) for each in objects[left]])
        return dates

    def _numbers(self, objects: NDArray[Any], notation: KindOption) -> NDArray[np.float64]:
        if notation == "number":
            numbers = np.array(pd.to_numeric(objects, errors="coerce"), dtype=np.float64)
        else:
            numbers = np.array([_hours(each) for each in objects], dtype=np.float64)
        left = np.isnan(numbers)
        parsed = [self._parse(each, notation) for each in objects[left]]
        numbers[left] = np.array(parsed, dtype=np.float64)  # NaN for None
        return numbers

    def _parse(self, value: Any, notation: KindOption) -> Any:
        parse_text = self.texts.parse if self.texts else notations.parse
        return parse_text(value, notation) if isinstance(value, str) else None  # type: ignore[arg-type]


def _is_categorical(column: "pd.Series[Any]") -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype)


def _is_datetime(column: "pd.Series[Any]") -> bool:
    is_period = isinstance(column.dtype, pd.PeriodDtype)
    return is_period or pd.api.types.is_datetime64_any_dtype(column)


_WHAT: dict[KindOption, str] = {
    "number": "a number",
    "decimal_comma": "a number with a decimal comma",
    "time": "a time of day or a duration",
    "boolean": "true or false",
    "date": "a date that shows what is day and month (if not, set day_first or month_first)",
    "day_first": "a date",
    "month_first": "a date",
}


def _floats_of_numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return column if column.dtype == np.float32 else column.astype("float64")


def _hours(value: Any) -> float | None:
    if isinstance(value, timedelta):
        return value.total_seconds() / _HOUR
    if isinstance(value, time):
        return value.hour + value.minute / 60 + (value.second + value.microsecond / 1e6) / _HOUR
    return None


def dates_of_numbers(numbers: "pd.Series[Any]") -> "pd.Series[Any]":
    """Dates that are written as 20240229, or as 202402; missing if a number is none."""
    whole = numbers.where((numbers % 1 == 0) & numbers.between(0, 99_999_999))
    texts = whole.astype("Int64").astype("str")
    days, months = (
        pd.to_datetime(texts.where(texts.str.len() == length), errors="coerce", format=form)
        for length, form in ((8, "%Y%m%d"), (6, "%Y%m"))
    )
    return days.fillna(months).astype("datetime64[us]")


def _iso_dates(values: Any) -> NDArray[np.datetime64]:
    """Dates in UTC of strings by ISO 8601 and of objects; NaT if it is anything else."""
    dates = pd.to_datetime(values, errors="coerce", utc=True, format="ISO8601")
    return np.array(dates.tz_localize(None), dtype="datetime64[us]")


def _texts(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if isinstance(column.dtype, pd.StringDtype):
        return column.astype("str")
    if _is_categorical(column):
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
        As returned by ``Column.cast``; consumed one at a time.
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
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        column = (column - _YEAR_2000) / pd.Timedelta(days=1)
    with np.errstate(over="ignore"):
        floats = column.to_numpy(np.float64, na_value=np.nan).astype(dtype, copy=False)
    if np.isinf(floats).any():
        value = column[np.isinf(floats)].iloc[0]
        raise ParamsError(
            f"dtype must be float64 for feature {column.name!r}: {value} is too large for "
            f"{floats.dtype}."
        )
    return floats

"""Read a file as a table: with inferred types, or as the strings in it."""

import re
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
import pandas as pd
from pandas.errors import ParserError, ParserWarning

from active_learning.core.errors import DataError, ParamsError, UserError, one_line
from active_learning.core.sentences import listed
from active_learning.data import formats
from active_learning.data.csv_format import (
    Csv,
    convert_decimal_commas,
    doubt_header,
    find_blank_rows,
    find_codes,
    recognise,
    recognise_decimal,
    rows_of_header,
)

_SEPARATOR_OF = {".csv": None, ".tsv": "\t", ".txt": None}
_WORKBOOK = ".xlsx"
SUFFIXES = (*_SEPARATOR_OF, *formats.READERS, _WORKBOOK)
_AUTOMATIC = Csv()


def read_file(
    path: str,
    missing: Sequence[str] | None = None,
    strings: Collection[str] = (),
    csv: Csv = _AUTOMATIC,
    index: Collection[str] = (),
    *,
    sheet: str | None = None,
) -> pd.DataFrame:
    """Read a table with inferred types.

    Parameters
    ----------
    path : str
        Its suffix is one of ``SUFFIXES``; texts may be compressed, as in ``.csv.gz``.
    missing : sequence of str, optional
        Strings that mark a missing value, besides empty cells; by default, in a CSV, the usual
        ones, such as NA.
    strings : collection of str, optional
        Columns of a CSV or spreadsheet that are read as strings: 007 is not 7.
    csv : Csv, optional
        How a CSV is written.
    index : collection of str, optional
        Names that may be those of a Parquet file's index, which is left out otherwise.
    sheet : str, optional
        Sheet of a workbook, by default the only one that is not empty.

    Returns
    -------
    DataFrame
        Its index counts the rows as an editor or a spreadsheet does, the header being row 1.

    Raises
    ------
    ParamsError
        If there is no such file or sheet, or its suffix is another one.
    DataError
        If it cannot be read.
    """
    return _read(path, missing, strings, csv, index, sheet=sheet)


def read_strings(
    path: str,
    csv: Csv = _AUTOMATIC,
    index: Collection[str] = (),
    *,
    sheet: str | None = None,
) -> pd.DataFrame:
    """Read a table with every value as a string, ``""`` if it is missing.

    In a CSV, these are the characters in the file, so that a value stays the same if a change
    elsewhere in its column gives the column another type. Errors are those of ``read_file``.
    """
    if is_csv(path):
        as_written = csv.model_copy(update={"decimal": "."})
        return _read(path, None, None, as_written, index).reset_index(drop=True)
    table = _read(path, None, (), csv, index, sheet=sheet).reset_index(drop=True).astype(object)
    texts = table.map(_as_text, na_action="ignore").astype(object)
    return texts.where(table.notna(), "").astype(str)


def _as_text(value: Any) -> str:
    return str(value.tolist() if isinstance(value, np.ndarray) else value)  # arrays are cut short


def is_csv(path: str) -> bool:
    """Whether a file consists of fields between separators."""
    return formats.split_suffix(path)[0] in _SEPARATOR_OF


def recognise_csv(path: str, missing: Sequence[str] | None, csv: Csv) -> Csv:
    """Options of a CSV: those given, and those that are not the usual ones.

    Parameters
    ----------
    path, missing, csv
        As for ``read_file``.
    """
    if not is_csv(path):
        return csv
    with _errors(path), formats.open_bytes(path) as file:
        options = _fill(path, file, missing, csv).given()
    separator = _SEPARATOR_OF[formats.split_suffix(path)[0]] or ","
    usual = {"encoding": ("utf-8", "utf-8-sig"), "decimal": (".",), "separator": (separator,)}
    unusual = {key: value for key, value in options.items() if value not in usual.get(key, ())}
    return Csv(**(unusual | csv.given()))


def describe_file(
    path: str,
    missing: Sequence[str] | None,
    csv: Csv,
    table: pd.DataFrame,
    kinds: Collection[str] = (),
) -> dict[str, str]:
    """Sentences about what was detected or is doubtful, by name; empty if nothing is.

    Parameters
    ----------
    path, missing, csv
        As for ``read_file``.
    table : DataFrame
        As it was read.
    kinds : collection of str, optional
        Columns whose kind the user has set.
    """
    texts = {}
    has_header = csv.header is not False and formats.split_suffix(path)[0] not in formats.READERS
    if has_header and csv.skip is None and (rows := rows_of_header(table)):
        cure = f"set csv.skip to {rows}" if is_csv(path) else "delete them"
        which = f"Row {rows[0]} looks" if len(rows) == 1 else f"Rows {rows[0]} to {rows[-1]} look"
        texts["header"] = f"{which} like a part of the header: if so, {cure}."
    if not is_csv(path):
        return texts
    options = recognise_csv(path, missing, csv).given()
    recognised = [f"{key}: {value!r}" for key, value in options.items() if key not in csv.given()]
    if recognised:
        texts["csv"] = (
            f"The file was read with {', '.join(recognised)}; csv confirms or corrects it."
        )
    if csv.header is None and (doubt := doubt_header(table)):
        texts["header"] = doubt
    if codes := _leading_zeros(
        path, missing, csv, table.drop(columns=list(kinds), errors="ignore")
    ):
        texts["leading_zeros"] = (
            "Columns are treated as numbers but have leading zeros, as codes do: "
            f"{listed(f'{name!r} ({text!r})' for name, text in codes.items())}. Set their kinds to "
            "category or number."
        )
    return texts


def _leading_zeros(
    path: str, missing: Sequence[str] | None, csv: Csv, table: pd.DataFrame
) -> dict[str, str]:
    """Columns of whole numbers of which some begin with a zero, and an example of each."""
    numbers = table.select_dtypes("number")
    with _errors(path), formats.open_bytes(path) as file:
        codes = find_codes(file, _fill(path, file, missing, csv))
    return {
        name: code
        for name, code in codes.items()
        if name in numbers and (numbers[name].dropna() % 1 == 0).all()
    }


def _read(
    path: str,
    missing: Sequence[str] | None,
    strings: Collection[str] | None,
    csv: Csv,
    index: Collection[str],
    *,
    sheet: str | None = None,
) -> pd.DataFrame:
    """Read a table; with ``strings=None``, every value of a CSV is a string."""
    suffix = formats.split_suffix(path)[0]
    if suffix not in SUFFIXES:
        raise ParamsError(f"path must end in one of {', '.join(SUFFIXES)}; got {path!r}.")
    with _errors(path), formats.open_bytes(path) as file:
        if suffix in _SEPARATOR_OF:
            formats.refuse_others(file)
            return _read_csv(file, missing, strings, _fill(path, file, missing, csv))
        if suffix == _WORKBOOK:
            table, first = formats.read_excel(file, strings or (), sheet), 2
        else:
            table, first = formats.READERS[suffix](file), 1
        return _number_rows(formats.tidy(table, list(missing or ()), index), first)


def _number_rows(table: pd.DataFrame, first: int, skip: Sequence[int] = ()) -> pd.DataFrame:
    """Count the rows as in the file, from the first one; those that are skipped count, too."""
    numbers = np.setdiff1d(np.arange(1, first + len(table) + len(skip)), skip)
    table.index = pd.Index(numbers[first - 1 : first - 1 + len(table)])
    return table


@contextmanager
def _errors(path: str) -> Iterator[None]:
    """Say in one line what is wrong with a file."""
    try:
        yield
    except FileNotFoundError:
        raise ParamsError(f"path must be an existing file; got {path!r}.") from None
    except UserError:
        raise
    except ImportError as error:
        package = (error.name or "").partition(".")[0]
        raise DataError(
            f"{path} cannot be read without the package {package}: install it (`pip install "
            f"{package}`), or save the table as CSV or Parquet."
        ) from error
    except (
        ValueError,
        KeyError,
        OSError,
        EOFError,
        NotImplementedError,
        *formats.DAMAGES,
    ) as error:
        raise DataError(f"{path} cannot be read as a table ({one_line(error)}).") from error


def _fill(path: str, file: IO[bytes], missing: Sequence[str] | None, csv: Csv) -> Csv:
    """The options with everything filled in; the file is at its beginning again."""
    csv = recognise(file, csv, _SEPARATOR_OF[formats.split_suffix(path)[0]])
    file.seek(0)
    if csv.decimal is None:
        decimal: Any = "."
        if csv.separator != ",":
            texts = _parse(file, csv, dtype=str, **_marks(missing))
            decimal = recognise_decimal(texts)
            file.seek(0)
        csv = csv.model_copy(update={"decimal": decimal})
    return csv


def _read_csv(
    file: IO[bytes], missing: Sequence[str] | None, strings: Collection[str] | None, csv: Csv
) -> pd.DataFrame:
    """Read a CSV; with ``strings=None``, every value is a string."""
    if strings is None:
        table = _parse_strings(file, csv)
    else:
        table = _parse(
            file,
            csv,
            **_marks(missing),
            dtype=dict.fromkeys(strings, str),
            decimal=csv.decimal,
            thousands=csv.thousands,
        )
    if csv.header is not False and formats.has_numbered(table):
        file.seek(0)
        names = _parse_strings(file, csv, header=None, nrows=1).iloc[0]
        is_data = pd.to_numeric(names, errors="coerce").notna().any()
        hint = "; if the file has no header, set csv.header to false" if is_data else ""
        formats.refuse_duplicates(names[names != ""], hint)
    if csv.decimal == "," and strings is not None:
        columns = {
            name: column if name in strings else convert_decimal_commas(column)
            for name, column in table.items()
        }
        table = pd.DataFrame(columns, table.index, table.columns)
    left_out = [*(csv.skip or ()), *find_blank_rows(file, csv)]
    return _number_rows(table, 1 if csv.header is False else 2, left_out)


def _marks(missing: Sequence[str] | None) -> dict[str, Any]:
    """Options of pandas for what is missing."""
    return {} if missing is None else {"na_values": ["", *missing], "keep_default_na": False}


def _parse_strings(file: IO[bytes], csv: Csv, **options: Any) -> pd.DataFrame:
    return _parse(file, csv, **_marks([]), dtype=str, **options).fillna("")


def _parse(file: IO[bytes], csv: Csv, **options: Any) -> pd.DataFrame:
    try:
        with warnings.catch_warnings(action="error", category=ParserWarning):
            table: pd.DataFrame = pd.read_csv(
                file,
                **{
                    "sep": csv.separator,
                    "encoding": csv.encoding,
                    "skiprows": [row - 1 for row in csv.skip or ()],
                    "skipinitialspace": True,
                    "index_col": False,  # or a separator at the end of rows would shift them
                    "low_memory": False,  # or the type of a value could depend on its chunk
                    **({"header": None} if csv.header is False else {}),
                    **options,
                },
            )
    except (ParserError, ParserWarning) as error:
        if "fields" not in str(error) and isinstance(error, ParserError):
            raise
        line = re.search(r"line \d+", str(error))
        raise ValueError(
            f"{f'{line[0]} has' if line else 'its rows have'} more fields than the first row; name "
            "every column, or, if lines stand above the header, set csv.skip to their numbers"
        ) from error
    if csv.header is False:
        table.columns = pd.Index([f"x{i}" for i in range(table.shape[1])])
    return table

"""Read a file as a table: with inferred types, or as the strings in it."""

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
import pandas as pd

from active_learning.core.errors import DataError, ParamsError, UserError, one_line
from active_learning.data import formats
from active_learning.data.csv_format import (
    Csv,
    convert_decimal_commas,
    doubt_header,
    recognise,
    recognise_decimal,
)

_SEPARATOR_OF = {".csv": None, ".tsv": "\t", ".txt": None}
SUFFIXES = (*_SEPARATOR_OF, *formats.READERS)
_AUTOMATIC = Csv()
_NUMBERED = re.compile(r"\.\d+\Z")  # as pandas names a second column of a name: a.1


def read_file(
    path: str,
    missing: Sequence[str] | None = None,
    strings: Collection[str] = (),
    csv: Csv = _AUTOMATIC,
    index: Collection[str] = (),
) -> pd.DataFrame:
    """Read a table with inferred types.

    Parameters
    ----------
    path : str
        Its suffix is one of ``SUFFIXES``; texts may be compressed, as in ``.csv.gz``.
    missing : sequence of str, optional
        Strings that mark a missing value, beside empty cells; by default, in a CSV, the usual ones,
        such as NA.
    strings : collection of str, optional
        Columns of a CSV or spreadsheet that are read as strings: 007 is not 7.
    csv : Csv, optional
        How a CSV is written.
    index : collection of str, optional
        Names that may be those of a Parquet file's index, which is left out otherwise.

    Returns
    -------
    DataFrame
        Its index counts the rows as an editor or a spreadsheet does, the header being row 1.

    Raises
    ------
    ParamsError
        If there is no such file, or its suffix is another one.
    DataError
        If it cannot be read.
    """
    table = _read(path, missing, strings, csv, index)
    no_header = formats.split_suffix(path)[0] in formats.WITHOUT_HEADER or csv.header is False
    first = 1 if no_header else 2
    table.index = pd.RangeIndex(first, first + len(table))
    return table


def read_strings(path: str, csv: Csv = _AUTOMATIC, index: Collection[str] = ()) -> pd.DataFrame:
    """Read a table with every value as a string, ``""`` if it is missing.

    In a CSV, these are the characters in the file, so that a value stays the same if a change
    elsewhere in its column gives the column another type. Errors are those of ``read_file``.
    """
    if is_csv(path):
        return _read(path, None, None, csv.model_copy(update={"decimal": "."}), index)
    table = _read(path, None, (), csv, index).astype(object)
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
    usual = {("encoding", "utf-8"), ("encoding", "utf-8-sig"), ("decimal", "."),
             ("separator", separator)}  # fmt: skip
    return Csv(**dict((options.items() - usual) | csv.given().items()))


def remarks(
    path: str, missing: Sequence[str] | None, csv: Csv, table: pd.DataFrame
) -> dict[str, str]:
    """Sentences about what was recognised or is doubtful, by name; empty if nothing is.

    Parameters
    ----------
    path, missing, csv
        As for ``read_file``.
    table : DataFrame
        As it was read.
    """
    if not is_csv(path):
        return {}
    options = recognise_csv(path, missing, csv).given()
    recognised = [f"{key}: {value!r}" for key, value in options.items() if key not in csv.given()]
    texts = {}
    if recognised:
        texts["csv"] = (
            f"The file was read with {', '.join(recognised)}; csv confirms or corrects it."
        )
    if csv.header is None and (doubt := doubt_header(table)):
        texts["header"] = doubt
    return texts


def _read(
    path: str,
    missing: Sequence[str] | None,
    strings: Collection[str] | None,
    csv: Csv,
    index: Collection[str],
) -> pd.DataFrame:
    """Read a table; with ``strings=None``, every value of a CSV is a string."""
    suffix = formats.split_suffix(path)[0]
    if suffix not in SUFFIXES:
        raise ParamsError(f"path must end in one of {', '.join(SUFFIXES)}; got {path!r}.")
    with _errors(path), formats.open_bytes(path) as file:
        if suffix in _SEPARATOR_OF:
            return _read_csv(file, missing, strings, _fill(path, file, missing, csv))
        table = formats.READERS[suffix](file, strings or ())
        return formats.tidy(table, list(missing or ()), index)


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
    table = _parse(
        file,
        csv,
        **_marks(missing),
        na_filter=strings is not None,
        dtype=str if strings is None else dict.fromkeys(strings, str),
        decimal=csv.decimal,
        thousands=csv.thousands,
    )
    if csv.header is not False and any(_NUMBERED.search(str(name)) for name in table):
        file.seek(0)
        _refuse_duplicates(
            _parse(file, csv, header=None, nrows=1, dtype=str, na_filter=False).iloc[0]
        )
    if not isinstance(table.index, pd.RangeIndex):  # pandas made the first field an index
        raise ValueError(  # noqa: TRY004 - the file is wrong, not a type
            f"its rows have more fields than the {table.shape[1]} of its header"
        )
    if csv.decimal == "," and strings is not None:
        columns = {
            name: column if name in strings else convert_decimal_commas(column)
            for name, column in table.items()
        }
        table = pd.DataFrame(columns, table.index, table.columns)
    return table


def _refuse_duplicates(header: "pd.Series[str]") -> None:
    duplicates = header[header.duplicated() & (header != "")]
    if len(duplicates):
        hint = "; if the file has no header, set csv.header to false" if _is_data(header) else ""
        raise ValueError(f"two columns are named {duplicates.iloc[0]!r}{hint}")


def _marks(missing: Sequence[str] | None) -> dict[str, Any]:
    """Options of pandas for what is missing."""
    return {} if missing is None else {"na_values": ["", *missing], "keep_default_na": False}


def _is_data(header: "pd.Series[str]") -> bool:
    return bool(pd.to_numeric(header, errors="coerce").notna().any())


def _parse(file: IO[bytes], csv: Csv, **options: Any) -> pd.DataFrame:
    table: pd.DataFrame = pd.read_csv(
        file,
        **{
            "sep": csv.separator,
            "encoding": csv.encoding,
            "skipinitialspace": True,
            "low_memory": False,  # or the type of a value could depend on its chunk
            **({"header": None} if csv.header is False else {}),
            **options,
        },
    )
    if csv.header is False:
        table.columns = pd.Index([f"x{i}" for i in range(table.shape[1])])
    return table

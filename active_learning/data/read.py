"""Read a CSV or Parquet file as a table: with inferred types, or as the strings in it."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from active_learning.core.errors import DataError, ParamsError

_SUFFIXES = (".csv", ".parquet")


def read_file(
    path: str, missing: list[str] | None = None, strings: Collection[str] = ()
) -> pd.DataFrame:
    """Read a table with inferred types.

    Parameters
    ----------
    path : str
        ``.csv`` or ``.parquet``.
    missing : list of str, optional
        Strings that mark a missing value in a CSV, beside empty cells; by default the usual ones,
        such as NA.
    strings : collection of str, optional
        Columns of a CSV that are read as strings: 007 is not 7.

    Raises
    ------
    ParamsError
        If there is no such file, or its suffix is another one.
    DataError
        If it cannot be read.
    """
    return _read(path, missing=missing, strings=strings)


def read_strings(path: str) -> pd.DataFrame:
    """Read a table with every value as a string, ``""`` if it is missing.

    In a CSV, these are the characters in the file, so that a value stays the same if a change
    elsewhere in its column gives the column another type. Errors are those of ``read_file``.
    """
    if Path(path).suffix == ".csv":
        return _read(path, as_written=True)
    table = _read(path).astype(object)
    return (
        table.map(_as_text, na_action="ignore").astype(object).where(table.notna(), "").astype(str)
    )


def _as_text(value: Any) -> str:
    return str(value.tolist() if isinstance(value, np.ndarray) else value)  # arrays are cut short


def _read(
    path: str,
    missing: list[str] | None = None,
    strings: Collection[str] = (),
    *,
    as_written: bool = False,
) -> pd.DataFrame:
    suffix = Path(path).suffix
    if suffix not in _SUFFIXES:
        raise ParamsError(f"path must end in .csv or .parquet; got {path!r}.")
    try:
        if suffix == ".parquet":
            return pd.read_parquet(path)
        return _read_csv(path, missing, strings, as_written=as_written)
    except FileNotFoundError:
        raise ParamsError(f"path must be an existing file; got {path!r}.") from None
    except (ValueError, OSError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{path} cannot be read as a table ({reason}).") from error


def _read_csv(
    path: str, missing: list[str] | None, strings: Collection[str], *, as_written: bool
) -> pd.DataFrame:
    """Read a CSV, with every value as a string if ``as_written``."""
    header = pd.read_csv(
        path, header=None, nrows=1, dtype=str, na_filter=False, skipinitialspace=True
    ).iloc[0]
    duplicates = header[header.duplicated() & (header != "")]
    if len(duplicates):
        raise ValueError(f"two columns are named {duplicates.iloc[0]!r}")
    table = pd.read_csv(
        path,
        na_values=None if missing is None else ["", *missing],
        keep_default_na=missing is None,
        na_filter=not as_written,
        skipinitialspace=True,
        dtype=str if as_written else dict.fromkeys(strings, str),
        low_memory=False,  # or the type of a value could depend on its chunk
    )
    if not isinstance(table.index, pd.RangeIndex):  # pandas made the first field an index
        raise ValueError(  # noqa: TRY004 - the file is wrong, not a type
            f"its rows have more fields than the {len(header)} of its header"
        )
    return table

"""Readers of table formats that keep the types of their values, and of compressed files."""

import bz2
import gzip
import io
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import pandas as pd

from active_learning.core.errors import ParamsError, unknown
from active_learning.data.notations import is_plain

DAMAGES = (zlib.error, lzma.LZMAError, zipfile.BadZipFile)
_NUMBERED = re.compile(r"\.\d+\Z")


def split_suffix(path: str) -> tuple[str, str]:
    """Suffix of the format, and that of a compression or an empty string, in lower case."""
    name = Path(path.lower())
    if name.suffix in _COMPRESSIONS:
        return Path(name.stem).suffix, name.suffix
    return name.suffix, ""


def open_bytes(path: str) -> IO[bytes]:
    """Open a file, decompressed."""
    compression = split_suffix(path)[1]
    if not compression:
        return Path(path).open("rb")
    return io.BytesIO(_COMPRESSIONS[compression](Path(path).read_bytes()))


def _unzip(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        if len(names) != 1:
            raise ValueError(f"the archive must hold one file; it holds {len(names)}")
        return archive.read(names[0])


def _unzstd(content: bytes) -> bytes:
    import pyarrow as pa

    with pa.input_stream(pa.BufferReader(content), compression="zstd") as stream:
        whole: bytes = stream.read()
        return whole


_COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
    ".zip": _unzip,
    ".zst": _unzstd,
}


# How files begin that are no text with a table, whatever their name says.
_OTHERS = {
    b"PK\x03\x04": "an archive or a workbook, whose name ends in .zip or .xlsx",
    b"\xd0\xcf\x11\xe0": "an old workbook: save it as .xlsx or CSV",
    b"\x1f\x8b": "compressed: its name ends in .gz",
    b"PAR1": "a Parquet file, whose name ends in .parquet",
    b"ARROW1": "a Feather file, whose name ends in .feather",
    b"%PDF": "a PDF",
    b"<!doctype": "a web page, such as one to log in: download the file itself",
    b"<html": "a web page, such as one to log in: download the file itself",
    b"<?xml": "XML",
    b"version https://git-lfs": "a pointer to the file: run `git lfs pull`",
}


def refuse_others(file: IO[bytes]) -> None:
    """Refuse a file that begins as another format does; otherwise it is at its beginning again.

    Raises
    ------
    ValueError
        With what it is.
    """
    head = file.read(64).lstrip(b"\xef\xbb\xbf \r\n\t")
    file.seek(0)
    for start, what in _OTHERS.items():
        if head.lower().startswith(start.lower()):
            raise ValueError(f"it is {what}")


def tidy(table: pd.DataFrame, missing: list[str], index: Collection[str]) -> pd.DataFrame:
    """Make a table what a CSV would give: names that are strings, and empty texts missing.

    Parameters
    ----------
    table : DataFrame
    missing : list of str
        Other strings that mark a missing value; numbers are compared as numbers.
    index : collection of str
        Names that may be those of the index, which is left out otherwise.

    Raises
    ------
    ValueError
        If two columns have the same name.
    """
    levels = [name for name in table.index.names if name is not None and str(name) in index]
    kept = table.reset_index(level=levels) if levels else table
    frame = kept.reset_index(drop=True)
    if isinstance(frame.columns, pd.MultiIndex):
        frame.columns = pd.Index(["_".join(map(str, name)) for name in frame.columns])
    frame.columns = pd.Index([str(name) for name in frame.columns], dtype=object)
    refuse_duplicates(frame.columns.to_series())
    numbers = [float(each) for each in missing if is_plain(each)]
    columns = [_without(column, ["", *missing], numbers) for _, column in frame.items()]
    return pd.DataFrame(dict(zip(frame, columns, strict=True)), frame.index, frame.columns)


def _without(column: "pd.Series[Any]", texts: list[str], numbers: list[float]) -> "pd.Series[Any]":
    marks = _marks(column, texts, numbers)
    return column if marks is None or not marks.any() else column.mask(marks)


def _marks(
    column: "pd.Series[Any]", texts: list[str], numbers: list[float]
) -> "pd.Series[bool] | None":
    """Which values are missing; ``None`` if none can be."""
    if pd.api.types.is_bool_dtype(column):
        return None
    if pd.api.types.is_numeric_dtype(column):
        return column.isin(numbers) if numbers else None
    if isinstance(column.dtype, pd.StringDtype):
        return column.isin(texts)
    if pd.api.types.is_object_dtype(column):
        return column.map(lambda value: isinstance(value, str) and value in texts).astype(bool)
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype(object).isin(texts)
    return None


def read_excel(file: IO[bytes], strings: Collection[str], sheet: str | None) -> pd.DataFrame:
    """Read a sheet of a workbook, by default the only one that is not empty.

    Parameters
    ----------
    file : binary file
    strings : collection of str
        Columns that are read as strings.
    sheet : str or None

    Raises
    ------
    ParamsError
        If there is no such sheet, or none is named and several are not empty.
    ValueError
        If two columns have the same name.
    """
    import_module("openpyxl")  # its absence is said by its name
    with pd.ExcelFile(file, engine="openpyxl") as book:
        sheets = list(map(str, book.sheet_names))
        if sheet is not None and sheet not in sheets:
            raise ParamsError(f"sheet: {unknown('sheet', sheet, sheets)}")
        dtypes = dict.fromkeys(strings, str)
        wanted = sheets if sheet is None else [sheet]
        tables = pd.read_excel(book, sheet_name=wanted, dtype=dtypes, keep_default_na=False)
        filled = [name for name, table in tables.items() if table.shape[1]] or wanted[:1]
        if len(filled) > 1:
            raise ParamsError(
                f"sheet must be set, since several are not empty: {', '.join(map(repr, filled))}."
            )
        name = filled[0]
        if has_numbered(tables[name]):
            header = pd.read_excel(book, sheet_name=name, header=None, nrows=1).iloc[0]
            refuse_duplicates(header.dropna().astype(str))
    return tables[name]


def has_numbered(table: pd.DataFrame) -> bool:
    """Whether a name may be that of a second column, as pandas names it: a.1."""
    return any(_NUMBERED.search(str(name)) for name in table)


def refuse_duplicates(names: "pd.Series[str]", hint: str = "") -> None:
    """Refuse names that occur twice.

    Raises
    ------
    ValueError
        With the name and the hint.
    """
    if names.duplicated().any():
        raise ValueError(f"two columns are named {names[names.duplicated()].iloc[0]!r}{hint}")


def _read_jsonl(file: IO[bytes]) -> pd.DataFrame:
    # pandas would make numbers of texts, and dates of numbers.
    rows = [json.loads(line) for line in file if line.strip()]
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise ValueError(f"every line must be an object; row {number} is not")  # noqa: TRY004
    return pd.DataFrame(rows)


def _read_arff(file: IO[bytes]) -> pd.DataFrame:
    from scipy.io import arff

    records, header = arff.loadarff(io.StringIO(file.read().decode("utf-8")))
    table = pd.DataFrame(records)
    for name, kind in zip(header.names(), header.types(), strict=True):
        if kind == "nominal":
            texts = table[name].str.decode("utf-8")
            table[name] = texts.where(texts != "?").astype("category")
        elif (table[name] % 1 == 0).all():
            table[name] = table[name].astype("int64")
    return table


def _read_npy(file: IO[bytes]) -> pd.DataFrame:
    import numpy as np

    array = np.load(file, allow_pickle=False)
    if array.dtype.names:
        return pd.DataFrame({name: array[name] for name in array.dtype.names})
    return _columns({"x": array}) if array.ndim > 1 else pd.DataFrame({"x": array})


def _read_npz(file: IO[bytes]) -> pd.DataFrame:
    import numpy as np

    with np.load(file, allow_pickle=False) as arrays:
        return _columns(dict(arrays))


def _columns(arrays: Mapping[str, Any]) -> pd.DataFrame:
    """One column of each array with one axis, and one of each column of those with two."""
    columns: dict[str, Any] = {}
    for name, array in arrays.items():
        if array.ndim == 1:
            columns[name] = array
        elif array.ndim == 2:
            columns |= {f"{name}{i}": array[:, i] for i in range(array.shape[1])}
        else:
            raise ValueError(f"array {name!r} must have one or two axes; it has {array.ndim}")
    lengths = sorted({len(column) for column in columns.values()})
    if len(lengths) > 1:
        raise ValueError(
            f"its arrays must have equally many rows; they have {lengths[0]} to {lengths[-1]}"
        )
    return pd.DataFrame(columns)


READERS: dict[str, Callable[[IO[bytes]], pd.DataFrame]] = {
    ".parquet": pd.read_parquet,
    ".feather": pd.read_feather,
    ".jsonl": _read_jsonl,
    ".arff": _read_arff,
    ".npy": _read_npy,
    ".npz": _read_npz,
}

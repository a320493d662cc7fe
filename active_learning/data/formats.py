"""Readers of table formats that keep the types of their values, and of compressed files."""

import bz2
import gzip
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import pandas as pd

from active_learning.data.notations import is_plain

DAMAGES = (zlib.error, lzma.LZMAError, zipfile.BadZipFile)


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
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise ValueError(f"two columns are named {twice!r}")
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


def _read_excel(file: IO[bytes], strings: Collection[str]) -> pd.DataFrame:
    import_module("openpyxl")  # its absence is said by its name
    dtypes = dict.fromkeys(strings, str)
    sheets = pd.read_excel(
        file, sheet_name=None, engine="openpyxl", dtype=dtypes, keep_default_na=False
    )
    tables = [table for table in sheets.values() if table.shape[1]]
    if len(tables) != 1:
        raise ValueError(f"a workbook must have one sheet that is not empty; it has {len(tables)}")
    return tables[0]


def _read_jsonl(file: IO[bytes], strings: Collection[str]) -> pd.DataFrame:  # noqa: ARG001
    # pandas would make numbers of texts, and dates of numbers.
    rows = [json.loads(line) for line in file if line.strip()]
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise ValueError(f"every line must be an object; row {number} is not")  # noqa: TRY004
    return pd.DataFrame(rows)


def _read_arff(file: IO[bytes], strings: Collection[str]) -> pd.DataFrame:  # noqa: ARG001
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


def _read_npy(file: IO[bytes], strings: Collection[str]) -> pd.DataFrame:  # noqa: ARG001
    import numpy as np

    array = np.load(file, allow_pickle=False)
    if array.dtype.names:
        return pd.DataFrame({name: array[name] for name in array.dtype.names})
    return _columns({"x": array}) if array.ndim > 1 else pd.DataFrame({"x": array})


def _read_npz(file: IO[bytes], strings: Collection[str]) -> pd.DataFrame:  # noqa: ARG001
    import numpy as np

    with np.load(file, allow_pickle=False) as arrays:
        return _columns(dict(arrays))


def _columns(arrays: Mapping[str, Any]) -> pd.DataFrame:
    """One column of each array with one axis, and one of each column of those with two."""
    columns: dict[str, Any] = {}
    for name, array in arrays.items():
        if array.ndim == 1:
            columns[name] = array
        elif array.ndim == 2:  # noqa: PLR2004
            columns |= {f"{name}{i}": array[:, i] for i in range(array.shape[1])}
        else:
            raise ValueError(f"array {name!r} must have one or two axes; it has {array.ndim}")
    lengths = sorted({len(column) for column in columns.values()})
    if len(lengths) > 1:
        raise ValueError(
            f"its arrays must have equally many rows; they have {lengths[0]} to {lengths[-1]}"
        )
    return pd.DataFrame(columns)


def _read_parquet(file: IO[bytes], strings: Collection[str]) -> pd.DataFrame:  # noqa: ARG001
    return pd.read_parquet(file)


def _read_feather(file: IO[bytes], strings: Collection[str]) -> pd.DataFrame:  # noqa: ARG001
    return pd.read_feather(file)


READERS: dict[str, Callable[[IO[bytes], Collection[str]], pd.DataFrame]] = {
    ".parquet": _read_parquet,
    ".feather": _read_feather,
    ".jsonl": _read_jsonl,
    ".xlsx": _read_excel,
    ".arff": _read_arff,
    ".npy": _read_npy,
    ".npz": _read_npz,
}
WITHOUT_HEADER = frozenset(READERS) - {".xlsx"}

"""Reading and writing artifacts: nothing half-written, and a damaged file is said to be so."""

import json
import math
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from glob import escape
from io import StringIO
from pathlib import Path
from secrets import token_hex
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import DTypeLike, NDArray
from pyarrow.compute import index_in
from pyarrow.parquet import ParquetFile

from active_learning.base.columns import Column, coded
from active_learning.base.errors import ArtifactError

_SECONDS_LEFT_BEHIND = 24 * 3600.0

# A list of plain values, which reads better on one line.
_NUMBERS = re.compile(r"\[[^\[\]{}\"]*\]")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary file beside ``path``; it takes the place of ``path`` if all went well.

    Its name is of this call alone, so that two processes can write the same file, and the last
    one wins. What a killed process left behind is removed when it is a day old.

    Raises
    ------
    ArtifactError
        If the disk is full, the folder is read-only, or the like.
    """
    temporary = path.with_name(f".{path.name}.{token_hex(4)}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.glob(f".{escape(path.name)}.*.part{path.suffix}"):
            with suppress(FileNotFoundError):
                if time.time() - left.stat().st_mtime > _SECONDS_LEFT_BEHIND:
                    left.unlink()
        yield temporary
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or " ".join(str(error).split())
        raise ArtifactError(f"{path} cannot be written ({reason}).") from error
    finally:
        with suppress(OSError):  # it may not be there, nor its folder
            temporary.unlink()


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while ``path`` is read into one line."""
    try:
        yield
    except FileNotFoundError:
        raise ArtifactError(f"{path} is missing; `dvc repro` makes it.") from None
    except (ValueError, KeyError, TypeError, OSError) as error:
        reason = " ".join(str(error).split())
        raise ArtifactError(
            f"{path} is damaged ({reason}); delete it and run `dvc repro`."
        ) from error


def read_json(path: Path, *keys: str) -> dict[str, Any]:
    """Read a JSON file that holds a mapping with these keys, and maybe others."""
    with reading(path):
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, dict) or not value.keys() >= set(keys):
            raise ValueError(f"it must hold {', '.join(keys) or 'a mapping'}")
        return value


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write JSON: floats to six decimals, so that last bits do not show; NaN is ``null``."""
    text = json.dumps(rounded(value), indent=2, ensure_ascii=False, allow_nan=False)
    text = _NUMBERS.sub(lambda match: " ".join(match[0].split()), text)
    with replacing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def rounded(value: Any) -> Any:
    """Copy of nested dicts, lists and arrays with plain numbers: six decimals, ``None`` for NaN."""
    if isinstance(value, Mapping):
        return {str(key): rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [rounded(item) for item in value]
    if isinstance(value, float | np.floating):
        return round(float(value), 6) + 0.0 if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def read_table(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a Parquet or CSV table, or some of its columns."""
    with reading(path):
        if path.suffix == ".parquet":
            return pd.read_parquet(path, columns=columns)
        text = path.read_text(encoding="utf-8")
        if not text.endswith("\n"):
            raise ValueError("it ends in the middle of a line")
        return pd.read_csv(StringIO(text), usecols=columns)


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as its suffix says: ``.parquet`` exactly, ``.csv`` to six decimals."""
    with replacing(path) as temporary:
        if path.suffix == ".parquet":
            table.to_parquet(temporary, index=False)
        else:
            text = table.round(6).to_csv(index=False, lineterminator="\n")
            temporary.write_text(text, encoding="utf-8")


def read_arrays(path: Path) -> dict[str, NDArray[Any]] | None:
    """Read arrays that ``write_arrays`` wrote, ``None`` if they are missing or damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, KeyError, EOFError, RuntimeError, BadZipFile):
        return None


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays by name, as ``.npz``."""
    with replacing(path) as temporary:
        np.savez(temporary, allow_pickle=False, **arrays)


@dataclass(frozen=True)
class Dataset:
    """A table as the loop wants it.

    Attributes
    ----------
    features : ndarray of shape (n_rows, n_features), float64 or float32
        Numbers that stand for the columns, see ``columns.coded``; NaN where a value is missing.
    labels : ndarray of shape (n_rows,), int64
        Index into ``classes``.
    classes : list of str
    columns : tuple of Column
        What each feature stands for; empty: all are numbers.
    costs : ndarray of shape (n_rows,), float64, optional
        What each row's label costs, where the table says so.
    """

    features: NDArray[np.floating]
    labels: NDArray[np.int64]
    classes: list[str]
    columns: tuple[Column, ...] = ()
    costs: NDArray[np.float64] | None = None


def read_labels(folder: Path) -> tuple[NDArray[np.int64], list[str]]:
    """Read the target column that ``generate`` wrote: labels as class indices, and the classes."""
    card = read_json(folder / "card.json", "target", "classes", "rows")
    target, classes = card["target"], list(card["classes"])
    path = folder / "table.parquet"
    with reading(path), ParquetFile(path) as table:
        column = _read_column(table, target).column(0).cast(pa.string())
        labels = index_in(column, value_set=pa.array(classes, pa.string()))
    if labels.null_count or len(labels) != card["rows"]:
        raise ArtifactError(
            f"{path} is damaged (it is not the table of {folder / 'card.json'}); "
            "delete it and run `dvc repro`."
        )
    return labels.to_numpy().astype(np.int64), classes


def _read_column(table: ParquetFile, name: str) -> pa.Table:
    """Read one column; threads would each keep memory."""
    return table.read(columns=[name], use_threads=False).select([name])  # a.b comes with a


def read_role(folder: Path, role: str) -> "pd.Series[Any] | None":
    """Read the column that has this role (``id``, ``group`` or ``cost``), if one has."""
    column = read_json(folder / "card.json", "roles")["roles"].get(role)
    return None if column is None else read_table(folder / "table.parquet", [column])[column]


def read_features(folder: Path) -> pd.DataFrame:
    """Read the columns that a model may use, as ``generate`` wrote them."""
    table = read_table(folder / "table.parquet")
    return table[_features(folder, table.columns.to_list())]


def _features(folder: Path, columns: list[str]) -> list[str]:
    """Those of the columns that a model may use."""
    card = read_json(folder / "card.json", "target", "roles")
    others = {card["target"], *card["roles"].values()}
    return [name for name in columns if name not in others]


def read_dataset(folder: Path, dtype: DTypeLike = np.float64) -> Dataset:
    """Read the table that ``generate`` wrote, a column at a time: it is in memory only once."""
    labels, classes = read_labels(folder)
    kinds = read_json(folder / "card.json", "kinds")["kinds"]
    path = folder / "table.parquet"
    with reading(path), ParquetFile(path) as table:
        names = _features(folder, table.schema_arrow.names)
        items = ((name, _read_column(table, name).to_pandas()[name]) for name in names)
        features, columns = coded(items, (len(labels), len(names)), kinds, dtype)
    costs = read_role(folder, "cost")
    pa.default_memory_pool().release_unused()
    return Dataset(features, labels, classes, columns, None if costs is None else costs.to_numpy())

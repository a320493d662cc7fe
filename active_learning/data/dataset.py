"""The data set that the loop runs on."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import DTypeLike, NDArray
from pyarrow.compute import index_in
from pyarrow.parquet import ParquetFile

from active_learning.core.errors import UnreadableError
from active_learning.data import files
from active_learning.data.columns import Kind, encode_columns
from active_learning.data.table import Table


@dataclass(frozen=True)
class Dataset:
    """Features, labels, ids, groups and costs of a table.

    Attributes
    ----------
    features : ndarray of shape (n_rows, n_features), float64 or float32, or DataFrame
        A DataFrame if there are categories or texts, see ``columns.encode_columns``; or anything
        that ``arrays.as_features`` returns.
    labels : ndarray of shape (n_rows,), int64
        Index into ``classes``.
    classes : list or ndarray
        Strings if the data set was loaded from a file.
    kinds : dict of str to str
        Kind of each feature, by name; empty: all are numbers.
    ids, groups : ndarray of shape (n_rows,), optional
        Id of each row, and the group that must not be split between test set and pool.
    costs : ndarray of shape (n_rows,), float64, optional
        Cost of each row's label.
    checks : dict of str to str, optional
        Result of ``checks.find_problems``; ``None`` if the table was not checked.
    digest : str
        SHA-256 of the loaded files.
    """

    features: Any
    labels: NDArray[np.int64]
    classes: Any
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    ids: NDArray[Any] | None = None
    groups: NDArray[Any] | None = None
    costs: NDArray[np.float64] | None = None
    checks: Mapping[str, str] | None = None
    digest: str = ""

    @classmethod
    def from_table(cls, table: Table, dtype: DTypeLike = np.float64) -> Self:
        """Make a data set of a validated table.

        Raises
        ------
        ParamsError
            If a number is too large for ``dtype``.
        """
        frame = table.frame
        roles: dict[str, Any] = {f"{role}s": frame[n].to_numpy() for role, n in table.roles.items()}
        return cls(
            encode_columns(table.features.items(), table.kinds, len(frame), dtype),
            pd.Categorical(table.labels, table.classes).codes.astype(np.int64),
            table.classes,
            table.kinds,
            **roles,
        )

    @classmethod
    def load(cls, folder: Path, dtype: DTypeLike = np.float64) -> Self:
        """Load ``table.parquet`` and ``card.json``, one column at a time to save memory.

        Raises
        ------
        UnreadableError
            If a file is missing or damaged, or the two do not belong together.
        ParamsError
            If a number is too large for ``dtype``.
        """
        source, path = folder / "card.json", folder / "table.parquet"
        card = files.read_json(source, "classes", "kinds", "roles", "rows", "target")
        classes, roles = list(card["classes"]), card["roles"]
        with files.reading(path), path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            used = {key: card[key] for key in ("classes", "kinds", "roles", "rows", "target")}
            digest.update(json.dumps(used, sort_keys=True).encode())
            table = ParquetFile(file)
            labels = _labels(_read(table, card["target"]), classes)
            if labels is None or len(labels) != card["rows"]:
                raise UnreadableError(f"{path} is damaged (it is not the table of {source}).")
            columns_of_rows: dict[str, Any] = {
                f"{role}s": _series(table, name).to_numpy() for role, name in roles.items()
            }
            kinds = _kinds(table.schema_arrow.names, card)
            columns = ((name, _series(table, name)) for name in kinds)
            features = encode_columns(columns, kinds, card["rows"], dtype)
        pa.default_memory_pool().release_unused()
        return cls(
            features,
            labels,
            classes,
            kinds,
            checks=card.get("checks"),
            digest=digest.hexdigest(),
            **columns_of_rows,
        )


def _read(table: ParquetFile, name: str) -> pa.Table:
    """Read one column; each thread would hold memory of its own."""
    return table.read(columns=[name], use_threads=False).select([name])  # reading a includes a.b


def _labels(target: pa.Table, classes: list[str]) -> NDArray[np.int64] | None:
    """Class indices; ``None`` if a label is not among the classes."""
    labels = index_in(target.column(0).cast(pa.string()), value_set=pa.array(classes, pa.string()))
    return None if labels.null_count else labels.to_numpy().astype(np.int64)


def _kinds(columns: list[str], card: Mapping[str, Any]) -> dict[str, Kind]:
    """Kind of each feature, in the order of the table."""
    others = {card["target"], *card["roles"].values()}
    return {name: card["kinds"].get(name, "number") for name in columns if name not in others}


def _series(table: ParquetFile, name: str) -> "pd.Series[Any]":
    column: pd.Series[Any] = _read(table, name).to_pandas()[name]
    return column

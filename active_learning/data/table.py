"""Validation of a table, with its features cast to their kinds."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.core.errors import DataError, TooFewClassesError, shown
from active_learning.core.sentences import rows_where
from active_learning.data.columns import Kind, KindOption, plain_kind
from active_learning.data.features import cast_features
from active_learning.data.roles import cast_roles
from active_learning.data.target import cast_labels
from active_learning.data.vectors import spread_vectors


@dataclass(frozen=True)
class Table:
    """A validated table.

    Attributes
    ----------
    frame : DataFrame
        Features as returned by ``columns.Column.cast``, columns with a role, and the target as
        strings.
    target : str
        Column that holds the class.
    kinds : dict of str to str
        Kind of each feature.
    roles : dict of str to str
        Column of each role, see ``roles.ROLES``.
    n_unlabelled : int
        Rows without a class, which ``frame`` leaves out.
    remarks : dict of str to str
        Sentences about kinds that are not evident, by the name of a check.
    """

    frame: pd.DataFrame
    target: str
    kinds: Mapping[str, Kind]
    roles: Mapping[str, str]
    n_unlabelled: int = 0
    remarks: Mapping[str, str] = field(default_factory=dict)

    @property
    def features(self) -> pd.DataFrame:
        """The features alone."""
        return self.frame[list(self.kinds)]

    @property
    def labels(self) -> "pd.Series[str]":
        """The target alone."""
        return self.frame[self.target]

    @property
    def groups(self) -> NDArray[Any] | None:
        """Group of each row, if there are groups."""
        return self.frame[self.roles["group"]].to_numpy() if "group" in self.roles else None

    @property
    def classes(self) -> list[str]:
        """Sorted classes: integers by value, then strings alphabetically."""
        return order_classes(self.labels.unique())

    def card(self, dataset: str) -> dict[str, Any]:
        """Summary of the table for people, with a hash of its content."""
        content = hashlib.sha256()
        for name, column in self.frame.items():
            content.update(str(name).encode())
            content.update(_hashes(column).tobytes())
        counts = self.labels.value_counts()
        missing = self.features.isna().sum()
        return {
            "dataset": dataset,
            "rows": len(self.frame),
            **({"unlabelled": self.n_unlabelled} if self.n_unlabelled else {}),
            "features": len(self.kinds),
            "target": self.target,
            "classes": {name: int(counts[name]) for name in self.classes},
            "roles": dict(self.roles),
            "kinds": {name: kind for name, kind in self.kinds.items() if kind != "number"},
            "missing": {name: int(count) for name, count in missing.items() if count},
            "content_sha256": content.hexdigest(),
        }


def _hashes(column: "pd.Series[Any]") -> NDArray[Any]:
    """Hashes as of ``hash_pandas_object``, which takes longer for columns with few rows."""
    is_plain = isinstance(column.dtype, np.dtype)
    return pd.util.hash_array(column.to_numpy() if is_plain else column.array)


def order_classes(names: Iterable[str]) -> list[str]:
    """Sort classes: integers by value, then strings alphabetically."""
    return sorted(names, key=_class_order)


def _class_order(name: str) -> tuple[int, float, str]:
    return (0, int(name), name) if name.removeprefix("-").isdecimal() else (1, 0, name)


def validate_table(
    frame: pd.DataFrame,
    *,
    target: str,
    roles: Mapping[str, str] | None = None,
    kinds: Mapping[str, KindOption] | None = None,
) -> Table:
    """Validate a table and cast its features to their kinds; leave out rows without a class.

    Parameters
    ----------
    frame : DataFrame
    target : str
        Column that holds the class.
    roles : dict of str to str, optional
        Column of each role; all other columns are features.
    kinds : dict of str to str, optional
        Kinds of features, or the notation of their values, instead of inferred ones.

    Raises
    ------
    ParamsError
        If ``kinds`` names a column that is not a feature.
    DataError
        On the first invalid value, with its column and row.
    TooFewClassesError
        If no row has a class, or all have the same.
    """
    roles, kinds = roles or {}, kinds or {}
    if frame.empty:
        raise DataError("the table must have at least one row; got none.")
    frame = cast_roles(frame, roles)
    features = spread_vectors(frame.drop(columns=[*roles.values(), target]))
    if features.empty:
        raise DataError(f"the table must have at least one feature besides {target!r}; got none.")
    cast, options, remarks = cast_features(features, kinds)
    _check_finite(cast)
    frame = pd.concat([cast, frame[[*roles.values(), target]]], axis=1)
    labels = cast_labels(frame[target])
    _check_classes(labels)
    n_unlabelled = len(frame) - len(labels)
    if n_unlabelled:
        frame = frame[frame.index.isin(labels.index)]
    frame = frame.reset_index(drop=True)
    frame[target] = labels.reset_index(drop=True)
    all_kinds = {name: plain_kind(option) for name, option in options.items()}
    return Table(frame, target, all_kinds, roles, n_unlabelled, remarks)


def _check_finite(features: pd.DataFrame) -> None:
    floats = features.select_dtypes(np.floating)
    infinite = np.isinf(floats.to_numpy())
    if infinite.any():
        name = floats.columns[infinite.any(axis=0).argmax()]
        wrong = np.isinf(floats[name])
        got = floats.loc[wrong, name].iloc[0]
        raise DataError(f"feature {name!r} must be finite; got {got} in {rows_where(wrong)}.")


def _check_classes(labels: "pd.Series[str]") -> None:
    classes = labels.unique()
    if len(classes) < 2:  # a classifier needs two classes
        got = f"only {shown(classes[0])}" if len(classes) else "no label"
        raise TooFewClassesError(
            f"target {labels.name!r} must have at least two classes; got {got}."
        )

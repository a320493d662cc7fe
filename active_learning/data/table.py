"""Validation of a table, with its features cast to their kinds."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from active_learning.core.errors import DataError, ParamsError, unknown
from active_learning.data.columns import Kind, cast_column, infer_kind
from active_learning.data.roles import cast_roles


@dataclass(frozen=True)
class Table:
    """A validated table.

    Attributes
    ----------
    frame : DataFrame
        Features as returned by ``columns.cast_column``, columns with a role, and the target as
        strings.
    target : str
        Column that holds the class.
    kinds : dict of str to str
        Kind of each feature.
    roles : dict of str to str
        Column of each role, see ``roles.ROLES``.
    """

    frame: pd.DataFrame
    target: str
    kinds: Mapping[str, Kind]
    roles: Mapping[str, str]

    @property
    def features(self) -> pd.DataFrame:
        """The features alone."""
        return self.frame[list(self.kinds)]

    @property
    def labels(self) -> "pd.Series[str]":
        """The target alone."""
        return self.frame[self.target]

    @property
    def classes(self) -> list[str]:
        """Sorted classes: integers by value, then strings alphabetically."""
        return sorted(self.labels.unique(), key=_class_order)

    def card(self, dataset: str) -> dict[str, Any]:
        """Summary of the table for people, with a hash of its content."""
        content = hashlib.sha256()
        for name, column in self.frame.items():
            content.update(str(name).encode())
            content.update(pd.util.hash_pandas_object(column, index=False).to_numpy().tobytes())
        counts = self.labels.value_counts()
        missing = self.features.isna().sum()
        return {
            "dataset": dataset,
            "rows": len(self.frame),
            "features": len(self.kinds),
            "target": self.target,
            "classes": {name: int(counts[name]) for name in self.classes},
            "roles": dict(self.roles),
            "kinds": {name: kind for name, kind in self.kinds.items() if kind != "number"},
            "missing": {name: int(count) for name, count in missing.items() if count},
            "content_sha256": content.hexdigest(),
        }


def _class_order(name: str) -> tuple[int, float, str]:
    return (0, int(name), name) if name.removeprefix("-").isdecimal() else (1, 0, name)


def validate_table(
    frame: pd.DataFrame,
    *,
    target: str,
    roles: Mapping[str, str] | None = None,
    kinds: Mapping[str, Kind] | None = None,
) -> Table:
    """Validate a table and cast its features to their kinds.

    Parameters
    ----------
    frame : DataFrame
    target : str
        Column that holds the class.
    roles : dict of str to str, optional
        Column of each role; all other columns are features.
    kinds : dict of str to str, optional
        Kinds of features, instead of inferred ones.

    Raises
    ------
    ParamsError
        If ``kinds`` names a column that is not a feature.
    DataError
        On the first invalid value, with its column and row.
    """
    roles, kinds = roles or {}, kinds or {}
    if frame.empty:
        raise DataError("the table must have at least one row; got none.")
    frame = cast_roles(frame, roles)
    features = frame.drop(columns=[*roles.values(), target])
    if features.empty:
        raise DataError(f"the table must have at least one feature beside {target!r}; got none.")
    for name in kinds:
        if name not in features:
            raise ParamsError(f"kinds: {unknown('feature', name, map(str, features))}")
    all_kinds = {str(name): kinds.get(str(name)) or infer_kind(c) for name, c in features.items()}
    for name, kind in all_kinds.items():  # `assign` would fail on a column named self
        frame[name] = cast_column(features[name], kind)
        _check_finite(frame[name])
    frame[target] = _cast_target(frame[target])
    return Table(frame, target, all_kinds, roles)


def _check_finite(column: "pd.Series[Any]") -> None:
    infinite = column.isin([float("inf"), float("-inf")]).to_numpy()
    if infinite.any():
        row = int(infinite.argmax())
        raise DataError(
            f"feature {column.name!r} must be finite; got {column.iloc[row]} in row {row}."
        )


def _cast_target(labels: "pd.Series[Any]") -> "pd.Series[str]":
    """Cast the target to strings."""
    place = f"target {labels.name!r} must"
    if labels.isna().any():
        row = int(labels.isna().to_numpy().argmax())
        raise DataError(
            f"{place} not be missing; it is in {labels.isna().sum()} of {len(labels)} rows, first "
            f"in row {row}."
        )
    if pd.api.types.is_float_dtype(labels):
        fractions = (labels % 1 != 0).to_numpy()
        if fractions.any():
            row = int(fractions.argmax())
            raise DataError(
                f"{place} hold classes, not fractions; got {labels.iloc[row]} in row {row}."
            )
        labels = labels.astype("int64")
    if labels.nunique() < 2:  # noqa: PLR2004 - a classifier needs two classes
        raise DataError(f"{place} have at least two classes; got only {labels.iloc[0]!r}.")
    return labels.astype(str)

"""Checks for likely mistakes in a table.

Each check returns a sentence with counts, or ``None``. A finding is a hint, not a proof.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.core.errors import shown
from active_learning.core.sentences import count, listed
from active_learning.data.columns import Kind
from active_learning.data.dataset import Dataset
from active_learning.data.leaks import target_given_away
from active_learning.data.notations import Texts
from active_learning.data.table import Table
from active_learning.data.target import (
    alike_classes,
    alike_values,
    frequent_class,
    missing_as_class,
    quantity_as_classes,
)

Kinds = Mapping[str, Kind]
Repeats = Sequence[Mapping[str, NDArray[np.int64]]]
Rule = Callable[[NDArray[np.float64]], NDArray[np.bool_]]  # of the columns of a matrix

# A class needs a row in the test set, in the initial set and in the pool.
_PARTS = 3
# With fewer rows a column can look suspicious by chance.
_FEW_ROWS = 20
# What may be as it should: no reason to fail where warnings are errors.
HINTS = {"frequent_class", "missing_as_class"}
# Numbers that often stand for a missing value: 99, 999, …, and the negative ones.
_SENTINELS = {sign * (10**digits - 1) for digits in range(1, 10) for sign in (1, -1)}
_FEW_SENTINELS = 3


def find_problems(table: Table) -> dict[str, str]:
    """Sentences about everything suspicious, by the name of the check."""
    features, labels, kinds = table.features, table.labels, table.kinds
    problems = {
        "duplicate_rows": duplicate_rows(features, labels),
        "small_classes": small_classes(labels),
        "alike_classes": alike_classes(labels),
        "missing_as_class": missing_as_class(labels),
        "quantity_as_classes": quantity_as_classes(labels),
        "frequent_class": frequent_class(labels),
        "alike_categories": alike_categories(features, kinds),
        "missing_as_number": missing_as_number(features),
        "constant_columns": constant_columns(features),
        "id_columns": id_columns(features, kinds),
        "target_given_away": target_given_away(features, labels, kinds, table.groups),
    }
    return {**table.remarks, **{name: text for name, text in problems.items() if text}}


def duplicate_rows(features: pd.DataFrame, labels: "pd.Series[str]") -> str | None:
    """Rows that are equal in every feature; across test set and pool they inflate the score."""
    hashes = hash_rows(features)
    duplicate = hashes.duplicated(keep=False)
    if not duplicate.any():
        return None
    n_classes = labels[duplicate].groupby(hashes[duplicate]).nunique()
    contrary = int(hashes[duplicate].isin(n_classes.index[n_classes > 1]).sum())
    return (
        f"{duplicate.sum()} of {len(hashes)} rows have a duplicate, equal in every feature; "
        f"{contrary} of them have one of another class. Copies of a row can end up in both the "
        "test set and the pool."
    )


def hash_rows(features: pd.DataFrame) -> "pd.Series[int]":
    """Hash of each row, the same for rows that are equal in every feature."""
    return pd.util.hash_pandas_object(features, index=False)


def small_classes(labels: "pd.Series[str]") -> str | None:
    """Classes too small for test set, initial set and pool to have a row each."""
    counts = labels.value_counts().sort_index()
    small = counts[counts < _PARTS]
    if small.empty:
        return None
    return (
        f"{len(small)} of {len(counts)} classes have fewer than {_PARTS} rows, too few for one in "
        "each of test set, initial set and pool: "
        f"{listed(f'{name!r} ({n})' for name, n in small.items())}."
    )


def alike_categories(features: pd.DataFrame, kinds: Kinds) -> str | None:
    """Columns with categories that differ only in case, spaces, or the notation of a number."""
    names = [name for name, kind in kinds.items() if kind == "category"]
    alike = {name: groups for name in names if (groups := alike_values(features[name]))}
    if not alike:
        return None
    return (
        "categories differ only in case, spaces or the notation of a number: "
        f"{listed(f'{name!r}: {listed(groups)}' for name, groups in alike.items())}. If they mean "
        "the same, correct them."
    )


def missing_as_number(features: pd.DataFrame) -> str | None:
    """Columns of numbers with a value such as -999 in several rows, far from all others."""
    floats = features.select_dtypes(np.floating)
    suspects = []
    for value_of in (floats.min(), floats.max()):
        for name, value in value_of[value_of.isin(_SENTINELS)].items():
            column = floats[name].dropna()
            others = column[column != value]
            distance = (others - value).abs().min()
            n_rows = len(column) - len(others)
            if n_rows >= _FEW_SENTINELS and distance > others.max() - others.min() > 0:
                suspects.append(f"{name!r} ({value:g} in {n_rows} rows)")
    if not suspects:
        return None
    return (
        f"a number far from all others often means a missing value: {listed(suspects)}. If so, "
        "list it under missing, with all other strings that mark a missing value."
    )


def constant_columns(features: pd.DataFrame) -> str | None:
    """Columns with a single value."""
    names = _candidates(features, lambda few: ((few == few[0]) | np.isnan(few)).all(axis=0))
    constant = [name for name in names if _is_constant(features[name])]
    if not constant:
        return None
    return f"{_columns(constant)} constant and can be dropped."


def _candidates(features: pd.DataFrame, rule: Rule) -> "pd.Index[Any]":
    """Columns that are not floats, or whose first rows keep a rule; most do not, of thousands."""
    floats = features.head(_FEW_ROWS).select_dtypes(np.floating)
    breaking = floats.columns[~rule(floats.to_numpy(np.float64))]
    return features.columns.difference(breaking, sort=False)


def _is_constant(column: "pd.Series[Any]") -> bool:
    few = column.head(_FEW_ROWS)  # which differ in most columns
    return len(few.unique()) == 1 == len(column.unique())


def id_columns(features: pd.DataFrame, kinds: Kinds) -> str | None:
    """Columns that look like row numbers or row names."""
    if len(features) < _FEW_ROWS:
        return None
    names = _candidates(features, _may_be_ids)
    suspects = [name for name in names if _is_id(features[name], kinds[str(name)])]
    if not suspects:
        return None
    return f"{_columns(suspects)} different in every row, like an id: declare it as id, or drop it."


def _may_be_ids(few: NDArray[np.float64]) -> NDArray[np.bool_]:
    steps = np.diff(np.sort(few, axis=0), axis=0)
    return np.asarray((few % 1 == 0).all(axis=0) & (steps > 0).all(axis=0))


def _is_id(column: "pd.Series[Any]", kind: Kind) -> bool:
    if kind not in {"category", "number"}:
        return False
    if kind == "number" and (column % 1 != 0).any():  # also if one is missing
        return False
    if not column.is_unique or column.hasnans:
        return False
    if kind == "category":
        return not Texts(column.tolist()).is_quantity
    counts_up = column.is_monotonic_increasing or column.is_monotonic_decreasing
    return bool(counts_up or column.max() - column.min() == len(column) - 1)


def split_problems(data: Dataset, repeats: Repeats, *, duplicates: bool) -> Iterator[str]:
    """Sentences about problems of the splits.

    Parameters
    ----------
    data : Dataset
    repeats : list of dict of str to ndarray
        As returned by ``splits.split``.
    duplicates : bool
        Whether the table has rows that are equal in every feature.
    """
    for role in ("test", "initial"):
        absent = np.zeros(len(data.classes), dtype=int)
        for parts in repeats:
            absent[np.setdiff1d(np.arange(len(absent)), data.labels[parts[role]])] += 1
        classes = [
            f"{shown(data.classes[k])} ({(data.labels == k).sum()} rows) in {absent[k]}"
            for k in np.flatnonzero(absent)
        ]
        if classes:
            yield (
                f"{count(len(classes), 'class is', 'classes are')} missing from the {role} set of "
                f"some of {len(repeats)} repeats: {listed(classes)}."
            )
    if duplicates:
        yield from _duplicates_across(hash_rows(pd.DataFrame(data.features)).to_numpy(), repeats)


def _duplicates_across(hashes: NDArray[np.integer], repeats: Repeats) -> Iterator[str]:
    """Count the test rows with a copy in the initial set or the pool."""
    counts = [
        np.isin(hashes[parts["test"]], np.delete(hashes, parts["test"])).sum() for parts in repeats
    ]
    if any(counts):
        yield (
            f"{np.mean(counts):.1f} of {len(repeats[0]['test'])} test rows, on average, have a "
            "duplicate in the initial set or the pool: scores overestimate performance on new "
            "rows."
        )


def _columns(names: list[Any]) -> str:
    verb = "is" if len(names) == 1 else "are"
    return f"{count(len(names), 'column')} ({listed(map(repr, names))}) {verb}"

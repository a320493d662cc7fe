"""Splits of a table into test set, initial labelled set and pool."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.core.errors import ParamsError, shown
from active_learning.core.sentences import listed

ROLES = ("test", "initial", "pool")

# Chooses the given number of these rows as the initial set.
ColdStart = Callable[[NDArray[np.int64], int], NDArray[np.int64]]


def split(
    labels: NDArray[np.int64],
    classes: list[str],
    *,
    test_size: float,
    initial_size: float,
    stratify: bool,
    seed: int,
    groups: NDArray[Any] | None = None,
    cold_start: ColdStart | None = None,
) -> dict[str, NDArray[np.int64]]:
    """Split rows into a test set, an initial labelled set and a pool.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        Index into ``classes``.
    classes : list of str
    test_size : int or float
        Rows of the test set, or their share of all rows.
    initial_size : int or float
        Rows labelled from the start, or their share of all rows outside the test set. With groups,
        the test set counts with its nominal size, so that all repeats start with as many labels.
    stratify : bool
        Keep the share of each class in all three parts.
    seed : int
        scikit-learn's ``random_state`` for both cuts.
    groups : ndarray of shape (n_rows,), optional
        A group lies either entirely inside or entirely outside the test set, see ``_cut_groups``.
        Initial set and pool may share a group, since labels are bought row by row.
    cold_start : callable, optional
        Chooses the initial set; by default it is random.

    Returns
    -------
    dict of str to ndarray
        Row numbers by role, in the order of the cut.

    Raises
    ------
    ParamsError
        If a part would be empty, a class is too small, or a part has a single class.
    """
    rows = np.arange(len(labels))
    if groups is None:
        train, test = _cut(
            rows, labels, classes, "test_size", stratify,
            test_size=test_size, random_state=seed,
        )  # fmt: skip
    else:
        train, test = _cut_groups(groups, labels, test_size, stratify=stratify, seed=seed)
        if not isinstance(initial_size, int):
            initial_size = _count(initial_size, len(rows) - _wanted(test_size, len(rows)))
    if cold_start is None:
        initial, pool = _cut(
            train, labels, classes, "initial_size", stratify,
            train_size=initial_size, random_state=seed,
        )  # fmt: skip
    else:
        initial = cold_start(train, _count(initial_size, len(train)))
        pool = train[~np.isin(train, initial)]
    parts = {"test": test, "initial": initial, "pool": pool}
    for role in ("test", "initial"):
        present = np.unique(labels[parts[role]])
        if len(present) < 2:  # a classifier needs two classes
            raise ParamsError(
                f"{role}_size must leave at least two classes in the {role} set; with seed {seed} "
                f"all of its {len(parts[role])} rows are of class {shown(classes[present[0]])}."
            )
    return parts


def _count(size: float, n_rows: int) -> int:
    """Rows of an initial set: as in scikit-learn, a share is rounded down."""
    count = size if isinstance(size, int) else int(size * n_rows)
    if not 0 < count < n_rows:
        raise ParamsError(_bad_size("initial_size", size, "1", n_rows))
    return count


def _bad_size(argument: str, size: Any, least: str, n_rows: int) -> str:
    return (
        f"{argument} must leave at least {least} of {n_rows} rows on each side of the cut; "
        f"got {size}."
    )


def _wanted(test_size: float, n_rows: int) -> int:
    """Rows of a test set: as in scikit-learn, a share is rounded up."""
    return test_size if isinstance(test_size, int) else ceil(test_size * n_rows)


def _cut(
    rows: NDArray[np.int64],
    labels: NDArray[np.int64],
    classes: list[str],
    argument: str,
    stratify: bool,
    **options: Any,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    from sklearn.model_selection import train_test_split

    counts = np.bincount(labels[rows], minlength=len(classes))
    rare = [
        f"{shown(name)} ({count})"
        for name, count in zip(classes, counts, strict=True)
        if count < 2  # one for each side of the cut
    ]
    if stratify and rare:
        part = argument.removesuffix("_size")
        raise ParamsError(
            f"stratify must be false unless every class has at least 2 of the {len(rows)} rows "
            f"that the {part} set is chosen from; fewer: {listed(rare)}. Check that they are no "
            "typos; merge rare classes, or leave their rows out."
        )
    try:
        first, second = train_test_split(
            rows, stratify=labels[rows] if stratify else None, **options
        )
    except ValueError:
        size = options.get("test_size", options.get("train_size"))
        least = f"{len(classes)} (one per class)" if stratify else "1"
        raise ParamsError(_bad_size(argument, size, least, len(rows))) from None
    return first, second


def _cut_groups(
    groups: NDArray[Any],
    labels: NDArray[np.int64],
    test_size: float,
    *,
    stratify: bool,
    seed: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cut off about ``test_size`` rows in whole groups, visited in random order.

    A group joins the test set if that reduces the squared distance of its row counts (by class with
    ``stratify``) from the wanted ones. So the size is exact up to about the size of a group.
    """
    rows = len(labels)
    wanted_rows = _wanted(test_size, rows)
    names, group = np.unique(groups, return_inverse=True)
    kinds = labels if stratify else np.zeros_like(labels)
    counts = np.zeros((len(names), kinds.max() + 1), dtype=np.int64)
    np.add.at(counts, (group, kinds), 1)
    missing = counts.sum(axis=0) * (wanted_rows / rows)
    chosen = np.zeros(len(names), dtype=bool)
    for number in np.random.default_rng(seed).permutation(len(names)):
        # |m − c|² < |m|², with m what is missing and c what the group has
        if counts[number] @ (counts[number] - 2 * missing) < 0:
            chosen[number] = True
            missing = missing - counts[number]
    test = chosen[group]
    if test.all() or not test.any():
        raise ParamsError(
            f"test_size must leave at least one group on each side of the cut; "
            f"got {test_size} with {len(names)} groups in {rows} rows."
        )
    return np.flatnonzero(~test), np.flatnonzero(test)


def to_table(repeats: list[dict[str, NDArray[np.int64]]]) -> pd.DataFrame:
    """Table of all repeats with ``repeat``, ``row`` and ``role``, in the order of the cuts."""
    parts = [
        pd.DataFrame({"repeat": number, "row": rows, "role": role})
        for number, roles in enumerate(repeats)
        for role, rows in roles.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    table["role"] = pd.Categorical(table["role"], categories=ROLES)
    return table.astype({"repeat": "int32", "row": "int32"})


def from_table(table: pd.DataFrame) -> list[dict[str, NDArray[np.int64]]]:
    """Rows by role for each repeat, as ``split`` returned them."""
    return [
        {role: repeat.loc[repeat["role"] == role, "row"].to_numpy(dtype=np.int64) for role in ROLES}
        for _, repeat in table.groupby("repeat", sort=True)
    ]


def mean_test_ratio(repeats: Sequence[Mapping[str, NDArray[np.int64]]]) -> float:
    """Test rows for each row of initial set and pool, the mean over the repeats."""
    sizes = [(len(one["test"]), len(one["initial"]) + len(one["pool"])) for one in repeats]
    return float(np.mean([test / train for test, train in sizes]))

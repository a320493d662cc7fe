"""The initial labelled set, where it is not simply drawn at random."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from active_learning.base.errors import DataError
from active_learning.loop.pool import Pool, Query


class Strategy(Protocol):
    """Strategy plug-in that needs neither a model nor labels."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Choose ``n`` open rows of the pool; the model is ``None``, nothing is labelled."""
        ...


def one_per_class(
    rows: NDArray[np.int64],
    labels: NDArray[np.int64],
    classes: list[str],
    n: int,
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """Draw a row of each class, and the others from all rows, each with the same probability.

    Parameters
    ----------
    rows : ndarray of shape (n_rows,), int
        Rows of the table to choose from.
    labels : ndarray of int
        Of all rows of the table: index into ``classes``.
    classes : list of str
    n : int
    generator : numpy.random.Generator

    Raises
    ------
    DataError
        If ``n`` is smaller than the number of classes, or a class has no row.
    """
    if n < len(classes):
        raise DataError(
            f"params.yaml: split.initial_size must be {len(classes)} rows or more, one for each "
            f"class; got {n} rows."
        )
    order = generator.permutation(rows)
    found, first = np.unique(labels[order], return_index=True)
    absent = np.setdiff1d(np.arange(len(classes)), found)
    if len(absent):
        raise DataError(
            f"params.yaml: split.initial must not be one_per_class: class {classes[absent[0]]!r} "
            "has no row outside the test set. With split.stratify it would have."
        )
    others = np.delete(order, first)
    return np.concatenate([order[first], others[: n - len(first)]])


def by_strategy(
    strategy: Strategy,
    rows: NDArray[np.int64],
    features: NDArray[np.floating],
    *,
    n_classes: int,
    n: int,
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """Let a strategy choose that needs no labels.

    It is given these rows only, so that the test set plays no part, with every feature shifted and
    scaled to mean 0 and variance 1 over them: else distances would depend on its unit.

    Parameters
    ----------
    strategy : Strategy
    rows : ndarray of shape (n_rows,), int
        Rows of the table to choose from.
    features : ndarray
        Of all rows of the table.
    n_classes, n : int
    generator : numpy.random.Generator
    """
    rows = np.sort(rows)  # ties go to the lowest row of the table
    visible = features[rows]
    scale = visible.std(axis=0)
    visible = (visible - visible.mean(axis=0)) / np.where(scale > 0, scale, 1.0)
    none = np.empty(0, dtype=np.int64)
    pool = Pool(
        visible,
        np.arange(len(rows)),
        initial=none,
        initial_labels=none,
        n_classes=n_classes,
        budget=n,
    )
    with threadpool_limits(limits=1):  # sums of clusters must not depend on the number of cores
        return rows[strategy.query(None, pool, n, generator).rows]

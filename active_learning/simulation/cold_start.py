"""Initial labelled sets that are not simply random."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from active_learning.core import plugins, rng
from active_learning.core.bases import Strategy
from active_learning.core.errors import ParamsError, named, shown
from active_learning.core.pool import Pool
from active_learning.data.dataset import Dataset
from active_learning.data.splits import ColdStart


def cold_start(initial: str, data: Dataset, seed: int) -> ColdStart | None:
    """Function that chooses the initial set; ``None`` for a random one.

    It never depends on the strategies that are compared, so that all start from the same rows.

    Parameters
    ----------
    initial : str
        ``random``, ``one_per_class``, or a strategy that needs no labels.
    data : Dataset
    seed : int

    Raises
    ------
    ParamsError
        If a strategy needs distances, and a feature is not numeric or has missing values.
    """
    if initial == "random":
        return None
    generator = rng.generator(seed, "initial")
    if initial == "one_per_class":
        return lambda rows, n: one_per_class(rows, data.labels, data.classes, n, generator)
    strategy, features = plugins.load("strategies", initial)(), _complete_numbers(data, initial)
    return lambda rows, n: by_strategy(
        strategy, rows, features, n_classes=len(data.classes), n=n, generator=generator
    )


def _complete_numbers(data: Dataset, initial: str) -> NDArray[np.floating]:
    gaps = pd.DataFrame(data.features).isna().any()
    for (name, kind), gap in zip(data.kinds.items(), gaps, strict=False):
        if kind != "number" or gap:
            raise ParamsError(
                "initial must be random or one_per_class unless all features are complete "
                f"numbers; got {initial!r}, and {name!r} is a {kind}"
                + (" with missing values." if kind == "number" else ".")
            )
    return np.asarray(data.features)


def one_per_class(
    rows: NDArray[np.int64],
    labels: NDArray[np.int64],
    classes: list[str],
    n: int,
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """Draw one row of each class, and the others uniformly from all rows.

    Parameters
    ----------
    rows : ndarray of shape (n_rows,), int
        Rows of the table to choose from.
    labels : ndarray of int
        Class index of every row of the table.
    classes : list of str
    n : int
    generator : numpy.random.Generator

    Raises
    ------
    ParamsError
        If ``n`` is smaller than the number of classes, or a class has no row.
    """
    if n < len(classes):
        raise ParamsError(
            f"initial_size must be at least {len(classes)} rows, one per class; got {n} rows."
        )
    order = generator.permutation(rows)
    present, first = np.unique(labels[order], return_index=True)
    absent = np.setdiff1d(np.arange(len(classes)), present)
    if len(absent):
        raise ParamsError(
            f"initial must not be one_per_class: class {shown(classes[absent[0]])} has no row "
            "outside the test set; a smaller test set may leave one."
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
    """Let a strategy that needs no labels choose the initial set.

    It sees these rows only, never the test set, with features standardized over them so that
    distances do not depend on units.

    Parameters
    ----------
    strategy : Strategy
    rows : ndarray of shape (n_rows,), int
        Rows of the table to choose from.
    features : ndarray
        Features of all rows of the table.
    n_classes, n : int
    generator : numpy.random.Generator
    """
    from sklearn.preprocessing import StandardScaler

    rows = np.sort(rows)  # ties go to the lowest row of the table
    visible = StandardScaler().fit_transform(features[rows])
    none = np.empty(0, dtype=np.int64)
    pool = Pool(
        visible,
        np.arange(len(rows)),
        initial=none,
        initial_labels=none,
        classes=n_classes,
        budget=n,
    )
    # Clusters must not depend on the number of cores.
    with threadpool_limits(limits=1), named(f"strategy {type(strategy).__name__}"):
        return rows[strategy.query(None, pool, n, generator).rows]

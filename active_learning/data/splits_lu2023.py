"""The splits of Lu et al., for comparison with their published results."""

import numpy as np
from numpy.typing import NDArray

from active_learning.core.errors import ParamsError, shown

# Give up after dropping this many seeds: nearly all initial sets lack a class.
_MAX_DROPPED = 1000


def repeats(
    labels: NDArray[np.int64],
    classes: list[str],
    *,
    n_repeats: int,
    test_size: float,
    initial_size: int,
    seed: int,
) -> list[dict[str, NDArray[np.int64]]]:
    """Splits of the first seeds, from ``seed`` on, whose initial set has every class.

    ``default_rng(seed)`` shuffles the rows: the first int((1 − test_size) · n) are for training,
    the rest is the test set, not stratified. A new ``default_rng(seed)`` shuffles the training
    rows: the first ``initial_size`` are the initial set, the rest is the pool, in that order.

    Reference: Lu, Li & Lin, "Re-benchmarking pool-based active learning for binary
    classification", arXiv 2306.08954, 2023, and the code published with it.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        Index into ``classes``.
    classes : list of str
    n_repeats : int
    test_size : float
        Share of all rows.
    initial_size : int
        Rows.
    seed : int

    Returns
    -------
    list of dict of str to ndarray
        As returned by ``splits.split``; repeat r need not use ``seed + r``, since seeds are
        dropped.

    Raises
    ------
    ParamsError
        If the sizes leave no pool, or initial sets keep missing a class.
    """
    splits: list[dict[str, NDArray[np.int64]]] = []
    dropped = 0
    while len(splits) < n_repeats:
        parts = _split(labels, test_size, initial_size, seed + len(splits) + dropped)
        missed = np.setdiff1d(np.arange(len(classes)), labels[parts["initial"]])
        if not len(parts["pool"]):
            raise ParamsError(
                f"initial_size must be below the {len(parts['initial'])} rows outside the test "
                f"set; got {initial_size}."
            )
        if not len(missed):
            splits.append(parts)
        elif (dropped := dropped + 1) == _MAX_DROPPED:
            raise ParamsError(
                f"initial_size must be larger: {dropped} seeds gave an initial set that lacks a "
                f"class, such as {shown(classes[missed[0]])}."
            )
    return splits


def _split(
    labels: NDArray[np.int64], test_size: float, initial_size: int, seed: int
) -> dict[str, NDArray[np.int64]]:
    rows = np.arange(len(labels))
    np.random.default_rng(seed).shuffle(rows)
    n_train = int((1 - test_size) * len(rows))
    train, test = rows[:n_train], rows[n_train:]
    np.random.default_rng(seed).shuffle(train)
    return {"test": test, "initial": train[:initial_size], "pool": train[initial_size:]}

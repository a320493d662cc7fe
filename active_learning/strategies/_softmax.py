"""Search for the open rows with the largest uncertainty of a linear multiclass model.

Nearly all of the time is spent on exponentials, which are much faster in single precision. So all
rows are ranked in single precision, and those within rounding error of the best are ranked again
in double precision.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.core.prediction import LinearDecision
from active_learning.strategies._boundary import rounding_error

_BLOCK = 8192
_ROUGHEST = 0.01

Measure = Callable[[NDArray[Any]], NDArray[Any]]


def least_sure(
    linear: LinearDecision,
    features: NDArray[Any],
    open_rows: NDArray[np.bool_],
    n: int,
    *,
    measure: Measure,
    largest: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find the ``n`` open rows of largest uncertainty, and all that rounding could hide.

    Parameters
    ----------
    linear : LinearDecision
        With at least three classes.
    features : ndarray of shape (n_rows, n_features)
    open_rows : ndarray of shape (n_rows,), bool
    n : int, at most the number of open rows
    measure : callable
        Maps class probabilities (n_rows, n_classes) to uncertainties (n_rows,). Its Lipschitz
        constant in the decision values (maximum norm) is at most 1 + ln(n_classes) / 2, which holds
        for least confidence (1/2), margin (1) and entropy: the gradient of the entropy has the
        1-norm E|ln p + H|, at most the standard deviation of the surprisal.
    largest : ndarray of shape (n_features,)
        Largest |x| of each feature.

    Returns
    -------
    rows : ndarray of shape (n or a few more,), int, ascending
    uncertainty : ndarray of the same shape
        Equal rows have equal values.
    """
    n_classes = len(linear.weights)
    unit = np.finfo(np.float32).eps
    error = max(
        rounding_error(weights, intercept, largest, np.float32)
        for weights, intercept in zip(linear.weights, linear.intercepts, strict=True)
    )
    error = (1 + np.log(n_classes) / 2) * (error + 16 * n_classes * unit)
    if error < _ROUGHEST:
        rough = _rough(linear, features, measure)
        rough[~open_rows] = -np.inf
        limit = np.partition(rough, len(rough) - n)[len(rough) - n] if n > 1 else rough.max()
        rows = np.flatnonzero(rough >= limit - 2 * error)
    else:
        rows = np.flatnonzero(open_rows)
    return rows, _exact(linear, features, rows, measure)


def _rough(linear: LinearDecision, features: NDArray[Any], measure: Measure) -> NDArray[np.float32]:
    """Uncertainty of every row in single precision: (n_rows,)."""
    weights = linear.weights.astype(np.float32)
    intercepts = linear.intercepts.astype(np.float32)[:, None]
    uncertainty = np.empty(len(features), dtype=np.float32)
    for start in range(0, len(features), _BLOCK):
        block = features[start : start + _BLOCK].astype(np.float32, copy=False)
        # Classes as rows, since long rows are faster.
        values = weights @ block.T
        values += intercepts
        uncertainty[start : start + _BLOCK] = measure(_softmax(values, axis=0).T)
    return uncertainty


def _exact(
    linear: LinearDecision, features: NDArray[Any], rows: NDArray[np.int64], measure: Measure
) -> NDArray[np.float64]:
    """Uncertainty of some rows in double precision, summed in a fixed order: (n_chosen,)."""
    uncertainty = np.empty(len(rows))
    for start in range(0, len(rows), _BLOCK):
        values = linear.row_by_row(features[rows[start : start + _BLOCK]])
        uncertainty[start : start + _BLOCK] = measure(_softmax(values, axis=1))
    return uncertainty


def _softmax(values: NDArray[Any], axis: int) -> NDArray[Any]:
    """Softmax, in place."""
    values -= values.max(axis=axis, keepdims=True)
    np.exp(values, out=values)
    values /= values.sum(axis=axis, keepdims=True)
    return values

"""Query the rows of highest score under linear models, scoring few rows exactly.

A first pass bounds the score of every row by decision values in single precision, or in double
precision where single is too rough. Only rows that these bounds cannot separate from the best are
scored exactly.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.core.pool import Pool, Query
from active_learning.core.prediction import LinearDecision, linear_decision
from active_learning.strategies._boundary import rounding_error
from active_learning.strategies._ranking import highest, largest_values, query_highest
from active_learning.strategies._single import single_precision

_ROUGHEST = 0.01

# Decision values in one block.
_BLOCK = 2**16

# Larger numbers could overflow in single precision.
_HUGE = 1e30

# To score more rows than this, copying them does not pay off.
_LARGEST_SHARE = 1 / 4

Bounds = Callable[[NDArray[Any], float, slice], tuple[NDArray[Any], NDArray[Any]]]
Score = Callable[[Any], NDArray[np.float64]]


def query_screened(
    pool: Pool, n: int, models: Sequence[Any], score: Score, bounds: Bounds
) -> Query:
    """Query the ``n`` open rows with the highest score; ties go to the lower row.

    If the models are not linear or the features not dense, every row is scored.

    Parameters
    ----------
    pool : Pool
    n : int, at most the number of open rows
    models : list of fitted scikit-learn classifiers
    score : callable
        Score of each row of some features: (n_rows, n_features) to (n_rows,).
    bounds : callable
        Takes decision values of some rows, (n_models, n_classes, n_rows), in single or double
        precision; a bound on their error; and the slice of the table that they are of. Returns
        lower and upper bounds on the scores, both (n_rows,).
    """
    # Norms of a table by columns are summed in another order than those of a few rows.
    by_rows = not isinstance(pool.features, np.ndarray) or pool.features.flags.c_contiguous
    rows = _contenders(pool, n, models, bounds) if by_rows else None
    if rows is None:
        return query_highest(pool, score(pool.features), n)
    values = score(np.ascontiguousarray(pool.features[rows]))
    first = highest(values, n)
    return Query(rows[first], values[first])


def softmax(values: NDArray[Any]) -> NDArray[Any]:
    """Class probabilities of decision values: (n_models, n_classes, n_rows)."""
    if values.shape[1] == 2:  # one exponential is enough
        positive = 1 / (1 + np.exp(np.clip(values[:, 0] - values[:, 1], -80, 80)))
        return np.stack([1 - positive, positive], axis=1)
    probabilities = values - values.max(axis=1, keepdims=True)
    np.exp(probabilities, out=probabilities)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return np.asarray(probabilities)


def rounding(values: NDArray[Any]) -> float:
    """Bound on the rounding error of entropies, norms and means of the softmax of these values."""
    n_models, n_classes, _ = values.shape
    return float((64 + n_models) * n_classes * np.finfo(values.dtype).eps)


def _contenders(
    pool: Pool, n: int, models: Sequence[Any], bounds: Bounds
) -> NDArray[np.int64] | None:
    """Open rows that can be among the ``n`` best, ascending; ``None``: all open rows."""
    decisions = [linear_decision(model, pool.features) for model in models]
    linear = [each for each in decisions if each is not None and each.softmax]
    if len(linear) < len(models):
        return None
    precision, error = _precision(pool, linear)
    if precision is None:
        return None
    single = precision == np.float32
    features = single_precision(pool) if single else pool.features
    weights, intercepts = (
        part.astype(precision)
        for part in _stack(linear, [model.classes_ for model in models], pool.classes)
    )
    shape = (len(models), pool.n_classes, -1)
    lower, upper = np.empty((2, len(features)), precision)
    step = max(1, _BLOCK // len(weights))
    for start in range(0, len(features), step):
        block = slice(start, start + step)
        values = weights @ features[block].astype(precision, copy=False).T
        values += intercepts
        lower[block], upper[block] = bounds(values.reshape(shape), error, block)
    lower[~pool.open] = -np.inf
    limit = np.partition(lower, len(lower) - n)[len(lower) - n] if n > 1 else lower.max()
    rows = np.flatnonzero(~(upper < limit) & pool.open)  # a bound that is NaN excludes no row
    return rows if len(rows) <= _LARGEST_SHARE * len(lower) else None


def _precision(pool: Pool, linear: Sequence[LinearDecision]) -> tuple[Any, float]:
    """Lowest precision that is good enough, and a bound on the error of decision values."""
    largest = pool.remember(largest_values)
    size = np.max([np.abs(part).max() for each in linear for part in each[:2]] + [largest.max()])
    for precision in (np.float32, np.float64):
        error = max(
            rounding_error(weights, intercept, largest, precision)
            for each in linear
            for weights, intercept in zip(each.weights, each.intercepts, strict=True)
        )
        if size < _HUGE and error < _ROUGHEST:
            return precision, error
    return None, np.inf


def _stack(
    linear: Sequence[LinearDecision], seen: Sequence[NDArray[Any]], classes: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights and intercepts for each model and class; the softmax of an unseen one is 0."""
    shape = (len(linear), len(classes))
    weights, intercepts = np.zeros((*shape, linear[0].weights.shape[1])), np.full(shape, -_HUGE)
    for place, (each, of_classes) in enumerate(zip(linear, seen, strict=True)):
        columns = np.searchsorted(classes, of_classes)
        intercepts[place, columns] = 0
        columns = columns[-len(each.weights) :]  # with two classes, the decision is the second's
        weights[place, columns], intercepts[place, columns] = each.weights, each.intercepts
    return weights.reshape(-1, weights.shape[2]), intercepts.reshape(-1, 1)

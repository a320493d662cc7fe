"""Choosing the rows with the largest values; ties go to the first of ``Pool.open_rows``."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.core.pool import Pool, Query, take
from active_learning.core.prediction import Prediction, is_linear, linear_decision
from active_learning.strategies._boundary import Boundary, magnitudes
from active_learning.strategies._softmax import Measure, least_sure


def highest(values: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """Positions of the ``n`` largest values, largest first; ties go to the lower position.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
    n : int, at most n_values
    """
    if n == 1:
        return np.array([values.argmax()])
    cut = np.partition(values, len(values) - n)[len(values) - n]
    above = np.flatnonzero(values > cut)
    equal = np.flatnonzero(values == cut)[: n - len(above)]
    chosen = np.concatenate([above, equal])
    order = np.lexsort((chosen, -values[chosen]))
    return np.asarray(chosen[order])


def query_highest(pool: Pool, values: NDArray[np.float64], n: int) -> Query:
    """Query the ``n`` open rows with the largest values; ties go to the lower row.

    Parameters
    ----------
    pool : Pool
    values : ndarray of shape (n_rows,)
        Informativeness of every row of the table; that of closed rows is ignored.
    n : int, at most the number of open rows
    """
    rows = highest(np.where(pool.open, values, -np.inf), n)
    return Query(rows, values[rows])


def most_uncertain(model: Any, pool: Pool, n: int, measure: Measure) -> Query:
    """Query the ``n`` open rows with the largest uncertainty.

    With two classes every uncertainty measure decreases with the distance from the decision
    boundary, so rows are ranked by that distance if the model has one: unlike a probability near
    1, it does not saturate, so there are no false ties.

    Parameters
    ----------
    model : fitted scikit-learn classifier
    pool : Pool
    n : int
    measure : callable
        Maps class probabilities (n_rows, n_classes) to uncertainties (n_rows,); no more sensitive
        than ``_softmax.least_sure`` allows.
    """
    from scipy.special import expit

    linear = linear_decision(model, pool.features)
    if linear is not None and not (
        np.isfinite(pool.remember(_largest)).all()
        and np.isfinite(linear.weights).all()
        and np.isfinite(linear.intercepts).all()
    ):
        linear = None  # the error of Prediction says what is wrong with the features or the model
    if linear is not None and len(model.classes_) == 2:  # noqa: PLR2004
        search = pool.remember(_boundary)
        rows, distances = search.nearest(linear.weights[0], float(linear.intercepts[0]), n)
        if len(rows) > 1:
            first = highest(-distances, n)
            rows, distances = rows[first], distances[first]
        if not linear.softmax:
            return Query(rows, measure(_predict(model, pool, rows).probabilities))
        probable = expit(distances)
        return Query(rows, measure(np.array([probable, 1 - probable]).T))
    if linear is not None and linear.softmax:
        rows, uncertainty = least_sure(
            linear, pool.features, pool.open, n, measure=measure, largest=pool.remember(_largest)
        )
        first = highest(uncertainty, n)
        return Query(rows[first], uncertainty[first])
    rows = pool.open_rows
    whole = _in_place(model, pool)
    prediction = _predict(model, pool, None if whole else rows)
    predicted = rows if whole else slice(None)
    distance = prediction.decision
    if distance is None:
        uncertainty = measure(prediction.probabilities[predicted])
        first = highest(uncertainty, n)
        return Query(rows[first], uncertainty[first])
    chosen = rows[highest(-np.abs(distance[predicted]), n)]
    return Query(chosen, measure(_predict(model, pool, chosen).probabilities))


def _boundary(pool: Pool) -> Boundary:
    return Boundary(pool.features, pool.open, pool.remember(_largest))


def _largest(pool: Pool) -> NDArray[np.float64]:
    return magnitudes(pool.features)


def _in_place(model: Any, pool: Pool) -> bool:
    """Whether to predict all rows: with sparse features this is faster than copying most of them.

    A sparse product is summed row by row, so that the values are the same.
    """
    from scipy.sparse import issparse

    cls: Any = type(model)
    most = 2 * pool.n_open > len(pool.open)
    return most and issparse(pool.features) and is_linear(cls)


def _predict(model: Any, pool: Pool, rows: NDArray[np.int64] | None) -> Prediction:
    """Prediction of these rows; ``None``: of the whole table."""
    features = pool.features if rows is None else take(pool.features, rows)
    return Prediction(model, features, pool.classes)

"""Choosing the rows with the largest values; ties go to the first of ``Pool.open_rows``."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.core.pool import Pool, Query, take
from active_learning.core.prediction import Prediction, is_linear, linear_decision
from active_learning.strategies._boundary import Boundary, magnitudes, max_abs
from active_learning.strategies._gaussian import gaussian_uncertainty
from active_learning.strategies._kernel import kernel_distance
from active_learning.strategies._softmax import Measure, least_sure

# From model, features, labelled features, largest |x| and measure to an approximate value of each
# row, larger if it is more uncertain, and a bound on its error.
Screen = Callable[
    [Any, NDArray[Any], NDArray[Any], NDArray[np.float64], Measure],
    tuple[NDArray[Any], Any] | None,
]

# Below this number of rows, the model itself is as fast as a screen.
_SMALL = 2000


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
        np.isfinite(pool.remember(largest_values)).all()
        and np.isfinite(linear.weights).all()
        and np.isfinite(linear.intercepts).all()
    ):
        linear = None  # the error of Prediction says what is wrong with the features or the model
    if linear is not None and len(model.classes_) == 2:
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
        largest = pool.remember(largest_values)
        rows, uncertainty = least_sure(
            linear, pool.features, pool.open, n, measure=measure, largest=largest
        )
        first = highest(uncertainty, n)
        return Query(rows[first], uncertainty[first])
    whole = _in_place(model, pool)
    rows = pool.open_rows if whole else _contenders(model, pool, n, measure)
    prediction = _predict(model, pool, None if whole else rows)
    predicted = rows if whole else slice(None)
    distance = prediction.decision
    if distance is None:
        uncertainty = measure(prediction.probabilities[predicted])
        first = highest(uncertainty, n)
        return Query(rows[first], uncertainty[first])
    chosen = rows[highest(-np.abs(distance[predicted]), n)]
    return Query(chosen, measure(_predict(model, pool, chosen).probabilities))


def _contenders(model: Any, pool: Pool, n: int, measure: Measure) -> NDArray[np.int64]:
    """Open rows that can be among the ``n`` most uncertain, in the order of ``Pool.open_rows``."""
    rows = pool.open_rows
    screened = _screened(model, pool, rows, measure) if len(rows) >= _SMALL else None
    if screened is None:
        return rows
    values, error = screened
    if not np.isfinite(values).all() or np.isnan(error).any():
        return rows
    least = values - error
    limit = least.max() if n == 1 else np.partition(least, len(least) - n)[len(least) - n]
    return np.asarray(rows[values + error >= limit])


def _screened(
    model: Any, pool: Pool, rows: NDArray[np.int64], measure: Measure
) -> tuple[NDArray[Any], Any] | None:
    """Approximate values of these rows and a bound on their error, if the model has a screen."""
    from sklearn.pipeline import Pipeline

    last = model[-1] if type(model) is Pipeline and len(model) > 1 else model
    cls: Any = type(last)
    screen = _screen(cls)
    if screen is None:
        return None
    # Most of a table is searched faster in place than after a copy.
    whole = last is model and 2 * len(rows) > len(pool.open)
    features = pool.features if whole else take(pool.features, rows)
    labelled = pool.labelled_features
    if last is not model:
        try:
            features, labelled = (model[:-1].transform(X) for X in (features, labelled))
        except ValueError:  # Prediction says what is wrong with the features
            return None
    if not isinstance(features, np.ndarray) or features.dtype not in (np.float32, np.float64):
        return None
    with np.errstate(all="ignore"):
        largest = pool.remember(largest_values) if whole else max_abs(features)
        screened = screen(last, features, labelled, largest, measure)
    if screened is None or not whole:
        return screened
    values, error = screened
    return values[rows], error[rows] if np.ndim(error) else error


@cache
def _screen(cls: Any) -> Screen | None:
    """Screen for the models of a class; none for its subclasses, which may predict otherwise."""
    from sklearn.naive_bayes import GaussianNB
    from sklearn.svm import SVC, NuSVC

    screens: dict[Any, Screen] = {
        GaussianNB: gaussian_uncertainty,
        NuSVC: kernel_distance,
        SVC: kernel_distance,
    }
    return screens.get(cls)


def _boundary(pool: Pool) -> Boundary:
    return Boundary(pool.features, pool.open, pool.remember(largest_values))


def largest_values(pool: Pool) -> NDArray[np.float64]:
    """Bounds on |x| of each feature: (n_features,)."""
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

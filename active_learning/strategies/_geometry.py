"""Distances, k-center and k-means, computed in blocks to save memory."""

import warnings
from collections.abc import Callable, Iterator
from copy import copy
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.core.errors import ParamsError, one_line
from active_learning.core.pool import Pool, Query
from active_learning.core.prediction import Prediction

# Values in one block of distances: 2 MB, which the cache holds.
_BLOCK = 2**18
# Rows that are compared with all centres at once, and centres that the others are compared with.
_TOP = 64
_STEP = 16

# Maps distances, and the rows that they are of, to scores that never fall with the distance.
Score = Callable[[NDArray[np.float64], Any], NDArray[np.float64]]


class FeatureSpace(NamedTuple):
    """Numeric features of a pool and the model that takes them, see ``model_space``.

    Attributes
    ----------
    model : classifier, or None
    inputs : ndarray, CSR array or DataFrame of shape (n_rows, n_features)
        What the model takes.
    features : ndarray or CSR array of shape (n_rows, n_features)
        Features of the whole table.
    labelled : the same type, of shape (n_labelled, n_features)
        Features of the labelled set, in the order of labelling.
    """

    model: Any
    inputs: Any
    features: Any
    labelled: Any

    def predict(self, pool: Pool) -> Prediction:
        """Predictions for all rows of the pool's table; equal rows tie."""
        return Prediction(self.model, self.inputs, pool.classes, ties=True)


def model_space(model: Any, pool: Pool) -> FeatureSpace:
    """Last step of a pipeline with its input features; any other model with the pool's features.

    The input of a pipeline may have categories and missing values, which have no distances.

    Raises
    ------
    ParamsError
        If the features are not numeric or have missing values.
    """
    from sklearn.pipeline import Pipeline

    if isinstance(model, Pipeline) and len(model.steps) > 1:
        inputs = model[:-1].transform(pool.features)
        features = _as_numbers(inputs)
        return FeatureSpace(model[-1], inputs, features, features[pool.labelled_rows])
    last = model[-1] if isinstance(model, Pipeline) else model
    features = pool.remember(as_numbers)
    unchanged = features is pool.features
    labelled = pool.labelled_features if unchanged else features[pool.labelled_rows]
    return FeatureSpace(last, pool.features, features, labelled)


def as_numbers(pool: Pool) -> Any:
    """Features of the pool's table as an ndarray or CSR array of floats."""
    return _as_numbers(pool.features)


def _as_numbers(features: Any) -> Any:
    """Features as an ndarray or CSR array of floats, without a copy if possible."""
    from sklearn.utils import check_array

    try:
        return check_array(features, accept_sparse="csr", dtype=[np.float64, np.float32])
    except ValueError as error:
        raise ParamsError(
            "strategy measures distances and needs features that are complete numbers: use a "
            f"pipeline that encodes and imputes them ({one_line(error)})"
        ) from error


def distances(features: Any, centres: Any) -> NDArray[np.float64]:
    """Euclidean distance of every row to every centre: (n_rows, n_centres).

    Dense distances are computed from differences rather than by the faster |x|² − 2xy + |y|², so
    that equal rows have equal distances, and distance 0 to each other.

    Parameters
    ----------
    features : ndarray or CSR matrix of shape (n_rows, n_features)
    centres : the same type, of shape (n_centres, n_features)
    """
    from scipy.sparse import issparse
    from scipy.spatial.distance import cdist
    from sklearn.metrics.pairwise import euclidean_distances

    if not issparse(features):
        return np.asarray(cdist(features, centres))

    return np.asarray(euclidean_distances(features, centres), dtype=np.float64)


def blocks(n_rows: int, others: Any) -> Iterator[slice]:
    """Slices of rows whose distances to the others take bounded memory."""
    width = max(others.shape) if isinstance(others, np.ndarray) else others.shape[0]
    step = max(1, _BLOCK // width)
    return (slice(start, start + step) for start in range(0, n_rows, step))


class Nearest:
    """Distances of the rows of a table to the nearest of several of its rows, the centres.

    Only the rows that could have the largest score are compared with all centres. The others have
    an upper bound, the distance to the nearest of some of the centres.

    Parameters
    ----------
    features : ndarray or CSR array of shape (n_rows, n_features)
    """

    def __init__(self, features: Any) -> None:
        n_rows = features.shape[0]
        self._features = features
        self._centres = np.empty(0, dtype=np.int64)
        self._is_centre = np.zeros(n_rows, dtype=bool)
        self._bounds = np.full(n_rows, np.inf)
        self._compared = np.zeros(n_rows, dtype=np.int32)  # with that many of the centres

    def add(self, rows: NDArray[np.int64]) -> None:
        """Make these rows centres; those that are already stay so."""
        self._centres = np.append(self._centres, rows[~self._is_centre[rows]])
        self._is_centre[rows] = True

    def copy(self) -> "Nearest":
        """Copy to which centres can be added on their own."""
        other = copy(self)
        for name in ("_is_centre", "_bounds", "_compared"):
            setattr(other, name, getattr(self, name).copy())
        return other

    def largest(self, candidates: NDArray[np.bool_], score: Score) -> tuple[int, float]:
        """Candidate of the largest score, and the score; ties go to the first row.

        Scores of upper bounds are upper bounds. They are refined until the largest is exact.
        """
        n_centres = len(self._centres)
        scores = np.where(candidates, score(self._bounds, slice(None)), -np.inf)

        def compare(rows: NDArray[np.int64], most: int) -> None:
            self._compare(rows, most)
            scores[rows] = score(self._bounds[rows], rows)

        reached = -np.inf
        while self._compared[best := int(scores.argmax())] < n_centres:
            compare(np.array([best]), n_centres)
            reached = max(reached, scores[best])
            rows = np.flatnonzero(scores >= reached)
            top = rows[np.argpartition(scores[rows], max(len(rows) - _TOP, 0))[-_TOP:]]
            compare(top, n_centres)
            reached = max(reached, scores[top].max())
            compare(rows[scores[rows] >= reached], _STEP)
        return best, float(scores[best])

    def _compare(self, rows: NDArray[np.int64], most: int) -> None:
        """Compare these rows with at most so many of the centres that are still missing."""
        rows = rows[self._compared[rows] < len(self._centres)]
        compared = self._compared[rows]
        for start in np.flatnonzero(np.bincount(compared)):
            centres = self._features[self._centres[start : start + most]]
            group = rows[compared == start]
            for block in blocks(len(group), centres):
                own = group[block]
                away = distances(self._features[own], centres).min(axis=1)
                self._bounds[own] = np.minimum(self._bounds[own], away)
            self._compared[group] += centres.shape[0]


def nearest_labelled(space: FeatureSpace, pool: Pool) -> Nearest:
    """Distances to the nearest labelled row, kept for later queries unless the features change."""
    kept = space.inputs is pool.features
    distance = pool.remember(_nearest) if kept else Nearest(space.features)
    distance.add(pool.labelled_rows)
    return distance


def _nearest(pool: Pool) -> Nearest:
    return Nearest(pool.remember(as_numbers))


def farthest_first(
    distance: Nearest,
    candidates: NDArray[np.bool_],
    n: int,
    *,
    score: Callable[[int], Score] = lambda _: _itself,
    first: int | None = None,
) -> Query:
    """Choose rows one by one, each of the largest score and then a centre for the next.

    The greedy algorithm for the k-center problem (Gonzalez, "Clustering to minimize the maximum
    intercluster distance", 1985) if the score is the distance. Ties go to the first row.

    Parameters
    ----------
    distance : Nearest
    candidates : ndarray of shape (n_rows,), bool
    n : int, at most the number of candidates
    score : callable, optional
        Score for a place in the batch, from 0; by default the distance.
    first : int, optional
        Row to choose first, at an infinite distance.
    """
    left = candidates.copy()
    rows, scores = np.empty(n, dtype=np.int64), np.empty(n)
    for place in range(n):
        if place == 1:
            distance = distance.copy()  # since rows of a batch may stay without a label
        if place:
            distance.add(rows[[place - 1]])
        if place == 0 and first is not None:
            rows[0], scores[0] = first, np.inf
        else:
            rows[place], scores[place] = distance.largest(left, score(place))
        left[rows[place]] = False
    return Query(rows, scores)


def _itself(distance: NDArray[np.float64], _: Any) -> NDArray[np.float64]:
    return distance


def stack_rows(above: Any, below: Any) -> Any:
    """Concatenate the rows of two tables of the same type."""
    from scipy.sparse import issparse, vstack

    if isinstance(above, pd.DataFrame):
        return pd.concat([above, below])
    if issparse(above):
        return vstack([above, below], format="csr")  # type: ignore[call-overload]
    return np.concatenate([above, below])


def fit_k_means(
    features: Any,
    n_clusters: int,
    generator: np.random.Generator,
    weights: NDArray[np.float64] | None = None,
) -> Any:
    """Fit scikit-learn's ``KMeans``, or ``MiniBatchKMeans`` for more than 50 clusters.

    If there are fewer distinct rows than clusters, some clusters are empty.

    Parameters
    ----------
    features : ndarray or CSR matrix of shape (n_rows, n_features)
    n_clusters : int, at most n_rows
    generator : numpy.random.Generator
        Source of the seed.
    weights : ndarray of shape (n_rows,), optional
    """
    from sklearn.cluster import KMeans, MiniBatchKMeans
    from sklearn.exceptions import ConvergenceWarning

    algorithm = KMeans if n_clusters <= 50 else MiniBatchKMeans  # as in TypiClust
    k_means = algorithm(n_clusters, random_state=int(generator.integers(2**31)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # about empty clusters
        return k_means.fit(features, sample_weight=weights)

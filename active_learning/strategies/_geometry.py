"""Distances, k-center and k-means, computed in blocks to save memory."""

import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.core.errors import ParamsError
from active_learning.core.pool import Pool
from active_learning.core.prediction import Prediction

# Values in one block of distances: 32 MB.
_BLOCK = 2**22


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
        reason = " ".join(str(error).split())
        raise ParamsError(
            "strategy measures distances and needs features that are complete numbers: use a "
            f"pipeline that encodes and imputes them ({reason})"
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


def nearest(features: Any, rows: NDArray[np.int64], centres: Any) -> NDArray[np.float64]:
    """Distance of each of these rows to its nearest centre; infinite without centres.

    Parameters
    ----------
    features : ndarray or CSR matrix of shape (n_rows, n_features)
    rows : ndarray of shape (n,), int
    centres : the same type as features, of shape (n_centres, n_features)

    Returns
    -------
    ndarray of shape (n,)
    """
    nearest_distance = np.full(len(rows), np.inf)
    if centres.shape[0]:
        for block in blocks(len(rows), max(centres.shape)):
            nearest_distance[block] = distances(features[rows[block]], centres).min(axis=1)
    return nearest_distance


def blocks(n_rows: int, width: int) -> Iterator[slice]:
    """Slices that cut rows of ``width`` values into blocks of bounded memory."""
    step = max(1, _BLOCK // width)
    return (slice(start, start + step) for start in range(0, n_rows, step))


def farthest_first(
    features: Any, rows: NDArray[np.int64], distance: NDArray[np.float64], n: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Choose rows one by one, each farthest from the centres and the rows chosen before it.

    The greedy algorithm for the k-center problem (Gonzalez, "Clustering to minimize the maximum
    intercluster distance", 1985). Ties go to the first row.

    Parameters
    ----------
    features : ndarray or CSR matrix of shape (n_rows, n_features)
    rows : ndarray of shape (n_candidates,), int
    distance : ndarray of shape (n_candidates,)
        Distance of each candidate to its nearest centre.
    n : int, at most n_candidates

    Returns
    -------
    positions : ndarray of shape (n,), int
        Positions in ``rows``.
    distances : ndarray of shape (n,)
        Distance of each chosen row when it was chosen, non-increasing.
    """
    left = distance.astype(np.float64)
    positions = np.empty(n, dtype=np.int64)
    chosen_at = np.empty(n)
    for step in range(n):
        best = int(left.argmax())
        positions[step], chosen_at[step] = best, left[best]
        if step < n - 1:
            left = np.minimum(left, nearest(features, rows, features[rows[[best]]]))
            left[positions[: step + 1]] = -np.inf
    return positions, chosen_at


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

    algorithm = KMeans if n_clusters <= 50 else MiniBatchKMeans  # noqa: PLR2004 - as in TypiClust
    k_means = algorithm(n_clusters, random_state=int(generator.integers(2**31)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # about empty clusters
        return k_means.fit(features, sample_weight=weights)

"""Distances, and rows that lie far from each other; large tables are worked on in blocks."""

import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.core.errors import ParamsError
from active_learning.core.pool import Pool

# Numbers in one block of distances: 32 MB.
_BLOCK = 2**22


class FeatureSpace(NamedTuple):
    """A pool as its model sees it, see ``model_space``.

    Attributes
    ----------
    model : classifier, or None
        Takes these features.
    features : ndarray or CSR array of shape (n_rows, n_features)
        Of the whole table.
    labelled : the same kind, of shape (n_labelled, n_features)
        Of the labelled set, in the order of labelling.
    """

    model: Any
    features: Any
    labelled: Any


def model_space(model: Any, pool: Pool) -> FeatureSpace:
    """Last step of a pipeline and the features that it takes; any other model, and the pool's.

    Before the preprocessing there may be categories and gaps, which have no distances.

    Raises
    ------
    ParamsError
        If the features are not complete numbers.
    """
    from sklearn.pipeline import Pipeline

    if not isinstance(model, Pipeline):
        features = pool.remember(_numbers)
        whole = features is pool.features
        labelled = pool.labelled_features if whole else features[pool.labelled_rows]
        return FeatureSpace(model, features, labelled)
    features = _as_numbers(model[:-1].transform(pool.features))
    return FeatureSpace(model[-1], features, features[pool.labelled_rows])


def _numbers(pool: Pool) -> Any:
    return _as_numbers(pool.features)


def _as_numbers(features: Any) -> Any:
    """Features as an ndarray or CSR array of floats, not copied if they are one."""
    from sklearn.utils import check_array

    try:
        return check_array(features, accept_sparse="csr", dtype=[np.float64, np.float32])
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise ParamsError(
            "strategy must not measure distances where the features are not complete numbers: "
            f"use a pipeline that encodes and imputes them ({reason})"
        ) from error


def distances(features: Any, centres: Any) -> NDArray[np.float64]:
    """Euclidean distance of every row to every centre: (n_rows, n_centres).

    Of differences, not by the faster |x|² − 2xy + |y|²: equal rows are at the same distance, and
    at distance 0 of each other, so that ties stay ties. Sparse rows have no such choice.

    Parameters
    ----------
    features : ndarray or CSR matrix of shape (n_rows, n_features)
    centres : the same kind, of shape (n_centres, n_features)
    """
    from scipy.sparse import issparse
    from scipy.spatial.distance import cdist
    from sklearn.metrics.pairwise import euclidean_distances

    if not issparse(features):
        return np.asarray(cdist(features, centres))

    return np.asarray(euclidean_distances(features, centres), dtype=np.float64)


def nearest(features: Any, rows: NDArray[np.int64], centres: Any) -> NDArray[np.float64]:
    """Distance of each of these rows to its nearest centre; infinite where there is no centre.

    Parameters
    ----------
    features : ndarray or CSR matrix of shape (n_rows, n_features)
    rows : ndarray of shape (n,), int
    centres : the same kind as features, of shape (n_centres, n_features)

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
    """Cut rows of so many numbers into blocks that take little memory."""
    step = max(1, _BLOCK // width)
    return (slice(start, start + step) for start in range(0, n_rows, step))


def farthest_first(
    features: Any, rows: NDArray[np.int64], distance: NDArray[np.float64], n: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Choose rows one by one, each the farthest from the centres and from those chosen before it.

    The greedy algorithm for the k-center problem (Gonzalez, "Clustering to minimize the maximum
    intercluster distance", 1985). Ties go to the row that comes first.

    Parameters
    ----------
    features : ndarray or CSR matrix of shape (n_rows, n_features)
    rows : ndarray of shape (n_candidates,), int
    distance : ndarray of shape (n_candidates,)
        Of each candidate to its nearest centre.
    n : int, at most n_candidates

    Returns
    -------
    positions : ndarray of shape (n,), int
        In ``rows``.
    distances : ndarray of shape (n,)
        Of each chosen row when it was chosen; they never rise.
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


def stacked(above: Any, below: Any) -> Any:
    """Rows of one table above those of another, of the same kind."""
    from scipy.sparse import issparse, vstack

    if isinstance(above, pd.DataFrame):
        return pd.concat([above, below])
    if issparse(above):
        return vstack([above, below], format="csr")  # type: ignore[call-overload]
    return np.vstack([above, below])


def clustered(
    features: Any,
    n_clusters: int,
    generator: np.random.Generator,
    weights: NDArray[np.float64] | None = None,
) -> Any:
    """k-means, fitted: scikit-learn's ``KMeans``, or ``MiniBatchKMeans`` for more than 50 clusters.

    Where there are fewer different rows than clusters, some clusters stay empty.

    Parameters
    ----------
    features : ndarray or CSR matrix of shape (n_rows, n_features)
    n_clusters : int, at most n_rows
    generator : numpy.random.Generator
        Gives the seed.
    weights : ndarray of shape (n_rows,), optional
    """
    from sklearn.cluster import KMeans, MiniBatchKMeans
    from sklearn.exceptions import ConvergenceWarning

    kind = KMeans if n_clusters <= 50 else MiniBatchKMeans  # noqa: PLR2004 - as TypiClust's authors
    means = kind(n_clusters, random_state=int(generator.integers(2**31)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it says that clusters are empty
        return means.fit(features, sample_weight=weights)

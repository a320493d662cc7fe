"""Search for the open rows nearest to a linear decision boundary, without a pass over all rows.

A row's distance |w·x + b| changes little when the model does: with x̃ the row in a space where the
table has mean 0 and unit covariance, and ṽ the plane in that space, Cauchy–Schwarz bounds the
change by ‖ṽ − ṽ₀‖ ‖(x̃, 1)‖. So a full pass yields a shortlist of the rows that could become nearest
while the plane stays within a horizon, and a threshold that no other row can undercut. As long as
the nearest row of the shortlist is below the threshold, it is the nearest of all.
"""

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = 4096
_HISTORY = 64
_SAMPLE = 2048

# Below this number of rows, and above this number of features, no shortlist is faster than a full
# pass.
_SMALL = 20_000
_WIDE = 64

# Bytes of a table beyond which one pass takes as long as reading it from memory.
_CACHED = 2**25

# Largest ratio of the size of features for which one bound is close enough for all of them.
_SAME_SIZE = 4

# Features of a row that are summed by themselves, at least: short sums have small errors.
_PART = 96

# Maximum size of a shortlist as a share of the table.
_LARGEST_SHARE = 1 / 8

# Whitened norms are rounded up by more than their rounding error; see _Geometry.
_ROUND_UP = 1 + 1e-6


@dataclass(frozen=True)
class _Costs:
    """Cost model of each step, in nanoseconds on a typical processor; only ratios matter."""

    n_rows: int
    n_features: int

    def scan(self, rows: Any) -> Any:
        """Time to compute distances of this many contiguous rows and their minimum."""
        return 30_000 + rows * (8 + 0.7 * self.n_features)

    def build(self, rows: Any) -> Any:
        """Time to copy this many rows of the table into a shortlist."""
        return 4 * self.n_rows + rows * (80 + 1.3 * self.n_features)


class _Geometry:
    """The space in which the table has mean 0 and unit covariance, estimated from a sample.

    The bound holds for any estimate; a good one makes it tight.
    """

    def __init__(self, features: NDArray[Any]) -> None:
        self._features = features
        self.sample = np.arange(0, len(features), -(-len(features) // _SAMPLE))
        rows = features[self.sample].astype(np.float64)
        self._mean = rows.mean(axis=0)
        covariance = np.cov(rows.T).reshape(rows.shape[1], -1)
        spread = np.trace(covariance) / len(covariance) or 1.0
        self._factor = np.linalg.cholesky(covariance + 1e-6 * spread * np.eye(len(covariance)))
        self._inverse = np.linalg.inv(self._factor).T
        self.sample_norms = self._norms(rows)

    def plane(self, weights: NDArray[np.float64], intercept: float) -> NDArray[np.float64]:
        """The plane in this space: (n_features + 1,)."""
        return np.append(self._factor.T @ weights, intercept + weights @ self._mean)

    @cached_property
    def norms(self) -> NDArray[np.float64]:
        """Norm of (x̃, 1) for every row, rounded up: (n_rows,)."""
        norms = np.empty(len(self._features))
        for start in range(0, len(norms), _BLOCK):
            block = slice(start, start + _BLOCK)
            norms[block] = self._norms(self._features[block])
        return norms

    def _norms(self, rows: NDArray[Any]) -> NDArray[np.float64]:
        white = (rows - self._mean) @ self._inverse
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", white, white) + 1) * _ROUND_UP)


@dataclass(frozen=True)
class _Shortlist:
    """Rows that could become nearest while the plane stays within the horizon.

    Attributes
    ----------
    rows : ndarray of shape (n_listed,), int, ascending
    features : ndarray of shape (n_listed, n_features)
    plane : ndarray of shape (n_features + 1,)
        The plane that the list was made for.
    horizon : float
    threshold : float
        Within the horizon no other row comes closer than this, up to rounding.
    error : float
        Rounding error of the distances that the list was made from.
    """

    rows: NDArray[np.int64]
    features: NDArray[Any]
    plane: NDArray[np.float64]
    horizon: float
    threshold: float
    error: float

    def holds(self, plane: NDArray[np.float64], error: float) -> bool:
        """Whether the plane is still within the horizon."""
        return bool(np.linalg.norm(plane - self.plane) * _ROUND_UP + error <= self.horizon)


class Boundary:
    """Search for the open rows nearest to a linear decision boundary.

    The result depends only on the table, the open rows and the model, to the last bit; the state
    kept between searches only makes it faster.

    Parameters
    ----------
    features : ndarray of shape (n_rows, n_features)
        Finite; never copied.
    open_rows : ndarray of shape (n_rows,), bool
        Rows that are searched; rows may be closed between two searches.
    largest : ndarray of shape (n_features,)
        Largest |x| of each feature.
    """

    def __init__(
        self,
        features: NDArray[Any],
        open_rows: NDArray[np.bool_],
        largest: NDArray[np.float64],
    ) -> None:
        self._features = features
        self._open = open_rows
        self._largest = largest
        self._buffer = np.empty(len(features), dtype=features.dtype)
        self._costs = _Costs(*features.shape)
        self._models: deque[tuple[NDArray[np.float64], float]] = deque(maxlen=_HISTORY)
        self._shortlist: _Shortlist | None = None

    @cached_property
    def _scratch(self) -> NDArray[np.float64]:
        """Preallocated buffer, one float per row: allocating it anew is slow."""
        return np.empty(len(self._features))

    @cached_property
    def _geometry(self) -> _Geometry:
        return _Geometry(self._features)

    def nearest(
        self, weights: NDArray[np.float64], intercept: float, n: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Find the ``n`` open rows with the smallest |w·x + b|, and all that rounding could hide.

        Parameters
        ----------
        weights : ndarray of shape (n_features,)
        intercept : float
        n : int, at most the number of open rows

        Returns
        -------
        rows : ndarray of shape (n or a few more,), int, ascending
        distances : ndarray of the same shape
            Summed in a fixed order, so that equal rows have equal distances.
        """
        error = rounding_error(
            weights,
            intercept,
            self._largest,
            self._features.dtype,
            n_terms=_n_terms(self._features),
        )
        self._models.appendleft((weights.copy(), intercept))
        rows = self._among_few(weights, intercept, n, error)
        if rows is None:
            rows = self._among_all(weights, intercept, n, error)
        return rows, self._distances(rows, weights, intercept)

    def _among_few(
        self, weights: NDArray[np.float64], intercept: float, n: int, error: float
    ) -> NDArray[np.int64] | None:
        """Search the shortlist; ``None`` if another row could be nearer."""
        few = self._shortlist
        if few is None or not few.holds(self._geometry.plane(weights, intercept), error):
            return None
        margins = _margins(few.features, weights, intercept)
        margins[~self._open[few.rows]] = np.inf
        if n > len(margins):
            return None
        limit = _limit(margins, n)
        if not limit + 4 * (error + few.error) < few.threshold:
            return None
        return few.rows[margins <= limit + 2 * error]

    def _among_all(
        self, weights: NDArray[np.float64], intercept: float, n: int, error: float
    ) -> NDArray[np.int64]:
        """Search all open rows, and make a shortlist if that pays off."""
        margins = _margins(self._features, weights, intercept, out=self._buffer)
        np.putmask(margins, ~self._open, np.inf)
        limit = _limit(margins, n)
        (near,) = (margins <= limit + 2 * error).nonzero()
        self._shortlist = None  # frees its memory before another is made
        n_rows, n_features = self._features.shape
        # A single model shows no drift, and a shortlist must hold more than n rows.
        if n_rows > max(_SMALL, 4 * n) and n_features <= _WIDE and len(self._models) > 1:
            self._shortlist = self._list(self._geometry, margins, n, error)
        return near

    def _list(
        self, geometry: _Geometry, margins: NDArray[Any], n: int, error: float
    ) -> _Shortlist | None:
        """Make a shortlist with the best horizon; ``None`` if none pays off."""
        sampled = margins[geometry.sample]
        threshold = np.sort(sampled)[4 * n * len(sampled) // len(margins)]
        if not np.isfinite(threshold):
            return None
        planes = np.array([geometry.plane(*model) for model in self._models])
        drift = np.linalg.norm(planes[1:] - planes[0], axis=1)
        horizon = self._horizon(sampled - threshold, geometry.sample_norms, drift)
        if horizon is None:
            return None
        nearest = np.multiply(geometry.norms, -horizon, out=self._scratch)
        nearest += margins
        rows = np.flatnonzero(nearest < threshold)
        if len(rows) > _LARGEST_SHARE * len(margins):
            return None
        return _Shortlist(rows, self._take(rows), planes[0], horizon, threshold, error)

    def _take(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Features of these rows in Fortran order, which is faster to search."""
        features = np.empty((len(rows), self._features.shape[1]), self._features.dtype, order="F")
        for start in range(0, len(rows), _BLOCK):  # in blocks, to avoid a second full copy
            block = slice(start, start + _BLOCK)
            features[block] = self._features[rows[block]]
        return features

    def _horizon(
        self,
        above: NDArray[np.float64],
        norms: NDArray[np.float64],
        drift: NDArray[np.float64],
    ) -> float | None:
        """Horizon of a shortlist with the least expected time per search.

        The length of the shortlist is estimated from a sample of the rows.

        Parameters
        ----------
        above, norms : ndarray of shape (n_sampled,)
            Distance above the threshold, and norm, of the sampled rows.
        drift : ndarray of shape (n_searches,)
            Distance of the plane from those of earlier searches, latest first.

        Returns
        -------
        float or None
            ``None`` if every shortlist would be too large or too slow.
        """
        horizons = np.maximum.accumulate(1.1 * drift)
        share = (above < horizons[:, None] * norms).mean(axis=1)
        rows, steps = share * len(self._features), np.arange(1, len(horizons) + 1)
        full = self._costs.scan(len(self._features))
        average = (full + self._costs.build(rows) + steps * self._costs.scan(rows)) / (steps + 1)
        average[share > 0.9 * _LARGEST_SHARE] = np.inf
        best = int(average.argmin())
        return float(horizons[best]) if average[best] < full else None

    def _distances(
        self, rows: NDArray[np.int64], weights: NDArray[np.float64], intercept: float
    ) -> NDArray[np.float64]:
        distances = np.empty(len(rows))
        size = max(1, _BLOCK * 8 // len(weights))  # rows whose products stay in the cache
        for start in range(0, len(rows), size):
            block = slice(start, start + size)
            np.add.reduce(self._features[rows[block]] * weights, axis=1, out=distances[block])
        distances += intercept
        return np.abs(distances)


def magnitudes(features: NDArray[Any]) -> NDArray[np.float64]:
    """Upper bounds on |x| of each feature, not finite unless all features are: (n_features,).

    They are the largest |x|, or, for many features of about the same size, the largest of all,
    which takes half as long.
    """
    n_features = features.shape[1]
    if n_features > _WIDE and features.flags.c_contiguous:
        sizes = max_abs(features[:_SAMPLE])
        if sizes.max() <= _SAME_SIZE * np.median(sizes):
            values, size = features.reshape(-1), _BLOCK * 64  # blocks that stay in the cache
            blocks = [values[start : start + size] for start in range(0, len(values), size)]
            extremes = [extreme for block in blocks for extreme in (block.max(), block.min())]
            return np.full(n_features, np.abs(extremes).max(), np.float64)
    return max_abs(features)


def max_abs(features: NDArray[Any]) -> NDArray[np.float64]:
    """Largest |x| of each feature: (n_features,)."""
    if not features.flags.c_contiguous:
        extremes = [features.max(axis=0), features.min(axis=0)]
        return np.asarray(np.abs(extremes).max(axis=0), np.float64)
    n_rows, n_features = features.shape
    # Several rows are joined, since reductions over short rows are slow.
    joined = min(max(1, 1000 // n_features), n_rows)
    whole = n_rows // joined * joined
    wide = features[:whole].reshape(-1, joined * n_features)
    # In blocks that stay in the cache between the two reductions.
    size = max(1, _BLOCK * 64 // wide.shape[1])
    blocks = [wide[start : start + size] for start in range(0, len(wide), size)]
    extremes = [
        extreme.reshape(joined, n_features)
        for block in blocks
        for extreme in (block.max(axis=0), block.min(axis=0))
    ]
    return np.asarray(np.abs(np.vstack([*extremes, features[whole:]])).max(axis=0), np.float64)


def rounding_error(
    weights: NDArray[np.float64],
    intercept: float,
    largest: NDArray[np.float64],
    precision: Any,
    *,
    n_terms: int | None = None,
) -> float:
    """Bound on the rounding error of w·x + b, for any order of summation.

    Reference: Higham, "Accuracy and stability of numerical algorithms", 2002, §3.1.

    Parameters
    ----------
    weights : ndarray of shape (n_features,)
    intercept : float
    largest : ndarray of shape (n_features,)
        Largest |x| of each feature.
    precision : floating-point type of the sum
    n_terms : int, optional
        Number of additions that a product may go through; by default, that of the features.
    """
    size = float(np.abs(weights).dot(largest)) + abs(intercept)
    n_terms = len(weights) if n_terms is None else n_terms
    return 2 * (n_terms + 4) * float(np.finfo(precision).eps) * size


def _n_parts(features: NDArray[Any]) -> int:
    """Number of equal parts in which each row is summed; 0: BLAS sums it at once."""
    n_features: int = features.shape[1]
    by_rows, by_columns = features.flags.c_contiguous, features.flags.f_contiguous
    if not (by_rows or by_columns) or features.nbytes <= _CACHED:
        return 0
    most = max(1, n_features // _PART)
    n_parts = max(n for n in range(1, most + 1) if n_features % n == 0)
    return n_parts if by_rows or n_parts > 1 else 0


def _n_terms(features: NDArray[Any]) -> int:
    """Number of additions that a product goes through in ``_margins``, at most."""
    n_features: int = features.shape[1]
    n_parts = _n_parts(features)
    return n_features // n_parts + n_parts if n_parts else n_features


def _margins(
    features: NDArray[Any],
    weights: NDArray[np.float64],
    intercept: float,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """|w·x + b| of every row, in the precision of the features: (n_rows,)."""
    weights = weights.astype(features.dtype, copy=False)
    margins = _products(features, weights, _n_parts(features), out)
    margins += features.dtype.type(intercept)
    np.abs(margins, out=margins)
    return margins


def _products(
    features: NDArray[Any], weights: NDArray[Any], n_parts: int, out: NDArray[Any] | None
) -> NDArray[Any]:
    """w·x of every row; by rows, BLAS takes up to twice as long to read a large table."""
    if not n_parts:
        return np.asarray(np.dot(features, weights, out=out))
    if n_parts == 1:
        return np.asarray(np.einsum("ij,j->i", features, weights, out=out))
    if features.flags.c_contiguous:
        rows, weights = features.reshape(len(features), n_parts, -1), weights.reshape(n_parts, -1)
        return np.asarray(np.einsum("ijk,jk->ij", rows, weights).sum(axis=1, out=out))
    parts = zip(np.split(features, n_parts, axis=1), np.split(weights, n_parts), strict=True)
    return np.asarray(sum(np.dot(columns, some) for columns, some in parts))


def _limit(margins: NDArray[Any], n: int) -> float:
    """The n-th smallest value."""
    return float(margins.min() if n == 1 else np.partition(margins, n - 1)[n - 1])

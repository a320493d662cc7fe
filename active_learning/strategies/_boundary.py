"""The open rows nearest to a linear decision boundary, found without looking at every row.

A row's distance |w·x + b| moves little while the model does: with x̃ the row in a space where the
table has mean 0 and unit covariance, and ṽ the plane in that space, Cauchy–Schwarz bounds the move
by ‖ṽ − ṽ₀‖ ‖(x̃, 1)‖. So a full pass leaves a shortlist of the rows that could come nearest while
the plane stays within a horizon, with a threshold that no other row can undercut. While the nearest
row of the shortlist lies below the threshold, it is the nearest of all.
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

# Tables with fewer rows are passed over faster than a shortlist is judged.
_SMALL = 20_000

# A shortlist may take this share of the table's memory.
_LARGEST_SHARE = 1 / 8

# Whitened norms are rounded up by more than their rounding error; see _Geometry.
_ROUND_UP = 1 + 1e-6


@dataclass(frozen=True)
class _Costs:
    """Time of each step, in nanoseconds on a common processor; only their ratios matter."""

    n_rows: int
    n_features: int

    def scan(self, rows: Any) -> Any:
        """Distances of so many rows that lie side by side, and the smallest of them."""
        return 30_000 + rows * (8 + 0.7 * self.n_features)

    def build(self, rows: Any) -> Any:
        """Pick so many rows out of the table into a shortlist."""
        return 4 * self.n_rows + rows * (80 + 1.3 * self.n_features)


class _Geometry:
    """The space in which the table has mean 0 and unit covariance, estimated from a sample.

    Whatever the estimate, the bound holds; a good one makes it tight.
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
        """Norm of every row with a 1 behind it, rounded up: (n_rows,)."""
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
    """Rows that could come nearest while the plane stays within the horizon.

    Attributes
    ----------
    rows : ndarray of shape (n_listed,), int, ascending
    features : ndarray of shape (n_listed, n_features)
    plane : ndarray of shape (n_features + 1,)
        Where the plane was when the list was made.
    horizon : float
    threshold : float
        Within the horizon no other row comes nearer than this, but for rounding.
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

    What it finds depends on the table, the open rows and the model only, to the last bit; what it
    remembers of earlier searches makes it faster.

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
        self._margins = np.empty(len(features), dtype=features.dtype)
        self._costs = _Costs(*features.shape)
        self._planes: deque[NDArray[np.float64]] = deque(maxlen=_HISTORY)
        self._shortlist: _Shortlist | None = None

    @cached_property
    def _scratch(self) -> NDArray[np.float64]:
        """Room for one number a row, kept: the system takes long to give as much anew."""
        return np.empty(len(self._features))

    @cached_property
    def _geometry(self) -> _Geometry | None:
        return _Geometry(self._features) if len(self._features) > _SMALL else None

    def nearest(
        self, weights: NDArray[np.float64], intercept: float, n: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Find the ``n`` open rows with the smallest |w·x + b|, and all that rounding hides.

        Parameters
        ----------
        weights : ndarray of shape (n_features,)
        intercept : float
        n : int, at most the number of open rows

        Returns
        -------
        rows : ndarray of shape (n or a few more,), int, ascending
        distances : ndarray of the same shape
            Summed feature by feature, so that equal rows have equal distances wherever they stand.
        """
        error = rounding_error(weights, intercept, self._largest, self._features.dtype)
        rows = self._among_few(weights, intercept, n, error)
        if rows is None:
            rows = self._among_all(weights, intercept, n, error)
        return rows, self._distances(rows, weights, intercept)

    def _among_few(
        self, weights: NDArray[np.float64], intercept: float, n: int, error: float
    ) -> NDArray[np.int64] | None:
        """Search the shortlist, ``None`` if it cannot be sure."""
        if self._geometry is None:
            return None
        plane = self._geometry.plane(weights, intercept)
        self._planes.appendleft(plane)
        few = self._shortlist
        if few is None or not few.holds(plane, error):
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
        """Search every open row, and leave a shortlist if that pays."""
        margins = _margins(self._features, weights, intercept, out=self._margins)
        np.putmask(margins, ~self._open, np.inf)
        limit = _limit(margins, n)
        (near,) = (margins <= limit + 2 * error).nonzero()
        if self._geometry is not None:
            self._shortlist = self._list(self._geometry, n, error)
        return near

    def _list(self, geometry: _Geometry, n: int, error: float) -> _Shortlist | None:
        """Shortlist that lives as long as it pays, ``None`` if none does."""
        self._shortlist = None  # frees its memory before another is made
        # One plane has not moved; and a shortlist holds more rows than are asked for.
        if len(self._planes) == 1 or 4 * n >= len(self._margins):
            return None
        sampled = self._margins[geometry.sample]
        threshold = np.sort(sampled)[4 * n * len(sampled) // len(self._margins)]
        if not np.isfinite(threshold):
            return None
        horizon = self._horizon(sampled - threshold, geometry.sample_norms)
        if horizon is None:
            return None
        nearest = np.multiply(geometry.norms, -horizon, out=self._scratch)
        nearest += self._margins
        rows = np.flatnonzero(nearest < threshold)
        if len(rows) > _LARGEST_SHARE * len(self._margins):
            return None
        return _Shortlist(rows, self._picked(rows), self._planes[0], horizon, threshold, error)

    def _picked(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Features of these rows, feature by feature, which is faster to search."""
        features = np.empty((len(rows), self._features.shape[1]), self._features.dtype, order="F")
        for start in range(0, len(rows), _BLOCK):  # whole, there would be two copies for a moment
            block = slice(start, start + _BLOCK)
            features[block] = self._features[rows[block]]
        return features

    def _horizon(self, above: NDArray[np.float64], norms: NDArray[np.float64]) -> float | None:
        """How far the plane may move on a shortlist, for the least time per search.

        The planes of the last searches tell how far one moves in so many steps, and a sample of
        the rows how many would be listed.

        Parameters
        ----------
        above, norms : ndarray of shape (n_sampled,)
            Distance above the threshold, and norm, of the rows of a sample.

        Returns
        -------
        float or None
            None where a shortlist would be too large, or would not pay.
        """
        drift = 1.1 * np.linalg.norm(np.array(self._planes)[1:] - self._planes[0], axis=1)
        horizons = np.maximum.accumulate(drift)
        share = (above < horizons[:, None] * norms).mean(axis=1)
        rows, steps = share * len(self._margins), np.arange(1, len(horizons) + 1)
        full = self._costs.scan(len(self._margins))
        average = (full + self._costs.build(rows) + steps * self._costs.scan(rows)) / (steps + 1)
        average[share > 0.9 * _LARGEST_SHARE] = np.inf
        best = int(average.argmin())
        return float(horizons[best]) if average[best] < full else None

    def _distances(
        self, rows: NDArray[np.int64], weights: NDArray[np.float64], intercept: float
    ) -> NDArray[np.float64]:
        distances = np.empty(len(rows))
        for start in range(0, len(rows), _BLOCK):
            block = slice(start, start + _BLOCK)
            np.add.reduce(self._features[rows[block]] * weights, axis=1, out=distances[block])
        distances += intercept
        return np.abs(distances)


def max_abs(features: NDArray[Any]) -> NDArray[np.float64]:
    """Largest |x| of each feature: (n_features,)."""
    n_rows, n_features = features.shape
    # Several rows side by side make a row that is long enough for the processor.
    abreast = min(max(1, 1000 // n_features), n_rows)
    whole = n_rows // abreast * abreast
    wide = features[:whole].reshape(-1, abreast * n_features)
    extremes = [
        extreme.reshape(abreast, n_features) for extreme in (wide.max(axis=0), wide.min(axis=0))
    ]
    return np.asarray(np.abs(np.vstack([*extremes, features[whole:]])).max(axis=0), np.float64)


def rounding_error(
    weights: NDArray[np.float64], intercept: float, largest: NDArray[np.float64], precision: Any
) -> float:
    """Bound of the rounding error of w·x + b, in whatever order it is summed.

    Reference: Higham, "Accuracy and stability of numerical algorithms", 2002, §3.1.

    Parameters
    ----------
    weights : ndarray of shape (n_features,)
    intercept : float
    largest : ndarray of shape (n_features,)
        Largest |x| of each feature.
    precision : floating-point type in which it is summed
    """
    size = float(np.abs(weights).dot(largest)) + abs(intercept)
    return 2 * (len(weights) + 4) * float(np.finfo(precision).eps) * size


def _margins(
    features: NDArray[Any],
    weights: NDArray[np.float64],
    intercept: float,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """|w·x + b| of every row, in the precision of the features: (n_rows,)."""
    margins: NDArray[Any] = np.dot(features, weights.astype(features.dtype, copy=False), out=out)
    margins += features.dtype.type(intercept)
    np.abs(margins, out=margins)
    return margins


def _limit(margins: NDArray[Any], n: int) -> float:
    """The n-th smallest value."""
    return float(margins.min() if n == 1 else np.partition(margins, n - 1)[n - 1])

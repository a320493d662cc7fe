"""What more labels would bring: learning curves extrapolated to three times their labels."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.analysis.curves import AGREE, LearningCurve

CONFIDENCE = 0.8
MULTIPLES = (2, 3)
N_RESAMPLES = 200

# What the measured coverage speaks of: curves with at least this many repeats and points, whose
# last point has at least this many times the labels of the first.
LEAST_REPEATS, LEAST_POINTS, LEAST_SPAN = 5, 5, 1.2

_GRID = 200

Shape = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def power_law(labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Falling power laws of the labels, as a share of those so far: (24, n_points)."""
    return np.asarray(labels ** -np.geomspace(0.1, 3, 24)[:, None])


def exponential(labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Falling exponentials of the labels, as a share of those so far: (24, n_points)."""
    return np.asarray(np.exp(-np.geomspace(0.3, 12, 24)[:, None] * labels))


MIXTURE = (power_law, exponential)


def more_labels(
    curve: LearningCurve, targets: Mapping[str, float], generator: np.random.Generator
) -> dict[str, Any] | None:
    """Scores with twice and three times the labels, and the labels to reach each target.

    For a score whose best value is 1. The intervals speak of the mean over these repeats, were
    their runs continued; ``scripts/more_labels.py`` measures how often they hold, for accuracy.

    Parameters
    ----------
    curve : LearningCurve
    targets : dict of str to float
        Scores by name.
    generator : numpy.random.Generator

    Returns
    -------
    dict or None
        ``confidence``; ``scores``, for each multiple its ``labels``, ``low`` and ``high``; and for
        each target ``labels_to_reach``, ``low`` and ``high`` in labels including the initial ones,
        each ``None`` if beyond the largest multiple: with ``high`` alone ``None`` the answer is "at
        least ``low``", with both it cannot be said. A target that the curve has reached is left
        out. ``None`` in place of all if the curve is too short, has too few repeats, or a repeat
        ended early.
    """
    n_repeats, n_points = curve.scores.shape
    first, last = curve.labels[0], curve.labels[-1]
    if (
        not curve.greater_is_better
        or curve.early_ends is not None
        or n_repeats < LEAST_REPEATS
        or n_points < LEAST_POINTS
        or not 0 < LEAST_SPAN * first <= last
    ):
        return None
    grid = np.linspace(last, MULTIPLES[-1] * last, _GRID).astype(int)
    grid = np.unique([*grid, *(multiple * last for multiple in MULTIPLES)])
    low, high = extrapolate(curve.labels, curve.scores, grid, generator)
    at = np.searchsorted(grid, [multiple * last for multiple in MULTIPLES])
    return {
        "confidence": CONFIDENCE,
        "scores": [
            {"labels": int(grid[i]), "low": float(low[i]), "high": float(high[i])} for i in at
        ],
        "labels_to_reach": {
            name: {"low": _first(grid, high, target), "high": _first(grid, low, target)}
            for name, target in targets.items()
            if target > curve.mean.max() + AGREE
        },
    }


def extrapolate(
    labels: NDArray[Any],
    scores: NDArray[np.float64],
    at: NDArray[Any],
    generator: np.random.Generator,
    shapes: Sequence[Shape] = MIXTURE,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Interval of the mean learning curve at larger numbers of labels.

    A power law and an exponential, each rising to a limit of at most 1, are fitted to the mean
    curve of every bootstrap sample of the repeats. The interval holds the middle 80% of all these
    fits, so it reflects both the repeats and which of the two shapes is right.

    Parameters
    ----------
    labels : ndarray of shape (n_points,)
    scores : ndarray of shape (n_repeats, n_points)
    at : ndarray of shape (n,)
        Numbers of labels.
    generator : numpy.random.Generator
    shapes : sequence of callable, optional
        Families of shapes, each fitted to every bootstrap sample.

    Returns
    -------
    low, high : ndarray of shape (n,)
    """
    n_repeats = len(scores)
    means = scores[generator.integers(0, n_repeats, (N_RESAMPLES, n_repeats))].mean(axis=1)
    fits = [fit(shape(labels / labels[-1]), shape(at / labels[-1]), means) for shape in shapes]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.vstack(fits), [tail, 1 - tail], axis=0)
    return low, high


def fit(
    shapes: NDArray[np.float64], later: NDArray[np.float64], means: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Continue each mean curve by the best of several falling shapes, limit − drop · shape.

    Least squares with limit ≤ 1 and drop ≥ 0.

    Parameters
    ----------
    shapes : ndarray of shape (n_shapes, n_points)
    later : ndarray of shape (n_shapes, n)
        The same shapes, where the curves are to be continued.
    means : ndarray of shape (n_curves, n_points)

    Returns
    -------
    ndarray of shape (n_curves, n)
    """
    centred = shapes - shapes.mean(axis=1, keepdims=True)
    drop = np.maximum(-(means @ centred.T) / (centred**2).sum(axis=1), 0)
    limit = means.mean(axis=1, keepdims=True) + drop * shapes.mean(axis=1)
    to_one = np.maximum((1 - means) @ shapes.T / (shapes**2).sum(axis=1), 0)
    drop, limit = np.where(limit > 1, to_one, drop), np.minimum(limit, 1)
    squares = [
        ((limit[:, [i]] - drop[:, [i]] * shape - means) ** 2).sum(axis=1)
        for i, shape in enumerate(shapes)
    ]
    best = np.argmin(squares, axis=0)
    curves = np.arange(len(means))
    return np.asarray(limit[curves, best, None] - drop[curves, best, None] * later[best])


def _first(labels: NDArray[np.int64], scores: NDArray[np.float64], target: float) -> int | None:
    """The first number of labels with at least this score; ``None`` if there is none."""
    reached = np.flatnonzero(scores >= target - AGREE)
    return int(labels[reached[0]]) if len(reached) else None


def sentence(name: str, forecast: Mapping[str, Any], headline: str) -> str:
    """Scores of a strategy with more labels."""
    scores = ", ".join(
        f"{row['low']:.3f} to {row['high']:.3f} with {row['labels']} labels"
        for row in forecast["scores"]
    )
    interval = f"{100 * forecast['confidence']:g}% intervals, extrapolated"
    return f"{name}: if labelling went on, {headline} {scores} ({interval})."

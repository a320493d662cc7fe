"""Screen for the rows nearest to the boundary of a support vector machine with an RBF kernel.

The pass over the pool is a product of matrices and one exponential for each row and support vector,
in single precision. The bound on its rounding error leaves few rows to the machine itself.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.strategies._softmax import Measure

_ROWS = 1024
_VECTORS = 64  # few, since the rounding error of a sum grows with its length
_UNIT = float(np.finfo(np.float32).eps) / 2
_ROUGHEST = 0.1

# Rounding error in double precision, as a share of the sum of the coefficients.
_DOUBLE = 1e-9


def kernel_distance(
    machine: Any,
    features: NDArray[Any],
    labelled: NDArray[Any],
    largest: NDArray[np.float64],  # noqa: ARG001 - no far row matters to this kernel
    measure: Measure,  # noqa: ARG001 - every measure decreases with the distance
) -> tuple[NDArray[Any], Any] | None:
    """Approximate distance from the boundary, negative, and a bound on its error.

    Parameters
    ----------
    machine : fitted scikit-learn SVC or NuSVC
    features : ndarray of shape (n_rows, n_features)
    labelled : ndarray of shape (n_labelled, n_features)
        What the machine was fitted to.
    largest : ndarray of shape (n_features,)
        Largest |x| of each feature.
    measure : callable

    Returns
    -------
    values, error : ndarray of shape (n_rows,), or None
        ``None`` if the machine has another kernel, more than two classes or sparse vectors.
    """
    if machine.kernel != "rbf" or len(machine.classes_) != 2:
        return None
    vectors = machine.support_vectors_
    if not isinstance(vectors, np.ndarray) or vectors.shape[1] != features.shape[1]:
        return None
    gamma = _gamma(machine.gamma, labelled)
    return _distances(machine, gamma, features) if _agrees(machine, gamma) else None


def _gamma(gamma: str | float, labelled: NDArray[Any]) -> float:
    """Coefficient of the kernel that a value of the option stands for."""
    if not isinstance(gamma, str):
        return float(gamma)
    variance = float(labelled.astype(np.float64).var()) if gamma == "scale" else 1.0
    return 1 / (labelled.shape[1] * variance) if variance else 1.0


def _agrees(machine: Any, gamma: float) -> bool:
    """Whether this coefficient yields the decision values of some support vectors."""
    from scipy.spatial.distance import cdist

    vectors, coefficients = machine.support_vectors_, machine.dual_coef_[0]
    few = vectors[:: -(-len(vectors) // 8)]
    kernel = np.exp(-gamma * cdist(few, vectors, "sqeuclidean"))
    difference = np.abs(machine.decision_function(few) - kernel @ coefficients - machine.intercept_)
    return bool((difference <= _DOUBLE * np.abs(coefficients).sum()).all())


def _distances(
    machine: Any, gamma: float, features: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Negative absolute decision value of each row, and a bound on its error: (n_rows,) each.

    The exponent -gamma |x - s|² is computed as gamma (2 x·s - |x|² - |s|²), whose terms add up to
    at most gamma (|x| + |s|)²; x and s are centred to keep that small. Positive and negative
    coefficients are summed apart, since the error of their sums is relative to them.

    Reference: Higham, "Accuracy and stability of numerical algorithms", 2002, §3.1.
    """
    n_features = features.shape[1]
    centre = machine.support_vectors_.mean(axis=0)
    vectors, coefficients = machine.support_vectors_ - centre, machine.dual_coef_[0]
    longest = np.sqrt(gamma * np.square(vectors).sum(axis=1).max())
    chunks = list(_chunks(vectors, coefficients, gamma))
    values, error = np.empty(len(features)), np.empty(len(features))
    extended = np.ones((_ROWS, n_features + 2), dtype=np.float32)
    for start in range(0, len(features), _ROWS):
        block = slice(start, start + _ROWS)
        centred = features[block] - centre
        norms = np.einsum("ij,ij->i", centred, centred)
        table = extended[: len(centred)]
        table[:, :-2], table[:, -2] = centred, norms
        sums = np.zeros((2, len(centred)))
        for positive, chunk, weights in chunks:
            kernel = table @ chunk
            np.exp(kernel, out=kernel)
            sums[positive] += kernel @ weights
        values[block] = -np.abs(sums[1] - sums[0] + machine.intercept_)
        reach = (np.sqrt(gamma * norms) + longest) ** 2
        relative = _UNIT * ((n_features + 5) * reach + _VECTORS + 10)
        error[block] = np.where(relative < _ROUGHEST, 1.2 * relative * sums.sum(axis=0), np.inf)
    return values, error + _DOUBLE * np.abs(coefficients).sum()


def _chunks(
    vectors: NDArray[np.float64], coefficients: NDArray[np.float64], gamma: float
) -> Iterator[tuple[int, NDArray[np.float32], NDArray[np.float32]]]:
    """Groups of support vectors whose coefficients have one sign.

    Yields
    ------
    positive : int
        0 or 1.
    chunk : ndarray of shape (n_features + 2, n_vectors)
        Twice the vector, -1 and minus its squared norm, times gamma.
    weights : ndarray of shape (n_vectors,)
        Absolute coefficients.
    """
    for positive in (0, 1):
        members = np.flatnonzero((coefficients > 0) == positive)
        for start in range(0, len(members), _VECTORS):
            chosen = members[start : start + _VECTORS]
            some = vectors[chosen]
            norms = np.square(some).sum(axis=1)
            chunk = np.vstack([2 * gamma * some.T, np.full(len(some), -gamma), -gamma * norms])
            weights = np.abs(coefficients[chosen])
            yield positive, chunk.astype(np.float32), weights.astype(np.float32)

"""Loss of a binary logistic regression once one more row is labelled, for many rows at once.

All refits start from the present solution and take Newton steps together, each with the Hessian of
that solution, to which its row adds a term of rank one.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.core.pool import Pool

# Decision values in one block.
_ENOUGH = 50  # iterations; a refit that is stopped earlier has other losses
_BLOCK = 2**16

_MAX_STEPS = 60

# Factor by which errors may exceed the length of the last step, see ``losses_after``.
_SAFETY_FACTOR = 10.0

Loss = Callable[[NDArray[np.float64]], float]


def losses_after(
    model: Any, pool: Pool, candidates: Any, others: Any, loss: Loss
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Loss on other rows of a model fitted to the labelled set and one more row.

    Parameters
    ----------
    model : fitted scikit-learn classifier
    pool : Pool
    candidates : ndarray of shape (n_candidates, n_features)
        Rows of which one is added.
    others : ndarray of shape (n_others, n_features)
        Rows to compute the loss on.
    loss : callable
        Maps class probabilities (n_others, n_classes) to a mean, whose terms change by at most a
        quarter of the change of a decision value: true of log loss (0.224) and zero-one loss.

    Returns
    -------
    losses, errors : ndarray of shape (n_candidates, 2), or None
        For each candidate and class that it may get; bounds on the difference from a model refitted
        to the tolerance of ``NewtonClassifier``, infinite if the steps did not converge. ``None``
        if the model is not such a classifier of two classes.
    """
    # Not by an import, or all that loads strategies would depend on the code of learners. A
    # subclass, which may fit otherwise, does not have the attribute itself.
    newton = vars(type(model)).get("solver") == "newton"
    if not newton or model.class_weight is not None or model.max_iter < _ENOUGH:
        return None
    if pool.n_classes != 2 or len(np.unique(pool.labels)) != 2:
        return None
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite does not converge
        refits = _Refits(model, _with_ones(pool.labelled_features), pool.labels)
        columns, rows = _with_ones(candidates).T, _with_ones(others)
        losses, errors = np.empty((2, len(candidates), 2))
        step = max(1, _BLOCK // max(len(pool.labels), len(rows)))
        for start in range(0, len(candidates), step):
            block = slice(start, start + step)
            for answer in (0, 1):
                solutions, distance = refits.solve(columns[:, block], answer)
                positive = _logistic(rows @ solutions).T
                losses[block, answer] = [loss(np.column_stack([1 - p, p])) for p in positive]
                errors[block, answer] = distance
        # A decision value changes by at most its row's norm times the distance of the solutions.
        return losses, errors * np.linalg.norm(rows, axis=1).mean() / 4 + 1e-12


class _Refits:
    """Fits to a labelled set and one more row, from the solution without it.

    Parameters
    ----------
    model : NewtonClassifier
    rows : ndarray of shape (n_labelled, n_features + 1)
        The last feature is 1.
    labels : ndarray of shape (n_labelled,)
        0 or 1.
    """

    def __init__(self, model: Any, rows: NDArray[np.float64], labels: NDArray[np.int64]) -> None:
        self._rows, self._labels, self._tol = rows, labels[:, None], model.tol
        self._start = np.append(model.coef_, model.intercept_)
        self._penalty = np.full((len(self._start), 1), 1 / model.C)
        self._penalty[-1] = 0
        weighted = rows.T * _spread(rows @ self._start)
        hessian = weighted @ rows + np.diag(self._penalty[:, 0])
        finite = np.isfinite(hessian).all()
        self._inverse = np.linalg.pinv(hessian, hermitian=True) if finite else np.nan * hessian

    def solve(
        self, columns: NDArray[np.float64], answer: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Solutions with each of these rows added, and bounds on their distance from real refits.

        Parameters
        ----------
        columns : ndarray of shape (n_features + 1, n_added)
            The added rows, the last feature is 1.
        answer : int
            Their label.

        Returns
        -------
        solutions : ndarray of shape (n_features + 1, n_added)
        distance : ndarray of shape (n_added,)
            Infinite if the steps did not converge.
        """
        # Sherman-Morrison formula
        moved = self._inverse @ columns
        spread = _spread(self._start @ columns)
        share = spread / (1 + spread * (columns * moved).sum(axis=0))
        solutions = np.repeat(self._start[:, None], columns.shape[1], axis=1)
        for _ in range(_MAX_STEPS):
            excess = _logistic(self._rows @ solutions)
            excess -= self._labels
            gradients = self._rows.T @ excess
            gradients += self._penalty * solutions
            gradients += columns * (_logistic((columns * solutions).sum(axis=0)) - answer)
            steps = self._inverse @ gradients
            steps -= moved * (share * (columns * steps).sum(axis=0))
            solutions -= steps
            small = self._tol * np.maximum(1, np.linalg.norm(solutions, axis=0))
            converged = np.linalg.norm(steps, axis=0) <= small
            if converged.all():
                break
        return solutions, np.where(converged, _SAFETY_FACTOR * small, np.inf)


def _logistic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logistic function, faster than SciPy's."""
    powers = np.negative(values)
    np.exp(powers, out=powers)
    powers += 1
    return np.reciprocal(powers, out=powers)


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Variance p (1 − p) of a label, by its decision value."""
    return _logistic(values) * _logistic(-values)


def _with_ones(features: Any) -> NDArray[np.float64]:
    return np.column_stack([np.asarray(features, dtype=np.float64), np.ones(len(features))])

"""Logistic regression with an L2 penalty, to the optimum, by Newton's method with a warm start."""

import warnings
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
import sklearn
from numpy.typing import NDArray
from pydantic import Field
from scipy.linalg.lapack import dpotrf, dpotrs
from scipy.special import expit, log_softmax, softmax
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model._base import LinearClassifierMixin  # no public name
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from active_learning.base.plugins import Plugin

_BLOCK = 4096


class LogisticNewton(Plugin):
    """The loss of scikit-learn's ``LogisticRegression``, minimised to 1e-10.

    scikit-learn's lbfgs stops earlier, where its tolerance says, and the rows that a strategy
    queries hang on where: see docs/tutorial.md.
    """

    warm_start: ClassVar[bool] = True

    C: Annotated[float, Field(gt=0)] = 1.0
    """Inverse strength of the penalty."""

    class_weight: Literal["balanced"] | None = None
    """``balanced``: weigh each class by the inverse of its share; null: all rows alike."""

    def build(self, seed: int) -> Any:  # noqa: ARG002 - Newton's method has no randomness
        """Unfitted classifier."""
        return NewtonClassifier(C=self.C, class_weight=self.class_weight, warm_start=True)


class NewtonClassifier(LinearClassifierMixin, BaseEstimator):  # type: ignore[misc] # no types
    """Minimise C Σᵢ cᵢ loss(yᵢ, W xᵢ + b) + ½ ‖W‖², the log loss of a softmax, by Newton's method.

    With two classes there is one row of weights, and the loss is that of the logistic function.

    Reference: Nocedal & Wright, "Numerical optimization", 2006, §3.3 (Newton's method), §3.1
    (backtracking); Murphy, "Machine learning", 2012, §8.3.7 (multinomial Hessian).

    Parameters
    ----------
    C : float, above 0
    class_weight : "balanced" or None
    tol : float
        Largest last step, as a share of the largest coefficient or of 1.
    max_iter : int
    warm_start : bool
        Begin at the last solution, if it is of the same classes and features.

    Attributes
    ----------
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
    intercept_ : ndarray of shape (1,) or (n_classes,)
        With more than two classes they sum to 0.
    classes_ : ndarray of shape (n_classes,)
    n_iter_ : int
    """

    solver: ClassVar[str] = "newton"

    def __init__(
        self,
        C: float = 1.0,
        *,
        class_weight: str | None = None,
        tol: float = 1e-10,
        max_iter: int = 100,
        warm_start: bool = False,
    ) -> None:
        self.C = C
        self.class_weight = class_weight
        self.tol = tol
        self.max_iter = max_iter
        self.warm_start = warm_start

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to rows, (n_rows, n_features), their labels and, if any, their weights, (n_rows,)."""
        X, y = self._checked(X, y)
        classes, targets = np.unique(y, return_inverse=True)
        if len(classes) == 1:
            raise ValueError(
                f"NewtonClassifier needs rows of two classes or more; got one class: {classes[0]}."
            )
        weights = np.full(len(targets), float(self.C))
        if sample_weight is not None:
            weights *= _check_sample_weight(sample_weight, X)
        if self.class_weight is not None:
            weights *= compute_class_weight(self.class_weight, classes=classes, y=y)[targets]
        start = self._start(classes, X.shape[1])
        problem = _Problem.of(X, targets, weights, len(start))
        solution, self.n_iter_, converged = _minimise(problem, start, self.tol, self.max_iter)
        if not converged and start.any():  # too far off, where the loss is flat
            start = np.zeros_like(start)
            solution, self.n_iter_, converged = _minimise(problem, start, self.tol, self.max_iter)
        if not converged:
            warnings.warn(
                f"NewtonClassifier did not converge in {self.n_iter_} iterations",
                ConvergenceWarning,
                stacklevel=2,
            )
        self.classes_ = classes
        self.coef_, self.intercept_ = solution[:, :-1], solution[:, -1]
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Class probabilities: (n_rows, n_classes)."""
        check_is_fitted(self)
        values = self.decision_function(X)
        if values.ndim == 1:
            positive = expit(values)
            return np.column_stack([1 - positive, positive])
        return np.asarray(softmax(values, axis=1))

    def _checked(self, X: Any, y: Any) -> tuple[NDArray[np.float64], Any]:
        """Check rows and labels, unless scikit-learn is set not to: in a loop, once is enough."""
        fine = isinstance(X, np.ndarray) and X.dtype == np.float64
        if fine and sklearn.get_config()["skip_parameter_validation"]:
            self.n_features_in_ = X.shape[1]
            return X, y
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        return X, y

    def _start(self, classes: NDArray[Any], n_features: int) -> NDArray[np.float64]:
        n_values = 1 if len(classes) == 2 else len(classes)  # noqa: PLR2004
        start = np.zeros((n_values, n_features + 1))
        if self.warm_start and hasattr(self, "coef_"):
            last = np.column_stack([self.coef_, self.intercept_])
            if np.array_equal(self.classes_, classes) and last.shape == start.shape:
                return last
        return start


class _Problem(NamedTuple):
    """What is minimised over coefficients of shape (n_values, n_features + 1).

    Attributes
    ----------
    rows : ndarray of shape (n_rows, n_features + 1)
        With a 1 behind each.
    targets : ndarray of shape (n_rows, n_values)
        1 for the value of the row's class; with two classes, 1 for the second.
    weights : ndarray of shape (n_rows,)
    """

    rows: NDArray[np.float64]
    targets: NDArray[np.float64]
    weights: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        features: NDArray[np.float64],
        targets: NDArray[np.int64],
        weights: NDArray[np.float64],
        n_values: int,
    ) -> Self:
        rows = np.empty((len(features), features.shape[1] + 1))
        rows[:, :-1] = features
        rows[:, -1] = 1
        if n_values == 1:
            return cls(rows, targets[:, None].astype(np.float64), weights)
        return cls(rows, np.eye(n_values)[targets], weights)

    def objective(self, solution: NDArray[np.float64]) -> float:
        values = self.rows @ solution.T
        if len(solution) == 1:
            losses = np.logaddexp(0, values[:, 0]) - self.targets[:, 0] * values[:, 0]
        else:
            losses = -log_softmax(values, axis=1)[self.targets == 1]
        return float(self.weights @ losses + (solution[:, :-1] ** 2).sum() / 2)

    def probabilities(self, solution: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of each value's class: (n_rows, n_values)."""
        values = self.rows @ solution.T
        return np.asarray(expit(values) if len(solution) == 1 else softmax(values, axis=1))

    def gradient(
        self, solution: NDArray[np.float64], probabilities: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Gradient, of the shape of the solution."""
        excess = probabilities - self.targets
        excess *= self.weights[:, None]
        gradient = excess.T @ self.rows
        gradient[:, :-1] += solution[:, :-1]
        return np.asarray(gradient)

    def hessian(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Hessian over the flattened solution, in blocks of rows to save memory.

        To all intercepts alike the loss of a softmax is blind; a term that is 0 where they sum
        to 0 makes the solution unique.
        """
        n_values, width = probabilities.shape[1], self.rows.shape[1]
        hessian = np.zeros((n_values, width, n_values, width))
        for start in range(0, len(self.rows), _BLOCK):
            block = slice(start, start + _BLOCK)
            self._add(hessian, probabilities[block], self.rows[block], self.weights[block])
        if n_values > 1:
            hessian[:, -1, :, -1] += 1
        flat = hessian.reshape(n_values * width, n_values * width)
        penalty = np.ones((n_values, width))
        penalty[:, -1] = 0
        flat[np.diag_indices(len(flat))] += penalty.ravel()
        return flat

    @staticmethod
    def _add(
        hessian: NDArray[np.float64],
        probabilities: NDArray[np.float64],
        rows: NDArray[np.float64],
        weights: NDArray[np.float64],
    ) -> None:
        n_values = probabilities.shape[1]
        if n_values == 1:
            spread = probabilities[:, 0] * (1 - probabilities[:, 0]) * weights
            hessian[0, :, 0] += rows.T @ (rows * spread[:, None])
            return
        for value in range(n_values):
            scaled = rows * (weights * probabilities[:, value])[:, None]
            hessian[value, :, value] += rows.T @ scaled
        products = (probabilities[:, :, None] * rows[:, None]).reshape(len(rows), -1)
        outer = products.T @ (products * weights[:, None])
        hessian -= outer.reshape(hessian.shape)


def _minimise(
    problem: _Problem, solution: NDArray[np.float64], tol: float, max_iter: int
) -> tuple[NDArray[np.float64], int, bool]:
    """Newton steps until one is small; its gradient is then met by the last factor once more.

    Returns
    -------
    solution : ndarray of shape (n_values, n_features + 1)
    n_iter : int
    converged : bool
    """
    probabilities = problem.probabilities(solution)
    gradient = problem.gradient(solution, probabilities)
    for iteration in range(1, max_iter + 1):
        factor, _ = dpotrf(problem.hessian(probabilities), lower=1, overwrite_a=1)
        step = _solve(factor, gradient)
        before, size = solution, np.abs(gradient).max()
        solution = before - step
        probabilities = problem.probabilities(solution)
        gradient = problem.gradient(solution, probabilities)
        if np.abs(gradient).max() > size:
            solution = _backtracked(problem, before, step)
            probabilities = problem.probabilities(solution)
            gradient = problem.gradient(solution, probabilities)
        step = _solve(factor, gradient)
        if np.abs(step).max() <= tol * max(1.0, np.abs(solution).max()):
            return solution - step, iteration, True
    return solution, max_iter, False


def _solve(factor: NDArray[np.float64], gradient: NDArray[np.float64]) -> NDArray[np.float64]:
    step, _ = dpotrs(factor, gradient.ravel(), lower=1)
    return np.asarray(step.reshape(gradient.shape))


def _backtracked(
    problem: _Problem, solution: NDArray[np.float64], step: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The longest of ever shorter steps that does not lead up."""
    start = problem.objective(solution)
    for halvings in range(50):
        shorter: NDArray[np.float64] = solution - step / 2**halvings
        if problem.objective(shorter) <= start:
            return shorter
    return solution

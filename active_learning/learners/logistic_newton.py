"""Logistic regression with an L2 penalty, to the optimum, by Newton's method with a warm start."""

import warnings
from typing import Annotated, Any, ClassVar, Literal, Protocol, Self

import numpy as np
import sklearn
from numpy.typing import NDArray
from pydantic import Field
from scipy.linalg.lapack import dposv, dpotrs
from scipy.special import expit, log_softmax, softmax
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model._base import LinearClassifierMixin  # no public name
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from active_learning.base.plugins import Plugin

_BLOCK = 4096

# A step that is this much shorter than the last needs no new Hessian.
_FAST = 0.01

# A step that leaves one this much shorter has not gone too far.
_SAFE = 0.25

# By how much more than expected, squared, the next step may be.
_CAUTION = 100.0


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
    """Minimise Σᵢ cᵢ loss(yᵢ, W xᵢ + b) + ‖W‖² / 2C, the log loss of a softmax, by Newton's method.

    With two classes there is one row of weights, and the loss is that of the logistic function.

    Reference: Nocedal & Wright, "Numerical optimization", 2006, §3.3 (Newton's method), §3.1
    (backtracking); Murphy, "Machine learning", 2012, §8.3.7 (multinomial Hessian).

    Parameters
    ----------
    C : float, above 0
    class_weight : "balanced" or None
    tol : float
        Largest step that is left to take, as a share of the largest coefficient or of 1.
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
        X, classes, targets = self._checked(X, y)
        if len(classes) == 1:
            raise ValueError(
                f"NewtonClassifier needs rows of two classes or more; got one class: {classes[0]}."
            )
        weights = None
        if sample_weight is not None:
            weights = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
        if self.class_weight is not None:
            of_class = compute_class_weight(self.class_weight, classes=classes, y=classes[targets])
            weights = of_class[targets] * (1 if weights is None else weights)
        # A step too far is taken back.
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            self._solve(X, classes, targets, weights)
        return self

    def _solve(
        self,
        X: NDArray[np.float64],
        classes: NDArray[Any],
        targets: NDArray[np.int64],
        weights: Any,
    ) -> None:
        form = _Binomial if len(classes) == 2 else _Multinomial  # noqa: PLR2004
        problem = form(X, targets, weights, penalty=1 / self.C)
        start = self._start(classes, problem)
        solution, self.n_iter_, converged = _minimise(problem, start, self.tol, self.max_iter)
        if not converged and start.any():
            start = np.zeros_like(start)
            solution, self.n_iter_, converged = _minimise(problem, start, self.tol, self.max_iter)
        if not converged:
            warnings.warn(
                f"NewtonClassifier did not converge in {self.n_iter_} iterations",
                ConvergenceWarning,
                stacklevel=3,
            )
        square = solution.reshape(-1, X.shape[1] + 1)
        self.classes_, self.coef_, self.intercept_ = classes, square[:, :-1], square[:, -1]

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Class probabilities: (n_rows, n_classes)."""
        check_is_fitted(self)
        values = self.decision_function(X)
        if values.ndim == 1:
            positive = expit(values)
            return np.column_stack([1 - positive, positive])
        return np.asarray(softmax(values, axis=1))

    def _checked(self, X: Any, y: Any) -> tuple[NDArray[np.float64], Any, NDArray[np.int64]]:
        """Rows, classes, and the place of each row's class among these.

        Not checked if scikit-learn is set not to: in a loop, once is enough.
        """
        trusted = sklearn.get_config()["skip_parameter_validation"]
        if trusted and getattr(X, "dtype", None) == np.float64 and isinstance(X, np.ndarray):
            self.n_features_in_ = X.shape[1]
            return X, *_classes(y)
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        return X, *_classes(y)

    def _start(self, classes: NDArray[Any], problem: "_Problem") -> NDArray[np.float64]:
        """Where to begin: at the last solution, or at 0."""
        if self.warm_start and hasattr(self, "coef_"):
            last = np.concatenate([self.coef_, self.intercept_[:, None]], axis=1).ravel()
            if len(last) == problem.size and self.classes_.tolist() == classes.tolist():
                return last
        return np.zeros(problem.size)


def _classes(y: Any) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Classes, and the place of each row's class among them."""
    # Read without a sign, a negative number is a huge one.
    if getattr(y, "dtype", None) == np.int64 and y.view(np.uint64).max() < len(y):
        counts = np.bincount(y)  # faster than to sort
        if 0 not in counts.tolist():
            return np.arange(len(counts)), y
        classes = np.flatnonzero(counts)
        return classes, np.searchsorted(classes, y)
    return np.unique(y, return_inverse=True)


class _Problem(Protocol):
    """What is minimised over a flat vector of coefficients, each intercept behind its weights.

    ``predict`` gives the probabilities that the other methods take beside the vector.
    """

    size: int

    def objective(self, solution: NDArray[np.float64]) -> float: ...
    def predict(self, solution: NDArray[np.float64]) -> NDArray[np.float64]: ...
    def gradient(
        self, solution: NDArray[np.float64], probabilities: NDArray[np.float64]
    ) -> NDArray[np.float64]: ...
    def hessian(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]: ...


class _Binomial:
    """Two classes: the logistic loss of the second one."""

    def __init__(
        self,
        features: NDArray[np.float64],
        targets: NDArray[np.int64],
        weights: NDArray[np.float64] | None,
        penalty: float,
    ) -> None:
        self.size = features.shape[1] + 1
        self._columns = np.ones((self.size, len(features)))
        self._columns[:-1] = features.T
        self._targets, self._weights = targets.astype(np.float64), weights
        self._penalty = np.full(self.size, penalty)
        self._penalty[-1] = 0

    def objective(self, solution: NDArray[np.float64]) -> float:
        values = solution.dot(self._columns)
        losses = np.logaddexp(0, values) - self._targets * values
        if self._weights is not None:
            losses *= self._weights
        return float(losses.sum() + self._penalty.dot(solution**2) / 2)

    def predict(self, solution: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(expit(solution.dot(self._columns)))

    def gradient(
        self, solution: NDArray[np.float64], probabilities: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        excess = probabilities - self._targets
        if self._weights is not None:
            excess *= self._weights
        gradient = self._columns.dot(excess)
        gradient += self._penalty * solution
        return np.asarray(gradient)

    def hessian(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        spread = 1 - probabilities
        spread *= probabilities
        if self._weights is not None:
            spread *= self._weights
        roots = np.sqrt(spread)
        hessian = np.zeros((self.size, self.size))
        for start in range(0, len(roots), _BLOCK):
            block = slice(start, start + _BLOCK)
            scaled = self._columns[:, block] * roots[block]
            hessian += scaled.dot(scaled.T)
        hessian.flat[:: self.size + 1] += self._penalty
        return hessian


class _Multinomial:
    """Three classes or more: the log loss of a softmax.

    To all intercepts alike the loss is blind; a term in the Hessian that is 0 where they sum to 0
    keeps them there and makes the solution unique.
    """

    def __init__(
        self,
        features: NDArray[np.float64],
        targets: NDArray[np.int64],
        weights: NDArray[np.float64] | None,
        penalty: float,
    ) -> None:
        n_classes = int(targets.max()) + 1
        self._shape = (n_classes, features.shape[1] + 1)
        self.size = n_classes * self._shape[1]
        self._rows = _with_ones(features)
        self._targets = np.eye(n_classes)[targets]
        self._weights = (np.ones(len(features)) if weights is None else weights)[:, None]
        of_each = np.full(self._shape, penalty)
        of_each[:, -1] = 0
        self._penalty = of_each.ravel()

    def objective(self, solution: NDArray[np.float64]) -> float:
        logs = log_softmax(self._rows @ solution.reshape(self._shape).T, axis=1)
        losses = -self._weights * self._targets * logs
        return float(losses.sum() + self._penalty @ solution**2 / 2)

    def predict(self, solution: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(softmax(self._rows @ solution.reshape(self._shape).T, axis=1))

    def gradient(
        self, solution: NDArray[np.float64], probabilities: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        excess = (probabilities - self._targets) * self._weights
        return np.asarray((excess.T @ self._rows).ravel() + self._penalty * solution)

    def hessian(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        hessian = np.diag(self._penalty)
        blocks = hessian.reshape(*self._shape, *self._shape)
        blocks[:, -1, :, -1] += 1
        for start in range(0, len(self._rows), _BLOCK):
            block = slice(start, start + _BLOCK)
            rows, shares = self._rows[block], probabilities[block]
            weighted = shares * self._weights[block]
            for place in range(self._shape[0]):
                blocks[place, :, place] += (rows.T * weighted[:, place]) @ rows
            products, scaled = (
                (of_class[:, :, None] * rows[:, None]).reshape(len(rows), -1)
                for of_class in (shares, weighted)
            )
            hessian -= products.T @ scaled
        return hessian


def _with_ones(features: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = np.empty((len(features), features.shape[1] + 1))
    rows[:, :-1] = features
    rows[:, -1] = 1
    return rows


def _minimise(
    problem: _Problem, solution: NDArray[np.float64], tol: float, max_iter: int
) -> tuple[NDArray[np.float64], int, bool]:
    """Newton steps until one is small; steps with an old factor as long as they shrink fast.

    With an old factor each step is about as much shorter than the last as that was than the one
    before, so the last one is taken without a look at where it leads. Where they do not shrink, the
    first may have gone too far.

    Reference: Hairer & Wanner, "Solving ordinary differential equations II", 1996, §IV.8 (when to
    stop a simplified Newton iteration); Deuflhard, "Newton methods for nonlinear problems", 2004,
    §2.1 (steps that shrink are safe).

    Returns
    -------
    solution : ndarray of shape (size,)
    n_iter : int
    converged : bool
    """
    probabilities = problem.predict(solution)
    gradient = problem.gradient(solution, probabilities)
    for iteration in range(1, max_iter + 1):
        hessian = problem.hessian(probabilities)
        factor, step, failed = dposv(hessian.T, gradient, lower=1, overwrite_a=1)
        if failed:  # so far off that the loss is flat to the last bit
            return solution, iteration, False
        before, length, shrinks = solution, step.dot(step), True
        small = tol**2 * max(1.0, float(before.dot(before)))
        while shrinks:
            solution = solution - step
            probabilities = problem.predict(solution)
            gradient = problem.gradient(solution, probabilities)
            step, _ = dpotrs(factor, gradient, lower=1)
            longer, length = length, step.dot(step)
            shrinks = length < _FAST**2 * longer
            next_length = _CAUTION * length / longer * length if shrinks else length
            if next_length <= small:
                return solution - step, iteration, True
        if not length < _SAFE**2 * longer:
            solution = _backtracked(problem, before, solution - before)
            probabilities = problem.predict(solution)
            gradient = problem.gradient(solution, probabilities)
    return solution, max_iter, False


def _backtracked(
    problem: _Problem, start: NDArray[np.float64], move: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The end of the longest of ever shorter moves that does not lead up."""
    level = problem.objective(start)
    for halvings in range(50):
        end: NDArray[np.float64] = start + move / 2**halvings
        if problem.objective(end) <= level:
            return end
    return start

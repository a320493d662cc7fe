"""Logistic regression by Newton's method, as a scikit-learn classifier."""

import warnings
from typing import Any, ClassVar, Self

import numpy as np
import sklearn
from numpy.typing import NDArray
from scipy.linalg.lapack import dposv, dpotrs
from scipy.special import expit, log_softmax, softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

_BLOCK = 4096
_EPSILON = float(np.finfo(np.float64).eps)

# If a step is shorter than the previous one by this factor, the Hessian is reused.
_FAST_RATIO = 0.01

# If the next step is shorter by this factor, a full step needs no line search.
_SAFE_RATIO = 0.25

# Sufficient decrease: share of the decrease predicted by the slope.
_ARMIJO = 1e-4

# Factor by which the squared length of the next step may exceed its estimate.
_SAFETY_FACTOR = 100.0


class NewtonClassifier(LogisticRegression):  # type: ignore[misc] # no types
    """Minimise Σᵢ cᵢ loss(yᵢ, W xᵢ + b) + ‖W‖² / 2C, the log loss of a softmax, by Newton's method.

    With two classes there is one row of weights and the loss is logistic.

    Reference: Nocedal & Wright, "Numerical optimization", 2006, §3.3 (Newton's method), §3.1
    (backtracking); Murphy, "Machine learning", 2012, §8.3.7 (multinomial Hessian).

    Parameters
    ----------
    C : float, above 0
    class_weight : "balanced" or None
    tol : float
        Bound on the length of the remaining step, relative to the norm of the coefficients or to 1.
        If rounding prevents that accuracy, the fit ends when the loss stops falling.
    max_iter : int
    warm_start : bool
        Start from the previous solution if it has the same classes and features.

    Attributes
    ----------
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
    intercept_ : ndarray of shape (1,) or (n_classes,)
        With more than two classes they sum to 0.
    classes_ : ndarray of shape (n_classes,)
    n_iter_ : int
    """

    solver: ClassVar[str] = "newton"
    multi_class: ClassVar[str] = "auto"  # older versions of scikit-learn read it

    def __init__(
        self,
        C: float = 1.0,
        *,
        class_weight: str | None = None,
        tol: float = 1e-10,
        max_iter: int = 200,
        warm_start: bool = False,
    ) -> None:
        self.C = C
        self.class_weight = class_weight
        self.tol = tol
        self.max_iter = max_iter
        self.warm_start = warm_start

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        return tags

    def fit(self, X: Any, y: Any) -> Self:
        """Fit to features, (n_rows, n_features), and labels, (n_rows,)."""
        X, classes, targets = self._validate(X, y)
        if len(classes) == 1:
            raise ValueError(
                f"NewtonClassifier needs rows of two classes or more; got one class: {classes[0]}."
            )
        weights = np.ones(len(targets))
        if self.class_weight is not None:
            weights = compute_class_weight(self.class_weight, classes=classes, y=classes[targets])
            weights = weights[targets]
        form = _Binomial if len(classes) == 2 else _Multinomial
        problem = form(X, targets, weights, penalty=1 / self.C)
        # Steps that overflow are rejected.
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            solution = self._solution(problem, self._start(classes, problem))
        square = solution.reshape(-1, X.shape[1] + 1)
        self.classes_, self.coef_, self.intercept_ = classes, square[:, :-1], square[:, -1]
        return self

    def _solution(self, problem: "_Problem", start: NDArray[np.float64]) -> NDArray[np.float64]:
        solution, self.n_iter_, converged = _minimise(problem, start, self.tol, self.max_iter)
        if not converged and start.any():
            return self._solution(problem, np.zeros_like(start))
        if not converged:
            warnings.warn(
                f"NewtonClassifier did not converge in {self.n_iter_} iterations",
                ConvergenceWarning,
                stacklevel=3,
            )
        return solution

    def _validate(self, X: Any, y: Any) -> tuple[NDArray[np.float64], Any, NDArray[np.int64]]:
        """Features, classes and class indices.

        Validation is skipped if scikit-learn's configuration says so.
        """
        trusted = sklearn.get_config()["skip_parameter_validation"]
        if trusted and getattr(X, "dtype", None) == np.float64 and isinstance(X, np.ndarray):
            self.n_features_in_ = X.shape[1]
            return X, *_classes(y)
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        return X, *_classes(y)

    def _start(self, classes: NDArray[Any], problem: "_Problem") -> NDArray[np.float64]:
        """Starting point: the previous solution, or 0."""
        if self.warm_start and hasattr(self, "coef_"):
            last = np.concatenate([self.coef_, self.intercept_[:, None]], axis=1).ravel()
            if len(last) == problem.size and self.classes_.tolist() == classes.tolist():
                return last
        return np.zeros(problem.size)


def _classes(y: Any) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Classes and class indices."""
    # As unsigned, negative numbers are huge, so one comparison checks both bounds.
    if getattr(y, "dtype", None) == np.int64 and y.view(np.uint64).max() < len(y):
        counts = np.bincount(y)  # faster than sorting
        if 0 not in counts.tolist():
            return np.arange(len(counts)), y
        classes = np.flatnonzero(counts)
        return classes, np.searchsorted(classes, y)
    return np.unique(y, return_inverse=True)


class _Binomial:
    """Two classes: the logistic loss of the second one.

    ``solution`` is a flat vector of coefficients, the intercept last; ``predict`` returns the
    probabilities that ``gradient`` and ``hessian`` take.
    """

    def __init__(
        self,
        features: NDArray[np.float64],
        targets: NDArray[np.int64],
        weights: NDArray[np.float64],
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
        losses = self._weights * np.logaddexp(0, (1 - 2 * self._targets) * values)
        return float(losses.sum() + self._penalty.dot(solution**2) / 2)

    def predict(self, solution: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(expit(solution.dot(self._columns)))

    def gradient(
        self, solution: NDArray[np.float64], probabilities: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        excess = probabilities - self._targets
        excess *= self._weights
        gradient = self._columns.dot(excess)
        gradient += self._penalty * solution
        return np.asarray(gradient)

    def hessian(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        spread = 1 - probabilities
        spread *= probabilities
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

    Adding a constant to all intercepts does not change the loss; an extra term of the Hessian, 0
    where they sum to 0, keeps them there and makes the solution unique.
    """

    def __init__(
        self,
        features: NDArray[np.float64],
        targets: NDArray[np.int64],
        weights: NDArray[np.float64],
        penalty: float,
    ) -> None:
        n_classes = int(targets.max()) + 1
        self._shape = (n_classes, features.shape[1] + 1)
        self.size = n_classes * self._shape[1]
        self._rows = np.column_stack([features, np.ones(len(features))])
        self._targets = np.eye(n_classes)[targets]
        self._weights = weights[:, None]
        penalties = np.full(self._shape, penalty)
        penalties[:, -1] = 0
        self._penalty = penalties.ravel()

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


_Problem = _Binomial | _Multinomial


def _minimise(
    problem: _Problem, solution: NDArray[np.float64], tol: float, max_iter: int
) -> tuple[NDArray[np.float64], int, bool]:
    """Take Newton steps until one is small, reusing the factorization while steps shrink fast.

    With a reused factorization, steps shrink by a nearly constant ratio, so the last one is taken
    without evaluating the result. If steps do not shrink, either the first went too far or rounding
    limits the accuracy; the loss tells which.

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
        factor, step, failed = _solve(problem.hessian(probabilities), gradient)
        if failed:
            return solution, iteration, False
        before, newton_step, slope = solution, step, gradient.dot(step)
        length, shrinks = step.dot(step), True
        small = tol**2 * max(1.0, float(before.dot(before)))
        while shrinks:
            solution = solution - step
            probabilities = problem.predict(solution)
            gradient = problem.gradient(solution, probabilities)
            step, _ = dpotrs(factor, gradient, lower=1)
            longer, length = length, step.dot(step)
            shrinks = length < _FAST_RATIO**2 * longer
            next_length = _SAFETY_FACTOR * length / longer * length if shrinks else length
            if next_length <= small:
                return solution - step, iteration, True
        if not length < _SAFE_RATIO**2 * longer:
            solution, fall, loss = _backtrack(problem, before, newton_step, slope)
            # A row's loss is known to about the machine epsilon, however small it is.
            if not fall > _EPSILON * (1 + loss):
                return solution, iteration, bool(slope < _EPSILON**0.5 * (1 + loss))
            probabilities = problem.predict(solution)
            gradient = problem.gradient(solution, probabilities)
    return solution, max_iter, False


def _solve(
    hessian: NDArray[np.float64], gradient: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Cholesky factor, Newton step, and LAPACK's status: 0 on success.

    To a numerically singular Hessian a multiple of its diagonal is added.
    Reference: Nocedal & Wright, 2006, §3.4.
    """
    factor, step, failed = dposv(hessian.T, gradient, lower=1)
    if not failed:
        return factor, step, failed
    diagonal = hessian.diagonal()
    damping = _EPSILON * (diagonal + _EPSILON * diagonal.max())
    while failed and np.isfinite(damping).all():
        damping = 10 * damping
        factor, step, failed = dposv(hessian.T + np.diag(damping), gradient, lower=1)
    return factor, step, failed


def _backtrack(
    problem: _Problem, start: NDArray[np.float64], step: NDArray[np.float64], slope: float
) -> tuple[NDArray[np.float64], float, float]:
    """Backtracking line search: halve the step until it lowers the loss enough.

    Returns
    -------
    end : ndarray of shape (size,)
    fall : float
        Decrease of the loss; 0 if no step lowers it, because of rounding.
    loss : float
        Loss at the start.
    """
    loss = problem.objective(start)
    for share in 0.5 ** np.arange(50):
        end: NDArray[np.float64] = start - share * step
        fall = loss - problem.objective(end)
        if fall > _ARMIJO * share * slope:
            return end, fall, loss
    return start, 0.0, loss

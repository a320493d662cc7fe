"""Logistic regression with an L2 penalty, by scikit-learn's lbfgs."""

from typing import Annotated, Any, Literal, Self

import numpy as np
import sklearn
from numpy.typing import NDArray
from pydantic import Field
from scipy import optimize
from sklearn._loss._loss import CyHalfBinomialLoss, CyHalfMultinomialLoss  # no public name
from sklearn.linear_model import LogisticRegression as Estimator
from sklearn.utils.optimize import _check_optimize_result  # no public name

from active_learning.base.plugins import Plugin


class LogisticRegression(Plugin):
    """scikit-learn's ``LogisticRegression``."""

    C: Annotated[float, Field(gt=0)] = 1.0
    """Inverse strength of the penalty."""

    max_iter: Annotated[int, Field(ge=1)] = 1000
    """Most iterations of the solver."""

    class_weight: Literal["balanced"] | None = None
    """``balanced``: weigh each class by the inverse of its share; null: all rows alike."""

    def build(self, seed: int) -> Any:  # noqa: ARG002 - lbfgs has no randomness
        """Unfitted classifier."""
        return LeanLogisticRegression(
            C=self.C, max_iter=self.max_iter, class_weight=self.class_weight
        )


class LeanLogisticRegression(Estimator):  # type: ignore[misc] # no types
    """scikit-learn's ``LogisticRegression``, with less around the solver; the same to the last bit.

    On the few rows of a labelled set most of its time goes into checks, at every fit and at every
    step of the solver. Where scikit-learn is set not to check, this calls the same solver with the
    same settings, from the same start, on the same loss.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to rows, (n_rows, n_features), their labels and, if any, their weights, (n_rows,)."""
        plain = isinstance(X, np.ndarray) and X.dtype == np.float64 and X.flags.c_contiguous
        weighted = sample_weight is not None or self.class_weight is not None
        classes, targets = np.unique(y, return_inverse=True)
        checks = not sklearn.get_config()["skip_parameter_validation"]
        if checks or weighted or not plain or len(classes) == 1:
            super().fit(X, y, sample_weight)
            return self
        n_values = 1 if len(classes) == 2 else len(classes)  # noqa: PLR2004
        loss = _Loss(X, targets.astype(np.float64), n_values, 1.0 / (self.C * len(X)))
        result = optimize.minimize(
            loss.binomial if n_values == 1 else loss.multinomial,
            np.zeros(n_values * (X.shape[1] + 1)),
            method="L-BFGS-B",
            jac=True,
            options={
                "maxiter": self.max_iter,
                "maxls": 50,
                "gtol": self.tol,
                "ftol": 64 * np.finfo(float).eps,
            },
        )
        n_iter = _check_optimize_result("lbfgs", result, self.max_iter)
        solution = result.x.reshape(n_values, -1, order="F")
        self.n_iter_ = np.array([n_iter], dtype=np.int32)
        self.n_features_in_, self.classes_ = X.shape[1], classes
        self.coef_, self.intercept_ = solution[:, :-1], solution[:, -1]
        return self


class _Loss:
    """Mean log loss and penalty, and their gradient, in scikit-learn's order of operations."""

    def __init__(
        self,
        features: NDArray[np.float64],
        targets: NDArray[np.float64],
        n_values: int,
        penalty: float,
    ) -> None:
        self._features, self._targets = features, targets
        self._n_values, self._penalty = n_values, penalty
        self._losses = np.empty_like(targets)
        self._loss = CyHalfBinomialLoss() if n_values == 1 else CyHalfMultinomialLoss()

    def _pointwise(self, values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Mean of the losses of all rows, and its gradient by each value."""
        gradient = np.empty_like(values)
        self._loss.loss_gradient(
            y_true=self._targets,
            raw_prediction=values,
            sample_weight=None,
            loss_out=self._losses,
            gradient_out=gradient,
            n_threads=1,
        )
        gradient /= len(values)
        return float(np.sum(self._losses) / len(values)), gradient

    def binomial(self, solution: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Loss and gradient at (n_features + 1,) coefficients."""
        weights = solution[:-1]
        loss, rows = self._pointwise(self._features @ weights + solution[-1])
        gradient = np.empty_like(solution)
        gradient[:-1] = self._features.T @ rows + self._penalty * weights
        gradient[-1] = np.sum(rows)
        return loss + float(0.5 * self._penalty * (weights @ weights)), gradient

    def multinomial(self, solution: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Loss and gradient at (n_features + 1) × n_classes coefficients, classes together."""
        square = solution.reshape((self._n_values, -1), order="F")
        weights = square[:, :-1]
        loss, rows = self._pointwise(self._features @ weights.T + square[:, -1])
        gradient = np.empty(square.shape, order="F")
        gradient[:, :-1] = rows.T @ self._features + self._penalty * weights
        gradient[:, -1] = np.sum(rows, axis=0)
        flat = np.ravel(weights, order="K")
        return loss + float(0.5 * self._penalty * np.dot(flat, flat)), gradient.ravel(order="F")

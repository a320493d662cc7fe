"""Predictions of any scikit-learn classifier over all classes, including unseen ones."""

from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from active_learning.core.errors import DataError, ExecutionError, ParamsError, named, one_line
from active_learning.core.pool import estimator_name

_BLOCK = 8192


class LinearDecision(NamedTuple):
    """Decision values W x + b of a linear classifier.

    Attributes
    ----------
    weights : ndarray of shape (n_values, n_features)
        One row with two classes, else one per class.
    intercepts : ndarray of shape (n_values,)
    softmax : bool
        Whether the softmax of these values (logistic function with two classes) equals the
        classifier's probabilities, or replaces them if it has none.
    """

    weights: NDArray[np.float64]
    intercepts: NDArray[np.float64]
    softmax: bool

    def values(self, features: NDArray[Any]) -> NDArray[np.float64]:
        """Decision values of each row: (n_rows,) with two classes, else (n_rows, n_classes)."""
        one = len(self.weights) == 1
        values = features.dot(self.weights[0] if one else self.weights.T)
        values += self.intercepts
        return np.asarray(values)

    def row_by_row(self, features: NDArray[Any]) -> NDArray[np.float64]:
        """Decision values of each row, (n_rows, n_values), identical for equal rows.

        ``values`` does not guarantee that: BLAS may sum the last rows of a table in another order.
        """
        values = np.empty((len(features), len(self.weights)))
        for start in range(0, len(features), _BLOCK):
            block = slice(start, start + _BLOCK)
            rows = np.ascontiguousarray(features[block], dtype=np.float64)
            for column, weights in enumerate(self.weights):
                values[block, column] = (rows * weights).sum(axis=1)
        values += self.intercepts
        return values


def linear_decision(model: Any, features: Any) -> LinearDecision | None:
    """Decision function of a linear model on dense features; ``None`` for anything else.

    scikit-learn's own methods validate the model and the rows at every call, which on a small table
    takes longer than the computation.
    """
    if not isinstance(features, np.ndarray) or not hasattr(model, "coef_"):
        return None
    if features.dtype.kind != "f" or not isinstance(model.coef_, np.ndarray):
        return None
    cls: Any = type(model)
    if not is_linear(cls):
        return None
    # With two classes some have a flat vector of coefficients; without intercepts it is 0.0.
    weights = model.coef_ if model.coef_.ndim == 2 else model.coef_[None]
    if weights.shape[1] != features.shape[1]:
        return None
    intercepts = model.intercept_
    if np.shape(intercepts) != (len(weights),):
        intercepts = np.broadcast_to(intercepts, len(weights))
    return LinearDecision(weights, intercepts, _is_softmax(model, len(weights)))


def _is_softmax(model: Any, n_values: int) -> bool:
    """Whether the softmax of the decision values is, or stands in for, the probabilities."""
    if not hasattr(model, "predict_proba"):
        return True
    if not hasattr(model, "solver"):  # a classifier that normalises one-vs-rest values
        return False
    one_vs_rest = model.solver == "liblinear" or getattr(model, "multi_class", "auto") == "ovr"
    return n_values == 1 or not one_vs_rest


@cache
def is_linear(cls: Any) -> bool:
    """Whether it is one of these linear classifiers, or predicts as one does."""
    from sklearn import linear_model
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.svm import LinearSVC

    for base in (
        linear_model.LogisticRegression,
        linear_model.Perceptron,
        linear_model.RidgeClassifier,
        linear_model.SGDClassifier,
        LinearDiscriminantAnalysis,
        LinearSVC,
    ):
        if issubclass(cls, base):
            methods = ("predict", "predict_proba", "decision_function")
            return all(getattr(cls, m, None) is getattr(base, m, None) for m in methods)
    return False


def finite(values: NDArray[Any], model: Any, what: str) -> NDArray[Any]:
    """The values that a model predicted, one or several for each row.

    Raises
    ------
    DataError
        If one of them is not finite.
    """
    bad = ~np.isfinite(values)
    if bad.any():
        n_rows = np.count_nonzero(bad.reshape(len(values), -1).any(axis=1))
        raise DataError(
            f"{estimator_name(model)} cannot predict: its {what} are not finite in {n_rows} of "
            f"{len(values)} rows."
        )
    return values


class Prediction:
    """Predictions of a fitted classifier, computed lazily.

    Parameters
    ----------
    model : fitted scikit-learn classifier
        Its ``classes_`` may lack classes without a label so far.
    features : ndarray, CSR array or DataFrame of shape (n_rows, n_features)
    classes : int or ndarray of shape (n_classes,)
        Sorted labels of all classes; an int K stands for 0 to K − 1.
    ties : bool
        Whether equal rows must get bit-identical values, so that they tie in a ranking. Slower.
    """

    def __init__(
        self, model: Any, features: Any, classes: int | NDArray[Any], *, ties: bool = False
    ) -> None:
        self.model = model
        self.features = features
        self.classes = np.arange(classes) if isinstance(classes, int) else classes
        self._ties = ties
        self._linear = linear_decision(model, features)

    @property
    def n_classes(self) -> int:
        """Number of classes, including unseen ones."""
        return len(self.classes)

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """Predicted class indices: (n_rows,)."""
        if self._linear is None:
            return np.asarray(np.searchsorted(self.classes, self._call("predict")))
        values = self._decisions
        chosen = values > 0 if values.ndim == 1 else values.argmax(axis=1)
        return self._seen.take(chosen)

    @cached_property
    def decision(self) -> NDArray[np.float64] | None:
        """Decision values with two seen classes, (n_rows,); ``None`` if there are none."""
        if len(self.model.classes_) != 2 or not hasattr(self.model, "decision_function"):
            return None
        return self._decisions

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """Class probabilities, (n_rows, n_classes); 0 for unseen classes.

        For a model without ``predict_proba``, the softmax of its decision values (logistic function
        with two classes): the order is right, but they are not calibrated.
        """
        values = np.zeros((self.features.shape[0], self.n_classes))
        values[:, self._seen] = self._seen_probabilities()
        return values

    @property
    def _seen(self) -> NDArray[np.int64]:
        """Indices of the classes that the model has seen."""
        return np.asarray(np.searchsorted(self.classes, self.model.classes_))

    def _call(self, method: str) -> NDArray[Any]:
        """Result of a method of the model on the features."""
        name = estimator_name(self.model)
        try:
            # A division by 0 shows in the values, which are checked.
            with named(f"{name}.{method}"), np.errstate(divide="ignore", invalid="ignore"):
                return np.asarray(getattr(self.model, method)(self.features))
        except ExecutionError as error:
            if not isinstance(error.__cause__, ValueError):
                raise
            cause = one_line(error.__cause__)
            raise DataError(f"{name} cannot predict: {cause}") from error.__cause__

    @cached_property
    def _decisions(self) -> NDArray[np.float64]:
        """Decision values: (n_rows,) with two seen classes, else (n_rows, n_seen)."""
        if self._linear is not None:
            values = self._linear_values(self._linear)
            if np.isfinite(values).all():  # else scikit-learn says what is wrong with the features
                return values
        if not hasattr(self.model, "decision_function"):
            raise ParamsError(
                "estimator must have predict_proba or decision_function; "
                f"{type(self.model).__name__} has neither."
            )
        values = self._call("decision_function").astype(np.float64, copy=False)
        n_seen = len(self.model.classes_)
        if values.ndim > 1 and values.shape[1] != n_seen:
            raise ParamsError(
                f"estimator must have a decision value for each of {n_seen} classes; "
                f"{type(self.model).__name__} has {values.shape[1]}."
            )
        return finite(values, self.model, "decision values")

    def _linear_values(self, linear: LinearDecision) -> NDArray[np.float64]:
        if not self._ties:
            return linear.values(self.features)
        values = linear.row_by_row(self.features)
        return values[:, 0] if values.shape[1] == 1 else values

    def _seen_probabilities(self) -> NDArray[np.float64]:
        own = hasattr(self.model, "predict_proba")
        if own and not (self._linear is not None and self._linear.softmax):
            values = self._call("predict_proba")
            shape = (self.features.shape[0], len(self.model.classes_))
            if values.shape != shape:
                raise DataError(
                    f"{estimator_name(self.model)} cannot predict: its probabilities must have "
                    f"shape {shape}; got {values.shape}."
                )
            return finite(values, self.model, "probabilities")
        if self._decisions.ndim == 1:
            from scipy.special import expit

            positive = expit(self._decisions)
            return np.column_stack([1 - positive, positive])
        from scipy.special import softmax

        return np.asarray(softmax(self._decisions, axis=1))

"""Predictions of any scikit-learn classifier over all classes, including unseen ones."""

from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from active_learning.core.errors import DataError

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
            rows = features[block].astype(np.float64, copy=False)
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
    if features.dtype.kind != "f":
        return None
    if not isinstance(model, _linear_classifiers()):
        return None
    # Logistic regression has a solver; classifiers that normalise one-vs-rest values have none.
    softmax = not hasattr(model, "predict_proba") or hasattr(model, "solver")
    return LinearDecision(model.coef_, model.intercept_, softmax)


@cache
def _linear_classifiers() -> tuple[Any, ...]:
    from sklearn import linear_model
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.svm import LinearSVC

    return (
        linear_model.LogisticRegression,
        linear_model.Perceptron,
        linear_model.RidgeClassifier,
        linear_model.SGDClassifier,
        LinearDiscriminantAnalysis,
        LinearSVC,
    )


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
        if len(self.model.classes_) != 2 or not hasattr(self.model, "decision_function"):  # noqa: PLR2004
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
        try:
            return np.asarray(getattr(self.model, method)(self.features))
        except ValueError as error:
            name, reason = type(self.model).__name__, " ".join(str(error).split())
            raise DataError(f"{name} cannot predict: {reason}") from error

    @cached_property
    def _decisions(self) -> NDArray[np.float64]:
        """Decision values: (n_rows,) with two seen classes, else (n_rows, n_seen)."""
        if self._linear is not None:
            if self._ties:
                values = self._linear.row_by_row(self.features)
                return values[:, 0] if values.shape[1] == 1 else values
            return self._linear.values(self.features)
        return self._call("decision_function").astype(np.float64, copy=False)

    def _seen_probabilities(self) -> NDArray[np.float64]:
        own = hasattr(self.model, "predict_proba")
        if own and not (self._linear is not None and self._linear.softmax):
            return self._call("predict_proba")
        if self._decisions.ndim == 1:
            from scipy.special import expit

            positive = expit(self._decisions)
            return np.column_stack([1 - positive, positive])
        from scipy.special import softmax

        return np.asarray(softmax(self._decisions, axis=1))

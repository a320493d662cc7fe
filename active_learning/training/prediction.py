"""What a model says of rows, whatever scikit-learn classifier it is, over all the classes."""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax


class Prediction:
    """Predictions of a fitted classifier, each made when it is first asked for.

    Parameters
    ----------
    model : fitted scikit-learn classifier
        Its ``classes_`` may lack classes that have no label yet.
    features : ndarray of shape (n_rows, n_features)
    n_classes : int
    """

    def __init__(self, model: Any, features: NDArray[np.float64], n_classes: int) -> None:
        self.model = model
        self.features = features
        self.n_classes = n_classes

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """Predicted class indices: (n_rows,)."""
        return np.asarray(self.model.predict(self.features), dtype=np.int64)

    @cached_property
    def decision(self) -> NDArray[np.float64] | None:
        """Signed distance with two seen classes, (n_rows,); ``None`` where there is no such."""
        if len(self.model.classes_) != 2 or not hasattr(self.model, "decision_function"):  # noqa: PLR2004
            return None
        return np.asarray(self.model.decision_function(self.features), dtype=np.float64)

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """Class probabilities, (n_rows, n_classes): 0 for a class that the model has not seen.

        For a model without ``predict_proba`` they are the softmax of its decision values (the
        logistic function with two classes): in the right order, not calibrated.
        """
        seen = np.asarray(self.model.classes_, dtype=np.int64)
        values = np.zeros((len(self.features), self.n_classes))
        values[:, seen] = self._seen_probabilities()
        return values

    def _seen_probabilities(self) -> NDArray[np.float64]:
        if hasattr(self.model, "predict_proba"):
            return np.asarray(self.model.predict_proba(self.features))
        if self.decision is not None:
            positive = expit(self.decision)
            return np.column_stack([1 - positive, positive])
        return np.asarray(softmax(self.model.decision_function(self.features), axis=1))

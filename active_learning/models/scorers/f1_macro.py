"""Macro F1: mean over the classes of the harmonic mean of precision and recall."""

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Scorer
from active_learning.core.prediction import Prediction


class F1Macro(Scorer):
    """Mean F1 of the classes that are in the test set or predicted, in [0, 1].

    F1 = 2 TP / (2 TP + FP + FN), 0 for a class without correct predictions.
    """

    def score(self, labels: NDArray[np.int64], prediction: Prediction) -> float:
        """Score predictions against the true labels, (n_rows,)."""
        right = np.bincount(labels[prediction.labels == labels], minlength=prediction.n_classes)
        rows = np.bincount(labels, minlength=prediction.n_classes)
        predicted = np.bincount(prediction.labels, minlength=prediction.n_classes)
        present = rows + predicted > 0
        return float(np.mean(2 * right[present] / (rows + predicted)[present]))

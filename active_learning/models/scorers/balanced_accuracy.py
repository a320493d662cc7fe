"""Balanced accuracy: mean recall over the classes."""

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Scorer
from active_learning.core.prediction import Prediction


class BalancedAccuracy(Scorer):
    """Mean recall of the classes that are in the test set, in [0, 1]."""

    def score(self, labels: NDArray[np.int64], prediction: Prediction) -> float:
        """Score predictions against the true labels, (n_rows,)."""
        correct = np.bincount(labels[prediction.labels == labels], minlength=prediction.n_classes)
        rows = np.bincount(labels, minlength=prediction.n_classes)
        present = rows > 0
        return float(np.mean(correct[present] / rows[present]))

"""Balanced accuracy: the mean over classes of the share that is predicted right."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import recall_score

from active_learning.base.plugins import Plugin
from active_learning.training.prediction import Prediction


class BalancedAccuracy(Plugin):
    """Mean recall of the classes that are in the test set, in [0, 1]."""

    greater_is_better: ClassVar[bool] = True

    def score(self, labels: NDArray[np.int64], prediction: Prediction) -> float:
        """Score predictions against the true labels, (n_rows,)."""
        present = np.unique(labels)
        return float(recall_score(labels, prediction.labels, labels=present, average="macro"))

"""Accuracy: share of the test rows that are predicted correctly."""

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Scorer
from active_learning.core.prediction import Prediction


class Accuracy(Scorer):
    """Share of correct predictions, in [0, 1]."""

    def score(self, labels: NDArray[np.int64], prediction: Prediction) -> float:
        """Score predictions against the true labels, (n_rows,)."""
        return float(np.count_nonzero(prediction.labels == labels) / len(labels))

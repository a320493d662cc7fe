"""Macro F1: the mean over classes of the harmonic mean of precision and recall."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from active_learning.base.plugins import Plugin
from active_learning.training.prediction import Prediction


class F1Macro(Plugin):
    """Mean F1 of the classes, in [0, 1]; 0 for a class that is never predicted."""

    greater_is_better: ClassVar[bool] = True

    def score(self, labels: NDArray[np.int64], prediction: Prediction) -> float:
        """Score predictions against the true labels, (n_rows,)."""
        return float(f1_score(labels, prediction.labels, average="macro", zero_division=0.0))

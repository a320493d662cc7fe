"""ROC AUC: probability that a row of a class is ranked above a row of the other classes."""

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Scorer
from active_learning.core.prediction import Prediction


class RocAuc(Scorer):
    """Area under the ROC curve, in [0, 1]; with more than two classes, the mean of one vs. rest."""

    def score(self, labels: NDArray[np.int64], prediction: Prediction) -> float:
        """Score predictions against the true labels, (n_rows,).

        With more than two classes, those missing from the test set are left out of the mean.
        """
        from sklearn.metrics import roc_auc_score

        if prediction.n_classes == 2 and prediction.decision is not None:
            return float(roc_auc_score(labels, prediction.decision))
        columns = [1] if prediction.n_classes == 2 else np.unique(labels)
        areas = [roc_auc_score(labels == k, prediction.probabilities[:, k]) for k in columns]
        return float(np.mean(areas))

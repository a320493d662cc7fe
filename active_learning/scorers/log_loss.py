"""Log loss: how surprised the model is by the true labels. Lower is better."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import log_loss

from active_learning.base.errors import ParamsError
from active_learning.base.plugins import Plugin
from active_learning.training.prediction import Prediction


class LogLoss(Plugin):
    """Mean of −ln p(true class), in nats; the lower, the better."""

    greater_is_better: ClassVar[bool] = False

    def score(self, labels: NDArray[np.int64], prediction: Prediction) -> float:
        """Score predictions against the true labels, (n_rows,).

        Raises
        ------
        ParamsError
            If the model has no probabilities of its own.
        """
        _require_probabilities(prediction.model)
        classes = np.arange(prediction.n_classes)
        return float(log_loss(labels, prediction.probabilities, labels=classes))


def _require_probabilities(model: Any) -> None:
    if not hasattr(model, "predict_proba"):
        raise ParamsError(
            "params.yaml: evaluation.scorers must be such that the learner can be scored; log_loss "
            f"needs predict_proba, which {type(model).__name__} does not have."
        )

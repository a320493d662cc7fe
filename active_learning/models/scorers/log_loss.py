"""Log loss: mean of −ln p(true class); lower is better."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Scorer
from active_learning.core.errors import ParamsError
from active_learning.core.prediction import Prediction

_SMALLEST = np.finfo(np.float64).eps


class LogLoss(Scorer):
    """Mean of −ln p(true class), in nats; lower is better.

    As in scikit-learn, probabilities are clipped at the machine epsilon.
    """

    greater_is_better: ClassVar[bool] = False

    def score(self, labels: NDArray[np.int64], prediction: Prediction) -> float:
        """Score predictions against the true labels, (n_rows,).

        Raises
        ------
        ParamsError
            If the model has no probabilities of its own.
        """
        if not hasattr(prediction.model, "predict_proba"):
            raise ParamsError(
                "scoring must not be log_loss, which needs probabilities, with this estimator: "
                f"{type(prediction.model).__name__} has none."
            )
        probabilities = prediction.probabilities[np.arange(len(labels)), labels]
        return float(-np.mean(np.log(np.maximum(probabilities, _SMALLEST))))

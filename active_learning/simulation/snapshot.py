"""Information available to a stopping rule after a fit, never labels of the pool."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.core.pool import Pool, take
from active_learning.core.prediction import Prediction


@dataclass(frozen=True)
class Snapshot:
    """The model, the pool and an estimate of the score at one check.

    Attributes
    ----------
    model : fitted scikit-learn classifier
    pool : Pool
    stop_set : ndarray of shape (n_stop,), int
        Rows of the initial pool, the same at every check and for every strategy; their labels are
        not used.
    before : ndarray of shape (n_stop,), int, or None
        Classes predicted on the stop set at the previous check; ``None`` at the first.
    estimate : callable
        Estimates the first scorer's score; called at most once.
    greater_is_better : bool
        Direction of that scorer.
    """

    model: Any
    pool: Pool
    stop_set: NDArray[np.int64]
    before: NDArray[np.int64] | None
    estimate: Callable[[], float]
    greater_is_better: bool

    @cached_property
    def prediction(self) -> Prediction:
        """Predictions of the model on the stop set."""
        return Prediction(self.model, take(self.pool.features, self.stop_set), self.pool.classes)

    @cached_property
    def uncertainty(self) -> NDArray[np.float64]:
        """Entropy of p(k|x) of the open rows of the stop set, divided by ln K: (n_open,).

        K is the number of classes, so 1 is the entropy of uniform probabilities.
        """
        from scipy.special import entr

        is_open = self.pool.open[self.stop_set]
        entropy = entr(self.prediction.probabilities[is_open]).sum(axis=1)
        return np.asarray(entropy / np.log(self.pool.n_classes))

    @cached_property
    def score(self) -> float:
        """Estimate of the score; NaN if there is none."""
        return self.estimate()

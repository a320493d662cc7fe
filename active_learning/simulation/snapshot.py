"""Information available to a stopping rule after a fit; never the labels of the pool."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.core.pool import Pool, take
from active_learning.core.prediction import Prediction


class Snapshot:
    """A model, the pool, and an honest estimate of the score, at one check.

    Parameters
    ----------
    model : fitted scikit-learn classifier
    pool : Pool
    stop_set : ndarray of shape (n_stop,), int
        Rows of the table that could be queried at the start, the same at every check of a run and
        for every strategy. Their labels play no part.
    before : ndarray of shape (n_stop,), int, optional
        Classes that the model of the check before predicted of the stop set; ``None`` at the first.
    estimate : callable
        Estimates the score by the first scorer, when it is asked for.
    greater_is_better : bool
        Of that scorer.
    """

    def __init__(
        self,
        model: Any,
        pool: Pool,
        stop_set: NDArray[np.int64],
        *,
        before: NDArray[np.int64] | None,
        estimate: Callable[[], float],
        greater_is_better: bool,
    ) -> None:
        self.model = model
        self.pool = pool
        self.stop_set = stop_set
        self.before = before
        self.greater_is_better = greater_is_better
        self._estimate = estimate

    @cached_property
    def prediction(self) -> Prediction:
        """What the model says of the stop set."""
        return Prediction(self.model, take(self.pool.features, self.stop_set), self.pool.classes)

    @cached_property
    def uncertainty(self) -> NDArray[np.float64]:
        """Entropy of p(k|x) of the rows of the stop set that are still open, as a share of ln K.

        K is the number of classes, so 1 is a model that knows nothing: (n_open,).
        """
        from scipy.special import entr

        still = self.pool.open[self.stop_set]
        entropy = entr(self.prediction.probabilities[still]).sum(axis=1)
        return np.asarray(entropy / np.log(self.pool.n_classes))

    @cached_property
    def score(self) -> float:
        """Estimate of the score; NaN where there is none."""
        return self._estimate()

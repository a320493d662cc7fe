"""Stabilising predictions: stop when successive models agree, by their mean kappa.

Reference: Bloodgood & Vijay-Shanker, "A method for stopping active learning based on stabilizing
predictions and the need for user-adjustable stopping", 2009.
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from active_learning.core.strict import Count
from active_learning.simulation.monitor import StoppingRule
from active_learning.simulation.snapshot import Snapshot


def kappa(one: NDArray[np.int64], other: NDArray[np.int64], n_classes: int) -> float:
    """Agreement of two predictions beyond chance, (observed − chance) / (1 − chance).

    Reference: Cohen, "A coefficient of agreement for nominal scales", 1960. If both predict the
    same single class, the formula is 0/0 and kappa is 1.
    """
    observed = float(np.mean(one == other))
    shares = [np.bincount(labels, minlength=n_classes) / len(labels) for labels in (one, other)]
    chance = float(shares[0] @ shares[1])
    return 1.0 if observed == 1 else (observed - chance) / (1 - chance)


class StabilisingPredictions(StoppingRule):
    """Stop when the mean kappa of the last few pairs of successive models is high enough."""

    threshold: Annotated[float, Field(gt=0, le=1)] = 0.99
    """Mean kappa at which to stop."""

    window: Count = 3
    """Number of pairs of successive models to average over."""

    def value(self, snapshot: Snapshot) -> float:
        """Kappa of the predictions of this model and the previous one on the stop set."""
        if snapshot.before is None:
            return float("nan")
        return kappa(snapshot.before, snapshot.prediction.labels, snapshot.pool.n_classes)

    def stops(self, values: NDArray[np.float64]) -> bool:
        """Whether to stop after these checks, ignoring the first, which has no kappa."""
        return bool(len(values) > self.window and values[-self.window :].mean() >= self.threshold)

"""Target score: stop when the estimated score reaches a target."""

import numpy as np
from numpy.typing import NDArray

from active_learning.simulation.monitor import StoppingRule
from active_learning.simulation.snapshot import Snapshot


class TargetScore(StoppingRule):
    """Stop when the estimate of the first scorer's score reaches the target."""

    target: float = 0.9
    """Score at which to stop; for log_loss, which is better when lower, at or below it."""

    def value(self, snapshot: Snapshot) -> float:
        """How far the estimate is beyond the target; negative where it falls short."""
        excess = snapshot.score - self.target
        return excess if snapshot.greater_is_better else -excess

    def stops(self, values: NDArray[np.float64]) -> bool:
        """Whether to stop after these checks; to twelve decimals, for the rounding of sums."""
        return bool(np.round(values[-1], 12) >= 0)

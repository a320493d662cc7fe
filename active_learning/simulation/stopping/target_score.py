"""Target score: stop when the estimated score reaches a target."""

import numpy as np
from numpy.typing import NDArray

from active_learning.simulation.monitor import StoppingRule
from active_learning.simulation.snapshot import Snapshot


class TargetScore(StoppingRule):
    """Stop when the estimate of the first scorer's score reaches the target."""

    target: float = 0.9
    """Score at which to stop; log_loss, where lower is better, must be at or below it."""

    def value(self, snapshot: Snapshot) -> float:
        """Excess of the estimate over the target; negative if it falls short."""
        excess = snapshot.score - self.target
        return excess if snapshot.greater_is_better else -excess

    def stops(self, values: NDArray[np.float64]) -> bool:
        """Whether to stop after these checks, up to rounding at the twelfth decimal."""
        return bool(np.round(values[-1], 12) >= 0)

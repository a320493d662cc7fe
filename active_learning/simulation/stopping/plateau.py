"""Plateau: stop when the estimated score has not risen enough in the last checks.

Reference: Laws & Schütze, "Stopping criteria for active learning of named entity recognition",
2008, who stop when the slope of the learning curve vanishes. Here the best of the last checks is
compared with the best before them, as in early stopping with patience (Prechelt, "Early stopping -
but when?", 1998).
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from active_learning.core.strict import Count
from active_learning.simulation.monitor import StoppingRule
from active_learning.simulation.snapshot import Snapshot


class Plateau(StoppingRule):
    """Stop when the first scorer's score has not improved by a minimum gain in the last checks."""

    checks: Count = 3
    """Number of checks within which the score must improve."""

    min_gain: Annotated[float, Field(gt=0)] = 0.005
    """Minimum improvement, in units of the score."""

    def value(self, snapshot: Snapshot) -> float:
        """Estimate of the score, negated if lower is better."""
        return snapshot.score if snapshot.greater_is_better else -snapshot.score

    def stops(self, values: NDArray[np.float64]) -> bool:
        """Whether to stop after these checks; those without an estimate are ignored."""
        if len(values) <= self.checks:
            return False
        last, before = values[-self.checks :], values[: -self.checks]
        gain = np.fmax.reduce(last) - np.fmax.reduce(before)
        return bool(np.round(gain - self.min_gain, 12) < 0)

"""Plateau: stop when the score no longer rises, as far as one can tell.

Reference: Laws & Schütze, "Stopping criteria for active learning of named entity recognition",
2008, who stop where the learning curve's slope vanishes. Here the slope is that between the best
of the last looks and the best before them, as in early stopping with patience (Prechelt, "Early
stopping - but when?", 1998).
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from active_learning.core.strict import Count
from active_learning.simulation.monitor import StoppingRule
from active_learning.simulation.snapshot import Sight


class Plateau(StoppingRule):
    """Stop when the last looks brought less than a least gain in the first scorer's score."""

    looks: Count = 3
    """Looks at the score within which it must have risen."""

    min_gain: Annotated[float, Field(gt=0)] = 0.005
    """Least rise that counts, in the units of the score."""

    def value(self, sight: Sight) -> float:
        """Estimate of the score; with its sign turned where lower is better."""
        return sight.score if sight.greater_is_better else -sight.score

    def stops(self, values: NDArray[np.float64]) -> bool:
        """Whether to stop after these looks; those without an estimate are left out."""
        if len(values) <= self.looks:
            return False
        last, before = values[-self.looks :], values[: -self.looks]
        gain = np.fmax.reduce(last) - np.fmax.reduce(before)
        return bool(np.round(gain - self.min_gain, 12) < 0)

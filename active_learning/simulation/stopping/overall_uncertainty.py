"""Overall uncertainty: stop when the mean entropy of the unlabelled rows is low enough.

Reference: Zhu, Wang, Hovy & Ma, "Confidence-based stopping criteria for active learning for data
annotation", 2010.
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from active_learning.simulation.monitor import StoppingRule
from active_learning.simulation.snapshot import Snapshot


class OverallUncertainty(StoppingRule):
    """Stop when the mean entropy of the open rows is low enough.

    Unlike in the paper, entropy is divided by its maximum, so that a threshold means the same for
    any number of classes, and is computed on the stop set, a sample of the pool.
    """

    threshold: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Mean entropy at which to stop, relative to its maximum."""

    def value(self, snapshot: Snapshot) -> float:
        """Mean entropy of the open rows of the stop set; NaN if none is left."""
        return float(snapshot.uncertainty.mean()) if len(snapshot.uncertainty) else float("nan")

    def stops(self, values: NDArray[np.float64]) -> bool:
        """Whether to stop after these checks."""
        return bool(values[-1] <= self.threshold)

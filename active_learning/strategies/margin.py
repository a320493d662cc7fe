"""Margin: query the row whose two most probable classes have the closest probabilities.

Reference: Scheffer, Decomain & Wrobel, "Active hidden Markov models for information extraction",
2001.
"""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query
from active_learning.strategies._ranking import most_uncertain


def margin(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Uncertainty 1 − (p₁ − p₂) of each row, p₁ ≥ p₂ its two largest probabilities.

    Reference: Scheffer, Decomain & Wrobel, "Active hidden Markov models for information
    extraction", 2001. They query the smallest p₁ − p₂; one minus that grows with uncertainty, like
    the other measures.
    """
    two = np.partition(probabilities, -2, axis=1)[:, -2:]
    return np.asarray(1 - (two[:, 1] - two[:, 0]))


class Margin(Strategy):
    """Query the row with the smallest difference of its two largest probabilities."""

    STOCHASTIC: ClassVar[bool] = False

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query the ``n`` open rows of smallest margin."""
        return most_uncertain(model, pool, n, margin)

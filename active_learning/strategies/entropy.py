"""Entropy: query the row with the largest entropy of its class probabilities.

Reference: Settles, "Active learning literature survey", 2009, §3.1.
"""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query
from active_learning.strategies._ranking import most_uncertain


def entropy(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shannon entropy −Σ_k p(k|x) ln p(k|x) of each row, in nats.

    Reference: Shannon, "A mathematical theory of communication", 1948; as a query strategy
    Settles, "Active learning literature survey", 2009, §3.1.
    """
    from scipy.special import entr

    return np.asarray(entr(probabilities).sum(axis=1))


class Entropy(Strategy):
    """Query the row with the largest entropy of p(k|x)."""

    STOCHASTIC: ClassVar[bool] = False

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query the ``n`` open rows of largest entropy."""
        return most_uncertain(model, pool, n, entropy)

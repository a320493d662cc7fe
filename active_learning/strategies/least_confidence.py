"""Least confidence: query the row whose most probable class has the lowest probability.

Reference: Lewis & Gale, "A sequential algorithm for training text classifiers", 1994.
"""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query
from active_learning.strategies._ranking import most_uncertain


def least_confidence(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Uncertainty 1 − max_k p(k|x) of each row: (n_rows, n_classes) to (n_rows,).

    Reference: Lewis & Gale, "A sequential algorithm for training text classifiers", 1994, for
    two classes; Settles, "Active learning literature survey", 2009, §3.1 for more.
    """
    return np.asarray(1 - probabilities.max(axis=1))


class LeastConfidence(Strategy):
    """Query the row with the largest 1 − max_k p(k|x)."""

    STOCHASTIC: ClassVar[bool] = False

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query the ``n`` open rows of least confidence."""
        return most_uncertain(model, pool, n, least_confidence)

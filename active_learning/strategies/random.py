"""Random: query rows uniformly at random, the control of every experiment."""

from typing import Any

import numpy as np

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query


class Random(Strategy):
    """Query open rows at random, without replacement."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:  # noqa: ARG002
        """Query ``n`` open rows at random.

        They are the first of a permutation, so a smaller batch is a prefix of a larger one.
        """
        rows = generator.permutation(np.flatnonzero(pool.open))[:n]
        return Query(rows, np.full(n, np.nan))

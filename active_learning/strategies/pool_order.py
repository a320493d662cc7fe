"""Pool order: query the next row of the pool, in the shuffled order of the split."""

from typing import Any, ClassVar

import numpy as np

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query


class PoolOrder(Strategy):
    """Query the first open rows: a random control in the order of the split.

    This is "Uniform" of Lu et al., "Re-benchmarking pool-based active learning for binary
    classification", 2023: the pool is shuffled once and queried from the front.
    """

    STOCHASTIC: ClassVar[bool] = False

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query the first ``n`` open rows."""
        first = pool.order[: pool.n_closed + n]
        return Query(first[pool.open[first]][:n], np.full(n, np.nan))

"""Random: query rows uniformly at random, the control of every experiment."""

from typing import Any

import numpy as np

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query


class Random(Strategy):
    """Query open rows at random, without replacement."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query ``n`` open rows at random.

        A smaller batch is a prefix of a larger one.
        """
        # Rows are drawn until enough are open and new: a large pool need not be permuted.
        mostly_open = 2 * pool.n_open >= len(pool.order)
        candidates = pool.order if mostly_open else np.flatnonzero(pool.open)
        left, chosen = pool.open.copy(), np.empty(0, dtype=np.int64)
        while len(chosen) < n:
            rows = candidates[generator.integers(len(candidates), size=n)]
            rows = rows[left[rows]]
            _, first = np.unique(rows, return_index=True)
            rows = rows[np.sort(first)]
            left[rows] = False
            chosen = np.append(chosen, rows)
        return Query(chosen[:n], np.full(n, np.nan))

"""k-center greedy: query the row farthest from all labelled rows.

Reference: Sener & Savarese, "Active learning for convolutional neural networks: a core-set
approach", 2018, algorithm 1. They measure distances in a network's last layer; here they are in the
features. The robust variant (algorithm 2) is not implemented.
"""

from typing import Any, ClassVar

import numpy as np

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query
from active_learning.strategies._geometry import (
    distances,
    farthest_first,
    model_space,
    nearest_labelled,
)


class KCenterGreedy(Strategy):
    """Query the row with the largest distance to its nearest labelled row; ignores predictions."""

    STOCHASTIC: ClassVar[bool] = False

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query ``n`` open rows one by one, each counting as labelled for the next.

        The informativeness is the distance. Without labelled rows, the row nearest to the mean of
        the open rows comes first (the paper starts from a labelled set).
        """
        space = model_space(model, pool)
        first = None if pool.n_labelled else _middle(space.features, pool)
        return farthest_first(nearest_labelled(space, pool), pool.open, n, first=first)


def _middle(features: Any, pool: Pool) -> int:
    """The open row nearest to the mean of the open rows."""
    rows = np.flatnonzero(pool.open)
    own = features[rows]
    mean = np.asarray(own.mean(axis=0)).reshape(1, -1)
    return int(rows[distances(own, mean).argmin()])

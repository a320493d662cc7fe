"""k-center greedy: query the row farthest from all labelled rows.

Reference: Sener & Savarese, "Active learning for convolutional neural networks: a core-set
approach", 2018, algorithm 1. They measure distances in a network's last layer; here they are in the
features. The robust variant (algorithm 2) is not implemented.
"""

from typing import Any, ClassVar

import numpy as np

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query
from active_learning.strategies._geometry import farthest_first, model_space, nearest


class KCenterGreedy(Strategy):
    """Query the row with the largest distance to its nearest labelled row; ignores predictions."""

    STOCHASTIC: ClassVar[bool] = False

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:  # noqa: ARG002
        """Query ``n`` open rows one by one, each counting as labelled for the next.

        The informativeness is the distance. Without labelled rows, the row nearest to the mean of
        the open rows comes first (the paper starts from a labelled set).
        """
        rows = np.flatnonzero(pool.open)
        space = model_space(model, pool)
        features, labelled = space.features, space.labelled
        distance = nearest(features, rows, labelled)
        if pool.n_labelled == 0:
            mean = np.asarray(features[rows].mean(axis=0)).reshape(1, -1)
            first = int(nearest(features, rows, mean).argmin())
            distance = nearest(features, rows, features[rows[[first]]])
            distance[first] = np.inf
        positions, distance = farthest_first(features, rows, distance, n)
        return Query(rows[positions], distance)

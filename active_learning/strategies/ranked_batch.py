"""Ranked batch: query rows that are uncertain and unlike the labelled ones.

Reference: Cardoso et al., "Ranked batch-mode active learning", 2017, eqs. 1 to 3.
"""

from functools import reduce
from typing import Any, ClassVar

import numpy as np

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query
from active_learning.strategies._geometry import (
    Score,
    farthest_first,
    model_space,
    nearest_labelled,
)


class RankedBatch(Strategy):
    """Query the row with the largest w (1 − similarity) + (1 − w) uncertainty.

    Similarity is 1 / (1 + distance) to the nearest labelled row, uncertainty is 1 − max p(k|x), and
    w = open rows / (open + labelled rows): with few labels, dissimilarity counts most. In a batch
    each row counts as labelled for the next.
    """

    STOCHASTIC: ClassVar[bool] = False
    RANKED: ClassVar[bool] = False  # w decreases within a batch, so scores can increase

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query ``n`` open rows one by one."""
        space = model_space(model, pool)
        # Column by column, which with few classes is faster than row by row.
        uncertainty = 1 - reduce(np.maximum, space.predict(pool).probabilities.T)

        def score(place: int) -> Score:
            w = (pool.n_open - place) / (pool.n_open + pool.n_labelled)
            return lambda distance, rows: w * (1 - 1 / (1 + distance)) + (1 - w) * uncertainty[rows]

        return farthest_first(nearest_labelled(space, pool), pool.open, n, score=score)

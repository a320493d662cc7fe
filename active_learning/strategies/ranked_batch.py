"""Ranked batch: query rows that are uncertain and unlike the labelled ones.

Reference: Cardoso et al., "Ranked batch-mode active learning", 2017, eqs. 1 to 3.
"""

from typing import Any, ClassVar

import numpy as np

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query
from active_learning.strategies._geometry import model_space, nearest


class RankedBatch(Strategy):
    """Query the row with the largest w (1 − similarity) + (1 − w) uncertainty.

    Similarity is 1 / (1 + distance) to the nearest labelled row, uncertainty is 1 − max p(k|x), and
    w = open rows / (open + labelled rows): with few labels, dissimilarity counts most. In a batch
    each row counts as labelled for the next.
    """

    STOCHASTIC: ClassVar[bool] = False
    RANKED: ClassVar[bool] = False  # w decreases within a batch, so scores can increase

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:  # noqa: ARG002
        """Query ``n`` open rows one by one."""
        rows = np.flatnonzero(pool.open)
        space = model_space(model, pool)
        features, labelled = space.features, space.labelled
        probabilities = space.predict(pool).probabilities[rows]
        uncertainty = 1 - probabilities.max(axis=1)
        distance = nearest(features, rows, labelled)
        left = np.ones(len(rows), dtype=bool)
        chosen = np.empty(n, dtype=np.int64)
        scores = np.empty(n)
        for step in range(n):
            alpha = (len(rows) - step) / (len(rows) + pool.n_labelled)
            unlike = 1 - 1 / (1 + distance)
            values = np.where(left, alpha * unlike + (1 - alpha) * uncertainty, -np.inf)
            best = int(values.argmax())
            chosen[step], scores[step] = best, values[best]
            left[best] = False
            centre = features[rows[[best]]]
            distance = np.minimum(distance, nearest(features, rows, centre))
        return Query(rows[chosen], scores)

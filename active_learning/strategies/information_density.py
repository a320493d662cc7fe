"""Information density: query a row that is uncertain and similar to many others.

Reference: Settles & Craven, "An analysis of active learning strategies for sequence labeling
tasks", 2008, eq. 12.
"""

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query
from active_learning.core.prediction import Prediction
from active_learning.core.strict import Count
from active_learning.strategies._geometry import blocks, distances, model_space
from active_learning.strategies._ranking import query_highest
from active_learning.strategies._samples import subsample


def by_distance(features: Any, others: Any) -> NDArray[np.float64]:
    """Similarity 1 / (1 + |x − u|) of every row to every other row."""
    return 1 / (1 + distances(features, others))


def by_angle(features: Any, others: Any) -> NDArray[np.float64]:
    """Cosine of the angle of every row to every other row, 0 in place of those below 0.

    Settles & Craven count words, whose cosines are never below 0. A row of zeros is unlike all.
    """
    from scipy.sparse import issparse
    from scipy.spatial.distance import cdist
    from sklearn.metrics.pairwise import cosine_similarity

    if issparse(features):
        return np.asarray(np.maximum(cosine_similarity(features, others), 0))
    # Pair by pair, so that equal rows are equally similar; it is NaN where a row is all zeros.
    return np.asarray(np.fmax(1 - cdist(features, others, "cosine"), 0))


SIMILARITIES = {"euclidean": by_distance, "cosine": by_angle}


class InformationDensity(Strategy):
    """Query the row of largest entropy × (mean similarity to the open rows)^beta.

    The paper's similarity is the cosine; by default it is 1 / (1 + distance) here, since features
    of a table are seldom counts.
    """

    beta: Annotated[float, Field(ge=0)] = 1.0
    """Weight of the similarity; 0 leaves entropy alone."""

    similarity: Literal["euclidean", "cosine"] = "euclidean"
    """Similarity of two rows: 1 / (1 + distance), or the cosine of their angle."""

    sample: Count | None = 1000
    """Most rows that the mean is taken over, drawn anew for each query; null: all of the pool."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query the ``n`` open rows of largest information density."""
        from scipy.special import entr

        rows = np.flatnonzero(pool.open)
        last, features, _ = model_space(model, pool)
        near = features[subsample(rows, self.sample, generator)]
        density = np.empty(len(rows))
        for block in blocks(len(rows), max(near.shape)):
            similar = SIMILARITIES[self.similarity](features[rows[block]], near)
            density[block] = similar.mean(axis=1)
        prediction = Prediction(last, features, pool.classes, ties=True)
        values = entr(prediction.probabilities).sum(axis=1)
        values[rows] *= density**self.beta
        return query_highest(pool, values, n)

"""Information density: query rows that are uncertain and similar to many others.

Reference: Settles & Craven, "An analysis of active learning strategies for sequence labeling
tasks", 2008, eq. 12.
"""

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query
from active_learning.strategies._geometry import as_numbers, blocks, distances, model_space
from active_learning.strategies._ranking import query_highest
from active_learning.strategies._samples import subsample


def by_distance(features: Any, others: Any) -> NDArray[np.float64]:
    """Similarity 1 / (1 + |x − u|) of every row to each of the others."""
    return 1 / (1 + distances(features, others))


def by_angle(features: Any, others: Any) -> NDArray[np.float64]:
    """Cosine similarity of every row to each of the others, clipped at 0.

    Settles & Craven use word counts, whose cosines are never negative. A row of zeros has
    similarity 0.
    """
    from scipy.sparse import issparse
    from scipy.spatial.distance import cdist
    from sklearn.metrics.pairwise import cosine_similarity

    if issparse(features):
        return np.asarray(np.maximum(cosine_similarity(features, others), 0))
    # Pair by pair, so that equal rows get equal values; NaN for rows of zeros.
    return np.asarray(np.fmax(1 - cdist(features, others, "cosine"), 0))


SIMILARITIES = {"euclidean": by_distance, "cosine": by_angle}


class InformationDensity(Strategy):
    """Query the row of largest entropy × (mean similarity to the other rows)^beta.

    The other rows are those of the pool before the first query, or one sample of them for all
    queries, so that similarities to them are computed once. Deviations: the paper averages over
    the rows that are still open, each row itself among them, and uses the cosine; the default here
    is 1 / (1 + distance), since tabular features are seldom counts.
    """

    beta: Annotated[float, Field(ge=0)] = 1.0
    """Exponent of the similarity; 0 is plain entropy."""

    similarity: Literal["euclidean", "cosine"] = "euclidean"
    """Similarity of two rows: 1 / (1 + distance), or the cosine."""

    sample: Annotated[int, Field(ge=2, le=10**9)] | None = 1000
    """Maximum number of rows to average over, sampled once per run; null: the whole pool."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query the ``n`` open rows of largest information density."""
        from scipy.special import entr

        space = model_space(model, pool)
        if space.inputs is pool.features:
            density = pool.remember(self._density_of_inputs)
        else:  # a pipeline, whose first steps are fitted again for each query
            density = self._density(pool, space.features)
        values = entr(space.predict(pool).probabilities).sum(axis=1)
        values *= density**self.beta
        return query_highest(pool, values, n)

    def _density_of_inputs(self, pool: Pool) -> NDArray[np.float64]:
        return self._density(pool, as_numbers(pool))

    def _density(self, pool: Pool, features: Any) -> NDArray[np.float64]:
        """Mean similarity of each row of the initial pool to the others that are sampled.

        0 for rows outside the initial pool, and for the only row of a pool.
        """
        rows = np.sort(pool.order)
        sample = subsample(rows, self.sample, pool.generator("information_density"))
        near = features[sample]
        density = np.zeros(len(pool.open))
        for block in blocks(len(rows), near):
            similar = SIMILARITIES[self.similarity](features[rows[block]], near)
            total, others = similar.sum(axis=1), np.full(len(similar), len(sample))
            _, itself, place = np.intersect1d(
                rows[block], sample, assume_unique=True, return_indices=True
            )
            # Subtracted from the whole sum, so that equal rows get equal values.
            total[itself] -= similar[itself, place]
            others[itself] -= 1
            density[rows[block]] = total / np.maximum(others, 1)
        return density

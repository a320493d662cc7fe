"""BADGE: query rows with long gradients that point in different directions.

Reference: Ash et al., "Deep batch active learning by diverse, uncertain gradient lower bounds",
2020, eq. 1 and algorithm 1; the seeding is that of k-means++ (Arthur & Vassilvitskii, 2007).
"""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query
from active_learning.strategies._geometry import model_space


class Badge(Strategy):
    """Query rows by k-means++ on gradient embeddings.

    The embedding of x is the gradient of its log loss in the last linear layer, assuming the
    model's own prediction ŷ is true: (p(·|x) − e_ŷ) ⊗ z(x). Here z(x) is the features, so this is
    the gradient of a linear learner; any other is treated like a linear one with the same
    probabilities. Deviation: the first row is the one with the longest embedding, as in the
    authors' code, instead of a random one.
    """

    RANKED: ClassVar[bool] = False  # rows are sampled

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query ``n`` open rows, each drawn with weights D², its squared distance to earlier ones.

        The informativeness is D² when the row was chosen; for the first row, the squared length of
        its embedding.
        """
        rows = np.flatnonzero(pool.open)
        space = model_space(model, pool)
        probabilities = space.predict(pool).probabilities[rows]
        embedding = Embedding(surprise(probabilities), space.features, rows)
        distance = np.full(len(rows), np.inf)
        chosen = np.empty(n, dtype=np.int64)
        informativeness = np.empty(n)
        left = np.ones(len(rows), dtype=bool)
        for step in range(n):
            if step:
                away = embedding.distances(chosen[step - 1])
                distance = np.where(left, np.minimum(distance, away), 0)
            weights = distance if step else embedding.lengths
            best = draw_by_weight(weights, left, generator) if step else int(weights.argmax())
            chosen[step], informativeness[step] = best, weights[best]
            left[best] = False
        return Query(rows[chosen], informativeness)


def surprise(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Difference p − e_ŷ between probabilities and prediction: (n_rows, n_classes)."""
    differences = probabilities.copy()
    differences[np.arange(len(probabilities)), probabilities.argmax(axis=1)] -= 1
    return differences


def draw_by_weight(
    weights: NDArray[np.float64], left: NDArray[np.bool_], generator: np.random.Generator
) -> int:
    """Draw a position with these weights; if all are 0, the first that is left."""
    total = weights.sum()
    if total == 0:
        return int(left.argmax())
    return int(generator.choice(len(weights), p=weights / total))


class Embedding:
    """Outer products a ⊗ x for every row, never materialized.

    Inner products are (a·b)(x·y), so distances need only a and x.
    """

    def __init__(
        self, factors: NDArray[np.float64], features: Any, rows: NDArray[np.int64]
    ) -> None:
        from sklearn.utils.extmath import row_norms

        self.factors, self.features, self.rows = factors, features, rows
        squares = row_norms(features, squared=True)[rows].astype(np.float64)
        self.lengths = row_norms(factors, squared=True) * squares

    def distances(self, position: int) -> NDArray[np.float64]:
        """Squared distance of every embedding to one of them; 0 if within rounding error."""
        from sklearn.utils.extmath import safe_sparse_dot

        centre = self.features[self.rows[[position]]]
        along = safe_sparse_dot(self.features, centre.T, dense_output=True)[self.rows, 0]
        both = self.lengths + self.lengths[position]
        squared = both - 2 * (self.factors @ self.factors[position]) * along
        rounding = 4 * np.finfo(self.features.dtype).eps * max(self.features.shape[1], 1)
        return np.where(squared > rounding * both, squared, 0.0)

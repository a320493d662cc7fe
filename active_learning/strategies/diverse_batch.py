"""Diverse batch: query a diverse subset of the rows that another strategy ranks first.

Reference: Zhdanov, "Diverse mini-batch active learning", 2019, algorithm 1, for k-means; for
k-center the greedy algorithm of Gonzalez, 1985.
"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Strategy
from active_learning.core.plugins import StrategyOption
from active_learning.core.pool import Pool, Query
from active_learning.core.strict import Count
from active_learning.strategies._geometry import (
    clustered,
    distances,
    farthest_first,
    model_space,
    nearest,
)


class DiverseBatch(Strategy):
    """Query rows that are unlike each other among the most informative ones of a strategy."""

    NESTED: ClassVar[bool] = False  # candidates grow with the batch

    strategy: StrategyOption = "margin"
    """Strategy that names the candidates: name of an entry of ``strategies`` or of a plug-in."""

    candidates: Count = 10
    """Candidates for each row of the batch; 1 leaves the strategy alone."""

    spread: Literal["k_means", "k_center"] = "k_means"
    """How rows are chosen among the candidates, see ``by_k_means`` and ``by_k_center``."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query ``n`` open rows, in the order and with the informativeness of the strategy."""
        most = min(n * self.candidates, int(np.count_nonzero(pool.open)))
        best = self.strategy.query(model, pool, most, generator)
        spread = by_k_means if self.spread == "k_means" else by_k_center
        chosen = np.sort(spread(model_space(model, pool).features, best, n, generator))
        return Query(best.rows[chosen], best.informativeness[chosen])


def by_k_means(
    features: Any, best: Query, n: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Positions of the candidates nearest to the centres of ``n`` clusters of them.

    As Zhdanov does, candidates weigh as much as they are informative, where that is a weight. A
    centre whose nearest candidate is taken gets the best one that is left. A single row needs no
    spread: it is the best.
    """
    if n == 1:
        return np.zeros(1, dtype=np.int64)
    candidates = features[best.rows]
    weights = best.informativeness if (best.informativeness > 0).all() else None
    centres = clustered(candidates, n, generator, weights).cluster_centers_
    own = distances(candidates, centres).argmin(axis=0)
    different = np.unique(own)
    others = np.setdiff1d(np.arange(len(best.rows)), different)
    return np.concatenate([different, others[: n - len(different)]])


def by_k_center(
    features: Any,
    best: Query,
    n: int,
    generator: np.random.Generator,  # noqa: ARG001
) -> NDArray[np.int64]:
    """Positions of the best candidate, the one farthest from it, and so on."""
    first = features[best.rows[:1]]
    distance = nearest(features, best.rows, first)
    distance[0] = np.inf
    return farthest_first(features, best.rows, distance, n)[0]

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
    Nearest,
    distances,
    farthest_first,
    fit_k_means,
    model_space,
)


class DiverseBatch(Strategy):
    """Query rows that are unlike each other among the most informative ones of a strategy."""

    NESTED: ClassVar[bool] = False  # candidates grow with the batch

    strategy: StrategyOption = "margin"
    """Strategy that ranks the candidates: an entry of ``strategies`` or a plug-in."""

    candidates: Count = 10
    """Candidates per row of the batch; 1 is the plain strategy."""

    spread: Literal["k_means", "k_center"] = "k_means"
    """Choice among the candidates: nearest to k-means centres, or farthest from each other."""

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

    As in Zhdanov's paper, candidates are weighted by their informativeness if all are positive. If
    two centres share their nearest candidate, the best remaining ones fill the batch. A single row
    is simply the best one.
    """
    if n == 1:
        return np.zeros(1, dtype=np.int64)
    candidates = features[best.rows]
    weights = best.informativeness if (best.informativeness > 0).all() else None
    centres = fit_k_means(candidates, n, generator, weights).cluster_centers_
    own = distances(candidates, centres).argmin(axis=0)
    distinct = np.unique(own)
    others = np.setdiff1d(np.arange(len(best.rows)), distinct)
    return np.concatenate([distinct, others[: n - len(distinct)]])


def by_k_center(features: Any, best: Query, n: int, *_: Any) -> NDArray[np.int64]:
    """Positions of the best candidate, the one farthest from it, and so on."""
    everyone = np.ones(len(best.rows), dtype=bool)
    return farthest_first(Nearest(features[best.rows]), everyone, n, first=0).rows

"""Epsilon-greedy: query by one strategy, and with a small probability by another.

Reference: the ε-greedy policy of Sutton & Barto, "Reinforcement learning", 1998, §2.2; for active
learning Osugi, Kim & Scott, "Balancing exploration and exploitation", 2005, with a fixed ε here.
"""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from active_learning.core.bases import Strategy
from active_learning.core.plugins import StrategyOption
from active_learning.core.pool import Pool, Query


class EpsilonGreedy(Strategy):
    """Query each row by ``explore`` with probability ε, otherwise by ``exploit``."""

    RANKED: ClassVar[bool] = False  # the informativeness of the two is not comparable

    epsilon: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Probability that a row is chosen by ``explore``."""

    explore: StrategyOption = "random"
    """Strategy that explores: an entry of ``strategies`` or a plug-in."""

    exploit: StrategyOption = "least_confidence"
    """Strategy that exploits: an entry of ``strategies`` or a plug-in."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query ``n`` open rows, each the next one of either strategy that is not yet chosen."""
        coins, *others = generator.spawn(3)
        explores = coins.random(n) < self.epsilon

        def batch(strategy: Strategy, own: np.random.Generator) -> Iterator[tuple[int, float]]:
            yield from zip(*strategy.query(model, pool, n, own), strict=True)

        # A strategy is asked when its first row is due, so often not at all.
        batches = [
            batch(strategy, own)
            for strategy, own in zip((self.exploit, self.explore), others, strict=True)
        ]
        chosen: dict[int, float] = {}
        for explore in explores:
            rows = batches[int(explore)]
            row, informativeness = next(item for item in rows if item[0] not in chosen)
            chosen[row] = informativeness
        return Query(np.array(list(chosen)), np.array(list(chosen.values())))

"""Expected error reduction: query the row whose label is expected to reduce the loss most.

Reference: Roy & McCallum, "Toward optimal active learning through sampling estimation of error
reduction", 2001, eqs. 1 and 2.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query, take
from active_learning.core.prediction import Prediction
from active_learning.core.strict import Count
from active_learning.strategies._geometry import stacked
from active_learning.strategies._ranking import query_highest
from active_learning.strategies._samples import subsample

Limit = Count | None


def log_loss(probabilities: NDArray[np.float64]) -> float:
    """Expected log loss by the model's own probabilities: the mean entropy of p(k|x), in nats."""
    from scipy.special import entr

    return float(entr(probabilities).sum(axis=1).mean())


def zero_one(probabilities: NDArray[np.float64]) -> float:
    """Expected share of wrong predictions by the model's own probabilities: mean 1 − max p(k|x)."""
    return float((1 - probabilities.max(axis=1)).mean())


LOSSES = {"log_loss": log_loss, "zero_one": zero_one}


class ExpectedErrorReduction(Strategy):
    """Query the row after whose answer the least loss is to be expected over the open rows.

    For each candidate x and each class y that has been seen, a clone of the model is fitted to the
    labelled set and (x, y), and its loss on the open rows is weighted by the present p(y|x). Roy &
    McCallum sample candidates and evaluation rows too; they bag the model for its probabilities,
    which is not done here. In a batch every row is chosen as if it were alone.
    """

    loss: Literal["log_loss", "zero_one"] = "log_loss"
    """Loss that is expected."""

    candidates: Limit = 100
    """Most rows that are tried, drawn anew for each query; null: all of the pool."""

    evaluation: Limit = 1000
    """Most rows on which the loss is expected, drawn anew for each query; null: all of the pool."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query the ``n`` candidates of largest expected reduction; it can be below 0.

        A batch that is larger than ``candidates`` has that many candidates.
        """
        open_rows = np.flatnonzero(pool.open)
        most = None if self.candidates is None else max(n, self.candidates)
        candidates = subsample(open_rows, most, generator)
        others = take(pool.features, subsample(open_rows, self.evaluation, generator))
        tried = Prediction(model, take(pool.features, candidates), pool.classes, ties=True)
        loss = LOSSES[self.loss]
        reduction = np.full(len(pool.open), -np.inf)
        reduction[candidates] = loss(Prediction(model, others, pool.classes).probabilities)
        for row, beliefs in zip(candidates, tried.probabilities, strict=True):
            features = stacked(pool.labelled_features, take(pool.features, [row]))
            for answer in np.flatnonzero(beliefs):
                updated = pool.refit(model, features, np.append(pool.labels, answer))
                after = Prediction(updated, others, pool.classes).probabilities
                reduction[row] -= beliefs[answer] * loss(after)
        return query_highest(pool, reduction, n)

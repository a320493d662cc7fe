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
from active_learning.strategies._geometry import stack_rows
from active_learning.strategies._ranking import query_highest
from active_learning.strategies._refits import losses_after
from active_learning.strategies._samples import subsample

Limit = Count | None


def log_loss(probabilities: NDArray[np.float64]) -> float:
    """Expected log loss by the model's own probabilities: the mean entropy of p(k|x), in nats."""
    from scipy.special import entr

    return float(entr(probabilities).sum(axis=1).mean())


def zero_one(probabilities: NDArray[np.float64]) -> float:
    """Expected error rate by the model's own probabilities: mean 1 − max p(k|x)."""
    return float((1 - probabilities.max(axis=1)).mean())


LOSSES = {"log_loss": log_loss, "zero_one": zero_one}


class ExpectedErrorReduction(Strategy):
    """Query the row with the lowest expected loss over the open rows once it is labelled.

    For each candidate x and each seen class y, a clone of the model is fitted to the labelled set
    plus (x, y), and its loss on the open rows is weighted by the current p(y|x). Like Roy &
    McCallum, this samples candidates and evaluation rows; unlike theirs, the model is not bagged.
    The rows of a batch are chosen independently.

    Expected losses of good candidates differ so little that the tolerance of the solver decides
    between them. With 1,000 labels, scikit-learn's default tolerance changed the queried row in 5
    of 10 tables, 1e-8 in none. ``logistic_newton`` solves to 1e-10, and with two classes it is
    fitted only for the candidates that approximate losses cannot rule out.
    """

    loss: Literal["log_loss", "zero_one"] = "log_loss"
    """Loss to reduce."""

    candidates: Limit = 100
    """Maximum number of candidate rows, resampled for each query; null: the whole pool."""

    evaluation: Limit = 1000
    """Maximum number of rows to evaluate on, resampled for each query; null: the whole pool."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query the ``n`` candidates with the largest expected reduction, which may be negative.

        There are at least ``n`` candidates.
        """
        open_rows = np.flatnonzero(pool.open)
        most = None if self.candidates is None else max(n, self.candidates)
        candidates = subsample(open_rows, most, generator)
        others = take(pool.features, subsample(open_rows, self.evaluation, generator))
        trials = take(pool.features, candidates)
        beliefs = Prediction(model, trials, pool.classes, ties=True).probabilities
        loss = LOSSES[self.loss]
        present = loss(Prediction(model, others, pool.classes).probabilities)
        reduction = np.full(len(pool.open), -np.inf)
        for place in _contenders(beliefs, losses_after(model, pool, trials, others, loss), n):
            row, probabilities = candidates[place], beliefs[place]
            reduction[row] = present
            features = stack_rows(pool.labelled_features, take(pool.features, [row]))
            for answer in np.flatnonzero(probabilities):
                updated = pool.refit(model, features, np.append(pool.labels, answer))
                after = Prediction(updated, others, pool.classes).probabilities
                reduction[row] -= probabilities[answer] * loss(after)
        return query_highest(pool, reduction, n)


def _contenders(
    beliefs: NDArray[np.float64],
    after: tuple[NDArray[np.float64], NDArray[np.float64]] | None,
    n: int,
) -> NDArray[np.int64]:
    """Candidates that can be among the ``n`` of lowest expected loss, by approximate losses."""
    if after is None:
        return np.arange(len(beliefs))
    possible = beliefs > 0  # the refit for an impossible answer may not converge
    expected, error = ((beliefs * np.where(possible, each, 0)).sum(axis=1) for each in after)
    limit = np.sort(expected + error)[n - 1]
    return np.flatnonzero(~(expected - error > limit))  # a loss that is NaN excludes no candidate

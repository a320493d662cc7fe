"""Query by committee: query the row on which models fitted to bootstrap samples disagree most.

References: Seung, Opper & Sompolinsky, "Query by committee", 1992. The committee is that of Abe &
Mamitsuka, "Query learning strategies using boosting and bagging", 1998: the learner, fitted to
bootstrap samples of the labelled set.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query, take
from active_learning.core.prediction import Prediction
from active_learning.strategies._samples import bootstraps
from active_learning.strategies._screen import query_screened, rounding, softmax


def vote_entropy(opinions: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Entropy −Σ_k V(k)/C ln V(k)/C of the votes of C members, V(k) for class k, in nats.

    Reference: Dagan & Engelson, "Committee-based sampling for training probabilistic classifiers",
    1995, eq. 1 without its constant factor.

    Parameters
    ----------
    opinions : C arrays of shape (n_rows, n_classes)
        Class probabilities; a member votes for its most probable class, the first in a tie.
    """
    from scipy.special import entr

    votes = np.zeros_like(opinions[0])
    for opinion in opinions:
        votes[np.arange(len(votes)), opinion.argmax(axis=1)] += 1 / len(opinions)
    return np.asarray(entr(np.sort(votes, axis=1)).sum(axis=1))  # sorted: independent of order


def consensus_kl(opinions: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Mean Kullback-Leibler divergence 1/C Σ_c KL(p_c ‖ p̄) from the members' mean p̄, in nats.

    Reference: McCallum & Nigam, "Employing EM and pool-based active learning for text
    classification", 1998, §3. Computed as entropy(p̄) − mean entropy(p_c), which is equal.

    Parameters
    ----------
    opinions : C arrays of shape (n_rows, n_classes)
    """
    from scipy.special import entr

    consensus = sum(opinions) / len(opinions)
    own = sum(entr(opinion).sum(axis=1) for opinion in opinions) / len(opinions)
    return np.asarray(entr(consensus).sum(axis=1) - own)


MEASURES = {"vote_entropy": vote_entropy, "consensus_kl": consensus_kl}


def bound_vote_entropy(
    values: NDArray[Any],
    error: float,
    block: slice,  # noqa: ARG001
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Bounds on the entropy of votes: exact where no rounding error can change a vote."""
    votes = values >= values.max(axis=1, keepdims=True) - (2 * error + rounding(values))
    entropy = _entropy(votes.mean(axis=0, dtype=values.dtype))
    certain = np.count_nonzero(votes, axis=(0, 1)) == len(values)
    return np.where(certain, entropy, 0) - rounding(values), np.where(
        certain, entropy + rounding(values), np.inf
    )


def bound_consensus_kl(
    values: NDArray[Any],
    error: float,
    block: slice,  # noqa: ARG001
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Bounds on the divergence from the mean probabilities.

    The sum of its absolute derivatives in the decision values of C members is at most 2 ln C: that
    of a member is the mean of |X − E X| / C for X = ln(p_c / p̄) ≤ ln C, with E X ≥ 0.
    """
    probabilities = softmax(values)
    divergence = _entropy(probabilities.mean(axis=0)) - _entropy(probabilities).mean(axis=0)
    slack = 2 * np.log(len(values)) * error + rounding(values)
    return divergence - slack, divergence + slack


def _entropy(probabilities: NDArray[Any]) -> NDArray[Any]:
    """Entropy of class probabilities (..., n_classes, n_rows), faster than with ``entr``."""
    tiny = np.finfo(probabilities.dtype).tiny
    return np.asarray(-(probabilities * np.log(probabilities + tiny)).sum(axis=-2))


BOUNDS = {"vote_entropy": bound_vote_entropy, "consensus_kl": bound_consensus_kl}


class QueryByCommittee(Strategy):
    """Query the row on which a committee of models disagrees most."""

    measure: Literal["vote_entropy", "consensus_kl"] = "consensus_kl"
    """Measure of disagreement: entropy of the votes, or divergence from the mean probabilities."""

    members: Annotated[int, Field(ge=2, le=1000)] = 5
    """Number of models in the committee."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query the ``n`` open rows of largest disagreement."""
        labelled = pool.labelled_features
        members = [
            pool.refit(model, take(labelled, sample), pool.labels[sample])
            for sample in bootstraps(pool.labels, self.members, generator)
        ]

        def disagreement(features: Any) -> NDArray[np.float64]:
            opinions = [
                Prediction(member, features, pool.classes, ties=True).probabilities
                for member in members
            ]
            return MEASURES[self.measure](opinions)

        return query_screened(pool, n, members, disagreement, BOUNDS[self.measure])

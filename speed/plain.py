"""Strategies as one writes them with numpy and scikit-learn, for ``loops.by_index``.

Random choices come from the generator that ours has at the same query, so that both make the same.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr
from sklearn.base import clone
from sklearn.metrics import (
    pairwise_distances,
    pairwise_distances_argmin_min,
    pairwise_distances_chunked,
)

from active_learning.core import rng
from speed.loops import SEED, Known, Score

Distances = Callable[[Known], NDArray[np.float64]]

N_MEMBERS = 5
N_CANDIDATES = 100
N_SAMPLE = 1000


def entropy(model: Any, features: Any) -> NDArray[np.float64]:
    """Entropy of the predicted class."""
    return np.asarray(entr(model.predict_proba(features)).sum(axis=1))


def query_by_committee(model: Any, known: Known) -> NDArray[np.float64]:
    """Divergence of five models, fitted to bootstrap samples, from their mean."""
    generator = rng.generator(SEED, "QueryByCommittee", known.query)
    features, n = known.features[known.labelled], len(known.labels)
    opinions = []
    for _ in range(N_MEMBERS):
        sample = generator.integers(n, size=n)
        member = clone(model).fit(features[sample], known.labels[sample])
        opinions.append(member.predict_proba(known.features))
    mean = np.mean(opinions, axis=0)
    return np.asarray(entr(mean).sum(axis=1) - np.mean(entr(opinions).sum(axis=2), axis=0))


def expected_model_change(model: Any, known: Known) -> NDArray[np.float64]:
    """Expected length of the gradient, of two classes: 2 p (1 − p) ‖(x, 1)‖ up to a factor."""
    probabilities = model.predict_proba(known.features)
    lengths = np.sqrt((known.features**2).sum(axis=1) + 1)
    return np.asarray(probabilities.prod(axis=1) * lengths)


def expected_error_reduction(model: Any, known: Known) -> NDArray[np.float64]:
    """Minus the expected entropy of other rows, with a fit for each candidate and class."""
    generator = rng.generator(SEED, "ExpectedErrorReduction", known.query)
    rows = np.flatnonzero(known.open)
    candidates = np.sort(generator.choice(rows, N_CANDIDATES, replace=False))
    others = known.features[np.sort(generator.choice(rows, N_SAMPLE, replace=False))]
    features = known.features[known.labelled]
    values = np.full(len(known.open), -np.inf)
    for row in candidates:
        extended = np.vstack([features, known.features[row]])
        (shares,) = model.predict_proba(known.features[[row]])
        losses = [
            entropy(clone(model).fit(extended, np.append(known.labels, label)), others).mean()
            for label in model.classes_
        ]
        values[row] = -shares @ losses
    return values


def all_distances(known: Known) -> NDArray[np.float64]:
    """Distance to the nearest labelled row, from all distances, as in the code of k-center."""
    labelled = known.features[known.labelled]
    return np.asarray(pairwise_distances(known.features, labelled).min(axis=1))


def nearest_distances(known: Known) -> NDArray[np.float64]:
    """The same by scikit-learn's search for the nearest."""
    labelled = known.features[known.labelled]
    return np.asarray(pairwise_distances_argmin_min(known.features, labelled)[1])


class KeptDistances:
    """The same, kept between the queries: only distances to the newest row are computed."""

    def __call__(self, known: Known) -> NDArray[np.float64]:
        """Distance of each row to the nearest labelled one."""
        if known.query == 0:
            self._distances = nearest_distances(known)
            return self._distances
        newest = known.features[known.labelled[-1:]]
        distances = pairwise_distances(known.features, newest)[:, 0]
        self._distances = np.minimum(self._distances, distances)
        return self._distances


def k_center(distances: Distances) -> Score:
    """Distance to the nearest labelled row."""
    return lambda _, known: distances(known)


def ranked_batch(distances: Distances) -> Score:
    """Weighted sum of uncertainty and dissimilarity to the labelled rows."""

    def score(model: Any, known: Known) -> NDArray[np.float64]:
        uncertainty = 1 - model.predict_proba(known.features).max(axis=1)
        n_open = np.count_nonzero(known.open)
        weight = n_open / (n_open + len(known.labelled))
        unlike = 1 - 1 / (1 + distances(known))
        return np.asarray(weight * unlike + (1 - weight) * uncertainty)

    return score


class InformationDensity:
    """Entropy times the mean similarity to a sample of the pool, which is computed once."""

    def __call__(self, model: Any, known: Known) -> NDArray[np.float64]:
        """Information density of each row."""
        if known.query == 0:
            generator = rng.generator(SEED, "information_density")
            rows = np.flatnonzero(known.open)
            sample = np.sort(generator.choice(rows, N_SAMPLE, replace=False))
            blocks = pairwise_distances_chunked(
                known.features,
                known.features[sample],
                reduce_func=lambda block, _: (1 / (1 + block)).sum(axis=1),
                working_memory=64,
            )
            total, others = np.concatenate(list(blocks)), np.full(len(known.open), N_SAMPLE)
            total[sample] -= 1  # the similarity of a row to itself
            others[sample] -= 1
            self._density = total / others
        return np.asarray(entropy(model, known.features) * self._density)

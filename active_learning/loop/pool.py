"""The pool: features, and only the labels that have been bought."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ABSTAINED = -1


class Query(NamedTuple):
    """What a strategy asks for.

    Attributes
    ----------
    rows : ndarray of shape (n,), int
        Rows of the pool, most informative first.
    informativeness : ndarray of shape (n,), float
        Larger is more informative; NaN where the strategy has no such measure.
    """

    rows: NDArray[np.int64]
    informativeness: NDArray[np.float64]


class Pool:
    """Rows whose labels can be bought, and the labelled set as it grows.

    Parameters
    ----------
    features : ndarray of shape (n_rows, n_features)
        Never copied.
    initial_features : ndarray of shape (n_initial, n_features)
    initial_labels : ndarray of shape (n_initial,)
    n_classes : int
    budget : int
        Most labels that will be bought; the labelled set is allocated once.

    Attributes
    ----------
    open : ndarray of shape (n_rows,), bool
        Rows that can be queried. An abstention closes its row too.
    """

    def __init__(
        self,
        features: NDArray[np.float64],
        initial_features: NDArray[np.float64],
        initial_labels: NDArray[np.int64],
        n_classes: int,
        budget: int,
    ) -> None:
        self.features = features
        self.n_classes = n_classes
        self.open = np.ones(len(features), dtype=bool)
        self.n_closed = 0
        size = len(initial_labels) + min(budget, len(features))
        self._features = np.empty((size, features.shape[1]), dtype=features.dtype)
        self._labels = np.empty(size, dtype=np.int64)
        self.n_labelled = 0
        self._append(initial_features, initial_labels)

    @property
    def labelled_features(self) -> NDArray[np.float64]:
        """Features of the labelled set, in the order of labelling: (n_labelled, n_features)."""
        return self._features[: self.n_labelled]

    @property
    def labels(self) -> NDArray[np.int64]:
        """Labels of the labelled set, in the order of labelling: (n_labelled,)."""
        return self._labels[: self.n_labelled]

    def close(self, rows: NDArray[np.int64], answers: NDArray[np.int64]) -> None:
        """Take queried rows out of the pool, and those that were answered into the labelled set."""
        self.open[rows] = False
        self.n_closed += len(rows)
        answered = answers != ABSTAINED
        self._append(self.features[rows[answered]], answers[answered])

    def _append(self, features: NDArray[np.float64], labels: NDArray[np.int64]) -> None:
        new = slice(self.n_labelled, self.n_labelled + len(labels))
        self._features[new] = features
        self._labels[new] = labels
        self.n_labelled = new.stop

"""The pool: features, and only the labels that have been bought."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

ABSTAINED = -1

MemoryT = TypeVar("MemoryT")


class Query(NamedTuple):
    """What a strategy asks for.

    Attributes
    ----------
    rows : ndarray of shape (n,), int
        Rows of the table, most informative first.
    informativeness : ndarray of shape (n,), float
        Larger is more informative; NaN where the strategy has no such measure.
    """

    rows: NDArray[np.int64]
    informativeness: NDArray[np.float64]


class Pool:
    """Rows whose labels can be bought, and the labelled set as it grows.

    Parameters
    ----------
    features : ndarray or CSR array of shape (n_rows, n_features)
        The whole table, never copied: pool, initial set, and rows that can never be queried.
    rows : ndarray of int
        Rows that can be queried.
    initial : ndarray of shape (n_initial,), int
        Rows that are labelled from the start.
    initial_labels : ndarray of shape (n_initial,)
    n_classes : int
    budget : int
        Most labels that will be bought; the labelled set is allocated once.

    Attributes
    ----------
    order : ndarray of int
        Rows that could be queried at the beginning, in the order of the split.
    open : ndarray of shape (n_rows,), bool
        Rows that can be queried. An abstention closes its row too.
    n_closed : int
        Rows that were queried.
    """

    def __init__(
        self,
        features: Any,
        rows: NDArray[np.int64],
        *,
        initial: NDArray[np.int64],
        initial_labels: NDArray[np.int64],
        n_classes: int,
        budget: int,
    ) -> None:
        self.features = features
        self.n_classes = n_classes
        self.order = rows
        self.open = np.zeros(features.shape[0], dtype=bool)
        self.open[rows] = True
        bought = min(budget, len(rows))
        self._memory: dict[Callable[[Pool], Any], Any] = {}
        self.n_closed = 0
        self.n_labelled = 0
        size = len(initial) + bought
        self._rows = np.empty(size, dtype=np.int64)
        self._labels = np.empty(size, dtype=np.int64)
        # Appending to a sparse matrix copies it, so its labelled rows are picked when asked for.
        self._features = (
            np.empty((size, features.shape[1]), dtype=features.dtype)
            if isinstance(features, np.ndarray)
            else None
        )
        self._append(initial, initial_labels)

    @property
    def labelled_features(self) -> Any:
        """Features of the labelled set, in the order of labelling: (n_labelled, n_features)."""
        if self._features is None:
            return self.features[self.labelled_rows]
        return self._features[: self.n_labelled]

    @property
    def labelled_rows(self) -> NDArray[np.int64]:
        """Rows of the labelled set, in the order of labelling: (n_labelled,)."""
        return self._rows[: self.n_labelled]

    @property
    def labels(self) -> NDArray[np.int64]:
        """Labels of the labelled set, in the order of labelling: (n_labelled,)."""
        return self._labels[: self.n_labelled]

    def remember(self, make: Callable[["Pool"], MemoryT]) -> MemoryT:
        """What a function makes of this pool, made once: for strategies that reuse earlier work.

        Nothing in it may change which rows are queried.
        """
        if make not in self._memory:
            self._memory[make] = make(self)
        return cast("MemoryT", self._memory[make])

    def close(self, rows: NDArray[np.int64], answers: NDArray[np.int64]) -> None:
        """Take queried rows out of the pool, and those that were answered into the labelled set."""
        self.open[rows] = False
        self.n_closed += len(rows)
        answered = answers != ABSTAINED
        self._append(rows[answered], answers[answered])

    def _append(self, rows: NDArray[np.int64], labels: NDArray[np.int64]) -> None:
        new = slice(self.n_labelled, self.n_labelled + len(labels))
        self._rows[new] = rows
        self._labels[new] = labels
        if self._features is not None:
            self._features[new] = self.features[rows]
        self.n_labelled = new.stop

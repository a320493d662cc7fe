"""The pool: all features, and the labels bought so far."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from active_learning.core import rng
from active_learning.core.dense_fit import fit_two_classes
from active_learning.core.errors import DataError, ExecutionError, named, shown
from active_learning.core.sparse_fit import fit_used_columns

ABSTAINED = -1

MemoryT = TypeVar("MemoryT")


def take(features: Any, rows: Any) -> Any:
    """Rows of an array, a sparse matrix or a DataFrame, by position."""
    return features.iloc[rows] if hasattr(features, "iloc") else features[rows]


def fit(model: Any, features: Any, labels: NDArray[Any]) -> Any:
    """Fit a classifier in place.

    Raises
    ------
    DataError
        If scikit-learn rejects the rows, or its naive Bayes would have no finite probabilities.
    ExecutionError
        If the classifier fails otherwise.
    """
    name = estimator_name(model)
    try:
        with named(f"{name}.fit"):
            fitted = (
                fit_used_columns(model, features, labels)
                or fit_two_classes(model, features, labels)
                or model.fit(features, labels)
            )
    except ExecutionError as error:
        cause = " ".join(str(error.__cause__).split())
        if isinstance(error.__cause__, ValueError) or "dense data is required" in cause:
            text = f"{name} cannot be fitted to {len(labels)} rows: {cause}"
            raise DataError(text) from error.__cause__
        raise
    _check_variances(fitted, name, len(labels))
    return fitted


def estimator_name(model: Any) -> str:
    """Class of an estimator, and of the last step if it is a pipeline."""
    name = type(model).__name__
    return f"{name} of {type(model[-1]).__name__}" if hasattr(model, "steps") else name


def _check_variances(model: Any, name: str, n_rows: int) -> None:
    """Refuse a naive Bayes model with a variance of 0, which predicts NaN without a warning."""
    last = model[-1] if hasattr(model, "steps") else model
    variances = getattr(last, "var_", None)
    if hasattr(last, "var_smoothing") and variances is not None and not np.all(variances):
        label, feature = np.argwhere(variances == 0)[0]
        raise DataError(
            f"{name} cannot be fitted to {n_rows} rows: feature {feature} has no variance in class "
            f"{shown(last.classes_[label])}, so its probabilities are not finite; a larger "
            "var_smoothing helps unless all features are constant."
        )


def set_seed(estimator: Any, seed: int) -> Any:
    """Set every ``random_state`` of an estimator that is ``None``, also of those inside it."""
    unset = {
        name: seed
        for name, value in estimator.get_params().items()
        if value is None and name.rpartition("__")[2] == "random_state"
    }
    return estimator.set_params(**unset)


class Query(NamedTuple):
    """The rows that a strategy chose.

    Attributes
    ----------
    rows : ndarray of shape (n,), int
        Rows of the table, most informative first.
    informativeness : ndarray of shape (n,), float
        Larger is more informative; NaN if the strategy has no such measure.
    """

    rows: NDArray[np.int64]
    informativeness: NDArray[np.float64]


class Pool:
    """Rows whose labels can be bought, and the labelled set as it grows.

    Parameters
    ----------
    features : ndarray, CSR array or DataFrame of shape (n_rows, n_features)
        The whole table, never copied: pool, initial set, and rows that are never queried.
    rows : ndarray of int
        Rows that can be queried.
    initial : ndarray of shape (n_initial,), int
        Rows labelled from the start.
    initial_labels : ndarray of shape (n_initial,), int
        Class indices.
    classes : int or ndarray of shape (n_classes,)
        Sorted labels that models are fitted to; an int K stands for 0 to K − 1.
    budget : int
        Maximum number of labels to buy; the labelled set is allocated once.
    seed : int, optional
        Seed of ``generator``, and of refitted models that have none.
    split_order : bool, optional
        Keep ``labelled_rows`` and ``open_rows`` in the order of ``initial`` and ``rows``, instead
        of the order of labelling and that of the table.

    Attributes
    ----------
    features, classes
        As given.
    order : ndarray of int
        Rows of the initial pool, in the order of the split.
    open : ndarray of shape (n_rows,), bool
        Rows that can still be queried. An abstention closes its row too.
    n_closed : int
        Number of rows queried so far.
    """

    def __init__(
        self,
        features: Any,
        rows: NDArray[np.int64],
        *,
        initial: NDArray[np.int64],
        initial_labels: NDArray[np.int64],
        classes: int | NDArray[Any],
        budget: int,
        seed: int | None = None,
        split_order: bool = False,
    ) -> None:
        self.features = features
        self.classes = np.arange(classes) if isinstance(classes, int) else classes
        self.order = rows
        self._seed = seed
        self.open = np.zeros(features.shape[0], dtype=bool)
        self.open[rows] = True
        bought = min(budget, len(rows))
        self._memory: dict[Callable[[Pool], Any], Any] = {}
        self.n_closed = 0
        self.n_labelled = 0
        size = len(initial) + bought
        self._rows = np.empty(size, dtype=np.int64)
        self._labels = np.empty(size, dtype=np.int64)
        # Appending to a sparse matrix or a DataFrame would copy it: its rows are taken on access.
        self._features = (
            np.empty((size, features.shape[1]), dtype=features.dtype)
            if isinstance(features, np.ndarray) and features.ndim == 2
            else None
        )
        self._position: NDArray[np.int64] | None = None
        if split_order:
            train = np.concatenate([initial, rows])
            self._position = np.empty(len(self.open), dtype=np.int64)
            self._position[train] = np.arange(len(train))
        self._append(initial, initial_labels)

    @property
    def open_rows(self) -> NDArray[np.int64]:
        """Rows that can still be queried, in the order of the table or of the split: (n_open,)."""
        if self._position is not None:
            return self.order[self.open[self.order]]
        return np.flatnonzero(self.open)

    @property
    def n_open(self) -> int:
        """Number of rows that can still be queried."""
        return len(self.order) - self.n_closed

    @property
    def n_classes(self) -> int:
        """Number of classes, including those without a label."""
        return len(self.classes)

    @property
    def labelled_features(self) -> Any:
        """Features of ``labelled_rows``: (n_labelled, n_features)."""
        if self._features is None:
            return take(self.features, self.labelled_rows)
        return self._features[: self.n_labelled]

    @property
    def labelled_rows(self) -> NDArray[np.int64]:
        """Rows of the labelled set, in the order of labelling or of the split: (n_labelled,)."""
        return self._rows[: self.n_labelled]

    @property
    def labels(self) -> NDArray[np.int64]:
        """Class indices of ``labelled_rows``: (n_labelled,)."""
        return self._labels[: self.n_labelled]

    def refit(self, model: Any, features: Any, labels: NDArray[np.int64]) -> Any:
        """Clone of a model fitted to other rows, such as a member of a committee.

        Parameters
        ----------
        model : scikit-learn classifier
        features : ndarray, CSR array or DataFrame of shape (n_rows, n_features)
        labels : ndarray of shape (n_rows,), int
            Class indices.

        Raises
        ------
        DataError
            If scikit-learn rejects the rows.
        """
        from sklearn.base import clone

        copy = clone(model)
        if self._seed is not None:
            set_seed(copy, self._seed)
        return fit(copy, features, self.classes[labels])

    def remember(self, make: Callable[["Pool"], MemoryT]) -> MemoryT:
        """Result of a function of this pool, cached for later queries.

        It must not influence which rows are queried.
        """
        if make not in self._memory:
            self._memory[make] = make(self)
        return cast("MemoryT", self._memory[make])

    def generator(self, name: str) -> np.random.Generator:
        """Random generator for a purpose, the same at every query of a run."""
        return rng.generator(self._seed or 0, name)

    def close(self, rows: NDArray[np.int64], answers: NDArray[np.int64]) -> None:
        """Remove queried rows from the pool, and add those with an answer to the labelled set."""
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
        if self._position is not None:
            order = self._position[self.labelled_rows].argsort()
            for array in (self._rows, self._labels, self._features):
                if array is not None:
                    array[: new.stop] = array[order]

"""Workloads: tables whose first rows are labelled and whose last rows are the test set."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression

from active_learning.data import splits


@dataclass(frozen=True)
class Workload:
    """Rows, classes and queries of one comparison.

    Attributes
    ----------
    name : str
    n_rows, n_features, n_classes : int
        Size of pool and initial set together, without the 1,000 test rows.
    n_initial, n_queries : int
    learner : str
        Our learner.
    textbook_target, peer_target : float
        How many times faster than the others our loop should be.
    """

    name: str
    n_rows: int
    n_features: int
    n_classes: int
    n_initial: int
    n_queries: int
    learner: str
    textbook_target: float
    peer_target: float

    def theirs(self) -> Any:
        """Classifier of the others: scikit-learn's default, or its exact solver."""
        if self.learner == "logistic_newton":
            return LogisticRegression(solver="newton-cholesky", tol=1e-10, max_iter=1000)
        return LogisticRegression(max_iter=1000)


@dataclass(frozen=True)
class Data:
    """A table in the order initial set, pool, test set.

    Attributes
    ----------
    features : ndarray of shape (n_rows, n_features)
    labels : ndarray of shape (n_rows,)
    n_initial, n_test : int
    """

    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    n_initial: int
    n_test: int

    @property
    def train(self) -> slice:
        """Rows of initial set and pool."""
        return slice(0, len(self.labels) - self.n_test)

    @property
    def test(self) -> slice:
        """Rows of the test set."""
        return slice(len(self.labels) - self.n_test, None)


WORKLOADS = [
    Workload("tutorial", 900, 10, 2, 90, 20, "logistic_regression", 1.6, 1.6),
    Workload("100k×10", 100_000, 10, 2, 1000, 100, "logistic_regression", 6, 5),
    Workload("1M×10", 1_000_000, 10, 2, 1000, 100, "logistic_regression", 15, 12),
    Workload("1M×50", 1_000_000, 50, 2, 1000, 100, "logistic_regression", 4, 3.5),
    Workload("100k×10, 10 classes", 100_000, 10, 10, 100, 50, "logistic_regression", 3, 2.5),
    Workload("1M×10, exact", 1_000_000, 10, 2, 1000, 100, "logistic_newton", 30, 25),
]


def tutorial(seed: int = 42) -> Data:
    """The tutorial's data, in the order of its split."""
    features, labels = make_classification(
        1000, 10, n_informative=5, n_redundant=0, n_clusters_per_class=1, flip_y=0.1,
        random_state=42,
    )  # fmt: skip
    parts = splits.split(
        labels, ["0", "1"], test_size=0.1, initial_size=0.1, stratify=True, seed=seed
    )
    order = np.concatenate([parts["initial"], parts["pool"], parts["test"]])
    return Data(features[order], labels[order], len(parts["initial"]), len(parts["test"]))


def data(workload: Workload) -> Data:
    """Generate the table of a workload."""
    if workload.name == "tutorial":
        return tutorial()
    features, labels = make_classification(
        workload.n_rows + 1000, workload.n_features, n_classes=workload.n_classes,
        n_informative=5 if workload.n_features == 10 else 25, n_redundant=0,  # noqa: PLR2004
        n_clusters_per_class=1, flip_y=0.1, random_state=42,
    )  # fmt: skip
    return Data(features, labels, workload.n_initial, 1000)

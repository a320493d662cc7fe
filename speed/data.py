"""Tables whose first rows are labelled, whose last rows are the test set, and the rest the pool."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.datasets import make_classification
from sklearn.preprocessing import normalize

from active_learning.data import splits

N_TEST = 1000
_SEPARATION = 0.4  # of the two classes in each feature that tells them apart


@dataclass(frozen=True)
class Data:
    """A table in the order initial set, pool, test set.

    Attributes
    ----------
    features : ndarray or CSR array of shape (n_rows, n_features)
    labels : ndarray of shape (n_rows,)
    n_initial, n_test : int
    """

    features: Any
    labels: NDArray[np.int64]
    n_initial: int
    n_test: int = N_TEST

    @property
    def train(self) -> slice:
        """Rows of initial set and pool."""
        return slice(0, len(self.labels) - self.n_test)

    @property
    def test(self) -> slice:
        """Rows of the test set."""
        return slice(len(self.labels) - self.n_test, None)


Maker = Callable[[], Data]


def tutorial_table() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Features and labels of the tutorial."""
    features, labels = make_classification(
        1000, 10, n_informative=5, n_redundant=0, n_clusters_per_class=1, flip_y=0.1,
        random_state=42,
    )  # fmt: skip
    return features, labels.astype(np.int64)


def tutorial_split(labels: NDArray[np.int64], seed: int) -> dict[str, NDArray[np.int64]]:
    """Split of the tutorial with this seed; the tutorial's own is 42."""
    return splits.split(
        labels, ["0", "1"], test_size=0.1, initial_size=0.1, stratify=True, seed=seed
    )


def tutorial(seed: int = 42) -> Data:
    """The tutorial's table, in the order of its split."""
    features, labels = tutorial_table()
    parts = tutorial_split(labels, seed)
    order = np.concatenate([parts["initial"], parts["pool"], parts["test"]])
    return Data(features[order], labels[order], len(parts["initial"]), len(parts["test"]))


@lru_cache(maxsize=1)
def table(n_rows: int, n_features: int, n_classes: int = 2, n_initial: int = 1000) -> Data:
    """Numbers, by scikit-learn's ``make_classification``; ``n_rows`` is without the test set."""
    features, labels = make_classification(
        n_rows + N_TEST, n_features, n_classes=n_classes, n_redundant=0,
        n_informative=5 if n_features == 10 else 25,
        n_clusters_per_class=1, flip_y=0.1, random_state=42,
    )  # fmt: skip
    return Data(features, labels.astype(np.int64), n_initial)


@lru_cache(maxsize=1)
def embeddings(n_rows: int, n_features: int = 768, n_informative: int = 20) -> Data:
    """Embeddings in single precision: normal numbers, a few of which differ between two classes."""
    generator = np.random.default_rng(0)
    size = n_rows + N_TEST
    labels = generator.integers(0, 2, size)
    features = generator.standard_normal((size, n_features), dtype=np.float32)
    features[:, :n_informative] += _SEPARATION * labels[:, None].astype(np.float32)
    return Data(features, labels, 500)


@lru_cache(maxsize=1)
def text(n_rows: int, n_words: int = 50_000, length: int = 40) -> Data:
    """TF-IDF of texts: few words frequent and most of them rare, one per text tells its class."""
    generator = np.random.default_rng(0)
    size = n_rows + N_TEST
    labels = generator.integers(0, 2, size)
    words = (n_words * generator.random((size, length)) ** 3).astype(np.int64)
    words[:, 0] = 50 * labels + generator.integers(0, 60, size)
    starts = np.arange(0, words.size + 1, length)
    features = sparse.csr_array(
        (generator.random(words.size), words.ravel(), starts), shape=(size, n_words)
    )
    features.sum_duplicates()
    return Data(normalize(features), labels, 1000)

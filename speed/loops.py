"""The same experiment with each library: fit, score on the test set, query one row, repeat.

Each loop takes a table, an unfitted scikit-learn classifier and the number of queries, and returns
the queried rows in order. Ours takes the names of learner and strategy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score

from active_learning.core import plugins
from active_learning.models.task import Task
from active_learning.simulation.simulate import Settings, simulate
from speed.data import Data

SEED = 42

Loop = Callable[[Data, Any, int], list[int]]


@dataclass
class Known:
    """What a plain loop knows before a query.

    Attributes
    ----------
    features : ndarray or CSR array of shape (n_rows, n_features)
        Initial set and pool, never copied.
    labelled : list of int
        Labelled rows, in the order of labelling.
    labels : ndarray of shape (n_labelled,)
    open : ndarray of shape (n_rows,), bool
        Rows that can be queried.
    query : int
        Number of the query, from 0.
    """

    features: Any
    labelled: list[int]
    labels: NDArray[np.int64]
    open: NDArray[np.bool_]
    query: int = 0


# Maps a fitted classifier and what is known to a value for each row, largest for the best.
Score = Callable[[Any, Known], NDArray[np.float64]]
# The same for the rows of a table.
Measure = Callable[[Any, Any], NDArray[np.float64]]


def least_confidence(model: Any, features: Any) -> NDArray[np.float64]:
    """Uncertainty 1 − max_k p(k|x)."""
    return np.asarray(1 - model.predict_proba(features).max(axis=1))


def nearest_boundary(model: Any, features: Any) -> NDArray[np.float64]:
    """Least confidence of a classifier of two classes that has no probabilities."""
    return np.asarray(-np.abs(model.decision_function(features)))


def task(data: Data, learner: str) -> Task:
    """Task of our loop."""
    rows = np.arange(len(data.labels))
    return Task(
        features=data.features,
        labels=data.labels,
        parts={
            "initial": rows[: data.n_initial],
            "pool": rows[data.train][data.n_initial :],
            "test": rows[data.test],
        },
        classes=np.arange(data.labels.max() + 1),
        learner=plugins.make("learners", learner),
        learner_seed=SEED,
        scorers={"accuracy": plugins.make("scorers", "accuracy")},
    )


def ours(data: Data, learner: str, n_queries: int, strategy: str = "least_confidence") -> list[int]:
    """The loop of this project."""
    settings = Settings(n_queries, 1, seed=SEED, oracle_seed=SEED)
    oracle = plugins.make("oracles", "simulated")
    run = simulate(task(data, learner), plugins.make("strategies", strategy), oracle, settings)
    queried: list[int] = run.rows.tolist()
    return queried


def textbook(
    data: Data, model: Any, n_queries: int, measure: Measure = least_confidence
) -> list[int]:
    """The loop of tutorials, with growing and shrinking arrays and scikit-learn's public API."""
    train, labels = data.features[: data.n_initial], data.labels[: data.n_initial]
    pool = data.features[data.train][data.n_initial :]
    pool_labels = data.labels[data.train][data.n_initial :]
    test, test_labels = data.features[data.test], data.labels[data.test]
    numbers = np.arange(data.n_initial, data.n_initial + len(pool))
    queried: list[int] = []
    while True:
        model.fit(train, labels)
        accuracy_score(test_labels, model.predict(test))
        if len(queried) == n_queries:
            return queried
        row = int(np.argmax(measure(model, pool)))
        queried.append(int(numbers[row]))
        train = np.vstack([train, pool[row]])
        labels = np.append(labels, pool_labels[row])
        pool = np.delete(pool, row, axis=0)
        pool_labels, numbers = np.delete(pool_labels, row), np.delete(numbers, row)


def by_index(
    data: Data,
    model: Any,
    n_queries: int,
    score: Score = lambda model, known: least_confidence(model, known.features),
) -> list[int]:
    """The loop of a user who does not copy the pool: all rows have a value, and a mask tells."""
    known = Known(
        features=data.features[data.train],
        labelled=list(range(data.n_initial)),
        labels=data.labels[: data.n_initial],
        open=np.arange(len(data.labels) - data.n_test) >= data.n_initial,
    )
    test, test_labels = data.features[data.test], data.labels[data.test]
    while True:
        model.fit(known.features[known.labelled], known.labels)
        accuracy_score(test_labels, model.predict(test))
        if known.query == n_queries:
            return known.labelled[data.n_initial :]
        row = int(np.argmax(np.where(known.open, score(model, known), -np.inf)))
        known.open[row] = False
        known.labelled.append(row)
        known.labels = np.append(known.labels, data.labels[row])
        known.query += 1


def skactiveml(data: Data, model: Any, n_queries: int) -> list[int]:
    """The loop of scikit-activeml's documentation, with one fit per query."""
    from skactiveml.classifier import SklearnClassifier
    from skactiveml.pool import UncertaintySampling

    features = data.features[data.train]
    labels = np.full(len(features), np.nan)
    labels[: data.n_initial] = data.labels[: data.n_initial]
    test, test_labels = data.features[data.test], data.labels[data.test]
    classifier = SklearnClassifier(model, classes=np.unique(data.labels), random_state=SEED)
    strategy = UncertaintySampling(method="least_confident", random_state=SEED)
    queried: list[int] = []
    while True:
        classifier.fit(features, labels)
        accuracy_score(test_labels, classifier.predict(test))
        if len(queried) == n_queries:
            return queried
        row = int(strategy.query(features, labels, clf=classifier, fit_clf=False)[0])
        queried.append(row)
        labels[row] = data.labels[row]


def small_text(data: Data, model: Any, n_queries: int) -> list[int]:
    """The loop of small-text's documentation."""
    from small_text import (
        LeastConfidence,
        PoolBasedActiveLearner,
        SklearnClassifierFactory,
        SklearnDataset,
    )

    n_classes = int(data.labels.max()) + 1
    pool = SklearnDataset(
        data.features[data.train], data.labels[data.train], target_labels=np.arange(n_classes)
    )
    test = SklearnDataset(
        data.features[data.test], data.labels[data.test], target_labels=np.arange(n_classes)
    )
    factory = SklearnClassifierFactory(model, n_classes)
    learner = PoolBasedActiveLearner(factory, LeastConfidence(), pool)
    learner.initialize_data(np.arange(data.n_initial), data.labels[: data.n_initial])
    queried: list[int] = []
    while True:
        accuracy_score(data.labels[data.test], learner.classifier.predict(test))
        if len(queried) == n_queries:
            return queried
        row = learner.query(num_samples=1)
        queried.append(int(row[0]))
        learner.update(data.labels[row])

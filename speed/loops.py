"""The same experiment with each library: fit, score on the test set, query one row, repeat.

Each loop returns the queried rows in order.
"""

from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score

from active_learning.core import plugins
from active_learning.models.task import Task
from active_learning.simulation.simulate import Settings, simulate
from speed.workloads import Data


def ours(data: Data, learner: str, n_queries: int) -> list[int]:
    """The loop of this project."""
    rows = np.arange(len(data.labels))
    task = Task(
        features=data.features,
        labels=data.labels,
        parts={
            "initial": rows[: data.n_initial],
            "pool": rows[data.train][data.n_initial :],
            "test": rows[data.test],
        },
        classes=np.arange(data.labels.max() + 1),
        learner=plugins.load("learners", learner)(),
        learner_seed=42,
        scorers={"accuracy": plugins.load("scorers", "accuracy")()},
    )
    strategy = plugins.load("strategies", "least_confidence")()
    oracle = plugins.load("oracles", "simulated")()
    settings = Settings(budget=n_queries, batch_size=1, seed=42, oracle_seed=42)
    queried: list[int] = simulate(task, strategy, oracle, settings).rows.tolist()
    return queried


def textbook(data: Data, model: Any, n_queries: int) -> list[int]:
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
        row = int(np.argmax(1 - model.predict_proba(pool).max(axis=1)))
        queried.append(int(numbers[row]))
        train = np.vstack([train, pool[row]])
        labels = np.append(labels, pool_labels[row])
        pool = np.delete(pool, row, axis=0)
        pool_labels, numbers = np.delete(pool_labels, row), np.delete(numbers, row)


def skactiveml(data: Data, model: Any, n_queries: int) -> list[int]:
    """The loop of scikit-activeml's documentation, with one fit per query."""
    from skactiveml.classifier import SklearnClassifier
    from skactiveml.pool import UncertaintySampling

    features = data.features[data.train]
    labels = np.full(len(features), np.nan)
    labels[: data.n_initial] = data.labels[: data.n_initial]
    test, test_labels = data.features[data.test], data.labels[data.test]
    classifier = SklearnClassifier(model, classes=np.unique(data.labels), random_state=42)
    strategy = UncertaintySampling(method="least_confident", random_state=42)
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

"""The figures of the tutorial, and a textbook loop that must choose the very same rows."""

import json

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from active_learning.core import plugins
from active_learning.data import splits
from active_learning.data.dataset import Dataset
from active_learning.data.table import validate_table
from active_learning.models.task import Task
from active_learning.simulation.simulate import Settings, simulate
from tests import examples

GOLDEN = json.loads((examples.ROOT / "tests/golden/tutorial.json").read_text(encoding="utf-8"))


def dataset(name, options, seed):
    table = plugins.load("datasets", name)(**options).load(seed)
    return Dataset.from_table(validate_table(table, target="target"))


def tutorial():
    """Repeat 0 of the pipeline's defaults."""
    params = examples.PARAMS
    data = dataset("synthetic", params["generate"]["synthetic"], params["generate"]["seed"])
    options = ("seed", "test_size", "initial_size", "stratify")
    cut = {key: params["split"][key] for key in options}
    learner = params["learner"]
    return Task.from_dataset(
        data,
        splits.split(data.labels, data.classes, **cut),
        plugins.load("learners", learner["name"])(**learner[learner["name"]]),
        {"accuracy": plugins.load("scorers", "accuracy")()},
        standardize=learner["standardize"],
        seed=learner["seed"],
    )


def simulated(task, budget, batch_size=1):
    settings = Settings(budget=budget, batch_size=batch_size, seed=42, oracle_seed=42)
    strategy = plugins.load("strategies", "least_confidence")()
    return simulate(task, strategy, plugins.load("oracles", "simulated")(), settings)


def textbook(features, labels, n_queries, seed=42, standardize=False):
    """Split, then fit, predict_proba, and move the least confident row from pool to training."""
    train, test, y_train, y_test = train_test_split(
        features, labels, test_size=0.1, stratify=labels, random_state=seed
    )
    if standardize:
        scaler = StandardScaler().fit(train)
        train, test = scaler.transform(train), scaler.transform(test)
    initial, pool, y_initial, y_pool = train_test_split(
        train, y_train, train_size=0.1, stratify=y_train, random_state=seed
    )
    numbers = np.arange(len(pool))
    queried, accuracies = [], []
    while True:
        model = LogisticRegression(max_iter=1000).fit(initial, y_initial)
        accuracies.append(np.mean(model.predict(test) == y_test))
        if len(queried) == n_queries:
            return queried, accuracies
        row = np.argmax(1 - model.predict_proba(pool).max(axis=1))
        queried.append(int(numbers[row]))
        initial = np.vstack([initial, pool[row]])
        y_initial = np.append(y_initial, y_pool[row])
        pool, y_pool, numbers = (np.delete(array, row, axis=0) for array in (pool, y_pool, numbers))


def test_tutorial_is_what_it_always_was():
    task = tutorial()
    settings = examples.PARAMS["query_loop"]
    run = simulated(task, settings["budget"], settings["batch_size"])
    assert task.parts["pool"][GOLDEN["pool_rows"]].tolist() == run.rows.tolist()
    assert run.scores[:, 0].tolist() == pytest.approx(GOLDEN["accuracy"], abs=1e-12)
    assert (len(task.parts["initial"]) + run.bought).tolist() == list(range(90, 111))


def test_tutorials_ceiling():
    task = tutorial()
    assert task.scores(task.fit_rows("initial", "pool")) == [pytest.approx(GOLDEN["ceiling"])]


def test_textbook_loop_agrees_on_the_tutorial():
    features, labels = make_classification(
        n_samples=1000, n_features=10, n_informative=5, n_redundant=0, n_classes=2,
        n_clusters_per_class=1, flip_y=0.1, random_state=42,
    )  # fmt: skip
    rows, accuracies = textbook(features, labels, 20)
    assert rows == GOLDEN["pool_rows"]
    assert accuracies == pytest.approx(GOLDEN["accuracy"], abs=1e-12)


@pytest.mark.parametrize(
    ("name", "source"), [("breast_cancer", load_breast_cancer), ("digits", load_digits)]
)
def test_textbook_loop_agrees_on_real_data(name, source):
    data = dataset("toy", {"name": name}, seed=0)
    # Classes are numbered by name, and breast_cancer's target is not.
    features, target = source(return_X_y=True)
    labels = np.array([data.classes.index(str(n)) for n in source().target_names[target]])
    parts = splits.split(
        data.labels, data.classes, test_size=0.1, initial_size=0.1, stratify=True, seed=42
    )
    learner = plugins.load("learners", "logistic_regression")()
    scorers = {"accuracy": plugins.load("scorers", "accuracy")()}
    task = Task.from_dataset(data, parts, learner, scorers, standardize=True, seed=42)
    run = simulated(task, budget=10)
    rows, accuracies = textbook(features, labels, 10, standardize=True)
    assert run.rows.tolist() == parts["pool"][rows].tolist()
    assert run.scores[:, 0].tolist() == pytest.approx(accuracies, rel=1e-8)

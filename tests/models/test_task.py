"""One split of a data set as a task, and the numerics that it is learnt with."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_info

from active_learning.core import plugins
from active_learning.core.bases import Scorer
from active_learning.core.errors import ExecutionError, PluginError
from active_learning.data.dataset import Dataset
from active_learning.models.task import Task, deterministic_numerics
from tests import examples

PARTS = {"test": np.array([0]), "initial": np.array([1]), "pool": np.array([2])}


def task(features, standardize=False, learner="logistic_regression", seed=0):
    data = Dataset(examples.fixed(features), examples.fixed([0, 1, 0]), ["a", "b"])
    made = plugins.load("learners", learner)()
    return Task.from_dataset(data, PARTS, made, {}, standardize=standardize, seed=seed)


def test_holds_the_whole_table_and_its_parts():
    made = task([[1.0], [2.0], [3.0]])
    assert made.features.tolist() == [[1.0], [2.0], [3.0]]
    assert made.labels.tolist() == [0, 1, 0]
    assert made.parts == PARTS
    assert made.classes.tolist() == [0, 1]


def test_standardized_over_what_is_seen_before_any_label_is_bought():
    # Initial and pool have 2 and 6: mean 4, standard deviation 2; the test row is 9.
    # A constant feature is only shifted.
    made = task([[9.0, 5.0], [2.0, 3.0], [6.0, 3.0]], standardize=True)
    assert made.features.tolist() == [[2.5, 2.0], [-1.0, 0.0], [1.0, 0.0]]


def test_seed_goes_to_the_learner():
    data = examples.table()
    forests = [
        task([[1.0], [2.0], [3.0]], learner="random_forest", seed=seed).fit(
            data.features, data.labels
        )
        for seed in (1, 1, 2)
    ]
    first, same, other = (forest.predict_proba(data.features) for forest in forests)
    assert (first == same).all()
    assert (first != other).any()


def test_fits_that_do_not_converge_are_counted_and_not_shown():
    data = examples.table()
    learner = plugins.load("learners", "logistic_regression")(max_iter=1)
    with deterministic_numerics() as unconverged:
        for _ in range(3):
            learner.build(0).fit(data.features, data.labels)
    assert len(unconverged) == 3
    with pytest.warns(ConvergenceWarning):
        learner.build(0).fit(data.features, data.labels)


def test_numerics_run_on_one_thread_and_let_other_warnings_through():
    with deterministic_numerics() as unconverged:
        assert {pool["num_threads"] for pool in threadpool_info()} == {1}
        with pytest.warns(UserWarning, match="anything else"):
            warnings.warn("anything else", UserWarning, stacklevel=1)
    assert unconverged == []


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_score_that_is_not_finite_is_refused(value):
    class Odd(Scorer):
        def score(self, labels, prediction):
            return value

    made = replace(examples.task(), scorers={"odd": Odd()})
    message = f"^scorer odd must return a finite number; got {value} for LogisticRegression"
    with pytest.raises(PluginError, match=message):
        made.scores(made.fit_rows("initial"))


def test_a_scorer_that_fails_is_named():
    class Failing(Scorer):
        def score(self, labels, prediction):
            return 1 / 0

    made = replace(examples.task(), scorers={"mine": Failing()})
    with pytest.raises(ExecutionError, match=r"^scorer mine raised ZeroDivisionError: division"):
        made.scores(made.fit_rows("initial"))

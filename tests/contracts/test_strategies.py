"""What every query strategy keeps to; a new file in strategies/ is tested with no new test.

A class may say that it does not promise something: ``NESTED = False``, that a smaller batch is the
beginning of a larger one; ``RANKED = False``, that the most informative row comes first.
``STOCHASTIC = False`` promises that it uses no random numbers: such a strategy is given none.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from active_learning.core import plugins
from active_learning.core.errors import ParamsError
from active_learning.core.pool import Pool
from active_learning.data.preprocessing import Preprocess
from tests import examples
from tests.data import test_preprocessing

pytestmark = pytest.mark.usefixtures("as_in_the_loop")

OF_SKACTIVEML = ("CoreSet", "MaxHerding", "ProbCover", "QueryByCommittee", "UncertaintySampling")
NAMES = [
    *examples.STRATEGIES,
    *(pytest.param(f"skactiveml.pool.{name}", marks=pytest.mark.extras) for name in OF_SKACTIVEML),
]
# They fit the whole model anew, and with it its preprocessing.
FIT_ANEW = {"expected_error_reduction", "query_by_committee"}


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def strategy(name):
    return plugins.load("strategies", name)()


@cache
def accepted(name, learner):
    """The learner; a linear one where the strategy refuses others in one line that says so."""
    pool, model = examples.pool_and_model(2, learner)
    try:
        examples.query(name, model, pool, 1)
    except ParamsError as error:
        assert learner != "logistic_regression"
        assert str(error).startswith("estimator must be a linear model")  # noqa: PT017
        assert name in str(error)  # noqa: PT017
        return "logistic_regression"
    return learner


@pytest.fixture
def learner(name, learner):
    return accepted(name, learner)


@pytest.fixture
def pool_and_model(situation, learner):
    n_classes, unseen = situation
    return examples.pool_and_model(n_classes, learner, unseen)


def ask(strategy, pool, model, n):
    rng = np.random.default_rng(0) if strategy.STOCHASTIC else None
    return strategy.query(model, pool, n, rng)


def test_gives_n_different_open_rows_in_the_order_that_it_promises(strategy, pool_and_model):
    pool, model = pool_and_model
    longest = ask(strategy, pool, model, 42)
    assert sorted(longest.rows) == np.flatnonzero(pool.open).tolist()
    for n in (1, 2, 7, 20):
        query = ask(strategy, pool, model, n)
        assert len(set(query.rows.tolist())) == len(query.rows) == n
        assert np.issubdtype(query.rows.dtype, np.integer)
        assert pool.open[query.rows].all()
        assert query.informativeness.shape == (n,)
        if strategy.NESTED:
            np.testing.assert_array_equal(query.rows, longest.rows[:n])
    if strategy.RANKED and not np.isnan(longest.informativeness).all():
        assert (np.diff(longest.informativeness) <= 1e-12).all()


def test_same_seed_same_answer_and_nothing_else_changes(strategy, pool_and_model):
    pool, model = pool_and_model
    before = pool.open.copy(), pool.labels.copy(), model.predict(pool.features)
    for array in (pool.open, pool._labels, pool._features, pool._rows):
        array.flags.writeable = False
    with examples.global_random_state_untouched():
        first, second = (ask(strategy, pool, model, 9) for _ in range(2))
    np.testing.assert_array_equal(first.rows, second.rows)
    np.testing.assert_array_equal(first.informativeness, second.informativeness)
    after = pool.open, pool.labels, model.predict(pool.features)
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


def test_of_equal_rows_the_lowest_comes_first(strategy, situation, learner):
    """Wherever they stand: numerical libraries sum the last rows of a table in another order."""
    n_classes, unseen = situation
    few, _ = examples.pool_and_model(n_classes, learner, unseen)
    features = np.hstack([few.features, few.features**2, few.features**3])
    model = plugins.load("learners", learner)().build(7)
    model.fit(features[few.labelled_rows], few.labels)
    for n_rows, n_different in ((23, 5), (37, 5), (42, 1)):
        kind = np.concatenate([few.labelled_rows, np.arange(n_rows) % n_different])
        pool = Pool(
            features[kind],
            np.arange(few.n_labelled, len(kind)),
            initial=np.arange(few.n_labelled),
            initial_labels=few.labels,
            classes=n_classes,
            budget=n_rows,
        )
        query = ask(strategy, pool, model, n_rows)
        assert sorted(query.rows) == np.flatnonzero(pool.open).tolist()
        unmeasured = np.isnan(query.informativeness).all()
        if strategy.RANKED and strategy.NESTED and not unmeasured:
            for each in range(n_different):
                equal = query.rows[kind[query.rows] == each]
                np.testing.assert_array_equal(equal, np.sort(equal))


def test_sees_no_label_that_was_not_bought(strategy, situation):
    n_classes, unseen = situation
    task = examples.task(n_classes, unseen=unseen)
    options = {"budget": 4, "batch_size": 2 if unseen else 1}
    first = examples.run(task, strategy, **options)
    poisoned = task.labels.copy()
    poisoned[np.setdiff1d(task.parts["pool"], first.rows)] = 99
    second = examples.run(replace(task, labels=poisoned), strategy, **options)
    assert examples.same_run(first, second)


def test_buys_a_whole_pool(strategy, situation, learner):
    n_classes, unseen = situation
    task = examples.task(n_classes, learner, unseen=unseen)
    run = examples.run(task, strategy, budget=1000, batch_size=7)
    assert sorted(run.rows) == task.parts["pool"].tolist()


@pytest.mark.parametrize("form", [csr_array, np.float32])
def test_takes_sparse_features_and_those_of_single_precision(strategy, form, name):
    task = examples.task(3)
    options = {"budget": 9, "batch_size": 3}
    if form is csr_array and "." in name:
        with pytest.raises(ParamsError, match=r"^X must be dense: skactiveml"):
            examples.run(replace(task, features=form(task.features)), strategy)
        return
    run = examples.run(replace(task, features=form(task.features)), strategy, **options)
    assert len(set(run.rows.tolist())) == 9
    if form is csr_array:
        dense = examples.run(task, strategy, **options)
        np.testing.assert_array_equal(run.rows, dense.rows)
        np.testing.assert_allclose(run.scores, dense.scores)


def test_runs_on_two_seeds_do_not_depend_on_each_other(strategy):
    task = examples.task()
    first, _, again = (examples.run(task, strategy, budget=3, seed=seed) for seed in (4, 3, 4))
    assert examples.same_run(first, again)


def test_sees_a_table_as_the_model_does(strategy, name):
    """Where preprocessing is part of the model there are gaps and texts before it."""
    options = Preprocess(visible="labelled", min_frequency=1)
    task = test_preprocessing.task(test_preprocessing.mixed(), options, standardize=True)
    assert pd.isna(task.features).any()
    run = examples.run(task, strategy, budget=3, batch_size=3)
    assert len(set(run.rows.tolist())) == 3
    if name in FIT_ANEW:
        return
    model = task.fit_rows("initial")
    seen = (task.features, model), (model[:-1].transform(task.features), model[-1])
    queries = [ask(strategy, examples.pool_of(task, features), last, 5) for features, last in seen]
    np.testing.assert_array_equal(*(query.rows for query in queries))

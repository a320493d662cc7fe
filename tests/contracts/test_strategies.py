"""What every query strategy keeps to; a new file in strategies/ is tested with no new test.

A class may say that it does not promise something: ``NESTED = False``, that a smaller batch is the
beginning of a larger one; ``RANKED = False``, that the most informative row comes first.
``STOCHASTIC = False`` promises that it uses no random numbers.
"""

from dataclasses import replace

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


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def strategy(name):
    return plugins.load("strategies", name)()


@pytest.fixture
def pool_and_model(situation, learner, name, strategy):
    n_classes, unseen = situation
    pool, model = examples.pool_and_model(n_classes, learner, unseen)
    skip_if_refused(strategy, pool, model, learner, name)
    return pool, model


def skip_if_refused(strategy, pool, model, learner, name):
    """A strategy may refuse a learner that has no coefficients, in one line that says so."""
    try:
        ask(strategy, pool, model, 1)
    except ParamsError as error:
        assert learner != "logistic_regression"
        assert str(error).startswith("learner.name must be a linear model")  # noqa: PT017
        assert name in str(error)  # noqa: PT017
        pytest.skip("needs a linear model")


def ask(strategy, pool, model, n, seed=0):
    return strategy.query(model, pool, n, np.random.default_rng(seed))


def test_gives_n_different_open_rows(strategy, pool_and_model):
    pool, model = pool_and_model
    assert pool.open.sum() == 42
    for n in (1, 2, 7, 42):
        query = ask(strategy, pool, model, n)
        assert len(set(query.rows.tolist())) == len(query.rows) == n
        assert np.issubdtype(query.rows.dtype, np.integer)
        assert pool.open[query.rows].all()
        assert query.informativeness.shape == (n,)


def test_same_seed_same_answer(strategy, pool_and_model):
    pool, model = pool_and_model
    first, second = (ask(strategy, pool, model, 9) for _ in range(2))
    np.testing.assert_array_equal(first.rows, second.rows)
    np.testing.assert_array_equal(first.informativeness, second.informativeness)


def test_smaller_batch_is_the_beginning_of_a_larger_one(strategy, pool_and_model):
    if not strategy.NESTED:
        pytest.skip("not promised")
    pool, model = pool_and_model
    longest = ask(strategy, pool, model, 42)
    for n in (1, 2, 20):
        query = ask(strategy, pool, model, n)
        np.testing.assert_array_equal(query.rows, longest.rows[:n])


def test_most_informative_first(strategy, pool_and_model):
    if not strategy.RANKED:
        pytest.skip("not promised")
    pool, model = pool_and_model
    informativeness = ask(strategy, pool, model, 42).informativeness
    if not np.isnan(informativeness).all():
        assert (np.diff(informativeness) <= 1e-12).all()


def test_changes_neither_pool_nor_model(strategy, pool_and_model):
    pool, model = pool_and_model
    before = pool.open.copy(), pool.labels.copy(), model.predict(pool.features)
    for array in (pool.open, pool._labels, pool._features, pool._rows):
        array.flags.writeable = False
    ask(strategy, pool, model, 5)
    after = pool.open, pool.labels, model.predict(pool.features)
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


def test_draws_no_lots_if_it_says_so(strategy, pool_and_model):
    if strategy.STOCHASTIC:
        pytest.skip("it may")
    pool, model = pool_and_model
    for n in (1, 7):
        strategy.query(model, pool, n, None)


def test_does_not_touch_the_global_random_numbers(strategy, pool_and_model):
    pool, model = pool_and_model
    with examples.global_lots_untouched():
        ask(strategy, pool, model, 5)


def test_duplicate_rows_are_no_trouble(strategy, learner, name):
    pool, model = examples.pool_and_model(2, learner)
    skip_if_refused(strategy, pool, model, learner, name)
    pool.features = examples.fixed(np.repeat(pool.features[:1], 90, axis=0))
    query = ask(strategy, pool, model, 42)
    assert sorted(query.rows) == np.flatnonzero(pool.open).tolist()


@pytest.mark.parametrize("n_rows", [23, 37])
def test_of_equal_rows_the_lowest_comes_first(strategy, learner, name, situation, n_rows):
    """Wherever they stand: numerical libraries sum the last rows of a table in another order."""
    if not strategy.RANKED or not strategy.NESTED:
        pytest.skip("not promised")
    n_classes, unseen = situation
    few, _ = examples.pool_and_model(n_classes, learner, unseen)
    kind = np.concatenate([few.labelled_rows, np.arange(n_rows) % 5])
    pool = Pool(
        np.hstack([few.features, few.features**2, few.features**3])[kind],
        np.arange(few.n_labelled, len(kind)),
        initial=np.arange(few.n_labelled),
        initial_labels=few.labels,
        classes=n_classes,
        budget=n_rows,
    )
    model = plugins.load("learners", learner)().build(7).fit(pool.labelled_features, pool.labels)
    skip_if_refused(strategy, pool, model, learner, name)
    query = ask(strategy, pool, model, n_rows)
    if np.isnan(query.informativeness).all():
        pytest.skip("it has no measure")
    for each in range(5):
        equal = query.rows[kind[query.rows] == each]
        np.testing.assert_array_equal(equal, np.sort(equal))


@pytest.mark.parametrize("batch_size", [1, 3])
def test_sees_no_label_that_was_not_bought(strategy, situation, batch_size):
    n_classes, unseen = situation
    task = examples.task(n_classes, unseen=unseen)
    first = examples.run(task, strategy, budget=12, batch_size=batch_size)
    poisoned = task.labels.copy()
    poisoned[np.setdiff1d(task.parts["pool"], first.rows)] = 99
    second = examples.run(
        replace(task, labels=poisoned), strategy, budget=12, batch_size=batch_size
    )
    np.testing.assert_array_equal(first.rows, second.rows)
    np.testing.assert_array_equal(first.scores, second.scores)
    np.testing.assert_array_equal(first.informativeness, second.informativeness)


@pytest.mark.usefixtures("pool_and_model")
def test_buys_a_whole_pool(strategy, situation, learner):
    n_classes, unseen = situation
    task = examples.task(n_classes, learner, unseen=unseen)
    run = examples.run(task, strategy, budget=1000, batch_size=7)
    assert sorted(run.rows) == task.parts["pool"].tolist()


@pytest.mark.parametrize("form", [csr_array, np.float32])
def test_takes_sparse_features_and_those_of_single_precision(strategy, form, name):
    task = examples.task(3)
    if form is csr_array and "." in name:
        with pytest.raises(ParamsError, match=r"^preprocess\.sparse must be false: skactiveml"):
            examples.run(replace(task, features=form(task.features)), strategy)
        return
    run = examples.run(replace(task, features=form(task.features)), strategy, budget=20)
    assert len(set(run.rows.tolist())) == 20
    if form is csr_array:
        dense = examples.run(task, strategy, budget=20)
        np.testing.assert_array_equal(run.rows, dense.rows)
        np.testing.assert_allclose(run.scores, dense.scores)


def test_runs_on_two_seeds_do_not_depend_on_each_other(strategy):
    task = examples.task()
    alone = examples.run(task, strategy, seed=4)
    examples.run(task, strategy, seed=3)
    again = examples.run(task, strategy, seed=4)
    np.testing.assert_array_equal(alone.rows, again.rows)


# They fit the whole model anew, and with it its preprocessing.
FIT_ANEW = {"expected_error_reduction", "query_by_committee"}


def test_sees_a_table_as_the_model_does(strategy, name):
    """Where preprocessing is part of the model there are gaps and texts before it."""
    options = Preprocess(visible="labelled", min_frequency=1)
    task = test_preprocessing.task(test_preprocessing.mixed(), options, standardize=True)
    assert pd.isna(task.features).any()
    run = examples.run(task, strategy, budget=9, batch_size=3)
    assert len(set(run.rows.tolist())) == 9
    if name in FIT_ANEW:
        return
    model = task.fit_rows("initial")
    asked = [
        ask(strategy, pool_of(task, features), seen, 5)
        for features, seen in (
            (task.features, model),
            (model[:-1].transform(task.features), model[-1]),
        )
    ]
    np.testing.assert_array_equal(*(query.rows for query in asked))


def pool_of(task, features):
    """Pool of a task with other features."""
    initial = task.parts["initial"]
    return Pool(
        features,
        task.parts["pool"],
        initial=initial,
        initial_labels=task.labels[initial],
        classes=task.classes,
        budget=9,
    )

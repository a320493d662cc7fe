"""Information density by hand."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.special import entr

from active_learning.core.pool import Pool
from active_learning.strategies.information_density import (
    InformationDensity,
    by_angle,
    by_distance,
)
from tests import examples

NAME = "information_density"


@pytest.fixture
def line():
    """Open rows at 0, 1 and 3, of which the model is equally unsure, and a labelled one at 9."""
    pool = examples.small_pool([[9], [0], [1], [3]], [0], [0])
    return pool, examples.Believer(pool.features, [[0.5, 0.5]] * 4)


def test_by_hand(line):
    pool, model = line
    # Mean similarity to the two other open rows: (1/2 + 1/4)/2, (1/2 + 1/3)/2, (1/4 + 1/3)/2
    query = examples.query(NAME, model, pool, 3)
    assert query.rows.tolist() == [2, 1, 3]
    expected = np.log(2) * np.array([5 / 12, 3 / 8, 7 / 24])
    np.testing.assert_allclose(query.informativeness, expected)


def test_beta_weighs_the_similarity(line):
    pool, model = line
    squared = examples.query(NAME, model, pool, 1, beta=2.0)
    np.testing.assert_allclose(squared.informativeness, np.log(2) * (5 / 12) ** 2)
    query = examples.query(NAME, model, pool, 3, beta=0.0)
    assert query.rows.tolist() == [1, 2, 3]  # a tie: the lowest rows
    np.testing.assert_allclose(query.informativeness, np.log(2))


def test_an_unsure_row_beats_a_typical_one(line):
    pool, _ = line
    model = examples.Believer(pool.features, [[1, 0], [0.9, 0.1], [1, 0], [0.5, 0.5]])
    query = examples.query(NAME, model, pool, 2)
    assert query.rows.tolist() == [3, 1]
    expected = [np.log(2) * 7 / 24, entr([0.9, 0.1]).sum() * 3 / 8]
    np.testing.assert_allclose(query.informativeness, expected)


def test_similarities_by_hand():
    X = np.array([[2.0, 0.0], [1.0, 1.0], [-3.0, 0.0]])
    root = np.sqrt(0.5)
    np.testing.assert_allclose(by_angle(X, X), [[1, root, 0], [root, 1, 0], [0, 0, 1]], atol=1e-12)
    np.testing.assert_allclose(by_distance(X, X[:1])[:, 0], [1, 1 / (1 + np.sqrt(2)), 1 / 6])


@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_a_row_of_zeros_is_at_no_angle(form):
    X = np.array([[0.0, 0.0], [1.0, 1.0]])
    np.testing.assert_allclose(by_angle(form(X), form(X)), [[0, 0], [0, 1]])


def test_equal_rows_are_equally_similar():
    kind = np.arange(37) % 5
    X = np.random.default_rng(0).normal(size=(5, 10))[kind]
    similar = by_angle(X, X[:11])
    np.testing.assert_array_equal(similar, similar[kind])


def test_compares_with_some_of_the_rows_only():
    pool, model = examples.pool_and_model()
    every = examples.query(NAME, model, pool, 42, sample=None)
    assert examples.query(NAME, model, pool, 42, sample=48).rows.tolist() == every.rows.tolist()
    some = examples.query(NAME, model, pool, 42, sample=5)
    assert some.rows.tolist() != every.rows.tolist()
    assert examples.query(NAME, model, pool, 42, sample=5).rows.tolist() == some.rows.tolist()


def unsure(n_rows, seed=0, n_features=2):
    """Pool of Gaussian rows, and a model that is equally unsure of all."""
    features = np.random.default_rng(5).normal(size=(n_rows, n_features))
    pool = Pool(
        features, np.arange(n_rows), initial=np.empty(0, np.int64),
        initial_labels=np.empty(0, np.int64), classes=2, budget=n_rows, seed=seed,
    )  # fmt: skip
    return pool, examples.Believer(features, [[0.5, 0.5]] * n_rows)


def test_a_sampled_row_is_not_queried_more_often_than_others():
    sampled = 0
    for seed in range(100):
        pool, model = unsure(100, seed, n_features=20)
        sample = pool.generator(NAME).choice(100, 20, replace=False)
        sampled += examples.query(NAME, model, pool, 1, sample=20).rows[0] in sample
    assert (
        sampled <= 32
    )  # 20 are due, with a standard deviation of 4; all 100 if a row counts itself


def test_only_the_row_itself_is_left_out_not_one_equal_to_it():
    pool = examples.small_pool([[0], [0], [4]])
    model = examples.Believer(pool.features, [[0.5, 0.5]] * 3)
    query = examples.query(NAME, model, pool, 3)
    assert query.rows.tolist() == [0, 1, 2]
    np.testing.assert_allclose(query.informativeness, np.log(2) * np.array([0.6, 0.6, 0.2]))


def test_the_only_row_of_a_pool():
    pool = examples.small_pool([[0], [1]], [0], [0])
    model = examples.Believer(pool.features, [[0.5, 0.5]] * 2)
    query = examples.query(NAME, model, pool, 1)
    assert (query.rows.tolist(), query.informativeness.tolist()) == ([1], [0.0])


@pytest.mark.parametrize("sample", [5, None])
def test_all_queries_of_a_run_have_the_same_density(sample):
    pool, model = unsure(30)
    first = examples.query(NAME, model, pool, 30, sample=sample)
    pool.close(first.rows[:9], np.zeros(9, dtype=np.int64))
    later = examples.query(NAME, model, pool, 21, seed=1, sample=sample)
    assert later.rows.tolist() == first.rows[9:].tolist()
    assert later.informativeness.tolist() == first.informativeness[9:].tolist()
    assert examples.query(NAME, model, unsure(30, 1)[0], 30, sample=5).rows.tolist() != (
        examples.query(NAME, model, unsure(30)[0], 30, sample=5).rows.tolist()
    )


def test_a_resumed_run_keeps_its_sample():
    strategy = InformationDensity(sample=5)
    short, long = (examples.run(examples.task(), strategy, budget=budget) for budget in (3, 9))
    assert examples.same_run(examples.run(examples.task(), strategy, budget=9, resumed=short), long)
    other = examples.run(examples.task(), strategy, budget=9, seed=4)
    assert other.rows.tolist() != long.rows.tolist()

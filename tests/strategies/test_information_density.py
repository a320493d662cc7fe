"""Information density by hand."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.special import entr

from active_learning.strategies.information_density import by_angle, by_distance
from tests import examples

NAME = "information_density"


@pytest.fixture
def line():
    """Open rows at 0, 1 and 3, of which the model is equally unsure, and a labelled one at 9."""
    pool = examples.small_pool([[9], [0], [1], [3]], [0], [0])
    return pool, examples.Believer(pool.features, [[0.5, 0.5]] * 4)


def test_by_hand(line):
    pool, model = line
    # Mean similarity to the rows at 0, 1 and 3: (1 + 1/2 + 1/4)/3, (1/2 + 1 + 1/3)/3, ...
    query = examples.query(NAME, model, pool, 3)
    assert query.rows.tolist() == [2, 1, 3]
    expected = np.log(2) * np.array([11 / 18, 7 / 12, 19 / 36])
    np.testing.assert_allclose(query.informativeness, expected)


def test_beta_weighs_the_similarity(line):
    pool, model = line
    squared = examples.query(NAME, model, pool, 1, beta=2.0)
    np.testing.assert_allclose(squared.informativeness, np.log(2) * (11 / 18) ** 2)
    query = examples.query(NAME, model, pool, 3, beta=0.0)
    assert query.rows.tolist() == [1, 2, 3]  # a tie: the lowest rows
    np.testing.assert_allclose(query.informativeness, np.log(2))


def test_an_unsure_row_beats_a_typical_one(line):
    pool, _ = line
    model = examples.Believer(pool.features, [[1, 0], [0.9, 0.1], [1, 0], [0.5, 0.5]])
    query = examples.query(NAME, model, pool, 2)
    assert query.rows.tolist() == [3, 1]
    expected = [np.log(2) * 19 / 36, entr([0.9, 0.1]).sum() * 7 / 12]
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
    assert examples.query(NAME, model, pool, 42, sample=42).rows.tolist() == every.rows.tolist()
    some = examples.query(NAME, model, pool, 42, sample=5)
    assert some.rows.tolist() != every.rows.tolist()
    assert examples.query(NAME, model, pool, 42, sample=5).rows.tolist() == some.rows.tolist()

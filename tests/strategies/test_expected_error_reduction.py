"""Expected error reduction, with models so small that the loss can be worked out by hand."""

import numpy as np
import pytest
from scipy.special import entr
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.neighbors import KNeighborsClassifier

from tests import examples

NAME = "expected_error_reduction"


def fitted(model, pool):
    return model.fit(pool.labelled_features, pool.labels)


def test_a_model_of_class_shares_by_hand():
    pool = examples.small_pool([[0], [1], [2], [3], [4]], [0, 1, 2], [0, 0, 1])
    model = fitted(DummyClassifier(strategy="prior"), pool)
    # p = (2/3, 1/3) everywhere. Class 0 would make it (3/4, 1/4), class 1 (1/2, 1/2).
    log_loss = examples.query(NAME, model, pool, 2, loss="log_loss")
    assert log_loss.rows.tolist() == [3, 4]  # all the same: the lowest rows
    gain = 0.63651 - (2 / 3 * 0.56234 + 1 / 3 * 0.69315)
    np.testing.assert_allclose(log_loss.informativeness, gain, atol=1e-5)
    zero_one = examples.query(NAME, model, pool, 2, loss="zero_one")
    gain = 1 / 3 - (2 / 3 * 1 / 4 + 1 / 3 * 1 / 2)  # 0: one more label changes no prediction
    np.testing.assert_allclose(zero_one.informativeness, gain, atol=1e-12)


def test_two_neighbours_by_hand():
    pool = examples.small_pool([[0], [10], [12], [100], [2], [1]], [0, 1, 2], [0, 1, 0])
    model = fitted(KNeighborsClassifier(2), pool)
    # Every row lies between two classes: its loss is 1/2. A label at 1 or at 2 is one of the two
    # nearest of both: class 0 brings their losses to 0, class 1 leaves them. A label at 100 does so
    # for 100 alone. So the means over three rows fall by half of 2 × 1/2 / 3, or of 1/2 / 3.
    query = examples.query(NAME, model, pool, 3, loss="zero_one")
    assert query.rows.tolist() == [4, 5, 3]
    np.testing.assert_allclose(query.informativeness, [1 / 6, 1 / 6, 1 / 12])


@pytest.fixture(scope="module")
def reductions():
    """Expected reduction of log loss of every open row, as the textbook has it."""
    pool, model = examples.pool_and_model(2)
    rows = np.flatnonzero(pool.open)

    def loss(some_model):
        return entr(some_model.predict_proba(pool.features[rows])).sum(axis=1).mean()

    values = np.full(90, -np.inf)
    for row in rows:
        beliefs = model.predict_proba(pool.features[[row]])[0]
        X = np.vstack([pool.labelled_features, pool.features[[row]]])
        after = [loss(clone(model).fit(X, np.append(pool.labels, answer))) for answer in (0, 1)]
        values[row] = loss(model) - beliefs @ after
    return pool, model, values


def test_is_the_textbooks_on_a_small_pool(reductions):
    pool, model, expected = reductions
    query = examples.query(NAME, model, pool, 5)
    assert query.rows.tolist() == np.argsort(-expected, kind="stable")[:5].tolist()
    np.testing.assert_allclose(query.informativeness, expected[query.rows], rtol=1e-6)


def test_tries_some_of_the_rows_only(reductions):
    pool, model, expected = reductions
    query = examples.query(NAME, model, pool, 6, candidates=6)
    assert (np.diff(expected[query.rows]) <= 0).all()
    best = examples.query(NAME, model, pool, 1, candidates=6)
    assert best.rows[0] == query.rows[0]  # the same six were drawn
    others = {examples.query(NAME, model, pool, 1, seed, candidates=6).rows[0] for seed in range(6)}
    assert len(others) > 1
    larger = examples.query(NAME, model, pool, 8, candidates=6)
    assert len(set(larger.rows)) == 8
    assert np.isfinite(larger.informativeness).all()  # as many are tried


def test_expects_the_loss_on_some_of_the_rows_only(reductions):
    pool, model, expected = reductions
    query = examples.query(NAME, model, pool, 1, candidates=None, evaluation=10)
    assert query.informativeness[0] != pytest.approx(expected[query.rows[0]], rel=1e-3)
    again = examples.query(NAME, model, pool, 1, candidates=None, evaluation=10)
    assert again.informativeness[0] == query.informativeness[0]

"""The pool knows the labels that were bought, and no others."""

import numpy as np

from active_learning.loop.pool import ABSTAINED, Pool
from tests.examples import fixed

FEATURES = fixed(np.arange(12.0).reshape(6, 2))
INITIAL = fixed([[20.0, 21.0], [22.0, 23.0]])


def pool(budget=4):
    return Pool(FEATURES, INITIAL, fixed([1, 0]), n_classes=2, budget=budget)


def test_begins_with_the_initial_set_and_every_row_open():
    fresh = pool()
    assert fresh.open.tolist() == [True] * 6
    assert fresh.labelled_features.tolist() == INITIAL.tolist()
    assert fresh.labels.tolist() == [1, 0]


def test_labelled_set_grows_in_the_order_of_the_queries():
    bought = pool()
    bought.close(np.array([4]), np.array([1]))
    bought.close(np.array([5, 0]), np.array([0, 1]))
    assert bought.open.tolist() == [False, True, True, True, False, False]
    assert bought.labels.tolist() == [1, 0, 1, 0, 1]
    assert bought.labelled_features[2:].tolist() == FEATURES[[4, 5, 0]].tolist()


def test_abstention_closes_its_row_and_labels_nothing():
    bought = pool()
    bought.close(np.array([3, 1]), np.array([ABSTAINED, 0]))
    assert bought.open.tolist() == [True, False, True, False, True, True]
    assert bought.labels.tolist() == [1, 0, 0]
    assert bought.labelled_features[2:].tolist() == [FEATURES[1].tolist()]


def test_features_of_the_pool_are_not_copied():
    assert pool().features is FEATURES


def test_budget_may_exceed_the_pool():
    bought = pool(budget=1000)
    bought.close(np.arange(6), np.zeros(6, dtype=int))
    assert not bought.open.any()
    assert len(bought.labels) == 8

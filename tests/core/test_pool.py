"""The pool knows the labels that were bought, and no others."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from active_learning.core.pool import ABSTAINED, Pool
from tests.examples import fixed

FEATURES = fixed(np.arange(16.0).reshape(8, 2))


def pool(budget=4, features=FEATURES, *, split_order=False):
    """Rows 7 and 2 are labelled, row 0 is not in the pool."""
    return Pool(
        features,
        fixed([6, 1, 4, 3, 5]),
        initial=fixed([7, 2]),
        initial_labels=fixed([1, 0]),
        classes=2,
        budget=budget,
        split_order=split_order,
    )


def test_begins_with_the_initial_set_and_every_row_of_the_pool_open():
    fresh = pool()
    assert fresh.features is FEATURES
    assert np.flatnonzero(fresh.open).tolist() == [1, 3, 4, 5, 6]
    assert fresh.labelled_rows.tolist() == [7, 2]
    assert fresh.labelled_features.tolist() == [[14, 15], [4, 5]]
    assert fresh.labels.tolist() == [1, 0]


@pytest.mark.parametrize("features", [FEATURES, csr_array(FEATURES)], ids=["dense", "sparse"])
def test_labelled_set_grows_in_the_order_of_the_queries(features):
    bought = pool(features=features)
    bought.close(np.array([4]), np.array([1]))
    bought.close(np.array([5, 1]), np.array([0, 1]))
    assert np.flatnonzero(bought.open).tolist() == [3, 6]
    assert bought.labels.tolist() == [1, 0, 1, 0, 1]
    assert bought.labelled_rows.tolist() == [7, 2, 4, 5, 1]
    labelled = bought.labelled_features
    labelled = labelled if features is FEATURES else labelled.toarray()
    assert labelled.tolist() == FEATURES[[7, 2, 4, 5, 1]].tolist()


@pytest.mark.parametrize("features", [FEATURES, csr_array(FEATURES)], ids=["dense", "sparse"])
def test_labelled_set_and_ties_in_the_order_of_the_split(features):
    bought = pool(features=features, split_order=True)
    assert bought.open_rows.tolist() == [6, 1, 4, 3, 5]
    bought.close(np.array([4]), np.array([1]))
    bought.close(np.array([5, 1, 6]), np.array([0, 1, ABSTAINED]))
    assert bought.open_rows.tolist() == [3]
    assert bought.labelled_rows.tolist() == [7, 2, 1, 4, 5]
    assert bought.labels.tolist() == [1, 0, 1, 1, 0]
    labelled = bought.labelled_features
    labelled = labelled if features is FEATURES else labelled.toarray()
    assert labelled.tolist() == FEATURES[[7, 2, 1, 4, 5]].tolist()


def test_abstention_closes_its_row_and_labels_nothing():
    bought = pool()
    bought.close(np.array([3, 1]), np.array([ABSTAINED, 0]))
    assert np.flatnonzero(bought.open).tolist() == [4, 5, 6]
    assert bought.labels.tolist() == [1, 0, 0]
    assert bought.labelled_rows.tolist() == [7, 2, 1]


def test_budget_may_exceed_the_pool():
    bought = pool(budget=1000)
    bought.close(np.array([1, 3, 4, 5, 6]), np.zeros(5, dtype=int))
    assert not bought.open.any()
    assert len(bought.labels) == 7

"""Pool order: the rows of the pool as the split drew them."""

from dataclasses import replace

import numpy as np

from active_learning.core.pool import Pool
from active_learning.strategies.pool_order import PoolOrder
from tests import examples


def test_buys_the_pool_from_the_front():
    what = examples.task()
    pool = np.random.default_rng(0).permutation(what.parts["pool"])
    shuffled = replace(what, parts={**what.parts, "pool": pool})
    run = examples.run(shuffled, "pool_order", budget=48)
    np.testing.assert_array_equal(run.rows, pool)


def test_closed_rows_are_passed_over():
    pool = Pool(
        np.zeros((6, 1)), np.array([5, 2, 4, 1]),
        initial=np.array([0, 3]), initial_labels=np.array([0, 1]), classes=2, budget=4,
    )  # fmt: skip
    pool.close(np.array([2]), np.array([1]))
    query = PoolOrder().query(None, pool, 2, np.random.default_rng(0))
    assert query.rows.tolist() == [5, 4]
    assert np.isnan(query.informativeness).all()

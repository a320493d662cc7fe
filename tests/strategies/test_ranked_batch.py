"""Ranked batch-mode sampling by hand."""

import numpy as np

from tests import examples


def situation():
    pool = examples.small_pool([[0], [1], [3]], [0], [0])
    return pool, examples.Believer(pool.features, [[1, 0], [0.5, 0.5], [0.8, 0.2]])


def test_by_hand():
    pool, model = situation()
    # One row is labelled, two are open: w = 2/3. At 1: 2/3 (1 - 1/2) + 1/3 .5 = .5.
    # At 3: 2/3 (1 - 1/4) + 1/3 .2 = .5667. Then w = 1/3, and 1 is at 1 from 0, at 2 from 3:
    # 1/3 (1 - 1/2) + 2/3 .5 = .5.
    query = examples.query("ranked_batch", model, pool, 2)
    assert query.rows.tolist() == [2, 1]
    np.testing.assert_allclose(query.informativeness, [2 / 3 * 0.75 + 0.2 / 3, 0.5])


def test_uncertainty_counts_more_with_every_row():
    pool, _ = situation()
    model = examples.Believer(pool.features, [[1, 0], [0.9, 0.1], [0.6, 0.4]])
    # At 3: 2/3 (1 - 1/4) + 1/3 .4. Then w = 1/3: at 1, 1/3 (1 - 1/2) + 2/3 .1.
    query = examples.query("ranked_batch", model, pool, 2)
    assert query.rows.tolist() == [2, 1]
    np.testing.assert_allclose(query.informativeness, [1.9 / 3, 0.5 / 3 + 0.2 / 3])


def test_row_near_a_chosen_one_comes_later():
    pool = examples.small_pool([[0], [50], [50.1], [20]], [0], [0])
    model = examples.Believer(pool.features, [[1, 0], [0.5, 0.5], [0.5, 0.5], [0.6, 0.4]])
    assert examples.query("ranked_batch", model, pool, 3).rows.tolist() == [2, 3, 1]

"""BADGE: its embeddings by hand and written out, and what k-means++ draws."""

import numpy as np

from active_learning.strategies.badge import Embedding, surprise
from tests import examples


def test_surprise_by_hand():
    probabilities = np.array([[0.8, 0.2], [0.4, 0.6]])
    np.testing.assert_allclose(surprise(probabilities), [[-0.2, 0.2], [0.4, -0.4]])


def test_distances_are_those_of_the_outer_products():
    generator = np.random.default_rng(0)
    p, X = generator.dirichlet(np.ones(3), 40), generator.normal(size=(60, 4))
    rows = np.sort(generator.choice(60, 40, replace=False))
    embedding = Embedding(surprise(p), X, rows)
    written = np.einsum("ik,ij->ikj", surprise(p), X[rows]).reshape(40, -1)
    np.testing.assert_allclose(embedding.lengths, (written**2).sum(axis=1))
    for position in (0, 17):
        expected = ((written - written[position]) ** 2).sum(axis=1)
        np.testing.assert_allclose(embedding.distances(position), expected, atol=1e-12)


def situation():
    """Three open rows with the same probabilities: the embeddings lie as the features do."""
    pool = examples.small_pool([[3, 0], [2, 0], [0, -2], [7, 7]], [3], [0])
    return pool, examples.Believer(pool.features, [[0.5, 0.5]] * 3 + [[1, 0]])


def test_first_the_longest_then_by_the_squared_distance():
    pool, model = situation()
    queries = [examples.query("badge", model, pool, 2, seed) for seed in range(500)]
    assert {query.rows[0] for query in queries} == {0}
    np.testing.assert_allclose(queries[0].informativeness[0], 0.5 * 9)
    # Squared distances to (3, 0): 1 of (2, 0) and 13 of (0, -2).
    share = np.mean([query.rows[1] == 1 for query in queries])
    assert abs(share - 1 / 14) < 4 * np.sqrt(1 * 13 / 14**2 / 500)


def test_distance_is_that_to_the_nearest_of_the_rows_before():
    pool, model = situation()
    queries = [examples.query("badge", model, pool, 3, seed) for seed in range(5)]
    in_order = [query for query in queries if query.rows.tolist() == [0, 2, 1]]
    assert in_order
    for query in in_order:  # (2, 0) is 1 from (3, 0), and 8 from (0, -2), squared
        np.testing.assert_allclose(query.informativeness, [4.5, 6.5, 0.5])


def test_rows_without_a_distance_come_from_the_lowest():
    pool = examples.small_pool([[1, 2]] * 6, [4], [0])
    model = examples.Believer(pool.features[:1], [[0.7, 0.3]])
    query = examples.query("badge", model, pool, 5)
    assert query.rows.tolist() == [0, 1, 2, 3, 5]
    np.testing.assert_allclose(query.informativeness, [2 * 0.09 * 5, 0, 0, 0, 0])


def test_a_row_of_which_the_model_is_sure_is_never_drawn_before_others():
    pool, _ = situation()
    model = examples.Believer(pool.features, [[0.5, 0.5], [1, 0], [0.5, 0.5], [1, 0]])
    for seed in range(20):
        assert examples.query("badge", model, pool, 1, seed).rows.tolist() == [0]

"""Diverse batches among the most informative rows, by hand."""

import pytest

from tests import examples

NAME = "diverse_batch"
# Four rows of which the model is unsure: three close together, and one far away; and a sure one.
FEATURES = [[0, 0], [0, 1], [0, 3], [90, 0], [40, 40], [-9, -9]]
PROBABILITIES = [[0.5, 0.5], [0.51, 0.49], [0.52, 0.48], [0.53, 0.47], [1, 0], [1, 0]]


@pytest.fixture
def situation():
    pool = examples.small_pool(FEATURES, [5], [0])
    return pool, examples.Believer(pool.features, PROBABILITIES)


@pytest.mark.parametrize(
    ("n", "options", "rows"),
    [
        # Two clusters of the four candidates; the centre of the three is near (0, 4/3), so (0, 1).
        (2, {"candidates": 2, "spread": "k_means"}, [1, 3]),
        # The least sure row, the one farthest from it, and then the one farthest from both.
        (2, {"candidates": 2, "spread": "k_center"}, [0, 3]),
        (3, {"candidates": 1, "spread": "k_center"}, [0, 1, 2]),
        (1, {"spread": "k_means"}, [0]),  # a batch of one is the best row
        (1, {"spread": "k_center"}, [0]),
    ],
)
def test_by_hand(situation, n, options, rows):
    pool, model = situation
    query = examples.query(NAME, model, pool, n, **options)
    assert query.rows.tolist() == rows
    assert query.informativeness == pytest.approx([1 - 0.02 * row for row in rows])


@pytest.mark.parametrize(("third", "rows"), [([0.99, 0.01], [1, 3]), ([0.51, 0.49], [2, 3])])
def test_candidates_weigh_as_much_as_they_are_informative(third, rows):
    """0, 3 and 5 have their centre near 3; near 5 where the model is unsure of 5 alone."""
    pool = examples.small_pool([[0], [3], [5], [90], [40]], [4], [0])
    beliefs = [[0.01, 0.99], [0.02, 0.98], third, [0.5, 0.5], [1, 0]]
    model = examples.Believer(pool.features, beliefs)
    assert sorted(examples.query(NAME, model, pool, 2, candidates=2).rows) == rows


def test_keeps_the_order_of_the_strategy():
    pool, model = examples.pool_and_model(4)
    query = examples.query(NAME, model, pool, 5, candidates=4, strategy="entropy")
    first = examples.query("entropy", model, pool, 20).rows.tolist()
    places = [first.index(row) for row in query.rows]
    assert places == sorted(places)
    assert places != list(range(5))


def test_one_candidate_for_each_row_is_the_strategy():
    pool, model = examples.pool_and_model(4)
    for spread in ("k_means", "k_center"):
        options = {"candidates": 1, "spread": spread, "strategy": "random"}
        query = examples.query(NAME, model, pool, 6, **options)
        assert query.rows.tolist() == examples.query("random", model, pool, 6).rows.tolist()


def test_fewer_different_rows_than_the_batch_needs():
    pool = examples.small_pool([[1, 1]] * 8, [7], [0])
    model = examples.Believer(pool.features[:1], [[0.6, 0.4]])
    for spread in ("k_means", "k_center"):
        query = examples.query(NAME, model, pool, 4, spread=spread)
        assert query.rows.tolist() == [0, 1, 2, 3]

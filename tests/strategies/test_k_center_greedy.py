"""k-center greedy by hand."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import examples

NAME = "k_center_greedy"


def test_by_hand():
    pool = examples.small_pool([[4], [0], [10], [5], [1]], [1], [0])
    # Labelled: 0. The farthest is 10; then 5, at 5 from both; then 4 and 1 are at 1 from 5 and 0.
    query = examples.query(NAME, None, pool, 4)
    assert query.rows.tolist() == [2, 3, 0, 4]
    assert query.informativeness.tolist() == [10, 5, 1, 1]


def test_of_several_labelled_rows_the_nearest_counts():
    pool = examples.small_pool([[0], [10], [4], [11]], [0, 1], [0, 1])
    query = examples.query(NAME, None, pool, 2)
    assert query.rows.tolist() == [2, 3]
    assert query.informativeness.tolist() == [4, 1]


def test_begins_in_the_middle_where_nothing_is_labelled():
    pool = examples.small_pool([[0], [1], [4], [5], [10]])
    query = examples.query(NAME, None, pool, 3)
    assert query.rows.tolist() == [2, 4, 0]  # the mean is 4
    assert query.informativeness.tolist() == [np.inf, 6, 4]


def test_rows_that_cannot_be_queried_are_no_centres():
    pool = examples.small_pool([[0], [9], [10], [2]], [0], [0])
    pool.open[2] = False  # as a row of the test set
    assert examples.query(NAME, None, pool, 2).rows.tolist() == [1, 3]


@settings(max_examples=30)
@given(st.data())
def test_every_choice_is_the_farthest_that_is_left(data):
    point = st.tuples(st.integers(0, 3), st.integers(0, 3))
    X = np.array(data.draw(st.lists(point, min_size=2, max_size=12)), dtype=float)
    n = data.draw(st.integers(1, len(X) - 1))
    query = examples.query(NAME, None, examples.small_pool(X, [0], [0]), n)
    centres = [0]
    for row, distance in zip(*query, strict=True):
        left = [row for row in range(len(X)) if row not in centres]
        away = {row: min(np.linalg.norm(X[row] - X[c]) for c in centres) for row in left}
        assert row == max(left, key=lambda row: (away[row], -row))
        assert distance == away[row]
        centres.append(row)

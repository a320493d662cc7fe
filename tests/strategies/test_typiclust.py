"""TypiClust by hand."""

import numpy as np
import pytest

from active_learning.strategies.typiclust import typicality
from tests import examples

NAME = "typiclust"
# Three blobs on a line: around 0, with a label; around 100; around 200.
BLOBS = [[0], [1], [2], [100], [101], [103], [104], [107], [200], [202], [203]]


def test_typicality_by_hand():
    X = np.array([[0.0], [1.0], [3.0]])
    near = [1 / (distance + 1e-5) for distance in (1, 1, 2)]
    np.testing.assert_allclose(typicality(X, 1), near)
    np.testing.assert_allclose(typicality(X, 20), [1 / (d + 1e-5) for d in (2, 1.5, 2.5)])
    assert typicality(X[:1], 20).tolist() == [0]


def test_largest_cluster_without_a_label_comes_first():
    pool = examples.small_pool(BLOBS, [0], [0])
    # Around 100, to all other four: 103 is nearest, (3 + 2 + 1 + 4)/4. Around 200: 202, 1.5.
    query = examples.query(NAME, None, pool, 2, min_size=1)
    assert query.rows.tolist() == [5, 9]
    np.testing.assert_allclose(query.informativeness, [1 / 2.50001, 1 / 1.50001])


def test_a_cluster_with_a_label_comes_last_though_it_is_the_largest():
    pool = examples.small_pool(BLOBS, [3], [0])
    query = examples.query(NAME, None, pool, 3, max_clusters=3, min_size=1)
    assert sorted(query.rows[:2]) == [1, 9]
    assert query.rows[2] == 5


def test_small_clusters_come_last():
    pool = examples.small_pool(BLOBS, [0], [0])
    # The one without a label and with three rows comes after that of the label only if that is
    # larger than five: both are too small here, and fewer labels come first.
    assert examples.query(NAME, None, pool, 2).rows.tolist() == [5, 9]
    more = examples.small_pool([[0], [0.5], [1], [1.5], [2], *BLOBS[3:]], [0], [0])
    assert examples.query(NAME, None, more, 2, max_clusters=3).rows.tolist() == [7, 2]


def test_clusters_take_turns():
    pool = examples.small_pool(BLOBS, [0], [0])
    query = examples.query(NAME, None, pool, 5, max_clusters=3, min_size=1)
    # 100s, 200s, the labelled one, and again the 100s and 200s with their next.
    assert [BLOBS[row][0] // 100 for row in query.rows] == [1, 2, 0, 1, 2]
    assert query.rows[:2].tolist() == [5, 9]


@pytest.mark.parametrize("n", [1, 4])
def test_works_where_nothing_is_labelled(n):
    pool = examples.small_pool(BLOBS)
    query = examples.query(NAME, None, pool, n)
    assert len(set(query.rows)) == n

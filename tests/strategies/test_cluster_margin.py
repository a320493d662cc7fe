"""Cluster-Margin by hand."""

import numpy as np
import pytest

from active_learning.strategies.cluster_margin import hierarchical
from tests import examples

NAME = "cluster_margin"
# Margins .1 to .4 at 0, .1, .2 and 9; a large margin at 5.
FEATURES = [[0], [0.1], [0.2], [9], [5]]
PROBABILITIES = [[0.55, 0.45], [0.6, 0.4], [0.65, 0.35], [0.7, 0.3], [1, 0]]


@pytest.fixture
def situation():
    pool = examples.small_pool([*FEATURES, [-50]], [5], [0])
    return pool, examples.Believer(pool.features, [*PROBABILITIES, [1, 0]])


def test_one_row_of_each_cluster_the_smallest_first(situation):
    pool, model = situation
    queries = [examples.query(NAME, model, pool, 2, seed, candidates=2) for seed in range(20)]
    assert {query.rows[0] for query in queries} == {3}
    assert {query.rows[1] for query in queries} == {0, 1, 2}
    margins = np.array([0.1, 0.2, 0.3, 0.4])
    for query in queries:
        np.testing.assert_allclose(query.informativeness, 1 - margins[query.rows])


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        # The pairs join, and then they join each other at 8 on average; 18.5 is at 8.5 from 9 and
        # 11. By the farthest rows these are 11 and 9.5.
        ([0, 4, 9, 11, 18.5], [0, 0, 0, 0, 1]),
        # The pairs join, and then they are at 6.2 from each other; 13 is at 5.3 from 6.1 and 9.3.
        # By the nearest rows these are 3.1 and 3.7.
        ([0, 3, 6.1, 9.3, 13], [0, 0, 1, 1, 1]),
    ],
)
def test_clusters_are_those_of_average_linkage(places, expected):
    clusters = hierarchical(np.array(places)[:, None], 2)
    assert (clusters == clusters[0]).tolist() == [cluster == 0 for cluster in expected]


def test_one_candidate_for_each_row_is_margin(situation):
    pool, model = situation
    query = examples.query(NAME, model, pool, 3, candidates=1)
    assert sorted(query.rows) == [0, 1, 2]

"""Rows at random: uniform, without replacement, and independent of the size of the batch."""

import numpy as np
import pytest
from scipy.stats import chisquare

from tests import examples

NAME = "random"


def pool_with(n_open, n_rows=20):
    """Pool of which some rows are closed: the even ones, then the lowest."""
    pool = examples.small_pool(np.arange(n_rows)[:, np.newaxis])
    closed = [*range(0, n_rows, 2), *range(1, n_rows, 2)][: n_rows - n_open]
    pool.close(np.array(closed, dtype=np.int64), np.zeros(len(closed), dtype=np.int64))
    return pool


@pytest.mark.parametrize("n_open", [20, 13, 10, 6])
def test_every_open_row_is_equally_probable_at_every_place(n_open):
    pool = pool_with(n_open)
    rows = np.array([examples.query(NAME, None, pool, 4, seed).rows for seed in range(1000)])
    for place in (0, 3):
        counts = np.bincount(rows[:, place], minlength=20)
        assert not counts[~pool.open].any()
        assert chisquare(counts[pool.open]).pvalue > 0.001


def test_pairs_are_equally_probable():
    pool = pool_with(6)
    pairs = [tuple(examples.query(NAME, None, pool, 2, seed).rows) for seed in range(1000)]
    _, counts = np.unique(pairs, axis=0, return_counts=True)
    assert len(counts) == 30
    assert chisquare(counts).pvalue > 0.001


@pytest.mark.parametrize("n_open", [20, 13, 10, 6, 1])
def test_a_smaller_batch_is_a_prefix_of_a_larger_one(n_open):
    pool = pool_with(n_open)
    rows = examples.query(NAME, None, pool, n_open).rows.tolist()
    assert sorted(rows) == np.flatnonzero(pool.open).tolist()
    for n in range(1, n_open):
        assert examples.query(NAME, None, pool, n).rows.tolist() == rows[:n]


def test_rows_are_the_first_different_ones_of_a_sequence_of_draws():
    pool = pool_with(13)
    drawn = pool.order[np.random.default_rng(7).integers(20, size=2000)]
    rows = list(dict.fromkeys(drawn[pool.open[drawn]].tolist()))
    for n in (1, 5, 13):
        assert examples.query(NAME, None, pool, n, 7).rows.tolist() == rows[:n]

"""The splits of Lu et al.: their recipe, step by step."""

import numpy as np
import pytest

from active_learning.core.errors import ParamsError
from active_learning.data import splits_lu2023

LABELS = np.arange(50) % 2


def repeats(labels=LABELS, n_repeats=4, initial_size=5, seed=0):
    return splits_lu2023.repeats(
        labels, ["a", "b"], n_repeats=n_repeats, test_size=0.4, initial_size=initial_size, seed=seed
    )


def test_is_their_recipe():
    rows = np.arange(50)
    np.random.default_rng(3).shuffle(rows)
    train = rows[:30].copy()
    np.random.default_rng(3).shuffle(train)
    (parts,) = repeats(n_repeats=1, seed=3)
    np.testing.assert_array_equal(parts["test"], rows[30:])
    np.testing.assert_array_equal(parts["initial"], train[:5])
    np.testing.assert_array_equal(parts["pool"], train[5:])


def test_the_train_part_is_rounded_down():
    (parts,) = repeats(np.arange(51) % 2, n_repeats=1)
    assert [len(parts[role]) for role in ("test", "initial", "pool")] == [21, 5, 25]


def test_every_row_has_one_part():
    for parts in repeats():
        assert sorted(np.concatenate(list(parts.values()))) == list(range(50))


def test_seeds_whose_initial_set_misses_a_class_are_dropped():
    labels = (np.arange(50) < 8).astype(int)
    splits = repeats(labels, n_repeats=20)
    for parts in splits:
        assert set(labels[parts["initial"]]) == {0, 1}
    # By hand: the splits of single seeds, where there is one.
    kept = []
    for seed in range(200):
        (parts,) = repeats(labels, n_repeats=1, seed=seed)
        if not kept or parts["pool"].tolist() != kept[-1]:
            kept.append(parts["pool"].tolist())
    assert [parts["pool"].tolist() for parts in splits] == kept[:20]
    assert splits[-1]["pool"].tolist() != repeats(labels, n_repeats=1, seed=19)[0]["pool"].tolist()


def test_a_class_that_is_always_missed():
    labels = np.zeros(50, dtype=int)
    with pytest.raises(ParamsError, match=r"1000 seeds gave .* that lacks a class.* 'b'"):
        repeats(labels)


def test_no_pool():
    with pytest.raises(ParamsError, match="must be below the 30 rows outside the test set; got 30"):
        repeats(initial_size=30)

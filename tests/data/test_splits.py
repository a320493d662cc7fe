"""Who is tested on, who is labelled first, whose label can be bought."""

import numpy as np
import pytest

from active_learning.core.errors import ParamsError
from active_learning.data import splits
from tests.examples import fixed

LABELS = fixed(np.repeat([0, 1, 2], [60, 30, 10]))
CLASSES = ["a", "b", "c"]
DEFAULTS = {"test_size": 0.1, "initial_size": 0.1, "stratify": True, "seed": 42}


def cut(labels=LABELS, classes=CLASSES, **options):
    return splits.split(labels, classes, **DEFAULTS | options)


@pytest.mark.parametrize(
    ("test_size", "initial_size", "sizes"),
    [
        (0.1, 0.1, (10, 9, 81)),
        (20, 8, (20, 8, 72)),
        (0.25, 15, (25, 15, 60)),
        (20, 0.5, (20, 40, 40)),
        (0.101, 0.101, (11, 8, 81)),  # test is rounded up, initial down: 8.989 of 89
    ],
)
def test_sizes_are_shares_or_counts(test_size, initial_size, sizes):
    parts = cut(test_size=test_size, initial_size=initial_size)
    assert tuple(len(parts[role]) for role in splits.ROLES) == sizes
    assert sorted(np.concatenate(list(parts.values()))) == list(range(100))


def test_stratified_parts_keep_the_share_of_each_class():
    parts = cut(test_size=20, initial_size=20)
    assert np.bincount(LABELS[parts["test"]]).tolist() == [12, 6, 2]
    assert np.bincount(LABELS[parts["initial"]]).tolist() == [12, 6, 2]


@pytest.mark.parametrize("groups", [None, np.repeat(np.arange(40), [1, 2, 3, 4] * 10)])
def test_same_seed_same_parts_and_another_seed_others(groups):
    first, second, other = (cut(groups=groups, seed=seed) for seed in (7, 7, 8))
    for role in splits.ROLES:
        assert first[role].tolist() == second[role].tolist()
        assert first[role].tolist() != other[role].tolist()


def test_order_of_the_rows_goes_through_the_table_and_back():
    """The order of the pool decides ties, so it must not be lost."""
    parts = [cut(seed=seed) for seed in (42, 43)]
    read = splits.from_table(splits.to_table(parts))
    assert len(read) == 2
    for before, after in zip(parts, read, strict=True):
        assert list(after) == list(splits.ROLES)
        for role in splits.ROLES:
            assert after[role].tolist() == before[role].tolist()


@pytest.mark.parametrize("stratify", [True, False])
def test_part_that_would_be_empty_is_refused(stratify):
    for options in ({"test_size": 100}, {"initial_size": 90}, {"initial_size": 0.001}):
        with pytest.raises(ParamsError, match="on each side of the cut"):
            cut(stratify=stratify, **options)


@pytest.mark.parametrize(
    ("sizes", "options", "message"),
    [
        ([60, 30, 10], {"test_size": 2}, r"^test_size .* at least 3 \(one per class\) of 100"),
        ([60, 1, 1], {}, r"2 of the 62 rows .* test set .*; fewer: 'b' \(1\), 'c' \(1\)\. "),
        ([60, 38, 2], {"test_size": 0.5}, r"2 of the 50 rows .* initial .*; fewer: 'c' \(1\)\. "),
        ([99, 1], {"stratify": False}, r"^test_size must leave at least two classes"),
    ],
)
def test_class_that_is_too_rare(sizes, options, message):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    with pytest.raises(ParamsError, match=message):
        cut(labels, CLASSES[: len(sizes)], **options)


def test_rare_class_can_be_cut_without_stratifying():
    assert len(cut(np.repeat([0, 1, 2], [60, 39, 1]), stratify=False)["test"]) == 10


GROUPS = fixed(np.repeat(np.arange(40), [1, 2, 3, 4] * 10))


@pytest.mark.parametrize("stratify", [True, False])
@pytest.mark.parametrize("test_size", [0.2, 15])
def test_groups_stay_together_in_about_as_many_rows(stratify, test_size):
    tests = set()
    for seed in range(20):
        parts = cut(groups=GROUPS, stratify=stratify, test_size=test_size, seed=seed)
        assert sorted(np.concatenate(list(parts.values()))) == list(range(100))
        rest = np.concatenate([parts["initial"], parts["pool"]])
        assert not set(GROUPS[parts["test"]]) & set(GROUPS[rest])
        wanted = test_size if isinstance(test_size, int) else test_size * 100
        assert abs(len(parts["test"]) - wanted) <= 4
        tests.add(tuple(parts["test"]))
    assert len(tests) == 20


@pytest.mark.parametrize(("test_size", "n_groups"), [(3, 1), (5, 1), (7, 2), (0.25, 1), (0.5, 2)])
def test_the_nearest_number_of_groups_is_cut_off(test_size, n_groups):
    groups, labels = np.arange(20) // 4, np.arange(20) % 2  # five groups of four rows
    for seed in range(5):
        parts = cut(
            labels, ["a", "b"], groups=groups, test_size=test_size, initial_size=4, seed=seed
        )
        assert len(parts["test"]) == 4 * n_groups


def test_groups_keep_the_share_of_each_class():
    labels = np.random.default_rng(0).permutation(np.repeat([0, 1], [800, 200]))
    groups = np.arange(1000) // 3
    for seed in range(5):
        parts = cut(labels, ["a", "b"], groups=groups, seed=seed)
        np.testing.assert_allclose(np.bincount(labels[parts["test"]]), [80, 20], atol=5)


def test_one_group_cannot_be_cut():
    with pytest.raises(ParamsError, match=r"^test_size must leave at least one group on each"):
        cut(groups=np.zeros(100))

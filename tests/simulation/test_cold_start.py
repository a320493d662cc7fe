"""Initial sets that are not simply drawn: one of each class, and by strategies without labels."""

from typing import get_args

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from active_learning.core import plugins, rng
from active_learning.core.errors import ParamsError
from active_learning.core.pool import Query
from active_learning.data import splits
from active_learning.data.dataset import Dataset
from active_learning.simulation import cold_start
from stages.params.sections import Split
from tests.examples import fixed, table

LABELS = fixed(np.repeat([0, 1, 2], [60, 37, 3]))
CLASSES = ["a", "b", "c"]
ROWS = fixed(np.random.default_rng(0).permutation(100)[:80])
# Strategies on the list; random needs no labels either.
NAMES = [
    name
    for name in get_args(Split.model_fields["initial"].annotation)
    if name in plugins.available("strategies")
]


def drawn(n, seed=0, rows=ROWS, labels=LABELS):
    return cold_start.one_per_class(rows, labels, CLASSES, n, rng.generator(seed, "initial"))


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("n", [3, 4, 20])
def test_every_class_has_a_row(n, seed):
    rows = drawn(n, seed)
    assert len(set(rows.tolist())) == len(rows) == n
    assert set(rows) <= set(ROWS)
    assert set(LABELS[rows]) == {0, 1, 2}
    assert rows.tolist() == drawn(n, seed).tolist()


def test_every_row_has_its_chance():
    counts = np.zeros(100)
    for seed in range(600):
        counts[drawn(10, seed)] += 1
    assert (counts[np.setdiff1d(np.arange(100), ROWS)] == 0).all()
    common = np.intersect1d(ROWS, np.flatnonzero(LABELS == 0))
    # A class of 3 rows has one in it at least, and so has more than its share.
    rare = np.intersect1d(ROWS, np.flatnonzero(LABELS == 2))
    assert counts[common].min() > 30
    assert counts[rare].min() > 600 / len(rare) * 0.8


def test_too_few_rows_for_the_classes():
    with pytest.raises(ParamsError, match=r"^initial_size must be at least 3 rows.* got 2 rows"):
        drawn(2)


def test_class_that_is_in_the_test_set_only():
    rows = np.flatnonzero(LABELS != 2)
    with pytest.raises(ParamsError, match="class 'c' has no row outside the test set"):
        drawn(5, rows=rows)


class Recorder:
    """Strategy that remembers what it saw and queries the first rows."""

    def query(self, model, pool, n, generator):
        self.model, self.pool = model, pool
        self.threads = {library["num_threads"] for library in threadpool_info()}
        return Query(np.arange(n)[::-1], np.full(n, np.nan))


def chosen(strategy, rows, features, n=9, seed=0):
    return cold_start.by_strategy(
        strategy, rows, features, n_classes=3, n=n, generator=rng.generator(seed, "initial")
    )


def test_a_strategy_sees_these_rows_only_and_standardized():
    recorder = Recorder()
    generator = np.random.default_rng(1)
    features = generator.normal(5, [1, 100, 1e-3, 0], size=(100, 4))
    rows = chosen(recorder, ROWS, features)
    assert rows.tolist() == np.sort(ROWS)[:9][::-1].tolist()
    assert recorder.model is None
    assert recorder.pool.n_labelled == 0
    assert recorder.pool.open.all()
    assert recorder.threads == {1}
    seen = recorder.pool.features
    assert seen.shape == (80, 4)
    np.testing.assert_allclose(seen.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(seen.std(axis=0), [1, 1, 1, 0])


@pytest.mark.parametrize("name", NAMES)
def test_strategies_without_labels(name):
    data = table(3)
    strategy = plugins.load("strategies", name)()
    rows = np.arange(20, 90)
    first = chosen(strategy, rows, data.features)
    assert len(set(first.tolist())) == len(first) == 9
    assert set(first) <= set(rows)
    # Neither the test set nor the unit of a feature plays a part, nor the order of the rows.
    features = data.features.copy()
    features[:20] = np.nan
    features[:, 1] = 1000 * features[:, 1] + 7
    assert chosen(strategy, rows[::-1], features).tolist() == first.tolist()


@pytest.mark.parametrize("size", [0.1, 0.101, 0.5, 7])
def test_initial_set_is_as_large_as_a_random_one(size):
    options = {"test_size": 20, "initial_size": size, "stratify": False, "seed": 3}
    drawn_parts = splits.split(LABELS, CLASSES, **options)
    parts = splits.split(
        LABELS, CLASSES, **options, cold_start=lambda rows, n: np.sort(rows)[[*range(n - 1), -1]]
    )
    assert {role: len(rows) for role, rows in parts.items()} == {
        role: len(rows) for role, rows in drawn_parts.items()
    }
    # Who is tested does not depend on who is labelled first.
    np.testing.assert_array_equal(parts["test"], drawn_parts["test"])
    assert sorted(np.concatenate(list(parts.values()))) == list(range(100))


@pytest.mark.parametrize("size", [80, 0.001, 100])
def test_initial_set_that_would_be_empty_or_all(size):
    options = {"test_size": 20, "initial_size": size, "stratify": False, "seed": 3}
    with pytest.raises(ParamsError, match=r"^initial_size must leave .* on each side of the cut"):
        splits.split(LABELS, CLASSES, **options, cold_start=lambda rows, n: rows[:n])


def test_initial_set_of_one_class_is_refused():
    options = {"test_size": 20, "initial_size": 5, "stratify": True, "seed": 3}
    with pytest.raises(ParamsError, match=r"^initial_size must leave at least two classes"):
        splits.split(
            LABELS,
            CLASSES,
            **options,
            cold_start=lambda rows, n: rows[LABELS[rows] == 0][:n],
        )


@pytest.mark.parametrize("strategy", [name for name in NAMES if name != "random"])
def test_a_column_constant_but_for_rounding_does_not_matter(strategy):
    numbers = np.random.default_rng(0).normal(size=(30, 2))
    rounded = np.where(np.arange(30) % 2, 0.3, 0.1 + 0.2)
    chosen = []
    for last in (np.zeros(30), rounded):
        data = Dataset(np.column_stack([numbers, last]), np.arange(30) % 2, ["a", "b"])
        choose = cold_start.cold_start(strategy, data, 0)
        chosen.append(choose(np.arange(30), 8).tolist())
    assert chosen[0] == chosen[1]

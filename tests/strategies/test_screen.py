"""Rows of highest score by a first pass: those of scoring every row, to the last bit."""

from unittest.mock import patch

import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from active_learning.core.pool import Pool
from active_learning.strategies import _screen as screen
from active_learning.strategies.expected_model_change import (
    ExpectedModelChange,
    bound_surprise,
    expected_gradient_length,
)
from active_learning.strategies.query_by_committee import (
    QueryByCommittee,
    bound_consensus_kl,
    bound_vote_entropy,
    consensus_kl,
    vote_entropy,
)

STRATEGIES = (
    QueryByCommittee(),
    QueryByCommittee(measure="vote_entropy", members=4),
    ExpectedModelChange(),
)


def model_of(weights, intercepts, classes):
    """Classifier with these coefficients: one row with two classes, else one per class."""
    model = LogisticRegression()
    model.coef_, model.intercept_, model.classes_ = weights, intercepts, np.asarray(classes)
    model.n_features_in_ = weights.shape[1]
    return model


def random_model(generator, n_features, n_classes, size, *, few=False, tie=None):
    """With ``few`` it has seen two classes or more, else all; a row ``tie`` has equal values."""
    n_seen = generator.integers(2, n_classes + 1) if few else n_classes
    classes = np.sort(generator.choice(n_classes, n_seen, replace=False))
    weights = size * generator.normal(size=(1 if n_seen == 2 else n_seen, n_features))
    intercepts = generator.normal(size=len(weights)) if tie is None else -weights @ tie
    return model_of(weights, intercepts, classes)


def pool_of(features, n_classes, open_rows):
    pool = Pool(
        features,
        np.flatnonzero(open_rows),
        initial=np.array([0, 1]),
        initial_labels=np.array([0, 1]),
        classes=n_classes,
        budget=1,
    )
    pool.open[:] = open_rows
    return pool


def ask(strategy, pool, models, n, *, screened):
    """Query of a strategy whose committee consists of these models."""
    members = iter(models)
    pool.refit = lambda *_: next(members)
    with patch.object(screen, "_LARGEST_SHARE", 1 if screened else -1):
        return strategy.query(models[0], pool, n, np.random.default_rng(0))


def same(strategy, pool, models, n):
    fast, full = (ask(strategy, pool, models, n, screened=way) for way in (True, False))
    np.testing.assert_array_equal(fast.rows, full.rows)
    np.testing.assert_array_equal(fast.informativeness, full.informativeness)
    return fast


@given(data=st.data())
@settings(max_examples=200)
def test_is_the_query_of_every_score(data):
    """Duplicates, near ties, features and models of any size, closed rows, unseen classes."""
    generator = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    n_rows, n_features, n_classes = (
        data.draw(st.integers(*ends)) for ends in ((5, 120), (1, 6), (2, 5))
    )
    scale = 10.0 ** data.draw(st.sampled_from([-42, -3, 0, 0, 1, 4, 8, 12]))
    features = scale * generator.normal(size=(n_rows, n_features))
    features = features[generator.integers(0, n_rows, n_rows)]
    features *= 1 + data.draw(st.sampled_from([0, 1e-12, 1e-7])) * generator.normal(
        size=features.shape
    )
    kind = data.draw(st.sampled_from([np.float64, np.float32]))
    size = data.draw(st.sampled_from([0, 0.1, 1, 5])) / data.draw(st.sampled_from([1, scale]))
    open_rows = generator.random(n_rows) < 0.8
    open_rows[:2] = True
    strategy = data.draw(st.sampled_from(STRATEGIES))
    few = isinstance(strategy, QueryByCommittee)
    tie = features[0] if data.draw(st.booleans()) else None
    models = [
        random_model(generator, n_features, n_classes, size, few=few, tie=tie) for _ in range(5)
    ]
    with np.errstate(under="ignore"):
        pool = pool_of(features.astype(kind), n_classes, open_rows)
        same(strategy, pool, models, data.draw(st.integers(1, int(open_rows.sum()))))


@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_rows_that_single_precision_confuses_are_told_apart(strategy, n_classes):
    generator = np.random.default_rng(0)
    features = 1 + 1e-7 * generator.normal(size=(500, 6))
    pool = pool_of(features, n_classes, np.ones(500, dtype=bool))
    for tie in (None, features[0]):
        models = [random_model(generator, 6, n_classes, 1, tie=tie) for _ in range(5)]
        same(strategy, pool, models, 5)


def expected_surprise(opinions):
    return expected_gradient_length(opinions[0], np.zeros(len(opinions[0])))


def bounds_of_surprise(values, error, _):
    surprise, slack = bound_surprise(values, error)
    return surprise - slack, surprise + slack


@pytest.mark.parametrize("n_classes", [2, 3, 6])
@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("n_models", "exact", "bounds"),
    [
        (1, expected_surprise, bounds_of_surprise),
        (5, consensus_kl, bound_consensus_kl),
        (2, consensus_kl, bound_consensus_kl),
        (5, vote_entropy, bound_vote_entropy),
    ],
)
def test_scores_of_values_within_the_error_are_within_the_bounds(
    n_models, exact, bounds, precision, n_classes
):
    generator = np.random.default_rng(0)
    for size, error in ((0.01, 1e-2), (1, 1e-2), (3, 1e-1), (3, 1e-5), (100, 1e-1), (1, 0)):
        values = size * generator.normal(size=(n_models, n_classes, 2000))
        moved = values + error * generator.choice([-1, 1], size=values.shape)
        scores = exact(list(scipy.special.softmax(moved, axis=1).transpose(0, 2, 1)))
        lower, upper = bounds(values.astype(precision), error, slice(0, 2000))
        assert (lower <= scores).all()
        assert (scores <= upper).all()


@pytest.mark.parametrize("n_features", [3, 60])
@pytest.mark.parametrize("strategy", [QueryByCommittee(), ExpectedModelChange()])
def test_few_rows_are_scored_exactly(strategy, n_features):
    generator = np.random.default_rng(0)
    models = [random_model(generator, n_features, 3, 0.3) for _ in range(5)]
    pool = pool_of(generator.normal(size=(4000, n_features)), 3, np.ones(4000, dtype=bool))
    contenders = screen._contenders
    n_rows = []

    def count(*arguments):
        rows = contenders(*arguments)
        n_rows.append(len(rows))
        return rows

    with patch.object(screen, "_contenders", count):
        ask(strategy, pool, models, 3, screened=True)
    assert 3 <= n_rows[0] < 50


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_where_single_precision_is_too_rough_double_is_used(strategy):
    generator = np.random.default_rng(0)
    models = [random_model(generator, 5, 3, 1e-4) for _ in range(5)]
    features = 1e7 + 1e4 * generator.normal(size=(2000, 5))
    pool = pool_of(features, 3, np.ones(2000, dtype=bool))
    with patch.object(screen, "single_precision", side_effect=AssertionError):
        assert screen._contenders(pool, 1, models[:1], lambda z, *_: (z[0, 0], z[0, 0])) is not None
        same(strategy, pool, models, 3)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_table_by_columns_has_every_row_scored(strategy):
    generator = np.random.default_rng(0)
    models = [random_model(generator, 40, 2, 1) for _ in range(5)]
    features = np.asfortranarray(generator.normal(size=(500, 40)).astype(np.float32))
    with patch.object(screen, "_contenders", side_effect=AssertionError):
        same(strategy, pool_of(features, 2, np.ones(500, dtype=bool)), models, 3)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_sparse_features_have_every_row_scored(strategy):
    generator = np.random.default_rng(0)
    models = [random_model(generator, 4, 3, 1) for _ in range(5)]
    pool = pool_of(csr_array(generator.normal(size=(50, 4))), 3, np.ones(50, dtype=bool))
    same(strategy, pool, models, 3)

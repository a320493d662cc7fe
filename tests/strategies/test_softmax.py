"""The least sure rows of several classes: those of double precision, whatever single hides."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from active_learning.core.prediction import LinearDecision
from active_learning.strategies import _softmax as softmax
from active_learning.strategies._boundary import max_abs
from active_learning.strategies._ranking import highest
from active_learning.strategies._softmax import least_sure
from active_learning.strategies.entropy import entropy
from active_learning.strategies.least_confidence import least_confidence
from active_learning.strategies.margin import margin

MEASURES = (least_confidence, margin, entropy)


def exactly(linear, features, measure):
    """Uncertainty of every row in double precision, each by itself."""
    values = np.array(
        [[(x * w).sum() + b for w, b in zip(*linear[:2], strict=True)] for x in features]
    )
    values = np.exp(values - values.max(axis=1, keepdims=True))
    return measure(values / values.sum(axis=1, keepdims=True))


def chosen(linear, features, open_rows, n, measure):
    rows, values = least_sure(
        linear, features, open_rows, n, measure=measure, largest=max_abs(features)
    )
    return rows[highest(values, n)]


@given(data=st.data())
@settings(max_examples=150)
def test_is_the_ranking_in_double_precision(data):
    """Duplicates, near ties far below single precision, features of any size, closed rows."""
    generator = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    n_rows, n_features, n_classes = (
        data.draw(st.integers(*ends)) for ends in ((5, 120), (1, 6), (3, 7))
    )
    scale = 10.0 ** data.draw(st.integers(-3, 8))
    features = scale * generator.normal(size=(n_rows, n_features))
    features = features[generator.integers(0, n_rows, n_rows)]
    features *= 1 + data.draw(st.sampled_from([0, 1e-12, 1e-7])) * generator.normal(
        size=features.shape
    )
    linear = LinearDecision(
        generator.normal(size=(n_classes, n_features)) * data.draw(st.sampled_from([0.1, 1, 5])),
        generator.normal(size=n_classes),
        softmax=True,
    )
    open_rows = generator.random(n_rows) < 0.8
    open_rows[:2] = True
    n = data.draw(st.integers(1, int(open_rows.sum())))
    measure = data.draw(st.sampled_from(MEASURES))
    expected = exactly(linear, features, measure)
    order = np.argsort(np.where(open_rows, -expected, np.inf), kind="stable")[:n]
    np.testing.assert_array_equal(chosen(linear, features, open_rows, n, measure), order)


@pytest.mark.parametrize("measure", MEASURES)
def test_rows_that_single_precision_confuses_are_ranked_in_double(measure):
    generator = np.random.default_rng(0)
    features = 1 + 1e-7 * generator.normal(size=(500, 6))
    linear = LinearDecision(generator.normal(size=(4, 6)), generator.normal(size=4), softmax=True)
    expected = highest(exactly(linear, features, measure), 5)
    rows = chosen(linear, features, np.ones(500, dtype=bool), 5, measure)
    np.testing.assert_array_equal(rows, expected)


def test_few_rows_are_ranked_twice():
    generator = np.random.default_rng(0)
    features = generator.normal(size=(20_000, 5))
    linear = LinearDecision(generator.normal(size=(6, 5)), generator.normal(size=6), softmax=True)
    open_rows = np.ones(20_000, dtype=bool)
    rows, _ = least_sure(linear, features, open_rows, 3, measure=entropy, largest=max_abs(features))
    assert 3 <= len(rows) < 50


@pytest.mark.parametrize("measure", MEASURES)
def test_measures_are_no_more_sensitive_than_the_bound_allows(measure):
    generator = np.random.default_rng(0)
    for n_classes in (3, 5, 20):
        values = generator.normal(size=(20_000, n_classes)) * generator.uniform(0, 8, (20_000, 1))
        moved = values + 1e-3 * generator.uniform(-1, 1, values.shape)
        first, second = (measure(softmax._softmax(each, axis=1)) for each in (values, moved))
        assert np.abs(first - second).max() <= 1e-3 * (1 + np.log(n_classes) / 2)

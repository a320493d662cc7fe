"""The rows that stand highest, with ties to the lowest."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB

from active_learning.core.errors import DataError
from active_learning.core.pool import Pool
from active_learning.strategies import _boundary, _ranking
from active_learning.strategies._ranking import highest
from active_learning.strategies.entropy import entropy
from active_learning.strategies.least_confidence import least_confidence
from active_learning.strategies.margin import margin
from tests import examples

UNCERTAINTY = ("least_confidence", "margin", "entropy")


@given(st.data())
def test_is_a_stable_sort_cut_short(data):
    few = st.sampled_from([-np.inf, -1.0, -0.0, 0.0, 0.5, 1.0])
    values = np.array(data.draw(st.lists(few | st.floats(-2, 2), min_size=1, max_size=30)))
    n = data.draw(st.integers(1, len(values)))
    expected = sorted(range(len(values)), key=lambda row: (-values[row], row))[:n]
    assert highest(values, n).tolist() == expected


@pytest.mark.parametrize("learner", ["logistic_regression", "svm_rbf"])
def test_with_two_classes_all_measures_of_uncertainty_choose_the_same(learner):
    pool, model = examples.pool_and_model(2, learner)
    distance = np.abs(model.decision_function(pool.features))
    expected = [row for row in np.argsort(distance, kind="stable") if pool.open[row]]
    for name in UNCERTAINTY:
        query = examples.query(name, model, pool, 42)
        assert query.rows.tolist() == expected


def test_probabilities_that_are_all_one_make_no_ties():
    """Scaled so far that every probability is 0 or 1, rows still differ in their distance."""
    pool, model = examples.pool_and_model()
    model.coef_, model.intercept_ = 1e6 * model.coef_, 1e6 * model.intercept_
    certain = model.predict_proba(pool.features).max(axis=1)
    assert (certain == 1).sum() > 80
    expected = np.argsort(np.abs(model.decision_function(pool.features)), kind="stable")
    query = examples.query("least_confidence", model, pool, 10)
    assert query.rows.tolist() == [row for row in expected if pool.open[row]][:10]


def test_measures_by_hand():
    probabilities = np.array([[0.5, 0.3, 0.2], [1.0, 0.0, 0.0], [0.25, 0.5, 0.25]])
    np.testing.assert_allclose(least_confidence(probabilities), [0.5, 0.0, 0.5])
    np.testing.assert_allclose(margin(probabilities), [0.8, 0.0, 0.75])  # 1 - (.5 - .3), ...
    # -(.5 ln .5 + .3 ln .3 + .2 ln .2) = .34657 + .36119 + .32189, and 1.5 ln 2.
    np.testing.assert_allclose(entropy(probabilities), [1.02965, 0.0, 1.03972], atol=1e-5)


def test_with_more_classes_each_measure_is_its_own():
    pool, model = examples.pool_and_model(4)
    probabilities = model.predict_proba(pool.features)
    measures = {
        "least_confidence": 1 - probabilities.max(axis=1),
        "margin": -np.diff(np.sort(probabilities, axis=1)[:, -2:], axis=1)[:, 0],
        "entropy": -np.sum(probabilities * np.log(probabilities), axis=1),
    }
    chosen = set()
    for name, uncertainty in measures.items():
        query = examples.query(name, model, pool, 12)
        expected = np.argsort(np.where(pool.open, -uncertainty, np.inf), kind="stable")[:12]
        assert query.rows.tolist() == expected.tolist()
        chosen.add(tuple(query.rows))
    assert len(chosen) == 3


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("name", UNCERTAINTY)
def test_coefficients_that_are_not_finite_choose_no_row(name, n_classes):
    pool, model = examples.pool_and_model(n_classes)
    model.coef_[0, 0] = np.nan
    with pytest.raises(DataError, match=r"^LogisticRegression cannot predict: its decision values"):
        examples.query(name, model, pool, 2)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("split_order", [False, True])
@pytest.mark.parametrize("name", UNCERTAINTY)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=10)
def test_sparse_rows_are_ranked_as_if_they_were_copied(n_classes, split_order, name, seed):
    """Duplicates, empty rows, closed rows, in the order of the table and of the split."""
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(60, 30)) * (generator.random((60, 30)) < 0.1)
    features = csr_array(features[generator.integers(0, 60, 60)])
    labels = np.arange(12) % n_classes
    pool = Pool(
        features,
        generator.permutation(np.arange(12, 55)),
        initial=np.arange(12),
        initial_labels=labels,
        classes=n_classes,
        budget=20,
        split_order=split_order,
    )
    model = LogisticRegression().fit(pool.labelled_features, labels)
    for n in (1, 5):
        with patch.object(_ranking, "_in_place", lambda *_: False):
            expected = examples.query(name, model, pool, n)
        assert _ranking._in_place(model, pool)
        query = examples.query(name, model, pool, n)
        assert query.rows.tolist() == expected.rows.tolist()
        assert query.informativeness.tolist() == expected.informativeness.tolist()
        pool.close(query.rows, np.zeros(n, dtype=int))


def test_few_open_rows_or_other_models_are_not_predicted_with_the_whole_table():
    features = csr_array(np.eye(20))
    few, many = (
        Pool(
            features,
            rows,
            initial=np.arange(4),
            initial_labels=np.arange(4) % 2,
            classes=2,
            budget=2,
        )
        for rows in (np.arange(4, 14), np.arange(4, 15))
    )
    assert _ranking._in_place(LogisticRegression(), many)
    assert not _ranking._in_place(LogisticRegression(), few)
    assert not _ranking._in_place(MultinomialNB(), many)


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("cached", [0, 2**25])
def test_the_order_in_memory_changes_no_bit(n_classes, dtype, cached, monkeypatch):
    """By rows, by columns, and as a part of a larger table."""
    monkeypatch.setattr(_boundary, "_CACHED", cached)
    generator = np.random.default_rng(0)
    features = generator.normal(size=(400, 193)).astype(dtype)
    larger = np.zeros((800, 200), dtype)
    larger[::2, 4:197] = features
    queries = []
    for table in (features, np.asfortranarray(features), larger[::2, 4:197]):
        pool = Pool(
            table,
            np.arange(40, 400),
            initial=np.arange(40),
            initial_labels=np.arange(40) % n_classes,
            classes=n_classes,
            budget=20,
        )
        for _ in range(4):
            model = LogisticRegression().fit(pool.labelled_features, pool.labels)
            query = examples.query("margin", model, pool, 5)
            pool.close(query.rows, query.rows % n_classes)
            queries.append([*query.rows.tolist(), *query.informativeness.tolist()])
    assert queries[:4] == queries[4:8] == queries[8:]

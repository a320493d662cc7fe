"""Screens of kernel machines and naive Bayes: they choose what the model alone would choose."""

import warnings
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, NuSVC

from active_learning.core.errors import DataError
from active_learning.core.pool import ABSTAINED, Pool
from active_learning.strategies import _ranking as ranking
from active_learning.strategies._gaussian import gaussian_uncertainty
from active_learning.strategies._kernel import kernel_distance
from active_learning.strategies._ranking import most_uncertain
from active_learning.strategies.entropy import entropy
from active_learning.strategies.least_confidence import least_confidence
from active_learning.strategies.margin import margin

MEASURES = (least_confidence, margin, entropy)


def labelled_pool(features, n_classes, n_labelled=40, seed=0):
    """Pool of a table whose first rows are labelled, by their first feature and some noise."""
    generator = np.random.default_rng(seed)
    known = features[:n_labelled]
    order = (known[:, 0] + known.std() * generator.normal(size=n_labelled)).argsort()
    labels = np.empty(n_labelled, dtype=np.int64)
    labels[order] = np.arange(n_labelled) * n_classes // n_labelled
    rows = np.arange(len(features))
    return Pool(
        features,
        rows[n_labelled:],
        initial=rows[:n_labelled],
        initial_labels=labels,
        classes=n_classes,
        budget=len(features),
    )


def both(model, pool, n, measure):
    """The query with the screen, and without."""
    with patch.object(ranking, "_SMALL", 0):
        screened = most_uncertain(model, pool, n, measure)
    with patch.object(ranking, "_SMALL", 10**9):
        return screened, most_uncertain(model, pool, n, measure)


def table(generator, data, n_rows):
    """Features of any scale and offset, with duplicates and near ties."""
    n_features = data.draw(st.sampled_from([1, 2, 5, 12]))
    features = generator.normal(size=(n_rows, n_features))
    features[40:] = features[generator.integers(40, n_rows, n_rows - 40)]
    features *= 1 + data.draw(st.sampled_from([0, 1e-12, 1e-7])) * generator.normal(
        size=features.shape
    )
    features[-1] *= data.draw(st.sampled_from([1, 1e3, 1e6]))
    features = features + data.draw(st.sampled_from([0, 10, 1e5]))
    features *= 10.0 ** data.draw(st.integers(-4, 6))
    return features.astype(data.draw(st.sampled_from([np.float32, np.float64])))


@given(data=st.data())
@settings(max_examples=100)
def test_rows_and_informativeness_are_those_of_the_model(data):
    generator = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    n_classes = data.draw(st.sampled_from([2, 2, 3, 5]))
    pool = labelled_pool(table(generator, data, data.draw(st.integers(60, 1500))), n_classes)
    model = data.draw(
        st.sampled_from(
            [
                GaussianNB(),
                SVC(),
                SVC(C=1e3, gamma="auto"),
                SVC(gamma=0.5),
                make_pipeline(StandardScaler(), SVC(C=100)),
                make_pipeline(StandardScaler(), GaussianNB()),
            ]
        )
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of float32 features that overflow a scaler
        model.fit(pool.labelled_features, pool.labels)
    closed = pool.open_rows[:-1][generator.random(pool.n_open - 1) < data.draw(st.floats(0, 0.9))]
    pool.close(closed, np.full(len(closed), ABSTAINED))
    n = data.draw(st.integers(1, pool.n_open))
    screened, full = both(model, pool, n, data.draw(st.sampled_from(MEASURES)))
    np.testing.assert_array_equal(screened.rows, full.rows)
    np.testing.assert_allclose(screened.informativeness, full.informativeness, rtol=1e-12)


def shown(model, pool, n=1, measure=least_confidence):
    """Number of rows that the model itself predicts when it is asked for ``n`` rows."""
    with patch.object(ranking, "_SMALL", 0):
        return len(ranking._contenders(model, pool, n, measure))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "model",
    [SVC(), SVC(gamma="auto"), NuSVC(), GaussianNB(), make_pipeline(StandardScaler(), SVC())],
    ids=str,
)
def test_few_rows_are_left_to_the_model(model, dtype):
    generator = np.random.default_rng(0)
    features = (3 + generator.normal(size=(5000, 6))).astype(dtype)
    pool = labelled_pool(features, 2)
    model.fit(pool.labelled_features, pool.labels)
    rough = getattr(model, "theta_", features).dtype == np.float32  # naive Bayes keeps it
    assert 1 <= shown(model, pool) < (500 if rough else 10)
    assert 20 <= shown(model, pool, 20) < (500 if rough else 50)


@pytest.mark.parametrize("measure", MEASURES)
def test_few_rows_of_several_classes_are_left_to_naive_bayes(measure):
    generator = np.random.default_rng(0)
    pool = labelled_pool(generator.normal(size=(5000, 6)), 4)
    model = GaussianNB().fit(pool.labelled_features, pool.labels)
    assert 3 <= shown(model, pool, 3, measure) < 20


@pytest.mark.parametrize("model", [SVC(C=50), NuSVC(), SVC(gamma=3.0), GaussianNB()], ids=str)
def test_no_error_is_larger_than_its_bound_and_the_bound_is_tight(model):
    generator = np.random.default_rng(1)
    features = generator.normal(size=(20_000, 8)) * generator.uniform(0.1, 5, size=(20_000, 1))
    pool = labelled_pool(features, 2, n_labelled=300)
    model.fit(pool.labelled_features, pool.labels)
    if isinstance(model, GaussianNB):
        screen, exact, scale = gaussian_uncertainty, model.predict_proba(features).min(axis=1), 1
    else:
        screen, exact = kernel_distance, -np.abs(model.decision_function(features))
        scale = np.abs(model.dual_coef_).sum()
    largest = np.abs(features).max(axis=0)
    values, error = screen(model, features, pool.labelled_features, largest, least_confidence)
    assert (np.abs(values - exact) <= error).all()
    assert np.median(error) < 1e-5 * scale


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("measure", MEASURES)
def test_naive_bayes_in_single_precision(measure, n_classes):
    """scikit-learn fits it and predicts in the precision of the features."""
    for seed in range(8):
        features = 30 + np.random.default_rng(seed).normal(size=(3000, 5))
        pool = labelled_pool(features.astype(np.float32), n_classes, seed=seed)
        model = GaussianNB().fit(pool.labelled_features, pool.labels)
        for n in (1, 7):
            screened, full = both(model, pool, n, measure)
            np.testing.assert_array_equal(screened.rows, full.rows)


class Own(SVC):
    """Support vector machine that predicts in its own way."""


def own_pool():
    return labelled_pool(np.random.default_rng(0).normal(size=(3000, 3)), 2)


@pytest.mark.parametrize(
    "model", [Own(), SVC(kernel="poly"), SVC(kernel=lambda x, y: x @ y.T)], ids=["own", "poly", "f"]
)
def test_other_machines_have_no_screen(model):
    pool = own_pool()
    model.fit(pool.labelled_features, pool.labels)
    assert shown(model, pool) == pool.n_open


def test_machine_that_was_fitted_to_other_rows_has_no_screen():
    """The kernel of gamma="scale" depends on the rows of the fit, which cannot be seen then."""
    pool = own_pool()
    other = SVC().fit(2 * pool.labelled_features, pool.labels)
    assert shown(other, pool) == pool.n_open
    changed = SVC().fit(pool.labelled_features, pool.labels).set_params(gamma=3.0)
    assert shown(changed, pool) == pool.n_open


@pytest.mark.parametrize("model", [SVC(), GaussianNB()], ids=str)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_features_that_are_not_finite_are_left_to_the_model(model, value):
    pool = own_pool()
    model.fit(pool.labelled_features, pool.labels)
    pool.features[1000] = value
    with patch.object(ranking, "_SMALL", 0), pytest.raises(DataError, match=r"cannot predict"):
        most_uncertain(model, pool, 1, least_confidence)


def test_features_that_a_pipeline_refuses_are_reported_as_without_a_screen():
    pool = labelled_pool(np.arange(300.0)[:, None] % 100, 2)
    model = make_pipeline(OneHotEncoder(sparse_output=False), SVC())
    model.fit(pool.labelled_features, pool.labels)
    with pytest.raises(DataError, match=r"^Pipeline of SVC cannot predict: .*unknown categories"):
        both(model, pool, 1, least_confidence)


def test_rows_of_huge_features_are_left_to_the_machine():
    pool = own_pool()
    model = SVC(gamma=0.1).fit(pool.labelled_features, pool.labels)
    pool.features[1000:1005] *= 1e5
    assert 5 <= shown(model, pool) < 15


@pytest.mark.parametrize(
    ("model", "n_classes"), [(SVC(), 2), (GaussianNB(), 4)], ids=["svm", "naive bayes"]
)
@pytest.mark.parametrize("measure", MEASURES)
def test_rows_that_single_precision_confuses_are_left_to_the_model(model, n_classes, measure):
    generator = np.random.default_rng(0)
    features = generator.normal(size=(500, 6))
    features[40:] = features[:40].mean(axis=0) + 1e-6 * generator.normal(size=(460, 6))
    pool = labelled_pool(features, n_classes)
    model.fit(pool.labelled_features, pool.labels)
    for n in (1, 5, 50):
        screened, full = both(model, pool, n, measure)
        np.testing.assert_array_equal(screened.rows, full.rows)

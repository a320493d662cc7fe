"""Logistic regression on the columns that its rows use: the model of a fit to all columns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array, csr_array, csr_matrix
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, SGDClassifier

from active_learning.core.pool import fit
from active_learning.core.sparse_fit import fit_used_columns


def texts(seed, n_rows=60, n_words=2000, n_classes=2, length=8):
    """Rows with a few of many words, the first of which tells the class."""
    generator = np.random.default_rng(seed)
    labels = np.arange(n_rows) % n_classes
    words = (n_words * generator.random((n_rows, length)) ** 3).astype(int)
    words[:, 0] = labels
    values = generator.random((n_rows, length))
    rows = np.repeat(np.arange(n_rows), length)
    return csr_array((values.ravel(), (rows, words.ravel())), (n_rows, n_words)), labels


@given(
    seed=st.integers(0, 2**32 - 1),
    n_classes=st.integers(2, 4),
    C=st.sampled_from([0.01, 1.0, 100.0]),
    fit_intercept=st.booleans(),
    class_weight=st.sampled_from([None, "balanced"]),
)
@settings(max_examples=50)
def test_is_the_fit_to_all_columns(seed, n_classes, **options):
    features, labels = texts(seed, n_classes=n_classes)
    model = LogisticRegression(max_iter=1000, **options)
    names = np.array(["a", "b", "c", "d"])[labels]
    expected, fitted = clone(model).fit(features, names), clone(model)
    assert fit_used_columns(fitted, features, names) is fitted
    scale = np.abs(expected.coef_).max()
    for name in ("coef_", "intercept_"):
        values = getattr(fitted, name), getattr(expected, name)
        np.testing.assert_allclose(*values, rtol=0, atol=1e-9 * scale)
    np.testing.assert_array_equal(fitted.coef_ == 0, expected.coef_ == 0)
    assert fitted.n_features_in_ == 2000
    assert fitted.n_iter_ == expected.n_iter_
    assert fitted.predict(features).tolist() == expected.predict(features).tolist()
    assert vars(fitted).keys() == vars(expected).keys()


FEATURES, LABELS = texts(0)
OTHERS = {
    "dense": (LogisticRegression(), FEATURES.toarray()),
    "coo": (LogisticRegression(), coo_array(FEATURES)),
    "most columns used": (LogisticRegression(), FEATURES[:, :20]),
    "no column used": (LogisticRegression(), csr_array(FEATURES.shape)),
    "single precision": (LogisticRegression(), FEATURES.astype(np.float32)),
    "warm start": (LogisticRegression(warm_start=True), FEATURES),
    "other solver": (LogisticRegression(solver="liblinear"), FEATURES),
    "other class": (SGDClassifier(), FEATURES),
    "subclass": (type("Own", (LogisticRegression,), {})(), FEATURES),
}


@pytest.mark.parametrize("case", OTHERS)
def test_other_models_and_features_are_left_alone(case):
    model, features = OTHERS[case]
    assert fit_used_columns(model, features, LABELS) is None
    assert not hasattr(model, "coef_")


@pytest.mark.parametrize("make", [csr_array, csr_matrix])
def test_fit_leaves_out_unused_columns(make, monkeypatch):
    """scikit-learn gets the used columns only."""
    widths, plain = [], LogisticRegression.fit

    def record(self, X, y):
        widths.append(X.shape[1])
        return plain(self, X, y)

    monkeypatch.setattr(LogisticRegression, "fit", record)
    model = fit(LogisticRegression(), make(FEATURES), LABELS)
    assert widths == [len(np.unique(FEATURES.indices))]
    assert model.coef_.shape == (1, 2000)


def test_rows_are_not_changed():
    features = FEATURES.copy()
    fit_used_columns(LogisticRegression(), features, LABELS)
    assert (features != FEATURES).nnz == 0
    assert features.indices.tolist() == FEATURES.indices.tolist()

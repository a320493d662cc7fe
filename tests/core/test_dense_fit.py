"""Logistic regression without scikit-learn's overhead: the model of scikit-learn's own fit."""

import math
import platform

import numpy as np
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, SGDClassifier

from active_learning.core.dense_fit import _logistic_loss, fit_two_classes
from active_learning.core.pool import fit

LABELS = np.arange(60) % 2
FEATURES = np.random.default_rng(0).standard_normal((60, 5)) + LABELS[:, None]

# Where compilers fuse a product and a sum, last bits differ.
EXACT = platform.machine() in {"x86_64", "AMD64"}


@pytest.fixture(autouse=True)
def trusted():
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        yield


def table(seed, n_rows, n_features, scale):
    """Two classes that overlap or not, features of the same size or of very different sizes."""
    generator = np.random.default_rng(seed)
    features = generator.standard_normal((n_rows, n_features)).round(2)
    noise = generator.choice([0, 1, 10]) * generator.standard_normal(n_rows)
    order = np.argsort(features.sum(axis=1) + noise)
    labels = np.empty(n_rows, dtype=np.int64)
    labels[order] = np.arange(n_rows) >= generator.integers(1, n_rows)
    return features * scale ** generator.random(n_features), labels


@given(
    seed=st.integers(0, 2**32 - 1),
    n_rows=st.integers(2, 200),
    n_features=st.integers(1, 20),
    scale=st.sampled_from([1.0, 1e-6, 1e4]) if EXACT else st.just(1.0),
    C=st.sampled_from([1e-3, 1.0, 1e5]),
    names=st.sampled_from([[0, 1], [1, 3], ["no", "yes"]]),
)
@settings(max_examples=100)
def test_is_the_fit_of_scikit_learn(seed, n_rows, n_features, scale, C, names):
    features, labels = table(seed, n_rows, n_features, scale)
    named = np.array(names)[labels]
    model = LogisticRegression(max_iter=5000, C=C, random_state=3)
    fitted = fit_two_classes(clone(model), features, named)
    if fitted is None:  # scikit-learn warns
        with pytest.warns(ConvergenceWarning):
            model.fit(features, named)
        return
    expected = model.fit(features, named)
    for name in ("coef_", "intercept_"):
        values = getattr(fitted, name), getattr(expected, name)
        np.testing.assert_allclose(*values, rtol=0 if EXACT else 1e-9, atol=0 if EXACT else 1e-12)
    assert fitted.classes_.tolist() == expected.classes_.tolist()
    assert {name: type(value) for name, value in vars(fitted).items()} == {
        name: type(value) for name, value in vars(expected).items()
    }
    assert fitted.n_iter_ == expected.n_iter_
    assert fitted.predict(features).tolist() == expected.predict(features).tolist()


def loss_and_slope(value, y):
    """Log loss of a row and its derivative, in the forms in which scikit-learn computes them."""
    tail = math.exp(value if value <= -2 else -value)
    if value <= -37:
        return tail - y * value, tail - y
    if value <= -2:
        return math.log1p(tail) - y * value, ((1 - y) * tail - y) / (1 + tail)
    loss = math.log1p(tail) if value <= 18 else tail
    return loss + (1 - y) * value, (1 - y - y * tail) / (1 + tail)


@pytest.mark.skipif(not EXACT, reason="last bits differ where compilers fuse operations")
@pytest.mark.parametrize("y", [0, 1])
def test_loss_and_slope_of_a_row_by_hand(y):
    values = np.append(np.linspace(-700, 700, 28_001), np.linspace(-38, 19, 57_001))
    positive = np.full(len(values), y == 1)
    actual = np.stack(_logistic_loss(values, positive, np.where(positive, -1.0, 1.0)), axis=1)
    expected = [loss_and_slope(value, y) for value in values.tolist()]
    np.testing.assert_array_equal(actual, expected)


OTHERS = {
    "single precision": (LogisticRegression(), FEATURES.astype(np.float32)),
    "by columns": (LogisticRegression(), np.asfortranarray(FEATURES)),
    "many rows": (LogisticRegression(), np.zeros((10_001, 1))),
    "no features": (LogisticRegression(), FEATURES[:, :0]),
    "one dimension": (LogisticRegression(), FEATURES[:, 0].copy()),
    "warm start": (LogisticRegression(warm_start=True), FEATURES),
    "no intercept": (LogisticRegression(fit_intercept=False), FEATURES),
    "balanced": (LogisticRegression(class_weight="balanced"), FEATURES),
    "other solver": (LogisticRegression(solver="liblinear"), FEATURES),
    "other penalty": (LogisticRegression(penalty=None), FEATURES),
    "other class": (SGDClassifier(), FEATURES),
    "subclass": (type("Own", (LogisticRegression,), {})(), FEATURES),
    "fitted": (LogisticRegression().fit(FEATURES, LABELS), FEATURES),
    "not converged": (LogisticRegression(max_iter=1), FEATURES),
    "too large": (LogisticRegression(), FEATURES * 1e200),
    "not finite": (LogisticRegression(), FEATURES * np.nan),
}


@pytest.mark.parametrize("case", OTHERS)
def test_other_models_and_features_are_left_alone(case):
    model, features = OTHERS[case]
    before = dict(vars(model))
    assert fit_two_classes(model, features, np.arange(len(features)) % 2) is None
    assert vars(model) == before


@pytest.mark.parametrize("n_classes", [1, 3])
def test_other_numbers_of_classes_are_left_alone(n_classes):
    assert fit_two_classes(LogisticRegression(), FEATURES, np.arange(60) % n_classes) is None


def test_scikit_learn_checks_rows_that_are_not_trusted():
    with sklearn.config_context(skip_parameter_validation=False):
        assert fit_two_classes(LogisticRegression(), FEATURES, LABELS) is None


def test_the_loop_fits_with_it(monkeypatch):
    monkeypatch.setattr(LogisticRegression, "fit", None)
    assert fit(LogisticRegression(), FEATURES, LABELS).coef_.shape == (1, 5)

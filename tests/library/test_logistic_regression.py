"""The lean fit is scikit-learn's, to the last bit."""

import numpy as np
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from active_learning.base import plugins
from active_learning.learners.logistic_regression import LeanLogisticRegression
from tests import examples

UNCHECKED = {"assume_finite": True, "skip_parameter_validation": True}


@given(
    seed=st.integers(0, 2**32 - 1),
    n_classes=st.integers(2, 6),
    n_features=st.integers(1, 30),
    scale=st.sampled_from([0.01, 1.0, 10.0]),
    C=st.sampled_from([0.01, 1.0, 100.0]),
)
@settings(deadline=None, max_examples=60)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_gives_the_bits_of_scikit_learn(seed, n_classes, n_features, scale, C):
    generator = np.random.default_rng(seed)
    features = scale * generator.normal(size=(generator.integers(2 * n_classes, 200), n_features))
    labels = np.arange(len(features)) % n_classes * 3 - 1
    with sklearn.config_context(**UNCHECKED), threadpool_limits(limits=1):
        lean = LeanLogisticRegression(C=C, max_iter=100).fit(features, labels)
        theirs = LogisticRegression(C=C, max_iter=100).fit(features, labels)
    for name in ("coef_", "intercept_", "classes_", "n_iter_"):
        ours, expected = getattr(lean, name), getattr(theirs, name)
        np.testing.assert_array_equal(ours, expected)
        assert (ours.dtype, ours.shape) == (expected.dtype, expected.shape)


@pytest.mark.parametrize("weight", ["class_weight", "sample_weight"])
def test_weights_are_left_to_scikit_learn(weight):
    data = examples.table()
    options = {"class_weight": "balanced"} if weight == "class_weight" else {}
    weights = np.arange(90.0) if weight == "sample_weight" else None
    with sklearn.config_context(**UNCHECKED):
        lean, theirs = (
            cls(**options).fit(data.features, data.labels, weights)
            for cls in (LeanLogisticRegression, LogisticRegression)
        )
    np.testing.assert_array_equal(lean.coef_, theirs.coef_)


def test_checks_unless_scikit_learn_is_set_not_to():
    data = examples.table()
    bad = np.where(np.arange(90)[:, None] == 3, np.nan, data.features)
    with pytest.raises(ValueError, match="NaN"):
        LeanLogisticRegression().fit(bad, data.labels)


def test_says_that_it_did_not_converge():
    data = examples.table()
    model = plugins.load("learners", "logistic_regression")(max_iter=1).build(0)
    with sklearn.config_context(**UNCHECKED), pytest.warns(ConvergenceWarning, match="lbfgs"):
        model.fit(data.features, data.labels)

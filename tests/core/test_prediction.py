"""Predictions over all the classes, seen or not, whatever the classifier offers."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC

from active_learning.core.prediction import Prediction, linear_decision
from tests import examples

DATA = examples.table(4)


def prediction(model, classes):
    seen = np.isin(DATA.labels, classes)
    return Prediction(model.fit(DATA.features[seen], DATA.labels[seen]), DATA.features, 4)


def test_probability_of_a_class_that_was_not_seen_is_zero():
    made = prediction(LogisticRegression(), [0, 2, 3])
    assert (made.probabilities[:, 1] == 0).all()
    expected = made.model.predict_proba(DATA.features)
    np.testing.assert_array_equal(made.probabilities[:, [0, 2, 3]], expected)
    assert set(made.labels) == {0, 2, 3}


def test_without_probabilities_it_is_the_softmax_of_the_decision_values():
    made = prediction(SVC(), [0, 1, 2, 3])
    values = np.exp(made.model.decision_function(DATA.features))
    np.testing.assert_allclose(made.probabilities, values / values.sum(axis=1, keepdims=True))


def test_without_probabilities_and_with_two_classes_it_is_the_logistic_function():
    made = prediction(SVC(), [1, 3])
    positive = 1 / (1 + np.exp(-made.model.decision_function(DATA.features)))
    np.testing.assert_allclose(made.probabilities[:, 3], positive)
    np.testing.assert_allclose(made.probabilities[:, 1], 1 - positive)
    assert (made.probabilities[:, [0, 2]] == 0).all()


@pytest.mark.parametrize(
    ("model", "classes", "there"),
    [
        (LogisticRegression(), [1, 3], True),
        (SVC(), [1, 3], True),
        (GaussianNB(), [1, 3], False),
        (LogisticRegression(), [0, 1, 3], False),
        (SVC(), [0, 1, 2, 3], False),
    ],
)
def test_distance_is_there_with_two_seen_classes_only(model, classes, there):
    made = prediction(model, classes)
    if there:
        np.testing.assert_array_equal(made.decision, model.decision_function(DATA.features))
    else:
        assert made.decision is None


@pytest.mark.parametrize(
    ("n_values", "options", "softmax"),
    [
        (1, {"solver": "liblinear"}, True),
        (3, {"solver": "liblinear"}, False),
        (3, {"solver": "lbfgs", "multi_class": "ovr"}, False),
        (3, {"solver": "lbfgs"}, True),
    ],
)
def test_one_versus_rest_probabilities_are_no_softmax(n_values, options, softmax):
    model = LogisticRegression()
    vars(model).update(coef_=np.ones((n_values, 2)), intercept_=np.zeros(n_values), **options)
    assert linear_decision(model, np.ones((5, 2))).softmax == softmax

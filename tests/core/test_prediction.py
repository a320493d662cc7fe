"""Predictions over all the classes, seen or not, whatever the classifier offers."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from active_learning.core import plugins
from active_learning.core.errors import DataError, ExecutionError
from active_learning.core.pool import fit
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


CANNOT = "Broken cannot predict: its probabilities"


class Broken(GaussianNB):
    """Classifier without finite probabilities in two rows, or of a wrong shape, or that fails."""

    def __init__(self, how="nan"):
        super().__init__()
        self.how = how

    def predict_proba(self, X):
        values = super().predict_proba(X)
        if self.how == "raises":
            raise RuntimeError("out of\nmemory")
        if self.how == "columns":
            return values[:, :1]
        values[:2, 0] = float(self.how)
        return values


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ("nan", DataError, f"{CANNOT} are not finite in 2 of 90 rows."),
        ("-inf", DataError, f"{CANNOT} are not finite in 2 of 90 rows."),
        ("columns", DataError, f"{CANNOT} must have shape (90, 3); got (90, 1)."),
        ("raises", ExecutionError, "Broken.predict_proba raised RuntimeError: out of memory"),
    ],
)
def test_probabilities_that_are_none(how, error, message):
    with pytest.raises(error) as caught:
        _ = prediction(Broken(how), [0, 1, 2]).probabilities
    assert str(caught.value) == message


@pytest.mark.parametrize("classes", [[0, 1], [0, 1, 2]])
def test_coefficients_that_are_not_finite(classes):
    made = prediction(LogisticRegression(), classes)
    made.model.coef_[0, 0] = np.nan
    broken = Prediction(made.model, DATA.features, 4)
    for values in ("labels", "probabilities"):
        with pytest.raises(DataError, match=r"^LogisticRegression cannot predict: .* not finite"):
            getattr(broken, values)


NO_VARIANCE = (
    r"GaussianNB cannot be fitted to 4 rows: feature 1 has no variance in class 'b', so its "
    r"probabilities are not finite; a larger var_smoothing"
)


@pytest.mark.parametrize("in_pipeline", [False, True])
def test_naive_bayes_without_variance(in_pipeline):
    model = plugins.make("learners", "gaussian_nb", {"gaussian_nb": {"var_smoothing": 0}}).build(0)
    model = make_pipeline(StandardScaler(), model) if in_pipeline else model
    X = np.array([[1.0, 2.0], [2.0, 3.0], [4.0, 5.0], [6.0, 5.0]])
    expected = f"^{'Pipeline of ' if in_pipeline else ''}{NO_VARIANCE}"
    with pytest.raises(DataError, match=expected):
        fit(model, X, np.array(["a", "a", "b", "b"]))


@pytest.mark.parametrize(
    ("error", "expected", "message"),
    [
        (RuntimeError("no"), ExecutionError, "Failing.fit raised RuntimeError: no"),
        (TypeError("no"), ExecutionError, "Failing.fit raised TypeError: no"),
        (ValueError("no"), DataError, "Failing cannot be fitted to 2 rows: no"),
        (DataError("no feature"), DataError, "no feature"),
    ],
)
def test_a_fit_that_fails_is_a_value_error_with_its_cause(error, expected, message):
    class Failing:
        def fit(self, X, y):
            raise error

    with pytest.raises(expected) as caught:
        fit(Failing(), np.zeros((2, 1)), np.array([0, 1]))
    assert isinstance(caught.value, ValueError)
    assert str(caught.value) == message
    assert caught.value is error or caught.value.__cause__ is error

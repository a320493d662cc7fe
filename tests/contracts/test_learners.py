"""What every learner keeps to; a new file in learners/ is tested with no new test."""

import numpy as np
import pytest
import sklearn
from pydantic import ValidationError

from active_learning.core import plugins
from active_learning.core.prediction import Prediction
from tests import examples


@pytest.fixture(params=plugins.available("learners"))
def learner(request):
    return plugins.load("learners", request.param)()


@pytest.fixture(params=[2, 4], ids=["two classes", "four"])
def data(request):
    return examples.table(request.param)


def test_builds_an_unfitted_classifier_anew_each_time(learner, data):
    first, second = learner.build(0), learner.build(0)
    assert first is not second
    assert sklearn.base.is_classifier(first)
    first.fit(data.features, data.labels)
    assert not hasattr(second, "classes_")


def test_learns_something(learner, data):
    model = learner.build(0).fit(data.features, data.labels)
    right = np.mean(model.predict(data.features) == data.labels)
    assert right > 1.4 / len(data.classes)


def test_gives_uncertainties_of_every_row(learner, data):
    model = learner.build(0).fit(data.features, data.labels)
    assert hasattr(model, "predict_proba") or hasattr(model, "decision_function")
    probabilities = Prediction(model, data.features, len(data.classes)).probabilities
    assert probabilities.shape == (90, len(data.classes))
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


@pytest.mark.parametrize("seed", [0, 2**31 - 1])
def test_same_seed_same_predictions(learner, data, seed):
    first, second = (learner.build(seed).fit(data.features, data.labels) for _ in range(2))
    for method in ("predict", "predict_proba", "decision_function"):
        if hasattr(first, method):
            np.testing.assert_array_equal(
                getattr(first, method)(data.features), getattr(second, method)(data.features)
            )


def test_takes_features_of_single_precision(learner, data):
    double, single = (
        Prediction(
            learner.build(0).fit(data.features.astype(dtype), data.labels),
            data.features.astype(dtype),
            len(data.classes),
        ).probabilities
        for dtype in (np.float64, np.float32)
    )
    np.testing.assert_allclose(single, double, atol=1e-3)


def test_keeps_class_indices_when_a_class_is_not_seen(learner):
    data = examples.table(4)
    seen = data.labels != 1
    model = learner.build(0).fit(data.features[seen], data.labels[seen])
    assert model.classes_.tolist() == [0, 2, 3]
    assert set(model.predict(data.features)) <= {0, 2, 3}


def test_refuses_an_option_that_it_does_not_take(learner):
    with pytest.raises(ValidationError, match="no_such_option"):
        type(learner)(no_such_option=1)


def test_converges_with_its_defaults(learner, data):
    """Warnings are errors here, so a default that does not converge would raise."""
    learner.build(0).fit(data.features, data.labels)

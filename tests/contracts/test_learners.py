"""What every learner keeps to; a new file in learners/ is tested with no new test.

So are some classifiers of scikit-learn, which are named by their import path.
"""

import pickle

import numpy as np
import pytest
import sklearn
from pydantic import ValidationError

from active_learning.core import plugins
from active_learning.core.prediction import Prediction
from tests import examples

# Options with which they learn from 12 rows, and converge.
OF_SCIKIT_LEARN = {
    "calibration.CalibratedClassifierCV": {"cv": 2},
    "ensemble.HistGradientBoostingClassifier": {"max_iter": 9, "min_samples_leaf": 2},
    "naive_bayes.BernoulliNB": {},
    "neighbors.KNeighborsClassifier": {},
    "neural_network.MLPClassifier": {"max_iter": 2000},
    "svm.LinearSVC": {"C": 0.5},
}
LEARNERS = {name: {} for name in plugins.available("learners")} | {
    f"sklearn.{name}": options for name, options in OF_SCIKIT_LEARN.items()
}


@pytest.fixture(params=LEARNERS)
def learner(request):
    return plugins.load("learners", request.param)(**LEARNERS[request.param])


@pytest.fixture(params=[2, 4], ids=["two classes", "four"])
def data(request):
    return examples.table(request.param)


def test_learns_something_and_is_built_anew_each_time(learner, data):
    """Warnings are errors here, so a default that does not converge would raise."""
    model, other = learner.build(0), learner.build(0)
    assert sklearn.base.is_classifier(model)
    model.fit(data.features, data.labels)
    assert not hasattr(other, "classes_")
    assert np.mean(model.predict(data.features) == data.labels) > 1.4 / len(data.classes)
    assert hasattr(model, "predict_proba") or hasattr(model, "decision_function")
    probabilities = Prediction(model, data.features, len(data.classes)).probabilities
    assert probabilities.shape == (90, len(data.classes))
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


@pytest.mark.parametrize("seed", [0, 2**31 - 1])
def test_same_seed_same_predictions(learner, seed):
    """And any seed, where it says that it has no randomness."""
    data = examples.table(4 if seed else 2)
    with examples.global_random_state_untouched():
        seeds = (seed, seed) if learner.STOCHASTIC else (seed, 1)
        first, second = (learner.build(each).fit(data.features, data.labels) for each in seeds)
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
    trained_in_single = learner.registered_name().endswith("MLPClassifier")
    np.testing.assert_allclose(single, double, atol=0.1 if trained_in_single else 1e-3)


def test_keeps_class_indices_when_a_class_is_not_seen(learner):
    data = examples.table(4)
    seen = data.labels != 1
    model = learner.build(0).fit(data.features[seen], data.labels[seen])
    assert model.classes_.tolist() == [0, 2, 3]
    assert set(model.predict(data.features)) <= {0, 2, 3}


def test_refuses_an_option_that_it_does_not_take(learner):
    with pytest.raises(ValidationError, match="no_such_option"):
        type(learner)(no_such_option=1)


def test_runs_in_the_loop_and_in_another_process(learner):
    again = pickle.loads(pickle.dumps(learner))
    assert again.describe() == learner.describe()
    assert again.build(3).get_params() == learner.build(3).get_params()
    task = examples.task(3)
    object.__setattr__(task, "learner", again)
    run = examples.run(task, "margin", budget=4, batch_size=2)
    assert len(set(run.rows.tolist())) == 4
    assert run.scores[:, 0].min() > 1 / 3

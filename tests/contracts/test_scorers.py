"""What every scorer keeps to; a new file in scorers/ is tested with no new test."""

import numpy as np
import pytest

from active_learning.core import plugins
from active_learning.core.errors import ParamsError
from active_learning.core.prediction import Prediction
from tests import examples

LABELS = examples.fixed(np.arange(60) % 3)
FEATURES = examples.fixed(np.arange(60.0)[:, None])


class Model:
    """Fitted classifier that gives these class probabilities, (n_rows, number of classes_)."""

    def __init__(self, probabilities, classes):
        self.values = examples.fixed(probabilities)
        self.classes_ = examples.fixed(classes)

    def predict(self, features):
        return self.classes_[self.values[features[:, 0].astype(int)].argmax(axis=1)]


class ProbabilityModel(Model):
    def predict_proba(self, features):
        return self.values[features[:, 0].astype(int)]


class DecisionModel(Model):
    def decision_function(self, features):
        logs = np.log(self.values[features[:, 0].astype(int)])
        return logs[:, 1] - logs[:, 0] if len(self.classes_) == 2 else logs


def sure_of(labels, n_classes, sureness=0.9):
    """Probabilities with so much on these labels, and the rest shared by the other classes."""
    values = np.full((len(labels), n_classes), (1 - sureness) / (n_classes - 1))
    values[np.arange(len(labels)), labels] = sureness
    return values


def with_errors(labels, n_classes, share):
    """Labels of which the first share is wrong."""
    wrong = np.arange(len(labels)) < share * len(labels)
    return np.where(wrong, (labels + 1) % n_classes, labels)


@pytest.fixture(params=plugins.available("scorers"))
def scorer(request):
    return plugins.load("scorers", request.param)()


@pytest.fixture(params=[2, 3], ids=["two classes", "three"])
def n_classes(request):
    return request.param


@pytest.fixture
def labels(n_classes):
    return examples.fixed(np.arange(60) % n_classes)


def score(scorer, labels, probabilities, model=ProbabilityModel, classes=None, n_classes=None):
    n_classes = n_classes or probabilities.shape[1]
    classes = np.arange(probabilities.shape[1]) if classes is None else classes
    return scorer.score(labels, Prediction(model(probabilities, classes), FEATURES, n_classes))


def test_perfect_predictions_score_one_or_lose_nothing(scorer, labels, n_classes):
    best = 1.0 if scorer.greater_is_better else 0.0
    for known in (n_classes, 3):  # with two, the test set lacks a class
        perfect = sure_of(labels, known, sureness=1.0)
        assert score(scorer, labels, perfect) == pytest.approx(best)


def test_better_model_scores_better_in_the_declared_direction(scorer, labels, n_classes):
    few, many, all_wrong = (
        score(scorer, labels, sure_of(with_errors(labels, n_classes, share), n_classes))
        for share in (0.1, 0.4, 1.0)
    )
    sign = 1 if scorer.greater_is_better else -1
    assert sign * few > sign * many > sign * all_wrong


def test_gives_one_plain_finite_number_whatever_the_order_of_the_rows(scorer, labels, n_classes):
    probabilities = np.random.default_rng(0).dirichlet(np.ones(n_classes), size=60)
    first, second = (score(scorer, labels, probabilities) for _ in range(2))
    assert type(first) is float
    assert np.isfinite(first)
    assert first == second
    order = np.random.default_rng(1).permutation(60)
    shuffled = score(scorer, labels[order], probabilities[order])
    assert shuffled == pytest.approx(first)


def test_scores_a_model_without_probabilities_or_says_that_it_cannot(scorer, labels, n_classes):
    probabilities = sure_of(with_errors(labels, n_classes, 0.2), n_classes)
    try:
        value = score(scorer, labels, probabilities, DecisionModel)
    except ParamsError as error:
        assert str(error).startswith("scoring must ")  # noqa: PT017
        assert "DecisionModel" in str(error)  # noqa: PT017
    else:
        assert value == pytest.approx(score(scorer, labels, probabilities))


def test_scores_a_model_that_has_not_seen_every_class(scorer):
    seen = sure_of(np.minimum(LABELS, 1), 2)
    unseen = score(scorer, LABELS, seen, classes=[0, 1], n_classes=3)
    full = score(scorer, LABELS, sure_of(LABELS, 3))
    sign = 1 if scorer.greater_is_better else -1
    assert np.isfinite(unseen)
    assert sign * unseen < sign * full

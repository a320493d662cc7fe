"""Scores are those of scikit-learn."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn import metrics

from active_learning.core import plugins

THEIRS = {
    "accuracy": metrics.accuracy_score,
    "balanced_accuracy": metrics.balanced_accuracy_score,
    "f1_macro": partial(metrics.f1_score, average="macro"),
    "log_loss": partial(metrics.log_loss, labels=range(4)),
    "roc_auc": partial(metrics.roc_auc_score, multi_class="ovr"),
}
OF_LABELS = {"accuracy", "balanced_accuracy", "f1_macro"}


def both(name, labels, probabilities):
    """Score by ours and by theirs."""
    model = SimpleNamespace(predict_proba=None)
    prediction = SimpleNamespace(
        labels=probabilities.argmax(axis=1), probabilities=probabilities, decision=None,
        n_classes=4, model=model,
    )  # fmt: skip
    made = prediction.labels if name in OF_LABELS else probabilities
    return plugins.load("scorers", name)().score(labels, prediction), THEIRS[name](labels, made)


@pytest.mark.parametrize("name", plugins.available("scorers"))
@pytest.mark.parametrize("seed", range(3))
def test_is_that_of_scikit_learn(name, seed):
    generator = np.random.default_rng(seed)
    ours, theirs = both(name, generator.integers(4, size=50), generator.dirichlet(np.ones(4), 50))
    assert ours == pytest.approx(theirs)


@pytest.mark.parametrize("name", ["accuracy", "f1_macro", "log_loss"])
def test_where_the_test_set_lacks_a_class_that_is_predicted(name):
    generator = np.random.default_rng(0)
    ours, theirs = both(name, generator.integers(3, size=50), generator.dirichlet(np.ones(4), 50))
    assert ours == pytest.approx(theirs)

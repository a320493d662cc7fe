"""Classifiers of other packages as learners: named by import path, with their own options."""

import pickle

import numpy as np
import pytest

from active_learning.core import plugins
from active_learning.core.errors import PluginError
from tests import examples

CLASSIFIERS = {
    "sklearn.ensemble.HistGradientBoostingClassifier": {
        "max_iter": 5,
        "min_samples_leaf": 1,
        "warm_start": False,
    },
    "sklearn.svm.LinearSVC": {"C": 0.5},
    "sklearn.naive_bayes.BernoulliNB": {},
}


def learner(path, **options):
    return plugins.make("learners", "mine", {"mine": {"use": path, **options}})


@pytest.mark.parametrize("path", CLASSIFIERS)
def test_runs_like_any_other(path):
    task = examples.task(3)
    object.__setattr__(task, "learner", learner(path, **CLASSIFIERS[path]))
    run = examples.run(task, "margin", budget=5)
    assert len(set(run.rows.tolist())) == 5
    assert run.scores[:, 0].min() > 1 / 3


@pytest.mark.parametrize("path", CLASSIFIERS)
def test_goes_to_another_process(path):
    made = learner(path, **CLASSIFIERS[path])
    again = pickle.loads(pickle.dumps(made))
    assert again.describe() == made.describe() == {"use": path, **CLASSIFIERS[path]}
    assert again.build(3).get_params() == made.build(3).get_params()


def test_the_seed_is_its_random_state_unless_an_option_gives_one():
    path = "sklearn.ensemble.HistGradientBoostingClassifier"
    assert learner(path).build(3).random_state == 3
    assert learner(path, random_state=7).build(3).random_state == 7
    assert learner(path).STOCHASTIC
    assert not learner("sklearn.naive_bayes.BernoulliNB").STOCHASTIC


def test_a_class_of_your_own(tmp_path, monkeypatch):
    (tmp_path / "mine_learners.py").write_text(
        "from active_learning.models.learners.svm_rbf import SvmRbf\n"
        "class Mine(SvmRbf):\n    gamma: float = 2.0\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    made = learner("mine_learners.Mine", C=3.0)
    assert made.describe()["use"] == "mine_learners.Mine"
    assert (made.build(0).C, made.build(0).gamma) == (3.0, 2.0)
    assert list(made.modules()) == ["mine_learners"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("sklearn.svm.SVR", "it is no classifier to scikit-learn"),
        ("sklearn.multioutput.ClassifierChain", "cannot be used as a learner: "),
        ("active_learning.strategies.margin.Margin", "must be a learner that can be made"),
        ("sklearn.svm.check_array", "unknown class of sklearn.svm 'check_array'"),
        ("active_learning.core.bases.Learner", "must be a learner that can be made"),
        ("active_learning.core.plugins.Plugin", "must be a learner that can be made"),
        ("active_learning.models.learners._sklearn.Adapter", "must be a learner that can be made"),
        ("no.such", "cannot be imported"),
        (".svm", "cannot be imported"),
    ],
)
def test_what_cannot_be_a_learner_is_refused(path, message):
    with pytest.raises(PluginError, match=message):
        plugins.load("learners", path)


@pytest.mark.parametrize("name", plugins.available("learners"))
def test_a_learner_that_says_it_has_no_randomness_has_none(name):
    made = plugins.load("learners", name)()
    task = examples.task(3)
    rows = np.concatenate([task.parts["initial"], task.parts["pool"]])
    fitted = [made.build(seed).fit(task.features[rows], task.labels[rows]) for seed in (1, 2)]
    predicted = [model.predict(task.features).tolist() for model in fitted]
    if not made.STOCHASTIC:
        assert predicted[0] == predicted[1]

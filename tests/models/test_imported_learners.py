"""Classifiers of other packages as learners: named by import path, with their own options."""

import pytest

from active_learning.core import plugins
from active_learning.core.errors import PluginError


def learner(path, **options):
    return plugins.make("learners", "mine", {"mine": {"use": path, **options}})


def test_the_seed_is_its_random_state_unless_an_option_gives_one():
    path = "sklearn.ensemble.HistGradientBoostingClassifier"
    assert learner(path).build(3).random_state == 3
    assert learner(path, random_state=7).build(3).random_state == 7
    assert learner(path).STOCHASTIC
    assert learner(path, max_iter=5).describe() == {"use": path, "max_iter": 5}
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
        ("sklearn.svm.SVR", "it is not a scikit-learn classifier"),
        ("sklearn.multioutput.ClassifierChain", "cannot be used as a learner: "),
        ("active_learning.strategies.margin.Margin", "must be a concrete learner class"),
        ("sklearn.svm.check_array", "unknown class of sklearn.svm 'check_array'"),
        ("active_learning.core.bases.Learner", "must be a concrete learner class"),
        ("active_learning.core.plugins.Plugin", "must be a concrete learner class"),
        ("active_learning.models.learners._sklearn.Adapter", "must be a concrete learner class"),
        ("no.such", "cannot be imported"),
        (".svm", "cannot be imported"),
    ],
)
def test_what_cannot_be_a_learner_is_refused(path, message):
    with pytest.raises(PluginError, match=message):
        plugins.load("learners", path)

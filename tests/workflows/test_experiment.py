"""`make experiment` takes SET and NAME as text, whatever they hold."""

import pytest

from active_learning.core.errors import UserError
from commands import experiment


def test_words_are_overrides():
    typed = "query_loop.budget=40  'plot.title=Two words' query_loop.strategies=[margin,random]"
    assert experiment.overrides(typed) == [
        "query_loop.budget=40",
        "plot.title=Two words",
        "query_loop.strategies=[margin,random]",
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "--queue",
        "split.seed",
        "=7",
        "+split.new=7",
        "~split.seed",
        "dvc.yaml:stages.plot.cmd=false",
        "plot.title=${oc.env:HOME}",
        "plot.title=$(touch made)",
        "'plot.title=two\nlines'",
        "plot.title='open",
    ],
)
def test_other_words_are_refused(typed):
    with pytest.raises(UserError, match="SET"):
        experiment.overrides(typed)


@pytest.mark.parametrize("name", ["", "budget-40", "A_b", "7"])
def test_names(name):
    assert experiment.experiment_name(name) == name


@pytest.mark.parametrize("name", ["-f", "a b", "a/b", "..", "a.lock", "$(x)", "a\n", "x" * 101])
def test_other_names_are_refused(name):
    with pytest.raises(UserError, match="NAME"):
        experiment.experiment_name(name)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("query_loop.budget=0", "params.yaml: query_loop.budget must be"),
        ("query_loop.bugdet=40", "params.yaml: query_loop: .* did you mean 'budget'"),
        ("query_lop.budget=40", "params.yaml: unknown .* did you mean 'query_loop'"),
        ("learner.logistic_regression.c=1", "params.yaml: learner.* did you mean 'C'"),
        ("learner.svm_rbf.gama=1", "params.yaml: learner.svm_rbf: .* did you mean 'gamma'"),
        ("query_loop.strategies=[margn]", "did you mean 'margin'"),
        ("query_loop.strategies=['random; touch made']", "random; touch made"),
        ("query_loop.strategies=[random; touch made]", "SET: .*random; touch made"),
        ("query_loop.budget=30,40", "SET must be single values; got 'query_loop.budget=30,40'"),
        ("query_loop.budget=range(1,3)", r"SET must be single values; got '.*range\(1,3\)'"),
    ],
)
def test_params_are_checked_before_anything_runs(word, message):
    with pytest.raises(UserError, match=message):
        experiment.check([word])


@pytest.mark.parametrize(
    "word",
    [
        "query_loop.budget=40",
        "query_loop.strategies=[margin,random]",
        "stopping.rules=[]",
        "evaluation.scorers=[f1_macro]",
        "compare.targets=[]",
        "compare.targets=[50%,0.9]",
        "generate.kinds.postcode=category",
        "query_loop.class_costs={a: 1.0, b: 2.5}",
    ],
)
def test_good_params_pass(word):
    experiment.check([word])

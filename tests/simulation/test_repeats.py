"""Strategies on repeats: kept runs are checked before they are believed, failures stay apart."""

from dataclasses import asdict, replace
from typing import Any, ClassVar

import numpy as np
import pytest

from active_learning.core import plugins
from active_learning.core.bases import Strategy
from active_learning.core.errors import ParamsError
from active_learning.models.tasks import Tasks
from active_learning.simulation.experiment import Experiment, Failure, _ceiling_key, ceilings
from active_learning.simulation.monitor import Plan, StoppingRule
from active_learning.simulation.parallel import Backend
from active_learning.simulation.simulate import Settings
from active_learning.simulation.store import Store
from tests import examples
from tests.examples import same_run

HERE = Backend("sequential")
RULE = plugins.load("stopping", "overall_uncertainty")()


class Failing(Strategy):
    """Fails in every query."""

    error: ClassVar[Exception] = RuntimeError("over\nthere")

    def query(self, *_: Any) -> Any:
        raise self.error


class ThirdCheck(StoppingRule):
    """Stops at the third check."""

    def value(self, _: Any) -> float:
        return 0.0

    def stops(self, values: Any) -> bool:
        return len(values) >= 3


def strategy(name):
    return plugins.load("strategies", name)()


@pytest.fixture
def experiment(tmp_path):
    """Two repeats of two strategies, with a stopping rule."""
    splits = [examples.task(seed=0).parts, examples.task(seed=0).parts]
    splits[1] = {
        "test": splits[0]["test"],
        "initial": splits[0]["pool"][:12],
        "pool": np.concatenate([splits[0]["pool"][12:], splits[0]["initial"]]),
    }
    tasks = Tasks(
        examples.table(),
        splits,
        plugins.load("learners", "logistic_regression")(),
        7,
        {"accuracy": plugins.load("scorers", "accuracy")()},
    )
    return Experiment(
        tasks,
        {name: strategy(name) for name in ("margin", "random")},
        plugins.load("oracles", "simulated")(),
        Settings(budget=4, batch_size=1, seed=3, oracle_seed=5),
        Plan({"overall_uncertainty": RULE}, every=2),
        Store(tmp_path / "runs"),
    )


def test_each_run_is_that_of_its_own_seed(experiment):
    runs = experiment.runs(HERE)
    for repeat in range(2):
        seeds = {"seed": 3 + repeat, "oracle_seed": 5 + repeat}
        plan = replace(experiment.plan, seed=repeat)
        what = replace(experiment.tasks[repeat], learner_seed=7 + repeat)
        alone = examples.run(what, "random", budget=4, stopping=plan, **seeds)
        assert same_run(runs["random"][repeat], alone)


def test_what_is_kept_is_not_run_again(experiment, monkeypatch):
    first = experiment.runs(HERE)
    monkeypatch.delattr("active_learning.models.task.Task.from_dataset")
    again = experiment.runs(HERE)
    assert all(map(same_run, first["margin"] + first["random"], again["margin"] + again["random"]))


def test_runs_on_other_data_are_others(experiment):
    first = experiment.key("random", 0)
    other = replace(experiment, tasks=replace(experiment.tasks, data=examples.table(seed=1)))
    assert other.key("random", 0) != first
    again = replace(experiment, tasks=replace(experiment.tasks, data=examples.table()))
    assert again.key("random", 0) == first


def test_runs_in_another_order_of_the_labelled_rows_are_others(experiment):
    other = replace(experiment, tasks=replace(experiment.tasks, split_order=True))
    assert other.key("random", 0) != experiment.key("random", 0)
    assert other.tasks[0].split_order


def test_preprocessing_is_fitted_once_for_each_repeat(experiment, monkeypatch):
    made = []
    of = experiment.tasks.__class__.__getitem__
    monkeypatch.setattr(
        Tasks, "__getitem__", lambda tasks, repeat: made.append(repeat) or of(tasks, repeat)
    )
    experiment.runs(HERE)
    assert made == [0, 1]


ODD = {
    "rows of the test set": {"rows": np.arange(4)},
    "a row twice": {"rows": np.array([40, 40, 41, 42])},
    "fewer scores": {"scores": np.ones((4, 1))},
    "another scorer": {"scores": np.ones((5, 2))},
    "no scores": {"scores": np.ones((0, 1))},
    "text": {"scores": np.array([["1.0"]] * 5)},
    "a class too many": {"answers": np.full(4, 2)},
    "steps that jump": {"steps": np.array([1, 2, 3, 5])},
    "steps that go back": {"steps": np.array([1, 3, 2, 4])},
    "no steps": {"steps": np.zeros(4, int)},
    "a number for an array": {"rows": np.array(3)},
    "fewer checks": {"checks": np.ones((1, 1))},
    "another rule": {"checks": np.ones((3, 2))},
    "more": {"more": np.ones(1)},
    "nothing": {},
}


@pytest.mark.parametrize("odd", ODD)
def test_a_run_that_cannot_be_one_of_the_repeat_is_run_again(experiment, odd):
    first = experiment.runs(HERE)
    key = experiment.key("random", 1)
    forged = asdict(first["random"][1]) | ODD[odd] if ODD[odd] else {}
    experiment.store.save(key, forged, lambda _: True)
    assert same_run(experiment.runs(HERE)["random"][1], first["random"][1])


@pytest.mark.parametrize("budget", range(1, 13))
def test_a_binding_rule_ends_a_shorter_run_where_it_does_a_fresh_one(experiment, budget, tmp_path):
    plan = Plan({"third": ThirdCheck()}, binding="third", every=4)
    longer = replace(
        experiment, plan=plan, settings=replace(experiment.settings, budget=12, batch_size=4)
    )
    longer.runs(HERE)
    shorter = replace(longer, settings=replace(longer.settings, budget=budget))
    fresh = replace(shorter, store=Store(tmp_path / "fresh")).runs(HERE)
    for name, runs in shorter.runs(HERE).items():
        assert all(map(same_run, runs, fresh[name]))
        assert len(runs[0].rows) == min(budget, 8)


def test_code_that_changed_since_the_process_began_is_not_kept(experiment):
    key = experiment.key("random", 0)
    job = 0, {"random": (None, key | {"software": {}})}
    ((_, _, run),) = experiment._run_job(job, keep=True)
    assert len(run.rows) == 4
    assert list(experiment.store.folder.rglob("*.npz")) == []


def test_a_shorter_run_does_not_replace_a_longer_one(experiment):
    longer = experiment.runs(HERE)["margin"][0]
    shorter = replace(experiment, settings=replace(experiment.settings, budget=2))
    run = shorter.runs(HERE)["margin"][0]
    shorter._save(experiment.store, experiment.key("margin", 0), 0, run)
    assert len(run.rows) == 2
    kept = experiment.store.read(experiment.key("margin", 0))
    np.testing.assert_array_equal(kept["rows"], longer.rows)


@pytest.mark.parametrize("scores", [None, [[1.0]], 1.0, ["1.0"], []], ids=str)
def test_a_ceiling_that_cannot_be_one_is_computed_again(experiment, scores):
    first = ceilings(experiment.tasks, experiment.store, HERE)
    odd = {} if scores is None else {"scores": np.array(scores)}
    experiment.store.save(_ceiling_key(experiment.tasks, 0), odd, lambda _: True)
    assert ceilings(experiment.tasks, experiment.store, HERE) == first
    assert len(list(experiment.store.folder.rglob("*.npz"))) == 2


def test_a_strategy_that_fails_leaves_the_others_alone(experiment):
    runs = experiment.runs(HERE)
    with_failing = replace(
        experiment,
        strategies=experiment.strategies | {"failing": Failing()},
        store=Store(experiment.store.folder / "another"),
    )
    outcomes = with_failing.runs(HERE)
    failure = outcomes.pop("failing")
    assert isinstance(failure, Failure)
    assert str(failure.error) == "strategy Failing raised RuntimeError: over there"
    assert "raise self.error" in failure.traceback
    assert all(
        map(same_run, runs["margin"] + runs["random"], outcomes["margin"] + outcomes["random"])
    )


def test_an_error_of_the_user_has_no_traceback(experiment, monkeypatch):
    monkeypatch.setattr(Failing, "error", ParamsError("learner must be another"))
    outcomes = replace(experiment, strategies={"failing": Failing()}).runs(HERE)
    assert outcomes["failing"] == Failure(Failing.error)

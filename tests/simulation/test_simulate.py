"""The loop: what it buys, what it pays for, and what it refuses."""

import warnings
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from pydantic import Field
from sklearn.exceptions import ConvergenceWarning
from sklearn.naive_bayes import GaussianNB

from active_learning.core import plugins
from active_learning.core.bases import Oracle, Strategy
from active_learning.core.errors import DataError, PluginError
from active_learning.core.pool import ABSTAINED, Pool, Query
from active_learning.simulation.monitor import Plan, StopMonitor
from active_learning.simulation.simulate import Run
from tests import examples


class Silent(Oracle):
    """Oracle that knows the answer for rows of even number only."""

    def start(self, n_rows, n_classes, generator):
        return lambda rows, labels: np.where(rows % 2 == 0, labels, ABSTAINED)


class Fixed(Strategy):
    """Strategy that always queries the same rows."""

    rows: list[int]

    def query(self, model, pool, n, generator):
        return Query(np.array(self.rows), np.full(len(self.rows), np.nan))


class Drawing(Strategy):
    """Strategy that notes a number it draws for each batch, and queries the lowest rows."""

    drawn: list[float] = Field(default_factory=list)

    def query(self, model, pool, n, generator):
        self.drawn.append(generator.random())
        return Query(np.flatnonzero(pool.open)[:n], np.full(n, np.nan))


class Reluctant(GaussianNB):
    """Classifier that converges on an even number of rows only."""

    def fit(self, X, y):
        if len(y) % 2:
            warnings.warn("odd", ConvergenceWarning, stacklevel=1)
        return super().fit(X, y)


@pytest.mark.parametrize(
    ("budget", "batch_size", "batches"),
    [(6, 1, [1] * 6), (6, 6, [6]), (7, 3, [3, 3, 1]), (48, 20, [20, 20, 8]), (1, 1, [1])],
)
def test_buys_batches_until_the_budget_is_spent(budget, batch_size, batches):
    run = examples.run(examples.task(), budget=budget, batch_size=batch_size)
    assert run.bought.tolist() == [0, *np.cumsum(batches)]
    assert run.steps.tolist() == np.repeat(np.arange(1, len(batches) + 1), batches).tolist()
    assert run.scores.shape == (len(batches) + 1, 1)
    assert len(set(run.rows.tolist())) == len(run.rows) == budget


def test_ends_when_the_pool_is_empty():
    task = examples.task()
    run = examples.run(task, budget=1000, batch_size=20)
    assert run.bought.tolist() == [0, 20, 40, 48]
    assert sorted(run.rows) == task.parts["pool"].tolist()


@pytest.mark.parametrize("strategy", examples.STRATEGIES)
def test_ends_at_full_supervision_whatever_the_strategy(strategy):
    """The rows are the same at the end, so a model that ignores their order is too."""
    task = examples.task(3, "logistic_newton", ["accuracy", "log_loss"])
    ceiling = task.scores(task.fit_rows("initial", "pool"))
    run = examples.run(task, strategy, budget=48, batch_size=11)
    np.testing.assert_allclose(run.scores[-1], ceiling)


def test_scores_are_those_of_a_model_of_the_labels_bought_so_far():
    task = examples.task(scorers=["accuracy", "log_loss"])
    run = examples.run(task, budget=5, batch_size=2)
    for scores, n in zip(run.scores, [0, 2, 4, 5], strict=True):
        rows = np.concatenate([task.parts["initial"], run.rows[:n]])
        model = task.fit(task.features[rows], task.labels[rows])
        np.testing.assert_allclose(scores, task.scores(model), rtol=1e-8)


def test_says_of_each_fit_whether_it_converged():
    task = replace(
        examples.task(), learner=SimpleNamespace(warm_start=False, build=lambda _: Reluctant())
    )
    run = examples.run(task, budget=4)
    assert run.converged.tolist() == [True, False, True, False, True]


def test_abstentions_are_paid_for_and_set_aside():
    task = examples.task()
    run = examples.run(task, "random", Silent(), budget=20, batch_size=4)
    odd = run.rows % 2 == 1
    assert odd.any()
    assert (run.answers[odd] == ABSTAINED).all()
    np.testing.assert_array_equal(run.answers[~odd], task.labels[run.rows[~odd]])
    assert run.bought.tolist() == [0, 4, 8, 12, 16, 20]
    assert run.answered.tolist() == [np.count_nonzero(~odd[:n]) for n in run.bought]
    assert len(set(run.rows.tolist())) == 20
    rows = np.concatenate([task.parts["initial"], run.rows[~odd]])
    model = task.fit(task.features[rows], task.labels[rows])
    np.testing.assert_allclose(run.scores[-1], task.scores(model))


def test_wrong_answers_are_learnt_and_scored_against_the_truth():
    task = examples.task()
    liar = plugins.load("oracles", "noisy")(flip=1.0)
    run = examples.run(task, "random", liar, budget=48, batch_size=48)
    np.testing.assert_array_equal(run.answers, 1 - task.labels[run.rows])
    assert run.scores[-1, 0] < 0.5 < run.scores[0, 0]


@pytest.mark.parametrize("strategy", examples.STRATEGIES)
@pytest.mark.parametrize(("shorter", "longer", "batch_size"), [(4, 9, 1), (6, 14, 3)])
def test_longer_budget_begins_with_the_shorter_run(strategy, shorter, longer, batch_size):
    task = examples.task(3)
    first = examples.run(task, strategy, budget=shorter, batch_size=batch_size)
    second = examples.run(task, strategy, budget=longer, batch_size=batch_size)
    np.testing.assert_array_equal(first.rows, second.rows[:shorter])
    np.testing.assert_array_equal(first.informativeness, second.informativeness[:shorter])
    np.testing.assert_array_equal(first.scores, second.scores[: len(first.scores)])


def test_random_draws_other_rows_for_another_seed_and_step():
    task = examples.task()
    first, second = (examples.run(task, "random", budget=48, seed=seed) for seed in (0, 1))
    assert first.rows.tolist() != second.rows.tolist()
    assert not (np.diff(first.rows) > 0).all()


def test_every_batch_and_seed_has_random_numbers_of_its_own():
    first, again, other = Drawing(), Drawing(), Drawing()
    for strategy, seed in ((first, 0), (again, 0), (other, 1)):
        examples.run(examples.task(), strategy, budget=4, seed=seed)
    assert first.drawn == again.drawn
    assert len({*first.drawn, *other.drawn}) == 8


def test_strategies_do_not_see_the_seed_of_the_oracle():
    task = examples.task()
    noisy = plugins.load("oracles", "noisy")(flip=0.5)
    first, second = (examples.run(task, "random", noisy, oracle_seed=seed) for seed in (0, 1))
    np.testing.assert_array_equal(first.rows, second.rows)


@pytest.mark.parametrize(
    ("rows", "batch_size"),
    [((45,), 1), ((45, 45), 2), ((45,), 2), ((45, 46, 47), 2), ((), 1), ((0,), 1), ((30,), 1)],
    ids=["asked before", "twice", "too few", "too many", "none", "test row", "labelled row"],
)
def test_faulty_strategy_is_refused(rows, batch_size):
    with pytest.raises(PluginError, match=f"strategy Fixed must query {batch_size} distinct open"):
        examples.run(examples.task(), Fixed(rows=list(rows)), batch_size=batch_size)


@pytest.mark.parametrize("row", [90, -1])
def test_row_that_is_not_in_the_table_is_refused(row):
    with pytest.raises(PluginError, match="strategy Fixed must query 1 distinct open"):
        examples.run(examples.task(), Fixed(rows=[row]), budget=1)


def test_every_step_gives_the_run_so_far():
    steps = []
    run = examples.run(
        examples.task(), budget=7, batch_size=3, on_step=lambda so_far: steps.append(so_far())
    )
    for step, (so_far, bought) in enumerate(zip(steps, [0, 3, 6, 7], strict=True)):
        first = Run(
            scores=run.scores[: step + 1],
            converged=run.converged[: step + 1],
            rows=run.rows[:bought],
            steps=run.steps[:bought],
            informativeness=run.informativeness[:bought],
            answers=run.answers[:bought],
        )
        assert examples.same_run(so_far, first)


def test_what_scikit_learn_refuses_is_one_line_with_the_learner():
    task = examples.task()
    one_class = replace(task, labels=np.zeros_like(task.labels))
    with pytest.raises(
        DataError, match=r"^LogisticRegression cannot be fitted to 12 rows: [^\n]+$"
    ):
        examples.run(one_class)


def test_task_is_not_changed():
    task = examples.task()
    arrays = {"features": task.features, "labels": task.labels, **task.parts}
    before = {name: value.copy() for name, value in arrays.items()}
    for value in arrays.values():
        value.flags.writeable = False
    examples.run(task, budget=48)
    for name, value in arrays.items():
        np.testing.assert_array_equal(value, before[name])


def test_what_is_measured_is_kept_to_nine_digits():
    """Its last bits depend on the processor."""
    rule = plugins.load("stopping", "overall_uncertainty")()
    plan = Plan(rules={"overall_uncertainty": rule})
    run = examples.run(examples.task(scorers=["log_loss"]), "entropy", budget=5, stopping=plan)
    for values in (run.scores.ravel(), run.informativeness, run.checks.ravel()):
        assert len(values) > 0
        assert values.tolist() == [float(f"{value:.9g}") for value in values]


def hidden(task, *, known, parts):
    """Task without the labels of all other rows, and with these parts of the split only."""
    labels = np.full(len(task.labels), -9)
    labels[known] = task.labels[known]
    return replace(task, labels=labels, parts={part: task.parts[part] for part in parts})


def test_no_label_is_looked_at_that_was_not_bought():
    task = examples.task()
    run = examples.run(task, "query_by_committee", stopping=every_rule())
    bought = np.concatenate([task.parts["test"], task.parts["initial"], run.rows])
    same = examples.run(
        hidden(task, known=bought, parts=task.parts), "query_by_committee", stopping=every_rule()
    )
    assert examples.same_run(run, same)


def test_rules_need_no_test_set_and_no_other_labels():
    task = examples.task()
    run = examples.run(task, budget=1, stopping=every_rule())
    unlabelled = hidden(task, known=task.parts["initial"], parts=["initial", "pool"])
    pool = Pool(
        unlabelled.features,
        unlabelled.parts["pool"],
        initial=unlabelled.parts["initial"],
        initial_labels=unlabelled.labels[unlabelled.parts["initial"]],
        classes=unlabelled.classes,
        budget=1,
    )
    monitor = StopMonitor(every_rule(), unlabelled, pool, 1, [])
    monitor.check(0, unlabelled.fit(pool.labelled_features, pool.labels))
    np.testing.assert_array_equal(monitor.table[0], run.checks[0])


def every_rule():
    """Plan of all stopping rules."""
    names = plugins.available("stopping")
    return Plan({name: plugins.load("stopping", name)() for name in names})

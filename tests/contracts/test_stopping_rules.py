"""What every stopping rule keeps to; a new file in stopping/ is tested with no new test."""

from dataclasses import replace

import numpy as np
import pytest

from active_learning.core import plugins
from active_learning.simulation.monitor import Plan
from active_learning.simulation.snapshot import Snapshot
from tests import examples

pytestmark = pytest.mark.usefixtures("as_in_the_loop")


@pytest.fixture(params=plugins.available("stopping"))
def name(request):
    return request.param


@pytest.fixture
def rule(name):
    return plugins.load("stopping", name)()


@pytest.fixture
def snapshot(situation, learner):
    """A check that is not the first: the model before predicted other classes in places."""
    n_classes, unseen = situation
    pool, model = examples.pool_and_model(n_classes, learner, unseen)
    stop_set = np.flatnonzero(pool.open)[::2]
    before = model.predict(pool.features[stop_set])
    before[:2] = (before[:2] + 1) % 2
    return Snapshot(
        model, pool, stop_set, before=before, estimate=lambda: 0.75, greater_is_better=True
    )


def plan(name, rule, **options):
    return Plan({name: rule}, **{"every": 2, "stop_set": 20, "folds": 2, "seed": 3} | options)


def test_same_snapshot_same_value_and_nothing_else_changes(rule, snapshot):
    pool = snapshot.pool
    before = pool.open.copy(), snapshot.before.copy(), snapshot.model.predict(pool.features)
    for array in (pool.open, pool._labels, pool._features, pool._rows, snapshot.before):
        array.flags.writeable = False
    with examples.global_random_state_untouched():
        value = rule.value(snapshot)
    assert isinstance(value, float)
    assert np.isfinite(value)
    assert rule.value(snapshot) == value
    rule.stops(examples.fixed([value] * 9))
    after = pool.open, snapshot.before, snapshot.model.predict(pool.features)
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


def test_says_yes_or_no_after_any_check(rule):
    for values in ([0.5], [np.nan, 0.2], [np.nan] * 8, [np.nan, 0.1, 0.9, np.nan, 1.0]):
        assert rule.stops(np.array(values)) in (True, False)
    assert not rule.stops(np.full(8, np.nan))


@pytest.mark.parametrize("estimate", ["cross_validation", "test"])
def test_sees_no_label_that_was_not_bought(name, rule, situation, estimate):
    n_classes, unseen = situation
    task = examples.task(n_classes, unseen=unseen)
    options = {"budget": 12, "stopping": plan(name, rule, estimate=estimate)}
    first = examples.run(task, **options)
    poisoned = task.labels.copy()
    poisoned[np.setdiff1d(task.parts["pool"], first.rows)] = 99
    if estimate == "cross_validation":
        poisoned[task.parts["test"]] = 1 - poisoned[task.parts["test"]] % 2
    second = examples.run(replace(task, labels=poisoned), **options)
    np.testing.assert_array_equal(first.checks, second.checks)
    assert first.checks.shape == (7, 1)


@pytest.mark.parametrize(
    ("first", "then", "batch_size", "every"),
    [(5, 12, 1, 1), (12, 5, 1, 4), (12, 12, 1, 1), (10, 23, 5, 4), (12, 23, 5, 1), (11, 4, 3, 4)],
)
def test_continuing_gives_what_a_fresh_run_gives(name, rule, first, then, batch_size, every):
    task = examples.task(3, "gaussian_nb")
    for binding in (None, name):
        stopping = replace(plan(name, rule, every=every), binding=binding)
        options = {"batch_size": batch_size, "stopping": stopping}
        resumed = examples.run(task, budget=first, **options)
        fresh = examples.run(task, budget=then, **options)
        assert examples.same_run(examples.run(task, budget=then, resumed=resumed, **options), fresh)


def test_checks_change_no_run_and_a_binding_one_only_ends_it(name, rule, situation, learner):
    n_classes, unseen = situation
    task = examples.task(n_classes, learner, unseen=unseen)
    advice = plan(name, rule)
    alone = examples.run(task, budget=40)
    assert alone.checks.shape == (0, 0)
    whole = examples.run(task, budget=40, stopping=advice)
    assert examples.same_run(replace(whole, checks=alone.checks), alone)
    bound = examples.run(task, budget=40, stopping=replace(advice, binding=name))
    stopped = advice.stopped(name, whole.checks[:, 0])
    end = 2 * int(stopped.argmax()) if stopped.any() else 40
    assert len(bound.rows) == end
    np.testing.assert_array_equal(bound.rows, whole.rows[:end])
    np.testing.assert_array_equal(bound.scores, whole.scores[: end + 1])

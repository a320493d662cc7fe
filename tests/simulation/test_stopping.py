"""Stopping rules by hand, the checks that they get, and the estimates that they see."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score

from active_learning.core import plugins
from active_learning.core.bases import Learner
from active_learning.core.pool import Pool
from active_learning.simulation.monitor import Plan, cross_validated
from active_learning.simulation.snapshot import Snapshot
from active_learning.simulation.stopping.max_confidence import MaxConfidence
from active_learning.simulation.stopping.overall_uncertainty import OverallUncertainty
from active_learning.simulation.stopping.plateau import Plateau
from active_learning.simulation.stopping.stabilising_predictions import (
    StabilisingPredictions,
    kappa,
)
from active_learning.simulation.stopping.target_score import TargetScore
from tests import examples

NAN = float("nan")


class Model:
    """Classifier of two classes whose probability of class 1 is the row's only feature."""

    classes_ = np.array([0, 1])

    def predict(self, features):
        return (features[:, 0] > 0.5).astype(int)

    def predict_proba(self, features):
        return np.column_stack([1 - features[:, 0], features[:, 0]])


def snapshot(probabilities=(0.5, 1.0, 0.9, 0.2), closed=(), before=None, score=0.8, greater=True):
    """A look at a pool with these probabilities of class 1."""
    features = np.array(probabilities, dtype=float)[:, None]
    rows = np.arange(len(features))
    pool = Pool(
        features, rows, initial=rows[:0], initial_labels=rows[:0], classes=2, budget=len(rows)
    )
    pool.close(np.array(closed, dtype=int), np.zeros(len(closed), dtype=int))
    before = None if before is None else np.array(before)
    return Snapshot(
        Model(), pool, rows, before=before, estimate=lambda: score, greater_is_better=greater
    )


def stops(rule, *values):
    return rule.stops(np.array(values))


def test_kappa_by_hand():
    # Of ten rows eight agree; chance is 0.6 · 0.4 + 0.4 · 0.6 = 0.48.
    one = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    other = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    assert kappa(one, other, 2) == pytest.approx((0.8 - 0.48) / (1 - 0.48))
    assert kappa(one, one, 2) == 1
    assert kappa(np.zeros(5, int), np.zeros(5, int), 3) == 1  # 0/0 in the formula
    assert kappa(np.zeros(5, int), np.ones(5, int), 2) == 0


@pytest.mark.parametrize("seed", range(5))
def test_kappa_is_that_of_scikit_learn(seed):
    one, other = np.random.default_rng(seed).integers(4, size=(2, 60))
    assert kappa(one, other, 4) == pytest.approx(cohen_kappa_score(one, other))


def test_stabilising_predictions():
    rule = StabilisingPredictions(threshold=0.9, window=3)
    assert np.isnan(rule.value(snapshot()))
    # The model predicts 0 1 1 0: a half by chance, three of four the same.
    assert rule.value(snapshot(before=[0, 1, 0, 0])) == pytest.approx((0.75 - 0.5) / 0.5)
    assert not stops(rule, NAN, 1.0, 1.0)
    assert stops(rule, NAN, 1.0, 0.9, 0.8)
    assert not stops(rule, NAN, 1.0, 0.9, 0.79)
    assert stops(rule, NAN, 0.1, 1.0, 1.0, 1.0)
    assert not stops(StabilisingPredictions(window=1), NAN)


def entropy(p):
    return -(p * np.log2(p) + (1 - p) * np.log2(1 - p))


def test_uncertainty_is_that_of_the_rows_that_are_left():
    # One half is as uncertain as can be, 1 is certain.
    assert OverallUncertainty().value(snapshot()) == pytest.approx(
        (1 + 0 + entropy(0.9) + entropy(0.2)) / 4
    )
    assert OverallUncertainty().value(snapshot(closed=[0, 2])) == pytest.approx(entropy(0.2) / 2)
    assert MaxConfidence().value(snapshot()) == pytest.approx(1)
    assert MaxConfidence().value(snapshot(closed=[0])) == pytest.approx(entropy(0.2))
    for rule in (OverallUncertainty(), MaxConfidence()):
        assert np.isnan(rule.value(snapshot(closed=[0, 1, 2, 3])))


def test_uncertainty_is_a_share_of_the_largest_whatever_the_number_of_classes():
    pool, model = examples.pool_and_model(4, unseen=True)
    rows = np.flatnonzero(pool.open)
    look = Snapshot(model, pool, rows, before=None, estimate=lambda: 0.8, greater_is_better=True)
    in_bits = entropy(model.predict_proba(pool.features[rows])[:, 0])  # two classes were seen
    assert OverallUncertainty().value(look) == pytest.approx(in_bits.mean() / 2)
    assert MaxConfidence().value(look) == pytest.approx(in_bits.max() / 2)


@pytest.mark.parametrize("rule", [OverallUncertainty(threshold=0.2), MaxConfidence(threshold=0.2)])
def test_uncertainty_stops_at_its_threshold(rule):
    assert stops(rule, 0.9, 0.2)
    assert not stops(rule, 0.1, 0.21)
    assert not stops(rule, NAN)


def test_target_score():
    rule = TargetScore(target=0.8)
    assert rule.value(snapshot(score=0.75)) == pytest.approx(-0.05)
    assert rule.value(snapshot(score=0.75, greater=False)) == pytest.approx(0.05)
    assert stops(rule, -0.1, 0.0)
    assert not stops(rule, 0.1, -0.01)
    # 0.1 + 0.7 is just below 0.8.
    assert stops(rule, rule.value(snapshot(score=0.1 + 0.7)))
    assert not stops(rule, NAN)


def test_plateau():
    rule = Plateau(checks=2, min_gain=0.01)
    assert rule.value(snapshot(score=0.7)) == 0.7
    assert rule.value(snapshot(score=0.7, greater=False)) == -0.7
    assert not stops(rule, 0.5, 0.5)  # nothing before the last two
    assert stops(rule, 0.5, 0.5, 0.5)
    assert not stops(rule, 0.5, 0.51, 0.5)  # a rise of just the least gain counts
    assert stops(rule, 0.5, 0.509, 0.505)
    assert not stops(rule, 0.5, 0.5, 0.6)
    assert stops(rule, 0.9, 0.5, 0.6, 0.7)  # still below what it was
    assert stops(rule, NAN, 0.5, 0.5, 0.4)
    assert not stops(rule, NAN, NAN, 0.5)


def test_a_rule_that_has_stopped_stays_so():
    plan = Plan({"sure": MaxConfidence(threshold=0.5)})
    assert plan.stopped("sure", np.array([0.9, 0.4, 0.8])).tolist() == [False, True, True]


def looked(every, batch_size, budget, **options):
    plan = Plan({"plateau": Plateau()}, every=every, estimate="test", **options)
    task = examples.task()
    return examples.run(task, budget=budget, batch_size=batch_size, stopping=plan)


@pytest.mark.parametrize(
    ("every", "batch_size", "budget", "at"),
    [
        (1, 1, 4, [0, 1, 2, 3, 4]),
        (3, 1, 7, [0, 3, 6]),
        (5, 2, 12, [0, 6, 12]),  # rounded up to three batches
        (1, 5, 12, [0, 5, 10, 12]),  # the last batch is smaller
        (50, 1, 4, [0]),
    ],
)
def test_looks_are_some_labels_apart(every, batch_size, budget, at):
    run = looked(every, batch_size, budget)
    bought = run.bought.tolist()
    np.testing.assert_array_equal(run.checks[:, 0], run.scores[[bought.index(n) for n in at], 0])


def test_stop_set_is_drawn_from_the_pool():
    pool = np.arange(30, 78)
    rows = Plan(stop_set=20).choose_stop_set(pool[::-1])
    assert len(set(rows.tolist())) == 20
    assert set(rows) <= set(pool)
    assert rows.tolist() == sorted(rows) == Plan(stop_set=20).choose_stop_set(pool).tolist()
    assert rows.tolist() != Plan(stop_set=20, seed=1).choose_stop_set(pool).tolist()
    for size in (None, 48, 1000):
        np.testing.assert_array_equal(Plan(stop_set=size).choose_stop_set(pool), pool)


def test_every_strategy_is_looked_at_on_the_same_rows():
    seen = []

    class Recorder:
        def value(self, snapshot):
            seen.append(snapshot.stop_set.tolist())
            return 0.0

        def stops(self, values):
            return False

    for strategy in ("random", "margin"):
        plan = Plan({"recorder": Recorder()}, stop_set=9, every=3)
        examples.run(examples.task(), strategy, stopping=plan)
    assert len(seen) == 6
    assert all(rows == seen[0] for rows in seen)


@pytest.mark.parametrize("every", [1, 2])
def test_value_of_a_look_compares_with_the_look_before(every):
    """Kappa again, from models that are fitted here."""
    task = examples.task(3)
    plan = Plan({"stable": StabilisingPredictions()}, every=every)
    run = examples.run(task, budget=6, stopping=plan)
    pool = task.features[task.parts["pool"]]
    predictions = []
    for bought in range(0, 7, every):
        rows = np.concatenate([task.parts["initial"], run.rows[:bought]])
        predictions.append(task.fit(task.features[rows], task.labels[rows]).predict(pool))
    expected = [cohen_kappa_score(*pair) for pair in pairwise(predictions)]
    assert np.isnan(run.checks[0, 0])
    np.testing.assert_allclose(run.checks[1:, 0], expected)


def cross_validation(task, n_folds, seed=0):
    rows = task.parts["initial"]
    pool = Pool(
        task.features,
        task.parts["pool"],
        initial=rows,
        initial_labels=task.labels[rows],
        classes=task.classes,
        budget=0,
    )
    return cross_validated(task, pool, n_folds, seed)


@pytest.mark.parametrize("seed", range(4))
def test_leave_one_out_by_hand(seed):
    task = examples.task(seed=seed)
    rows = task.parts["initial"]
    right = []
    for row in rows:
        others = rows[rows != row]
        model = LogisticRegression(max_iter=1000).fit(task.features[others], task.labels[others])
        right.append(model.predict(task.features[[row]])[0] == task.labels[row])
    for folds in (12, 100):
        assert cross_validation(task, folds) == pytest.approx(np.mean(right))


@pytest.mark.parametrize("scorer", plugins.available("scorers"))
def test_cross_validation_gives_every_score(scorer):
    for n_classes in (2, 3):
        value = cross_validation(examples.task(n_classes, scorers=[scorer]), 4)
        assert np.isfinite(value)
        assert value == cross_validation(examples.task(n_classes, scorers=[scorer]), 4)


def test_folds_are_drawn_by_the_seed():
    task = examples.task(scorers=["log_loss"])
    assert cross_validation(task, 4) != cross_validation(task, 4, seed=1)


def test_folds_hold_every_class_in_turn():
    """Of twelve rows of three classes, every fold of four has one of each."""
    task = examples.task(3)
    seen = []

    class Counting(Learner):
        def build(self, seed):
            return self

        def fit(self, features, labels):
            seen.append(np.bincount(labels).tolist())
            return LogisticRegression().fit(features, labels)

    cross_validation(replace(task, learner=Counting()), 4)
    assert seen == [[3, 3, 3]] * 4


def test_a_group_is_not_split_between_folds():
    task = examples.task(seed=1)
    rows = task.parts["initial"]
    groups = np.arange(len(task.labels))
    groups[rows] = 1000 + np.arange(12) // 2
    held_out = []

    class Seeing(Learner):
        def build(self, seed):
            return self

        def fit(self, features, labels):
            seen = {tuple(row) for row in features}
            is_seen = np.array([tuple(row) in seen for row in task.features[rows]])
            held_out.append({*groups[rows[~is_seen]]})
            assert held_out[-1].isdisjoint(groups[rows[is_seen]])
            return LogisticRegression().fit(features, labels)

    grouped = replace(task, learner=Seeing(), groups=groups)
    assert np.isfinite(cross_validation(grouped, 4))
    assert len(held_out) == 4
    assert sorted(group for fold in held_out for group in fold) == list(range(1000, 1006))
    held_out.clear()
    cross_validation(grouped, 10)  # more folds than groups
    assert [len(fold) for fold in held_out] == [1] * 6


def test_no_estimate_from_one_group():
    task = examples.task()
    assert np.isnan(cross_validation(replace(task, groups=np.zeros(len(task.labels))), 4))


def test_groups_of_one_row_are_no_groups():
    task = examples.task(3)
    single = replace(task, groups=np.arange(len(task.labels))[::-1])
    assert cross_validation(single, 4) == cross_validation(task, 4)


def test_no_estimate_where_a_fold_would_leave_one_class():
    task = examples.task()
    rows = task.parts["initial"]
    labels = task.labels.copy()
    labels[rows] = 0
    labels[rows[0]] = 1
    lonely = replace(task, labels=labels)
    assert np.isnan(cross_validation(lonely, 3))


@pytest.mark.extras
@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_small_text(seed):
    from small_text.stopping_criteria import KappaAverage
    from small_text.stopping_criteria import OverallUncertainty as Theirs

    generator = np.random.default_rng(seed)
    ours, theirs = StabilisingPredictions(threshold=0.8), KappaAverage(3, kappa=0.8)
    predictions = generator.integers(3, size=40)
    values = []
    before = None
    answers = []
    for _ in range(12):
        flips = generator.random(40) < generator.choice([0.0, 0.2])
        predictions = np.where(flips, generator.integers(3, size=40), predictions)
        values.append(NAN if before is None else kappa(before, predictions, 3))
        before = predictions
        answers.append((stops(ours, *values), theirs.stop(predictions=predictions)))
    assert all(mine == other for mine, other in answers)

    probabilities = generator.random(30)
    value = OverallUncertainty().value(snapshot(probabilities))
    proba = np.column_stack([1 - probabilities, probabilities])
    for threshold, expected in ((value - 1e-9, False), (value + 1e-9, True)):
        criterion = Theirs(2, threshold=threshold)
        assert criterion.stop(proba=proba, indices_stopping=np.arange(30)) == expected

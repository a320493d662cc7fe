"""A run that continues an earlier one gives what a run from the start gives."""

from dataclasses import replace

import pytest

from active_learning.core import plugins
from active_learning.simulation.simulate import Settings, simulate
from tests.examples import STRATEGIES, same_run, task


class CountingLearner:
    """Learner that counts how often it is fitted."""

    def __init__(self, learner):
        self.learner = learner
        self.fits = 0
        self.warm_start = learner.warm_start

    def build(self, seed):
        self.fits += 1
        return self.learner.build(seed)


def run(of, strategy, budget, batch_size, resumed=None):
    oracle = plugins.load("oracles", "noisy")(flip=0.1, abstain=0.2)
    settings = Settings(budget=budget, batch_size=batch_size, seed=3, oracle_seed=5)
    return simulate(of, plugins.load("strategies", strategy)(), oracle, settings, resumed=resumed)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    ("first", "then", "batch_size"),
    [
        (4, 9, 1),
        (9, 4, 1),
        (9, 9, 1),
        (10, 23, 5),
        (12, 23, 5),  # the first budget cuts its last batch short
        (23, 12, 5),
        (12, 14, 5),  # both do
        (10, 100, 7),  # to the end of the pool
    ],
)
def test_continuing_gives_what_a_fresh_run_gives(strategy, first, then, batch_size):
    of = task(n_classes=3)
    resumed = run(of, strategy, first, batch_size)
    assert same_run(
        run(of, strategy, then, batch_size, resumed), run(of, strategy, then, batch_size)
    )


def test_only_what_is_added_is_fitted():
    of = task()
    resumed = run(of, "margin", 6, 1)
    learner = CountingLearner(of.learner)
    counted = replace(of, learner=learner)
    run(counted, "margin", 9, 1, resumed)
    assert learner.fits == 4  # the last state again, to query from it, and three new ones
    learner.fits = 0
    run(counted, "margin", 6, 1, resumed)
    assert learner.fits == 0
    run(counted, "margin", 4, 1, resumed)
    assert learner.fits == 0

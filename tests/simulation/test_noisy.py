"""The noisy oracle errs and abstains as often as it is told, and errs evenly."""

import numpy as np
import pytest

from active_learning.core import plugins
from active_learning.core.pool import ABSTAINED


def test_rates_and_wrong_classes():
    truth = np.repeat(np.arange(3), 10_000)
    oracle = plugins.load("oracles", "noisy")(flip=0.3, abstain=0.2)
    answer = oracle.start(len(truth), 3, np.random.default_rng(0))
    answers = answer(np.arange(len(truth)), truth)
    given = answers != ABSTAINED
    assert 1 - given.mean() == pytest.approx(0.2, abs=0.02)
    wrong = given & (answers != truth)
    assert wrong.sum() / given.sum() == pytest.approx(0.3, abs=0.02)
    steps = (answers - truth)[wrong] % 3
    assert (steps == 1).mean() == pytest.approx(0.5, abs=0.03)

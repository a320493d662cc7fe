"""Cells of a benchmark that nobody had to wait for: curves that are drawn, of known order."""

import numpy as np
import pandas as pd
import pytest

from active_learning.analysis.benchmark import leaderboard
from active_learning.analysis.comparison import Comparison
from active_learning.analysis.curves import LearningCurve
from active_learning.data.files import rounded

# How much faster than random each learns; two classes make the first two the same.
STRATEGIES = {"least_confidence": 0.03, "margin": 0.03, "k_center_greedy": -0.02, "random": 0.0}
LEARNERS = ("logistic_regression", "svm_rbf")
DATASETS = ("banana", "breast_cancer", "digits", "iris", "pima", "sonar", "vehicle", "wine")


def comparison(seed, strategies=STRATEGIES, n_repeats=12, control="random"):
    """Curves from .6 towards .9 over 30 labels; repeats differ, and strategies by their speed."""
    generator = np.random.default_rng(seed)
    labels = np.arange(20, 51)
    time = np.linspace(0, 1, len(labels))
    level = generator.normal(scale=0.02, size=(n_repeats, 1))
    curves = {}
    for name, faster in strategies.items():
        noise = generator.normal(scale=0.01, size=(n_repeats, 1)) * time
        score = 0.6 + level + 0.3 * (1 - np.exp(-3 * time)) + 2 * faster * time + noise
        curves[name] = {"accuracy": LearningCurve(labels, score, greater_is_better=True)}
    curves["margin"] = curves.get("least_confidence", curves[control])
    return Comparison(
        curves={name: curves[name] for name in strategies},
        ceilings={"accuracy": np.full(n_repeats, 0.95)},
        same_as={"margin": "least_confidence"} if "margin" in strategies else {},
        test_per_train=0.25,
        targets=[],
        confidence=0.95,
        power=0.8,
        difference=0.005,
        n_resamples=200,
        seed=0,
        control=control,
    )


@pytest.fixture(scope="session")
def cells():
    pairs = [(dataset, learner) for dataset in DATASETS for learner in LEARNERS]
    return {pair: comparison(seed) for seed, pair in enumerate(pairs)}


@pytest.fixture(scope="session")
def board(cells):
    return rounded(leaderboard.leaderboard(cells))


@pytest.fixture(scope="session")
def transfers():
    generator = np.random.default_rng(1)
    return pd.DataFrame(
        [
            (dataset, name, chooser, learner, 0.8 + faster + generator.normal(scale=0.001))
            for dataset in DATASETS
            for name, faster in STRATEGIES.items()
            for chooser in LEARNERS
            for learner in LEARNERS
        ],
        columns=["dataset", "strategy", "query_model", "task_model", "aulc"],
    )

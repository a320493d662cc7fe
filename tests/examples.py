"""Small tasks, models and experiments that many tests use."""

import copy
import importlib
import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from active_learning.core import plugins
from active_learning.core.pool import Pool
from active_learning.data.dataset import Dataset
from active_learning.models.task import Task
from active_learning.simulation.monitor import NO_RULES
from active_learning.simulation.simulate import Settings, simulate
from stages import command
from stages.params import Params, yaml

# It fits a model for each row and class that it looks at.
SLOW = {"expected_error_reduction"}
STRATEGIES = [
    pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name
    for name in plugins.available("strategies")
]
ROOT = Path(__file__).parents[1]
PARAMS = yaml.read(ROOT / "params.yaml")
MISSING = object()
SMALL = {
    "generate.checks": "off",  # they take longer than all the rest
    "generate.synthetic.n_samples": 100,
    "split.repeats": 3,
    "split.initial_size": 30,
    "evaluation.scorers": ["accuracy", "log_loss"],
    "query_loop.budget": 4,
    "compare.n_resamples": 100,
}


def fixed(values):
    """Array that nobody can change."""
    array = np.array(values)
    array.flags.writeable = False
    return array


def table(n_classes=2, n_rows=90, seed=0):
    """Overlapping Gaussian clouds, one a class, that nobody can change."""
    generator = np.random.default_rng(seed)
    labels = np.arange(n_rows) % n_classes
    centres = generator.normal(scale=1.5, size=(n_classes, 4))
    features = centres[labels] + generator.normal(size=(n_rows, 4))
    return Dataset(fixed(features), fixed(labels), [f"class {k}" for k in range(n_classes)])


def task(n_classes=2, learner="logistic_regression", scorers=("accuracy",), unseen=False, seed=0):
    """30 test rows, 12 initial ones, and a pool of the other 48, between them.

    With ``unseen`` the initial rows are all of the first two classes.
    """
    data = table(n_classes, seed=seed)
    rest = np.arange(30, 90)
    known = rest[data.labels[rest] < (2 if unseen else n_classes)]
    initial = known[:12]
    return Task.from_dataset(
        data,
        {"test": np.arange(30), "initial": initial, "pool": np.setdiff1d(rest, initial)},
        plugins.load("learners", learner)(),
        {name: plugins.load("scorers", name)() for name in scorers},
        standardize=False,
        seed=7,
    )


def pool_of(what, features=None):
    """Pool of a task, with other features if they are given."""
    initial = what.parts["initial"]
    return Pool(
        what.features if features is None else features,
        what.parts["pool"],
        initial=initial,
        initial_labels=what.labels[initial],
        classes=what.classes,
        budget=48,
    )


def pool_and_model(n_classes=2, learner="logistic_regression", unseen=False):
    """Pool of 48 rows of which six are closed, and a model that is fitted to what is labelled."""
    what = task(n_classes, learner, unseen=unseen)
    pool = pool_of(what)
    closed = what.parts["pool"][[0, 3, 4, 17, 30, 47]]
    seen = what.labels[closed] % (2 if unseen else n_classes)
    pool.close(closed, seen)
    return pool, what.fit(pool.labelled_features, pool.labels)


class Believer:
    """Fitted classifier that gives each row of a table its class probabilities."""

    def __init__(self, features, probabilities):
        rows = zip(np.asarray(features).tolist(), np.asarray(probabilities), strict=True)
        self.beliefs = {tuple(row): beliefs for row, beliefs in rows}
        self.classes_ = np.arange(np.shape(probabilities)[1])

    def predict_proba(self, features):
        return np.array([self.beliefs[tuple(row)] for row in features.tolist()])

    def predict(self, features):
        return self.predict_proba(features).argmax(axis=1)


def small_pool(features, labelled=(), labels=(), n_classes=2):
    """Pool of a small table: all rows can be queried but the labelled ones."""
    features = fixed(np.asarray(features, dtype=float))
    initial = np.array(labelled, dtype=np.int64)
    return Pool(
        features,
        np.setdiff1d(np.arange(len(features)), initial),
        initial=initial,
        initial_labels=np.array(labels, dtype=np.int64),
        classes=n_classes,
        budget=len(features),
    )


def query(name, model, pool, n, seed=0, **options):
    """What a strategy with these options asks for."""
    strategy = plugins.load("strategies", name)(**options)
    return strategy.query(model, pool, n, np.random.default_rng(seed))


def run(
    what,
    strategy="least_confidence",
    oracle=None,
    *,
    on_step=lambda _: None,
    resumed=None,
    stopping=NO_RULES,
    **settings,
):
    """Run the loop: by default six labels, one by one, by the simulated oracle."""
    defaults = {"budget": 6, "batch_size": 1, "seed": 3, "oracle_seed": 5}
    if isinstance(strategy, str):
        strategy = plugins.load("strategies", strategy)()
    oracle = oracle or plugins.load("oracles", "simulated")()
    return simulate(
        what,
        strategy,
        oracle,
        Settings(**defaults | settings),
        on_step=on_step,
        resumed=resumed,
        stopping=stopping,
    )


def same_run(one, other):
    """Whether two runs are alike in everything."""
    return all(
        np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        for a, b in zip(asdict(one).values(), asdict(other).values(), strict=True)
    )


@contextmanager
def global_random_state_untouched():
    """Check that what runs in here leaves NumPy's global random state as it was."""
    np.random.seed(1)  # noqa: NPY002 - the global state is what must not change
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(1)  # noqa: NPY002
    yield
    assert np.random.random() == expected  # noqa: NPY002


def small_params(changes=()):
    """Params of a small experiment, with other values at dotted places, or without them."""
    params = copy.deepcopy(PARAMS)
    for place, value in (SMALL | dict(changes)).items():
        *sections, key = place.split(".")
        section = params
        for name in sections:
            section = section[name]
        if value is MISSING:
            del section[key]
        else:
            section[key] = value
    return params


def merge(params, changes):
    """Params with other values; a section or option is added, a value inside of one replaced."""
    return params | {
        key: merge(params.get(key, {}), value) if isinstance(value, dict) else value
        for key, value in changes.items()
    }


def run_stage(stage, *arguments):
    """Run a stage in this process and the working directory, as ``python -m`` would."""
    with patch.object(sys, "argv", [stage, *arguments]):
        command.run(importlib.import_module(f"stages.{stage}").main, Params.read)

"""What ``active_learning.simulate`` and ``active_learning.query`` do."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from active_learning.core import plugins, rng
from active_learning.core.bases import Strategy
from active_learning.core.errors import ParamsError, located, shown
from active_learning.core.pool import Pool, fit, take
from active_learning.data.arrays import as_features, as_rows, encode_labels
from active_learning.data.dataset import Dataset
from active_learning.data.splits import split
from active_learning.models.learners._sklearn import as_learner
from active_learning.models.task import deterministic_numerics
from active_learning.models.tasks import Tasks
from active_learning.simulation.experiment import Experiment
from active_learning.simulation.monitor import NO_RULES
from active_learning.simulation.parallel import Backend
from active_learning.simulation.result import Simulation, run_simulation
from active_learning.simulation.simulate import Settings, validate_query
from active_learning.strategies._function import Measure, as_strategy

_NAMES = {"initial_size": "initial"}


def simulate(
    estimator: Any,
    X: Any,
    y: ArrayLike,
    *,
    strategy: str | Strategy | Measure,
    initial: int | float,
    budget: int,
    batch_size: int,
    repeats: int,
    test_size: int | float,
    stratify: bool,
    groups: ArrayLike | None,
    scoring: Sequence[str],
    seed: int,
    n_jobs: int | None,
) -> Simulation:
    """Simulate labelling, see ``active_learning.simulate``."""
    for name, size in {"initial": initial, "test_size": test_size}.items():
        _check_size(name, size)
    _check_count("budget", budget)
    _check_count("batch_size", batch_size, most=budget)
    _check_count("repeats", repeats)
    _check_count("random_state", seed, least=0)
    learner, chosen = as_learner(estimator), as_strategy(strategy)
    features = as_features(X)
    classes, labels = encode_labels(y, features.shape[0])
    if len(classes) == 1:
        raise ParamsError(f"y must have two classes or more; got one, {shown(classes[0])}.")
    with located(names=_NAMES):
        parts = [
            split(
                labels,
                classes.tolist(),
                test_size=test_size,
                initial_size=initial,
                stratify=stratify,
                seed=seed + repeat,
                groups=None if groups is None else np.asarray(groups),
            )
            for repeat in range(repeats)
        ]
    tasks = Tasks(
        Dataset(features, labels, classes.tolist()),
        parts,
        learner,
        seed,
        {name: plugins.make("scorers", name) for name in scoring},
        preprocess=None,
    )
    settings = Settings(
        budget=min(budget, *tasks.pools), batch_size=batch_size, seed=seed, oracle_seed=seed
    )
    oracle = plugins.make("oracles", "simulated")
    name = strategy if isinstance(strategy, str) else chosen.registered_name()
    experiment = Experiment(tasks, {name: chosen}, oracle, settings, NO_RULES)
    return run_simulation(name, experiment, budget, Backend(jobs=n_jobs or 1))


def query(
    estimator: Any,
    X: Any,
    y: ArrayLike,
    *,
    labelled: Iterable[int] | ArrayLike,
    strategy: str | Strategy | Measure,
    n: int,
    seed: int,
) -> NDArray[np.int64]:
    """Choose the rows to label next, see ``active_learning.query``."""
    features, chosen = as_features(X), as_strategy(strategy)
    n_rows = features.shape[0]
    rows = as_rows(labelled, n_rows)
    _check_count("n", n, most=n_rows - len(rows))
    _check_count("random_state", seed, least=0)
    classes, labels = encode_labels(y, len(rows))
    with deterministic_numerics(trusted=False):
        model = _fitted(estimator, take(features, rows), classes[labels], seed)
        every = np.union1d(classes, model.classes_)
        pool = Pool(
            features,
            np.setdiff1d(np.arange(n_rows), rows),
            initial=rows,
            initial_labels=np.searchsorted(every, classes)[labels],
            classes=every,
            budget=0,
        )
        name = type(chosen).__name__
        generator = rng.generator(seed, name, len(rows))
        return validate_query(chosen.query(model, pool, n, generator), pool, n, name).rows


def _fitted(estimator: Any, features: Any, labels: NDArray[Any], seed: int) -> Any:
    """The estimator itself if it is fitted, or a clone fitted to the labelled rows."""
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    learner = as_learner(estimator)
    try:
        check_is_fitted(estimator)
    except (NotFittedError, TypeError):  # TypeError: the name of a learner
        return fit(learner.build(seed), features, labels)
    return estimator


def _check_count(name: str, value: Any, least: int = 1, most: int = 2**31 - 1) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an int; got {shown(value)}.")
    if not least <= value <= most:
        raise ParamsError(f"{name} must be an int in [{least}, {most}]; got {value}.")


def _check_size(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name} must be an int or a float; got {shown(value)}.")
    if value <= 0 or (not float(value).is_integer() and value >= 1):
        raise ParamsError(f"{name} must be rows, 1 or more, or a share below 1; got {value}.")

"""The public functions ``simulate`` and ``query``."""

import warnings
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from active_learning.core import plugins, rng
from active_learning.core.bases import Strategy
from active_learning.core.errors import DataError, ParamsError, located, shown
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
from active_learning.simulation.simulate import Settings, ask
from active_learning.strategies._function import Measure, as_strategy

_NAMES = {"initial_size": "initial"}


def simulate(
    estimator: Any,
    X: Any,
    y: ArrayLike,
    *,
    initial: int | float,
    budget: int,
    strategy: str | Strategy | Measure = "least_confidence",
    batch_size: int = 1,
    repeats: int = 10,
    test_size: int | float = 0.25,
    stratify: bool = True,
    groups: ArrayLike | None = None,
    scoring: str | Sequence[str] = "accuracy",
    random_state: int = 0,
    n_jobs: int | None = None,
) -> Simulation:
    """Simulate active learning on labelled data.

    Each repeat splits the rows into test set, initial labelled set and pool. The estimator is
    fitted to the labelled rows, the strategy chooses rows of the pool, and their labels are added,
    until the budget is spent. Every fit is scored on the test set.

    Parameters
    ----------
    estimator : scikit-learn classifier or pipeline, or str
        Clones of it are fitted, with a seed in place of every ``random_state`` that is ``None``.
        Or the name of a learner, see ``available("learners")``, or the import path of a classifier.
    X : array-like, sparse matrix or DataFrame of shape (n_rows, n_features)
        Or strings, (n_rows,), for a pipeline that starts with a vectorizer.
    y : array-like of shape (n_rows,)
        Labels of any one type.
    initial : int or float
        Rows labelled from the start, or their share of all rows outside the test set.
    budget : int
        Labels to buy after that; fewer if the pool runs out.
    strategy : str, Strategy or callable, optional
        A name, see ``available("strategies")``; an import path; a strategy by instance; or a
        function that takes class probabilities (n_rows, n_classes) and returns one number per row,
        larger for rows to query first.
    batch_size : int, optional
        Labels bought between two fits.
    repeats : int, optional
        Number of splits. One run proves nothing.
    test_size : int or float, optional
        Rows of the test set, or their share.
    stratify : bool, optional
        Keep the share of each class in all parts.
    groups : array-like of shape (n_rows,), optional
        A group lies either entirely inside or entirely outside the test set.
    scoring : str or sequence of str, optional
        Names of scorers, see ``available("scorers")``. Strategies are compared by the first.
    random_state : int, optional
        Repeat r uses ``random_state + r``. Calls with the same value have the same splits, so their
        results are paired.
    n_jobs : int, optional
        Number of processes; one by default.

    Returns
    -------
    Simulation
        ``curves`` and ``queries`` are DataFrames.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid; the message names it.

    Examples
    --------
    >>> import active_learning as al
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LogisticRegression(max_iter=1000)
    >>> run = al.simulate(model, X, y, strategy="margin", initial=10, budget=20, repeats=3)
    >>> run.queries[["repeat", "row", "answer"]].shape
    (60, 3)
    >>> run.curves.groupby("labels")["accuracy"].mean().index.tolist()[:3]
    [10, 11, 12]
    """
    initial, test_size = _as_size("initial", initial), _as_size("test_size", test_size)
    _check_count("budget", budget)
    _check_count("batch_size", batch_size, most=budget)
    _check_count("repeats", repeats)
    _check_count("random_state", random_state, least=0)
    learner, chosen = as_learner(estimator), as_strategy(strategy)
    features = as_features(X)
    classes, labels = encode_labels(y, features.shape[0])
    _check_classes(classes)
    scorers = {name: plugins.make("scorers", name) for name in _as_names(scoring)}
    row_groups = None if groups is None else _as_groups(groups, len(labels))
    if n_jobs is not None:
        _check_count("n_jobs", n_jobs)
    cut = partial(
        split, labels, classes.tolist(), test_size=test_size, initial_size=initial,
        stratify=stratify, groups=row_groups,
    )  # fmt: skip
    with located(names=_NAMES):
        parts = [cut(seed=random_state + repeat) for repeat in range(repeats)]
    data = Dataset(features, labels, classes, groups=row_groups)
    tasks = Tasks(data, parts, learner, random_state, scorers, preprocess=None)
    most = min(budget, *tasks.pool_sizes)
    settings = Settings(most, batch_size, seed=random_state, oracle_seed=random_state)
    oracle = plugins.make("oracles", "simulated")
    own_name = getattr(strategy, "__name__", type(chosen).__name__)  # a function has one
    name = strategy if isinstance(strategy, str) else own_name
    experiment = Experiment(tasks, {name: chosen}, oracle, settings, NO_RULES)
    return run_simulation(name, experiment, budget, Backend(jobs=n_jobs or 1))


def query(
    estimator: Any,
    X: Any,
    y: ArrayLike,
    *,
    labelled: Iterable[int] | ArrayLike,
    strategy: str | Strategy | Measure = "least_confidence",
    n: int = 1,
    random_state: int = 0,
) -> NDArray[np.int64]:
    """Choose the rows to label next.

    Parameters
    ----------
    estimator : scikit-learn classifier or pipeline
        Used as is if fitted; otherwise a clone is fitted to the labelled rows.
    X : array-like, sparse matrix or DataFrame of shape (n_rows, n_features)
        All rows, labelled or not.
    y : array-like of shape (n_labelled,)
        Labels of the labelled rows, in the same order.
    labelled : iterable of int, or mask of shape (n_rows,)
        Positions of the labelled rows.
    strategy : str, Strategy or callable, optional
        See ``simulate``.
    n : int, optional
        Rows to choose.
    random_state : int, optional

    Returns
    -------
    ndarray of shape (n,), int
        Positions of rows, most informative first.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid; the message names it.

    Examples
    --------
    >>> import active_learning as al
    >>> from sklearn.linear_model import LogisticRegression
    >>> X = [[0.0], [1.0], [2.0], [3.0], [5.0]]
    >>> model = LogisticRegression().fit([X[0], X[4]], ["no", "yes"])
    >>> al.query(model, X, ["no", "yes"], labelled=[0, 4], n=2)
    array([2, 3])
    """
    features, chosen = as_features(X), as_strategy(strategy)
    n_rows = features.shape[0]
    rows = as_rows(labelled, n_rows)
    if len(rows) == n_rows:
        raise ParamsError(f"labelled must leave rows to query; all {n_rows} are labelled.")
    _check_count("n", n, most=n_rows - len(rows))
    _check_count("random_state", random_state, least=0)
    classes, labels = encode_labels(y, len(rows))
    with deterministic_numerics(trusted=False) as unconverged:
        model = _fitted(estimator, take(features, rows), classes[labels], random_state)
        all_classes = _join_classes(classes, model)
        pool = Pool(
            features,
            np.setdiff1d(np.arange(n_rows), rows),
            initial=rows,
            initial_labels=np.searchsorted(all_classes, classes)[labels],
            classes=all_classes,
            budget=0,
            seed=random_state,
        )
        name = type(chosen).__name__
        generator = rng.generator(random_state, name, len(rows))
        requested = ask(chosen, model, pool, n, generator, name=name)
    for warning in unconverged[:1]:
        warnings.warn(str(warning.message), warning.category, stacklevel=2)
    return requested.rows


def _fitted(estimator: Any, features: Any, labels: NDArray[Any], seed: int) -> Any:
    """The estimator itself if it is fitted, else a clone fitted to the labelled rows."""
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


def _as_size(name: str, value: Any) -> int | float:
    """Number of rows, or share of them, as a Python number."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name} must be an int or a float; got {shown(value)}.")
    whole = isinstance(value, int | np.integer)
    if not (value >= 1 if whole else 0 < value < 1):
        raise ParamsError(
            f"{name} must be an int, a number of rows from 1, or a float, a share between 0 and 1; "
            f"got {value}."
        )
    return int(value) if whole else float(value)


def _as_names(scoring: str | Sequence[str]) -> list[str]:
    names = [scoring] if isinstance(scoring, str) else scoring
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"scoring must be the name of a scorer or a list; got {shown(scoring)}.")
    if not names or len(set(names)) < len(names):
        raise ParamsError(f"scoring must name each scorer once, at least one; got {shown(names)}.")
    return list(names)


def _as_groups(groups: ArrayLike, n_rows: int) -> NDArray[Any]:
    array = np.asarray(groups)
    if array.shape != (n_rows,) or pd.isna(array).any():
        raise DataError(
            f"groups must have shape ({n_rows},), one group per row, none missing; got "
            f"{array.shape} with {int(pd.isna(array).sum())} missing."
        )
    return array


def _check_classes(classes: NDArray[Any]) -> None:
    if len(classes) == 1:
        raise DataError(f"y must have at least two classes; got only {shown(classes[0])}.")


def _join_classes(classes: NDArray[Any], model: Any) -> NDArray[Any]:
    """Classes of the labels and of the model, sorted."""
    fitted = model.classes_
    if len(classes) and not set(classes.tolist()) & set(fitted.tolist()):
        raise DataError(
            f"y must hold labels like those that the estimator was fitted to, such as "
            f"{shown(fitted[0])}; got {shown(classes[0])}."
        )
    joined = np.union1d(classes, fitted) if len(classes) else fitted
    _check_classes(joined)
    return np.asarray(joined)

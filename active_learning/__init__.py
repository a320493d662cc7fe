"""Pool-based active learning: which rows to label next, and what that saves.

``simulate`` runs a strategy on data whose labels are known, ``compare`` tells whether it beats
random, and ``query`` says which rows of real data to label next. ``available`` lists what there is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from active_learning.analysis.comparison import Comparison
    from active_learning.core.bases import Strategy
    from active_learning.core.pool import Pool, Query
    from active_learning.core.prediction import Prediction
    from active_learning.simulation.result import Simulation

    Measure = Callable[[NDArray[np.float64]], NDArray[np.float64]]

__all__ = ["Pool", "Prediction", "Query", "Strategy", "available", "compare", "query", "simulate"]

# What a strategy of one's own needs; imported when it is asked for.
_CLASSES = {
    "Pool": "active_learning.core.pool",
    "Prediction": "active_learning.core.prediction",
    "Query": "active_learning.core.pool",
    "Strategy": "active_learning.core.bases",
}


def __getattr__(name: str) -> Any:
    if name not in _CLASSES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_CLASSES[name]), name)


def simulate(
    estimator: Any,
    X: Any,
    y: "ArrayLike",
    *,
    initial: int | float,
    budget: int,
    strategy: "str | Strategy | Measure" = "least_confidence",
    batch_size: int = 1,
    repeats: int = 10,
    test_size: int | float = 0.25,
    stratify: bool = True,
    groups: "ArrayLike | None" = None,
    scoring: str | Sequence[str] = "accuracy",
    random_state: int = 0,
    n_jobs: int | None = None,
) -> "Simulation":
    """Simulate the labelling of data whose labels are known.

    Each repeat splits the rows anew into test set, initial labelled set and pool. The estimator is
    fitted to the labelled rows, the strategy chooses rows of the pool, their labels are added, and
    so on until the budget is spent; every fit is scored on the test set.

    Parameters
    ----------
    estimator : scikit-learn classifier or pipeline, or str
        Clones of it are fitted; a ``random_state`` of ``None`` is set. Or the name of a learner,
        see ``available("learners")``, or the import path of a classifier.
    X : array-like, sparse matrix or DataFrame of shape (n_rows, n_features)
        Or texts, (n_rows,), for a pipeline that begins with a vectorizer.
    y : array-like of shape (n_rows,)
        Labels of any one type.
    initial : int or float
        Rows that are labelled from the start, or their share of what is not test.
    budget : int
        Labels to buy after that; fewer if the pool is empty before.
    strategy : str, Strategy or callable, optional
        A name, see ``available("strategies")``; an import path; a strategy by instance; or a
        function that takes class probabilities (n_rows, n_classes) and gives a number for each row,
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
        Rows of one group are never both in the test set and outside of it.
    scoring : str or sequence of str, optional
        Names of scorers, see ``available("scorers")``. Strategies are compared by the first.
    random_state : int, optional
        Repeat r uses ``random_state + r``, so that two calls are paired: same splits.
    n_jobs : int, optional
        Processes; one by default.

    Returns
    -------
    Simulation
        ``curves`` and ``queries`` are DataFrames.

    Raises
    ------
    ValueError, TypeError
        If an argument cannot be used; the message names it.

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
    from active_learning.simulation.public import simulate as run

    return run(
        estimator,
        X,
        y,
        strategy=strategy,
        initial=initial,
        budget=budget,
        batch_size=batch_size,
        repeats=repeats,
        test_size=test_size,
        stratify=stratify,
        groups=groups,
        scoring=[scoring] if isinstance(scoring, str) else list(scoring),
        seed=random_state,
        n_jobs=n_jobs,
    )


def query(
    estimator: Any,
    X: Any,
    y: "ArrayLike",
    *,
    labelled: "Iterable[int] | ArrayLike",
    strategy: "str | Strategy | Measure" = "least_confidence",
    n: int = 1,
    random_state: int = 0,
) -> "NDArray[np.int64]":
    """Choose the rows to label next.

    Parameters
    ----------
    estimator : scikit-learn classifier or pipeline
        Used as it is if it is fitted; else a clone is fitted to the labelled rows.
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
        If an argument cannot be used; the message names it.

    Examples
    --------
    >>> import active_learning as al
    >>> from sklearn.linear_model import LogisticRegression
    >>> X = [[0.0], [1.0], [2.0], [3.0], [5.0]]
    >>> model = LogisticRegression().fit([X[0], X[4]], ["no", "yes"])
    >>> al.query(model, X, ["no", "yes"], labelled=[0, 4], n=2)
    array([2, 3])
    """
    from active_learning.simulation.public import query as choose

    return choose(estimator, X, y, labelled=labelled, strategy=strategy, n=n, seed=random_state)


def compare(
    runs: "Mapping[str, Simulation]",
    *,
    control: str = "random",
    targets: Sequence[float] = (),
    confidence: float = 0.95,
) -> "Comparison":
    """Compare strategies with a control, on the same splits.

    Parameters
    ----------
    runs : dict of str to Simulation
        What ``simulate`` returned, by any name; one is the control.
    control : str, optional
        Name of the run that the others are compared with.
    targets : sequence of float, optional
        Scores for which the labels to reach them are counted.
    confidence : float, optional
        Of intervals and tests.

    Returns
    -------
    Comparison
        ``print`` shows differences, intervals and label savings, ``to_dict()`` has everything and
        ``plot()`` draws the learning curves.

    Raises
    ------
    ValueError
        If there is no control, or the runs do not share data, splits, estimator, scoring, budget
        and batch size.

    Examples
    --------
    >>> import active_learning as al
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X, y = load_iris(return_X_y=True)
    >>> runs = {
    ...     name: al.simulate(GaussianNB(), X, y, strategy=name, initial=6, budget=10, repeats=2)
    ...     for name in ["margin", "random"]
    ... }
    >>> comparison = al.compare(runs)
    >>> print(comparison)  # doctest: +ELLIPSIS
    margin: accuracy ...
    random: accuracy ...
    """
    from active_learning.analysis.compare import compare_simulations

    return compare_simulations(runs, control, targets, confidence)


def available(kind: str = "strategies") -> list[str]:
    """Names of what there is of a kind.

    Parameters
    ----------
    kind : str, optional
        ``strategies``, ``learners``, ``scorers``, ``oracles``, ``stopping`` or ``datasets``.

    Raises
    ------
    ValueError
        If it is no kind.

    Examples
    --------
    >>> import active_learning as al
    >>> al.available("scorers")
    ['accuracy', 'balanced_accuracy', 'f1_macro', 'log_loss', 'roc_auc']
    """
    from active_learning.core import plugins

    return plugins.available(kind)

"""A learning task: one split of a data set, a learner, and the scorers."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, Self, TextIO

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from active_learning.base.errors import DataError
from active_learning.base.files import Dataset
from active_learning.training.prediction import Prediction


class Learner(Protocol):
    """Learner plug-in."""

    def build(self, seed: int) -> Any:
        """Unfitted scikit-learn classifier."""
        ...


class Scorer(Protocol):
    """Scorer plug-in."""

    greater_is_better: bool

    def score(self, labels: NDArray[np.int64], prediction: Prediction) -> float:
        """Score predictions against the true labels."""
        ...


@dataclass(frozen=True)
class Task:
    """What is learnt, from which rows, and how it is scored.

    Attributes
    ----------
    initial, pool, test : ndarray of shape (n, n_features)
        Features of the three parts of the split.
    initial_labels, pool_labels, test_labels : ndarray of shape (n,)
        Class indices. The loop sees those of the pool through an oracle only.
    n_classes : int
    learner : Learner
    learner_seed : int
    scorers : dict of str to Scorer
    """

    initial: NDArray[np.float64]
    pool: NDArray[np.float64]
    test: NDArray[np.float64]
    initial_labels: NDArray[np.int64]
    pool_labels: NDArray[np.int64]
    test_labels: NDArray[np.int64]
    n_classes: int
    learner: Learner
    learner_seed: int
    scorers: Mapping[str, Scorer]

    @classmethod
    def of(
        cls,
        data: Dataset,
        parts: Mapping[str, NDArray[np.int64]],
        learner: Learner,
        scorers: Mapping[str, Scorer],
        *,
        standardize: bool,
        seed: int,
    ) -> Self:
        """Task of one split of a data set.

        Parameters
        ----------
        data : Dataset
        parts : dict of str to ndarray
            Rows of ``test``, ``initial`` and ``pool``, as ``splits.split`` gives them.
        learner : Learner
        scorers : dict of str to Scorer
        standardize : bool
            Give the learner features of mean 0 and variance 1, see ``standardized``.
        seed : int
            For learners that draw lots.
        """
        features = standardized(data.features, parts) if standardize else data.features
        return cls(
            initial=features[parts["initial"]],
            pool=features[parts["pool"]],
            test=features[parts["test"]],
            initial_labels=data.labels[parts["initial"]],
            pool_labels=data.labels[parts["pool"]],
            test_labels=data.labels[parts["test"]],
            n_classes=len(data.classes),
            learner=learner,
            learner_seed=seed,
            scorers=scorers,
        )

    def fit(self, features: NDArray[np.float64], labels: NDArray[np.int64]) -> Any:
        """Fit a new model.

        Raises
        ------
        DataError
            If scikit-learn refuses the rows.
        """
        try:
            return self.learner.build(self.learner_seed).fit(features, labels)
        except ValueError as error:
            reason = " ".join(str(error).split())
            raise DataError(
                f"{type(self.learner).__name__} cannot be fitted to {len(labels)} rows: {reason}"
            ) from error

    def scores(self, model: Any) -> list[float]:
        """Score a model on the test set, by each scorer in turn."""
        prediction = Prediction(model, self.test, self.n_classes)
        return [scorer.score(self.test_labels, prediction) for scorer in self.scorers.values()]


def standardized(
    features: NDArray[np.float64], parts: Mapping[str, NDArray[np.int64]]
) -> NDArray[np.float64]:
    """Shift and scale each feature to mean 0 and variance 1 over the initial set and the pool.

    The features of the pool are known before any label is bought, so they may be used; those of
    the test set are not. A constant feature is only shifted.
    """
    visible = features[np.concatenate([parts["initial"], parts["pool"]])]
    scale = visible.std(axis=0)
    return np.asarray((features - visible.mean(axis=0)) / np.where(scale > 0, scale, 1.0))


@contextmanager
def steady() -> Iterator[list[warnings.WarningMessage]]:
    """Numerics that are the same everywhere, with the checks done once outside the loop.

    BLAS and OpenMP run on one thread: sums do not depend on the number of cores, and a second
    thread only burns time on fits this small. Gives the warnings of fits that did not converge,
    as they come.
    """
    unconverged: list[warnings.WarningMessage] = []
    with (
        threadpool_limits(limits=1),
        sklearn.config_context(assume_finite=True, skip_parameter_validation=True),
        warnings.catch_warnings(),
    ):
        show = warnings.showwarning

        def sort(  # noqa: PLR0917 - the signature of warnings.showwarning
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, ConvergenceWarning):
                unconverged.append(warnings.WarningMessage(message, category, filename, lineno))
            else:
                show(message, category, filename, lineno, file, line)

        warnings.showwarning = sort
        warnings.simplefilter("always", ConvergenceWarning)
        yield unconverged

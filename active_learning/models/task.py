"""A learning task: one split of a data set, a learner, and the scorers."""

import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Self, TextIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from active_learning.core.bases import Learner, Scorer
from active_learning.core.errors import PluginError, named, shown
from active_learning.core.pool import estimator_name, fit, take
from active_learning.core.prediction import Prediction
from active_learning.data.dataset import Dataset
from active_learning.data.preprocessing import Preprocess, preprocessor


@dataclass(frozen=True)
class Task:
    """Features, labels, split, learner and scorers.

    Attributes
    ----------
    features : ndarray, CSR array or DataFrame of shape (n_rows, n_features)
        The whole table: input of the preprocessor if there is one, else of the learner.
    labels : ndarray of shape (n_rows,), int
        Class indices; arbitrary for rows with unknown labels. The loop sees labels of the pool only
        through an oracle.
    parts : dict of str to ndarray
        Rows of ``test``, ``initial`` and ``pool``, see ``splits.split``; ``test`` is used for
        scores only.
    classes : ndarray of shape (n_classes,)
        Sorted labels that models are fitted to.
    learner : Learner
    learner_seed : int
    scorers : dict of str to Scorer
    preprocessor : scikit-learn transformer, optional
        Refitted with each model, to the same rows.
    split_order : bool
        Whether models are fitted to the labelled rows in the order of ``initial`` and ``pool``,
        instead of the order of labelling, see ``Pool``.
    trusted : bool
        Whether features and options are known to be valid, so that scikit-learn need not check.
    groups : ndarray of shape (n_rows,), optional
        Group of each row; a cross-validation keeps groups together.
    """

    features: Any
    labels: NDArray[np.int64]
    parts: Mapping[str, NDArray[np.int64]]
    classes: NDArray[Any]
    learner: Learner
    learner_seed: int
    scorers: Mapping[str, Scorer]
    preprocessor: Any = None
    split_order: bool = False
    trusted: bool = True
    groups: NDArray[Any] | None = None

    @classmethod
    def from_dataset(
        cls,
        data: Dataset,
        parts: Mapping[str, NDArray[np.int64]],
        learner: Learner,
        scorers: Mapping[str, Scorer],
        *,
        standardize: bool,
        seed: int,
        preprocess: Preprocess | None = Preprocess(),  # noqa: B008 - it cannot be changed
        split_order: bool = False,
    ) -> Self:
        """Task of one split of a data set.

        Parameters
        ----------
        data : Dataset
        parts : dict of str to ndarray
        learner : Learner
        scorers : dict of str to Scorer
        standardize : bool
            Scale numbers to mean 0 and variance 1.
        seed : int
            Seed of the learner.
        preprocess : Preprocess or None, optional
            It may be fitted to the pool, whose features are known before any label is bought, but
            never to the test set. Complete numbers that are not standardized are not copied.
            ``None``: models are fitted to the unprocessed features and the original class labels.
        split_order : bool, optional
        """
        features, unfitted = data.features, None
        if preprocess is not None:
            unfitted = preprocessor(data, preprocess, standardize=standardize)
            if preprocess.visible == "pool" and unfitted is not None:
                visible = np.concatenate([parts["initial"], parts["pool"]])
                features = unfitted.fit(take(features, visible)).transform(features)
                unfitted = None
            elif isinstance(features, pd.DataFrame):
                features = features.to_numpy(dtype=object)  # rows of an array are faster to take
        return cls(
            features=features,
            labels=data.labels,
            parts=parts,
            classes=np.asarray(data.classes if preprocess is None else range(len(data.classes))),
            learner=learner,
            learner_seed=seed,
            scorers=scorers,
            preprocessor=unfitted,
            split_order=split_order,
            trusted=preprocess is not None,
            groups=data.groups,
        )

    @cached_property
    def _test(self) -> tuple[Any, NDArray[np.int64]]:
        """Features and labels of the test set."""
        return take(self.features, self.parts["test"]), self.labels[self.parts["test"]]

    @property
    def warm_start(self) -> bool:
        """Whether a fit starts from the previous one, so that its last bits depend on it."""
        return self.preprocessor is None and self.learner.warm_start

    def fit_rows(self, *parts: str) -> Any:
        """Fit a new model to the true labels of these parts of the split."""
        rows = np.concatenate([self.parts[part] for part in parts])
        return self.fit(take(self.features, rows), self.labels[rows])

    def fit(self, features: Any, labels: NDArray[np.int64], last: Any = None) -> Any:
        """Fit a model.

        Parameters
        ----------
        features : ndarray, CSR array or DataFrame of shape (n_rows, n_features)
        labels : ndarray of shape (n_rows,), int
            Class indices.
        last : fitted classifier, optional
            Model of the previous step, which is refitted in place with a warm start.

        Raises
        ------
        DataError
            If scikit-learn rejects the rows.
        """
        warm = self.warm_start and last is not None
        return fit(last if warm else self._unfitted(), features, self.classes[labels])

    def _unfitted(self) -> Any:
        from sklearn.base import clone

        model = self.learner.build(self.learner_seed)
        if self.preprocessor is None:
            return model
        from sklearn.pipeline import make_pipeline

        return make_pipeline(clone(self.preprocessor), model)

    def scores(self, model: Any) -> list[float]:
        """Score a model on the test set with each scorer."""
        features, labels = self._test
        prediction = Prediction(model, features, self.classes)
        return [self.score(name, labels, prediction) for name in self.scorers]

    def score(self, name: str, labels: NDArray[np.int64], prediction: Prediction) -> float:
        """Score predictions with the scorer of this name.

        Raises
        ------
        ExecutionError
            If the scorer fails.
        PluginError
            If the score is not finite.
        """
        with named(f"scorer {name}"):
            value = self.scorers[name].score(labels, prediction)
            is_finite = np.isfinite(value)
        if not is_finite:
            raise PluginError(
                f"scorer {name} must return a finite number; got {shown(value)} for "
                f"{estimator_name(prediction.model)} on {len(labels)} rows."
            )
        return value


def significant(values: Iterable[float]) -> list[float]:
    """Round values to nine significant digits.

    The last bits depend on the processor: BLAS sums in another order where registers are wider.
    """
    return [float(f"{value:.9g}") for value in values]


@lru_cache(maxsize=1)
def _numerics(n_modules: int) -> ThreadpoolController:  # noqa: ARG001 - a new module may bring more
    """Controller of the loaded numerical libraries; finding them takes as long as many fits."""
    return ThreadpoolController()


@contextmanager
def deterministic_numerics(*, trusted: bool = True) -> Iterator[list[warnings.WarningMessage]]:
    """Run BLAS and OpenMP on one thread, so that sums do not depend on the number of cores.

    On fits this small, more threads would not be faster.

    Parameters
    ----------
    trusted : bool, optional
        Skip scikit-learn's checks of features and options.

    Yields
    ------
    list of WarningMessage
        Convergence warnings, appended as they occur.
    """
    # First, since it loads all libraries with threads.
    import sklearn
    from sklearn.exceptions import ConvergenceWarning

    unconverged: list[warnings.WarningMessage] = []
    with (
        _numerics(len(sys.modules)).limit(limits=1),
        sklearn.config_context(assume_finite=trusted, skip_parameter_validation=trusted),
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

"""Fit models to the labels of people, and predict every row of the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from active_learning.core.bases import Learner
from active_learning.core.errors import DataError, unknown
from active_learning.core.pool import Pool, fit, take
from active_learning.core.prediction import Prediction
from active_learning.data.columns import Column, KindOption, encode_columns, plain_kind
from active_learning.data.dataset import Dataset
from active_learning.data.preprocessing import Preprocess, preprocessor
from active_learning.data.vectors import spread_vectors
from active_learning.models.scorers.accuracy import Accuracy
from active_learning.models.task import Task, deterministic_numerics, significant
from active_learning.models.tasks import hash_values
from active_learning.rounds.events import Guess, digest
from active_learning.rounds.labelling import Labelling


class Columns(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """First step of a model that takes a table as it was read from a file.

    Parameters
    ----------
    kinds : dict of str to str
        Kind or notation of each feature, see ``columns.Column.cast``; other columns of a table
        are ignored.
    dtype : str
        float64 or float32.
    """

    def __init__(self, kinds: Mapping[str, KindOption], dtype: str = "float64") -> None:
        self.kinds = kinds
        self.dtype = dtype

    def fit(self, X: Any, y: Any = None) -> "Columns":  # noqa: ARG002 - scikit-learn's signature
        """Do nothing."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Features of a table.

        Raises
        ------
        DataError
            If a column is missing, or a value is not of its kind.
        """
        used = [name for name in X if name in self.kinds or f"{name}_0" in self.kinds]
        features = spread_vectors(X[used])
        for name in self.kinds:
            if name not in features:
                raise DataError(unknown("column", name, map(str, X)))
        cast = ((name, Column(features[name]).cast(kind)) for name, kind in self.kinds.items())
        kinds = {name: plain_kind(option) for name, option in self.kinds.items()}
        return as_frame(encode_columns(cast, kinds, len(X), self.dtype), kinds)


def as_frame(features: Any, names: Mapping[str, Any]) -> pd.DataFrame:
    """Encoded columns as a DataFrame, also if all are numbers: the model imputes in any case."""
    if isinstance(features, pd.DataFrame):
        return features
    return pd.DataFrame(features, columns=list(names), copy=False)


@dataclass(frozen=True)
class Fitted:
    """A model, and what it says of every row of the table.

    Attributes
    ----------
    model : scikit-learn classifier
        Fitted to ``Trainer.task`` features and the names of the classes.
    prediction : Prediction
        Of all rows.
    digest : str
        Eight hexadecimal digits that change with the labels, the features and the options.
    """

    model: Any
    prediction: Prediction
    digest: str

    @cached_property
    def labels(self) -> NDArray[np.str_]:
        """Predicted class of each row: (n_rows,)."""
        return np.asarray(self.prediction.classes[self.prediction.labels])

    @cached_property
    def p(self) -> list[float]:
        """Probability of the predicted class of each row, to nine significant digits."""
        probabilities = self.prediction.probabilities
        return significant(probabilities[np.arange(len(probabilities)), self.prediction.labels])

    def guess(self, position: int) -> Guess:
        """What the model says of a row."""
        return Guess(label=str(self.labels[position]), p=self.p[position])


class Trainer:
    """Fits a learner to labels of the table's rows.

    Parameters
    ----------
    labelling : Labelling
        Table, classes and hold-out are used. Preprocessing is fitted to the rows outside the
        hold-out, or to the labelled ones, see ``Preprocess.visible``.
    learner : Learner
    seed : int
    standardize : bool
    preprocess : Preprocess

    Raises
    ------
    DataError
        If no column is left to learn from.
    """

    def __init__(
        self,
        labelling: Labelling,
        learner: Learner,
        seed: int,
        *,
        standardize: bool,
        preprocess: Preprocess,
    ) -> None:
        table = labelling.table
        if not table.kinds:
            raise DataError(
                "the table must have a column to learn from, besides id, image and drop; got none."
            )
        self.table = table
        self.names = np.array(sorted(labelling.classes.names))
        self._columns = Columns({**table.kinds, **table.options}, preprocess.dtype)
        self._options = preprocess
        self._standardize = standardize
        self._learner, self._seed = learner, seed
        positions = [table.positions[row] for row in labelling.holdout]
        self.holdout = np.array(positions, dtype=np.int64)
        self.pool = np.setdiff1d(np.arange(len(table.ids)), self.holdout)

    @cached_property
    def _encoded(self) -> pd.DataFrame:
        return as_frame(
            encode_columns(
                self.table.features.items(),
                self.table.kinds,
                len(self.table.ids),
                self._options.dtype,
            ),
            self.table.kinds,
        )

    def _preprocessor(self) -> Any:
        data = Dataset(
            self._encoded, np.empty(0, dtype=np.int64), self.names.tolist(), self.table.kinds
        )
        return preprocessor(data, self._options, standardize=self._standardize)

    @cached_property
    def _of_pool(self) -> Any:
        """Preprocessor that is fitted to the rows outside the hold-out."""
        return self._preprocessor().fit(self._encoded.iloc[self.pool])

    @cached_property
    def task(self) -> Task:
        """Features of all rows, and how to fit a model to some; it has no labels."""
        of_pool = self._options.visible == "pool"
        return Task(
            features=self._of_pool.transform(self._encoded)
            if of_pool
            else self._encoded.to_numpy(dtype=object),
            labels=np.full(len(self.table.ids), -1),
            parts={"pool": self.pool, "test": self.holdout},
            classes=self.names,
            learner=self._learner,
            learner_seed=self._seed,
            scorers={"accuracy": Accuracy()},
            preprocessor=None if of_pool else self._preprocessor(),
        )

    def encode(self, labels: Mapping[str, str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions, in the order of the table, and class indices of labelled rows."""
        positions = np.array(sorted(self.table.positions[row] for row in labels), dtype=np.int64)
        names = [labels[self.table.ids[position]] for position in positions]
        return positions, np.searchsorted(self.names, names).astype(np.int64)

    @cached_property
    def start_features(self) -> Any:
        """Features for a strategy without a model: numbers on one scale, or sparse ones."""
        features = self._of_pool.transform(self._encoded)
        if not isinstance(features, np.ndarray):
            return features
        from sklearn.preprocessing import StandardScaler

        return StandardScaler().fit(features[self.pool]).transform(features)

    def pool_of(
        self, labels: Mapping[str, str], closed: Sequence[str] = (), features: Any = None
    ) -> Pool:
        """Pool in which these rows are labelled, and others cannot be queried.

        Parameters
        ----------
        labels : dict of str to str
            Label of each labelled row.
        closed : sequence of str, optional
            Rows that cannot be queried.
        features : ndarray or CSR array of shape (n_rows, n_features), optional
            Instead of those of ``task``.
        """
        positions, indices = self.encode(labels)
        others = [self.table.positions[row] for row in closed]
        return Pool(
            self.task.features if features is None else features,
            np.setdiff1d(self.pool, np.union1d(positions, others).astype(np.int64)),
            initial=positions,
            initial_labels=indices,
            classes=self.names,
            budget=0,
            seed=self._seed,
        )

    def fit(self, labels: Mapping[str, str]) -> Fitted | None:
        """Fit a model; ``None`` unless labels of two classes or more are there."""
        positions, indices = self.encode(labels)
        if len(np.unique(indices)) < 2:  # a classifier needs two classes
            return None
        with deterministic_numerics():
            model = self.task.fit(take(self.task.features, positions), indices)
            prediction = Prediction(model, self.task.features, self.names)
            _ = prediction.labels, prediction.probabilities  # computed here, on one thread
        return Fitted(model, prediction, self._digest(labels))

    def _digest(self, labels: Mapping[str, str]) -> str:
        parts = {
            "labels": sorted(labels.items()),
            "features": self._digest_of_features,
            "learner": self._learner.describe(),
            "seed": self._seed if self._learner.STOCHASTIC else None,
            "preprocess": self._options.model_dump(),
            "standardize": self._standardize,
        }
        return digest(parts, 8)

    @cached_property
    def _digest_of_features(self) -> str:
        return hash_values(self._encoded)

    def fit_for_use(self, labels: Mapping[str, str]) -> Any:
        """Fit a pipeline that takes a table as it was read, and predicts names of classes.

        Parameters
        ----------
        labels : dict of str to str
            Of two classes or more.

        Returns
        -------
        scikit-learn Pipeline
        """
        from sklearn.pipeline import make_pipeline

        positions, indices = self.encode(labels)
        with deterministic_numerics():
            if self._options.visible == "pool":
                fitted = self._of_pool
            else:
                fitted = self._preprocessor().fit(self._encoded.iloc[positions])
            features = fitted.transform(self._encoded.iloc[positions])
            model = fit(self._learner.build(self._seed), features, self.names[indices])
        return make_pipeline(self._columns, fitted, model)

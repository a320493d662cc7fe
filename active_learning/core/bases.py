"""Base classes of plug-ins; the options of a plug-in are the fields of its class."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from active_learning.core.plugins import Plugin
from active_learning.core.pool import Pool, Query
from active_learning.core.prediction import Prediction

Answer = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.int64]]


class Learner(Plugin, ABC):
    """A plug-in that builds a classifier."""

    KIND: ClassVar[str] = "learners"

    STOCHASTIC: ClassVar[bool] = True
    """Whether models depend on the seed."""

    warm_start: ClassVar[bool] = False
    """Whether a fit starts from the previous one, so that its last bits depend on it."""

    @abstractmethod
    def build(self, seed: int) -> Any:
        """Build an unfitted scikit-learn classifier.

        Parameters
        ----------
        seed : int
            For its ``random_state``, if it has one.

        Returns
        -------
        scikit-learn classifier
        """


class Scorer(Plugin, ABC):
    """A plug-in that scores predictions."""

    KIND: ClassVar[str] = "scorers"

    greater_is_better: ClassVar[bool] = True
    """Whether a larger score is better."""

    @abstractmethod
    def score(self, labels: NDArray[np.int64], prediction: Prediction) -> float:
        """Score predictions.

        Parameters
        ----------
        labels : ndarray of shape (n_rows,), int
            Indices of the true classes.
        prediction : Prediction
            Of the same rows.

        Returns
        -------
        float
        """


class Strategy(Plugin, ABC):
    """A plug-in that chooses the rows to label next."""

    KIND: ClassVar[str] = "strategies"

    STOCHASTIC: ClassVar[bool] = True
    """Whether queries depend on the generator."""

    NESTED: ClassVar[bool] = True
    """Whether a smaller batch is a prefix of a larger one."""

    RANKED: ClassVar[bool] = True
    """Whether the most informative row comes first."""

    @abstractmethod
    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Choose ``n`` open rows of the pool.

        Parameters
        ----------
        model : fitted scikit-learn classifier
        pool : Pool
        n : int, at most the number of open rows
        generator : numpy.random.Generator
            A new one for every batch.

        Returns
        -------
        Query
            ``n`` distinct open rows and their informativeness.
        """


class Oracle(Plugin, ABC):
    """A plug-in that answers queries."""

    KIND: ClassVar[str] = "oracles"

    STOCHASTIC: ClassVar[bool] = True
    """Whether answers depend on the generator."""

    @abstractmethod
    def start(self, n_rows: int, n_classes: int, generator: np.random.Generator) -> Answer:
        """Start a run on a table with ``n_rows`` rows.

        Returns
        -------
        callable
            Takes queried rows and their true class indices, both (n,), and returns the answers,
            (n,), ``ABSTAINED`` where there is none. The answer for a row never changes.
        """

"""What a plug-in of each kind must define; its options are the fields of its class."""

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
    """A kind of model."""

    KIND: ClassVar[str] = "learners"

    STOCHASTIC: ClassVar[bool] = True
    """Whether a model depends on the seed."""

    warm_start: ClassVar[bool] = False
    """Whether a fit begins where the one before ended, so that its last bits depend on it."""

    @abstractmethod
    def build(self, seed: int) -> Any:
        """Unfitted scikit-learn classifier."""


class Scorer(Plugin, ABC):
    """A measure of how good predictions are."""

    KIND: ClassVar[str] = "scorers"

    greater_is_better: ClassVar[bool] = True

    @abstractmethod
    def score(self, labels: NDArray[np.int64], prediction: Prediction) -> float:
        """Score predictions against the true labels, (n_rows,)."""


class Strategy(Plugin, ABC):
    """A way to choose the rows whose labels are bought next."""

    KIND: ClassVar[str] = "strategies"

    STOCHASTIC: ClassVar[bool] = True
    """Whether it uses its generator; if not, the loop makes none for every batch."""

    NESTED: ClassVar[bool] = True
    """Whether a smaller batch is the beginning of a larger one."""

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
            Fresh for every batch.
        """


class Oracle(Plugin, ABC):
    """Who answers the queries."""

    KIND: ClassVar[str] = "oracles"

    STOCHASTIC: ClassVar[bool] = True
    """Whether the answers depend on its generator."""

    @abstractmethod
    def start(self, n_rows: int, n_classes: int, generator: np.random.Generator) -> Answer:
        """Start a run on a table of so many rows.

        Returns
        -------
        callable
            Of queried rows and their true class indices, both (n,): gives what the oracle answers,
            (n,), ``ABSTAINED`` where it does not. A row has the same answer whenever it is asked.
        """

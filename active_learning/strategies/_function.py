"""A strategy that is a plain function of class probabilities."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Strategy
from active_learning.core.errors import PluginError, shown
from active_learning.core.plugins import make
from active_learning.core.pool import Pool, Query, take
from active_learning.core.prediction import Prediction
from active_learning.strategies._ranking import highest

# Maps class probabilities (n_rows, n_classes) to the informativeness of each row (n_rows,).
Measure = Callable[[NDArray[np.float64]], NDArray[np.float64]]


class FunctionStrategy(Strategy):
    """Query the rows with the largest values of a function of their class probabilities."""

    STOCHASTIC: ClassVar[bool] = False

    measure: Measure
    """Function of probabilities (n_rows, n_classes) that returns one value per row."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query the ``n`` open rows with the largest values.

        Raises
        ------
        PluginError
            If the function does not return one number per row.
        """
        rows = np.flatnonzero(pool.open)
        prediction = Prediction(model, take(pool.features, rows), pool.classes, ties=True)
        values = np.asarray(self.measure(prediction.probabilities))
        if values.dtype.kind not in "biuf" or values.shape != rows.shape or np.isnan(values).any():
            raise PluginError(
                f"strategy must return one number for each of {len(rows)} rows; "
                f"got {shown(values.tolist())}."
            )
        values = values.astype(np.float64)
        first = highest(values, n)
        return Query(rows[first], values[first])


def as_strategy(strategy: str | Strategy | Measure) -> Strategy:
    """Convert a name, an import path, a strategy or a function to a strategy.

    Raises
    ------
    TypeError
        If it is none of these.
    PluginError
        If there is no strategy of that name.
    """
    if isinstance(strategy, Strategy):
        return strategy
    if isinstance(strategy, str):
        named: Strategy = make("strategies", strategy)
        return named
    if isinstance(strategy, type) or not callable(strategy):
        raise TypeError(
            "strategy must be a name, an import path, a Strategy by instance, or a function of "
            f"class probabilities; got {shown(strategy)}."
        )
    return FunctionStrategy(measure=strategy)

"""Simulated oracle: the truth that was held back."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Oracle


class Simulated(Oracle):
    """Answer every query with the true label."""

    STOCHASTIC: ClassVar[bool] = False

    def answers(
        self,
        truth: NDArray[np.int64],
        n_classes: int,  # noqa: ARG002
        generator: np.random.Generator,  # noqa: ARG002
    ) -> NDArray[np.int64]:
        """What the oracle would say of every row of the pool: (n_rows,)."""
        return truth

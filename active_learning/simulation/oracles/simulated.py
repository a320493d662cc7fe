"""Simulated oracle: answer with the true label."""

from typing import ClassVar

import numpy as np

from active_learning.core.bases import Answer, Oracle


class Simulated(Oracle):
    """Answer every query with the true label."""

    STOCHASTIC: ClassVar[bool] = False

    def start(
        self,
        n_rows: int,  # noqa: ARG002
        n_classes: int,  # noqa: ARG002
        generator: np.random.Generator,  # noqa: ARG002
    ) -> Answer:
        """Answer with the truth."""
        return lambda rows, labels: labels  # noqa: ARG005

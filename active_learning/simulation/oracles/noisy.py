"""Noisy oracle: answer with a wrong label or not at all, with given probabilities."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from active_learning.core.bases import Answer, Oracle
from active_learning.core.pool import ABSTAINED

Probability = Annotated[float, Field(ge=0, le=1)]


class Noisy(Oracle):
    """Answer with a wrong label or not at all, with given probabilities."""

    flip: Probability = 0.1
    """Probability of a wrong answer, uniform over the other classes."""

    abstain: Probability = 0.0
    """Probability of no answer; the query is paid for, and the row is not queried again."""

    def start(self, n_rows: int, n_classes: int, generator: np.random.Generator) -> Answer:
        """Draw the errors of all rows at once, so that they are the same for every strategy."""
        flipped = generator.random(n_rows) < self.flip
        silent = generator.random(n_rows) < self.abstain
        shift = generator.integers(1, n_classes, size=n_rows)

        def answer(rows: NDArray[np.int64], labels: NDArray[np.int64]) -> NDArray[np.int64]:
            other = (labels + shift[rows]) % n_classes
            return np.where(silent[rows], ABSTAINED, np.where(flipped[rows], other, labels))

        return answer

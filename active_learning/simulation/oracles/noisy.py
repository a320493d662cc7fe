"""Noisy oracle: answer with a wrong label, or not at all, each with some probability."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from active_learning.core.bases import Answer, Oracle
from active_learning.core.pool import ABSTAINED

Probability = Annotated[float, Field(ge=0, le=1)]


class Noisy(Oracle):
    """Answer with a wrong label or not at all, each with its probability."""

    flip: Probability = 0.1
    """Probability that an answer is wrong; the wrong class is any other, equally likely."""

    abstain: Probability = 0.0
    """Probability of no answer: the query is paid for, and the row is set aside."""

    def start(self, n_rows: int, n_classes: int, generator: np.random.Generator) -> Answer:
        """Draw the errors of every row at once.

        So every strategy meets the same errors on the same rows, and comparisons stay paired.
        """
        flipped = generator.random(n_rows) < self.flip
        silent = generator.random(n_rows) < self.abstain
        shift = generator.integers(1, n_classes, size=n_rows)

        def answer(rows: NDArray[np.int64], labels: NDArray[np.int64]) -> NDArray[np.int64]:
            other = (labels + shift[rows]) % n_classes
            return np.where(silent[rows], ABSTAINED, np.where(flipped[rows], other, labels))

        return answer

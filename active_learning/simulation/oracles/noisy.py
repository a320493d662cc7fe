"""Noisy oracle: a person who errs now and then, and sometimes does not know."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from active_learning.core.bases import Oracle
from active_learning.core.pool import ABSTAINED

Probability = Annotated[float, Field(ge=0, le=1)]


class Noisy(Oracle):
    """Answer with a wrong label or not at all, each with its probability."""

    flip: Probability = 0.1
    """Probability that an answer is wrong; the wrong class is any other, equally likely."""

    abstain: Probability = 0.0
    """Probability of no answer: the query is paid for, and the row is set aside."""

    def answers(
        self, truth: NDArray[np.int64], n_classes: int, generator: np.random.Generator
    ) -> NDArray[np.int64]:
        """What the oracle would say of every row of the pool: (n_rows,), ``ABSTAINED`` for nothing.

        Drawn for the whole pool at once, so that every strategy meets the same errors on the
        same rows and the comparison stays paired.
        """
        flipped = generator.random(len(truth)) < self.flip
        silent = generator.random(len(truth)) < self.abstain
        other = (truth + generator.integers(1, n_classes, size=len(truth))) % n_classes
        return np.where(silent, ABSTAINED, np.where(flipped, other, truth))

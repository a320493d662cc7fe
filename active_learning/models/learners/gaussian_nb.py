"""Gaussian naive Bayes."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from active_learning.core.bases import Learner


class GaussianNb(Learner):
    """scikit-learn's ``GaussianNB``: fast, but often overconfident."""

    STOCHASTIC: ClassVar[bool] = False

    var_smoothing: Annotated[float, Field(ge=0)] = 1e-9
    """Share of the largest feature variance added to all variances."""

    def build(self, seed: int) -> Any:
        """Unfitted classifier."""
        from sklearn.naive_bayes import GaussianNB

        return GaussianNB(var_smoothing=self.var_smoothing)

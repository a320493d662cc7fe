"""Logistic regression with an L2 penalty, by scikit-learn's lbfgs."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from active_learning.core.bases import Learner


class LogisticRegression(Learner):
    """scikit-learn's ``LogisticRegression``."""

    STOCHASTIC: ClassVar[bool] = False

    C: Annotated[float, Field(gt=0)] = 1.0
    """Inverse strength of the penalty."""

    max_iter: Annotated[int, Field(ge=1, le=10**6)] = 1000
    """Most iterations of the solver."""

    class_weight: Literal["balanced"] | None = None
    """``balanced``: weigh each class by the inverse of its share; null: all rows alike."""

    def build(self, seed: int) -> Any:  # noqa: ARG002 - lbfgs has no randomness
        """Unfitted classifier."""
        from sklearn.linear_model import LogisticRegression as Estimator

        return Estimator(C=self.C, max_iter=self.max_iter, class_weight=self.class_weight)

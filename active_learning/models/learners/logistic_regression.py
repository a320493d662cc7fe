"""Logistic regression with an L2 penalty, by scikit-learn's lbfgs."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from active_learning.core.bases import Learner


class LogisticRegression(Learner):
    """scikit-learn's ``LogisticRegression``."""

    STOCHASTIC: ClassVar[bool] = False

    C: Annotated[float, Field(gt=0)] = 1.0
    """Inverse regularization strength."""

    max_iter: Annotated[int, Field(ge=1, le=10**6)] = 1000
    """Maximum number of solver iterations."""

    class_weight: Literal["balanced"] | None = None
    """``balanced``: weight classes inversely to their frequency; null: equal weights."""

    def build(self, seed: int) -> Any:
        """Unfitted classifier."""
        from sklearn.linear_model import LogisticRegression as Estimator

        return Estimator(C=self.C, max_iter=self.max_iter, class_weight=self.class_weight)

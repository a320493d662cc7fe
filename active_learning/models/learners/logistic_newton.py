"""Logistic regression with an L2 penalty, solved exactly by warm-started Newton steps."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from active_learning.core.bases import Learner


class LogisticNewton(Learner):
    """The loss of scikit-learn's ``LogisticRegression``, minimised to a tolerance of 1e-10.

    scikit-learn's lbfgs stops earlier by default, and where it stops affects which rows a strategy
    queries: see docs/tutorial.md.
    """

    STOCHASTIC: ClassVar[bool] = False

    warm_start: ClassVar[bool] = True

    C: Annotated[float, Field(gt=0)] = 1.0
    """Inverse regularization strength."""

    class_weight: Literal["balanced"] | None = None
    """``balanced``: weight classes inversely to their frequency; null: equal weights."""

    def build(self, seed: int) -> Any:
        """Unfitted classifier."""
        from active_learning.models.learners._newton import NewtonClassifier

        return NewtonClassifier(C=self.C, class_weight=self.class_weight, warm_start=True)

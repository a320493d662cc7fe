"""Logistic regression with an L2 penalty, solved to the optimum by Newton steps, warm-started."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from active_learning.core.bases import Learner


class LogisticNewton(Learner):
    """The loss of scikit-learn's ``LogisticRegression``, minimised to 1e-10.

    scikit-learn's lbfgs stops earlier, as its tolerance says, and the rows that a strategy queries
    depend on where it stops: see docs/tutorial.md.
    """

    STOCHASTIC: ClassVar[bool] = False

    warm_start: ClassVar[bool] = True

    C: Annotated[float, Field(gt=0)] = 1.0
    """Inverse strength of the penalty."""

    class_weight: Literal["balanced"] | None = None
    """``balanced``: weigh each class by the inverse of its share; null: all rows alike."""

    def build(self, seed: int) -> Any:  # noqa: ARG002 - Newton's method has no randomness
        """Unfitted classifier."""
        from active_learning.models.learners._newton import NewtonClassifier

        return NewtonClassifier(C=self.C, class_weight=self.class_weight, warm_start=True)

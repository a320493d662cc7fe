"""Support vector machine with an RBF (Gaussian) kernel."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from active_learning.core.bases import Learner


class SvmRbf(Learner):
    """scikit-learn's ``SVC`` with ``kernel="rbf"``; decision values, no probabilities."""

    STOCHASTIC: ClassVar[bool] = False

    C: Annotated[float, Field(gt=0)] = 1.0
    """Inverse regularization strength."""

    gamma: Literal["scale", "auto"] | Annotated[float, Field(gt=0)] = "scale"
    """Kernel coefficient: ``scale`` is 1 / (features × variance), ``auto`` 1 / features."""

    class_weight: Literal["balanced"] | None = None
    """``balanced``: weight classes inversely to their frequency; null: equal weights."""

    def build(self, seed: int) -> Any:
        """Unfitted classifier; the seed only keeps a fit from using the global generator."""
        from sklearn.svm import SVC

        return SVC(
            kernel="rbf",
            C=self.C,
            gamma=self.gamma,
            class_weight=self.class_weight,
            random_state=seed,
        )

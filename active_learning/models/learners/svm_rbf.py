"""Support vector machine with a Gaussian kernel."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from active_learning.core.bases import Learner


class SvmRbf(Learner):
    """scikit-learn's ``SVC`` with ``kernel="rbf"``; decision values only, no probabilities."""

    STOCHASTIC: ClassVar[bool] = False

    C: Annotated[float, Field(gt=0)] = 1.0
    """Inverse strength of the penalty."""

    gamma: Literal["scale", "auto"] | Annotated[float, Field(gt=0)] = "scale"
    """Inverse width of the kernel: ``scale`` 1 / (features × variance), ``auto`` 1 / features."""

    class_weight: Literal["balanced"] | None = None
    """``balanced``: weigh each class by the inverse of its share; null: all rows alike."""

    def build(self, seed: int) -> Any:
        """Unfitted classifier; without a seed, which changes nothing, a fit draws one globally."""
        from sklearn.svm import SVC

        return SVC(
            kernel="rbf",
            C=self.C,
            gamma=self.gamma,
            class_weight=self.class_weight,
            random_state=seed,
        )
